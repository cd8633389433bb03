package recording

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/fault"
)

// bcp47 is the form of a language tag (RFC 5646, section 2.1), of which no
// more is asked: engines say which languages they know.
var bcp47 = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

const (
	maxLanguage = 35 // characters of a language tag (RFC 5646, section 4.4.1)
	maxSource   = 2048
)

func checkLanguage(field, tag string) error {
	switch {
	case tag == "":
		return fault.Field(fault.Missing, field, "is missing")
	case len(tag) > maxLanguage || !bcp47.MatchString(tag):
		return fault.Field(fault.Invalid, field, "is not a language such as en or de-AT")
	}
	return nil
}

// checkText refuses text that is blank, too long or not shown as it is.
func checkText(field, text string, most int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.Field(fault.Missing, field, "is missing")
	case utf8.RuneCountInString(text) > most:
		return fault.Field(fault.Invalid, field, "is longer than %d characters", most)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fault.Field(fault.Invalid, field, "is not valid UTF-8 text")
	}
	return nil
}

// checkName is checkText for what is one line.
func checkName(field, name string) error {
	if err := checkText(field, name, MaxNameLength); err != nil {
		return err
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return fault.Field(fault.Invalid, field, "has control characters")
	}
	return nil
}

// checkType refuses what is neither a type nor left out.
func checkType(field string, t Type) error {
	if t != "" && t != Transcript && t != Caption {
		return fault.Field(fault.Invalid, field, "must be %q or %q", Transcript, Caption)
	}
	return nil
}

func (n NewRecording) validate() error {
	if err := checkLanguage("language", n.Language); err != nil {
		return err
	}
	if n.Name != "" {
		if err := checkName("name", n.Name); err != nil {
			return err
		}
	}
	if err := checkType("document_type", n.DocumentType); err != nil {
		return err
	}
	if n.Source != "" && !isWeb(n.Source) {
		return fault.Field(fault.Invalid, "source", "is not an http or https URL")
	}
	if n.Callback != "" && !isWeb(n.Callback) {
		return fault.Field(fault.Invalid, "callback", "is not an http or https URL")
	}
	return n.validateHints()
}

// validateHints checks what engines and makers are told.
func (n NewRecording) validateHints() error {
	switch {
	case len(n.Keywords) > MaxKeywords:
		return fault.Field(fault.Invalid, "keywords", "may be %d", MaxKeywords)
	case len(n.Speakers) > MaxSpeakers:
		return fault.Field(fault.Invalid, "speakers", "may be %d", MaxSpeakers)
	case len(n.CustomData) > MaxCustomData:
		return fault.Field(fault.Invalid, "custom_data", "is larger than %d bytes", MaxCustomData)
	case len(n.Script) > MaxScript:
		return fault.Field(fault.TooLarge, "script", "is larger than %d bytes", MaxScript)
	case !utf8.ValidString(n.Script) || strings.ContainsRune(n.Script, 0):
		return fault.Field(fault.Invalid, "script", "is not valid UTF-8 text")
	}
	for field, list := range map[string][]string{"keywords": n.Keywords, "speakers": n.Speakers} {
		for _, one := range list {
			if err := checkName(field, one); err != nil {
				return err
			}
		}
	}
	return nil
}

func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && len(raw) <= maxSource && (u.Scheme == "https" || u.Scheme == "http")
}

// recording is what n becomes, without its ids.
func (n NewRecording) recording(now time.Time) Recording {
	r := Recording{
		Name: n.name(now), Language: n.Language, Status: New, Align: n.Align, Source: n.Source, FolderID: n.FolderID,
		KeepSource: n.KeepSource, Diarization: n.Diarization, Punctuation: n.Punctuation, Multichannel: n.Multichannel,
		Keywords: n.Keywords, Speakers: n.Speakers, CustomData: n.CustomData, Callback: n.Callback,
		DocumentType: cmp.Or(n.DocumentType, Transcript), Settings: DefaultSettings(), CreatedAt: now, UpdatedAt: now,
	}
	switch {
	case n.Source != "":
		r.Status, r.Fetching = Preparing, true
	case n.Align:
		r.Status = Created
	}
	return r
}

func (n NewRecording) name(now time.Time) string {
	if n.Name != "" {
		return n.Name
	}
	if u, err := url.Parse(n.Source); err == nil && n.Source != "" {
		if name := path.Base(u.Path); checkName("", name) == nil && name != "/" && name != "." {
			return name
		}
	}
	return "Recording of " + now.UTC().Format(time.DateOnly)
}

func (c Change) validate() error {
	if c.Name != nil {
		if err := checkName("name", *c.Name); err != nil {
			return err
		}
	}
	if c.Language != nil {
		if err := checkLanguage("language", *c.Language); err != nil {
			return err
		}
	}
	if c.Label != nil && *c.Label != "" {
		if err := checkName("label", *c.Label); err != nil {
			return err
		}
	}
	if c.LinkLife != nil && (*c.LinkLife < 0 || *c.LinkLife > MaxLinkLife) {
		return fault.Field(fault.Invalid, "link_life", "must be from 0 (for ever) to %d days", MaxLinkLife/(24*time.Hour))
	}
	return nil
}

// timecode is "HH:MM:SS:FF" at FrameRate.
var timecode = regexp.MustCompile(`^[0-9]{2}:[0-5][0-9]:[0-5][0-9]:([01][0-9]|2[0-4])$`)

func (e Edit) validate() error {
	if e.Filename != nil {
		if err := checkName("filename", *e.Filename); err != nil {
			return err
		}
	}
	if e.TimecodeOffset != nil && !timecode.MatchString(*e.TimecodeOffset) {
		return fault.Field(fault.Invalid, "timecode_offset", "is not a time code HH:MM:SS:FF")
	}
	if e.Transcript != nil {
		return check(*e.Transcript)
	}
	return nil
}
