package recording

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// BurnIn is how subtitles look that are burnt into a video, and the video
// around them. Its zero fields become the defaults: Sonix's, as are the names
// of the fields in faults.
type BurnIn struct {
	Font        string // one of Fonts
	FontSize    int    // 10 to 42
	FontColor   string // "#rrggbb"
	Bold        bool
	Italic      bool
	HAlign      string // "left", "center", "right"
	VAlign      string // "top", "middle", "bottom"
	BorderStyle string // "none", "outline", "wrap", "full"
	BorderColor string
	Ratio       string // "original", "1:1", "9:16", "16:9", "5:4", "4:5"
	Position    string // "fit": all of the video is seen; "fill": it fills the frame
	Background  string // colour beside a video that is fit
}

// DefaultBurnIn is what zero fields become.
var DefaultBurnIn = BurnIn{
	Font: "Arial", FontSize: 16, FontColor: "#FFFFFF", HAlign: "center", VAlign: "bottom",
	BorderStyle: "wrap", BorderColor: "#000000", Ratio: "original", Position: "fit", Background: "#000000",
}

// Fonts are those that subtitles can have.
func Fonts() []string {
	return []string{
		"Arial", "Arial Black", "Comic Sans MS", "Courier New", "Georgia", "Impact", "Lucida Grande", "Palatino", "Segoe UI",
		"Tahoma", "Times New Roman", "Tiresias Infofont", "Trebuchet MS", "Verdana",
	}
}

// The sizes of fonts.
const (
	MinFontSize = 10
	MaxFontSize = 42
)

var colour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// checked is with all fields set; Invalid if one has no value of its list.
func (b BurnIn) checked() (BurnIn, error) {
	d := DefaultBurnIn
	for _, f := range []struct {
		field   string
		value   *string
		absent  string
		allowed []string // nil: a colour
	}{
		{"font", &b.Font, d.Font, Fonts()},
		{"font_color", &b.FontColor, d.FontColor, nil},
		{"h_align", &b.HAlign, d.HAlign, []string{"center", "right", "left"}},
		{"v_align", &b.VAlign, d.VAlign, []string{"top", "middle", "bottom"}},
		{"border_style", &b.BorderStyle, d.BorderStyle, []string{"none", "outline", "wrap", "full"}},
		{"border_color", &b.BorderColor, d.BorderColor, nil},
		{"ratio", &b.Ratio, d.Ratio, []string{"original", "1:1", "9:16", "16:9", "5:4", "4:5"}},
		{"export_position", &b.Position, d.Position, []string{"fit", "fill"}},
		{"background_color", &b.Background, d.Background, nil},
	} {
		*f.value = cmp.Or(*f.value, f.absent)
		switch {
		case f.allowed != nil && !slices.Contains(f.allowed, *f.value):
			return b, fault.Field(fault.Invalid, f.field, "must be one of: %s", strings.Join(f.allowed, ", "))
		case f.allowed == nil && !colour.MatchString(*f.value):
			return b, fault.Field(fault.Invalid, f.field, "must be a colour such as #FFFFFF")
		}
	}
	b.FontSize = cmp.Or(b.FontSize, d.FontSize)
	if b.FontSize < MinFontSize || b.FontSize > MaxFontSize {
		return b, fault.Field(fault.Invalid, "font_size", "must be from %d to %d", MinFontSize, MaxFontSize)
	}
	return b, nil
}

// The formats of exports.
const (
	MP3 = "mp3"
	WAV = "wav"
	MP4 = "mp4"
)

// Export says which parts of a recording's media are put together, and how.
type Export struct {
	Format string // MP3, WAV or MP4; "" becomes MP3
	Whole  bool   // all but what is struck through, instead of what is highlighted
}

func (e Export) checked() (Export, error) {
	e.Format = cmp.Or(e.Format, MP3)
	if e.Format != MP3 && e.Format != WAV && e.Format != MP4 {
		return e, fault.Field(fault.Invalid, "media_format", "must be one of: %s, %s, %s", MP3, WAV, MP4)
	}
	return e, nil
}

// Span is a part of a recording's media, in milliseconds.
type Span struct{ Start, End int64 }

type spans []Span

// kept are the parts that an export keeps, in order and apart from each
// other. A Whole one keeps what nobody says, too: it ends with the media,
// which is where the last of an endless span is cut.
func (e Export) kept(t transcript.Transcript) spans {
	var marked spans
	for _, seg := range t.Segments {
		for _, w := range seg.Words {
			if (e.Whole && w.Strikethrough || !e.Whole && w.Highlight != "") && w.End > w.Start {
				marked = append(marked, Span{w.Start, w.End})
			}
		}
	}
	marked = marked.joined(t)
	if !e.Whole {
		return marked
	}
	var out spans
	at := int64(0)
	for _, m := range marked {
		if m.Start > at {
			out = append(out, Span{at, m.Start})
		}
		at = m.End
	}
	return append(out, Span{at, transcript.MaxTime})
}

// joined are sorted, and one where no word that is said lies between them.
func (all spans) joined(t transcript.Transcript) spans {
	slices.SortFunc(all, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	starts := make([]int64, 0, len(all))
	for _, seg := range t.Segments {
		for _, w := range seg.Words {
			starts = append(starts, w.Start)
		}
	}
	slices.Sort(starts)
	var out spans
	for _, s := range all {
		if n := len(out); n > 0 {
			last := &out[n-1]
			i, _ := slices.BinarySearch(starts, last.End)
			if s.Start <= last.End || i < len(starts) && starts[i] >= s.Start {
				last.End = max(last.End, s.End)
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// check refuses to make nothing.
func (all spans) check(e Export) error {
	if len(all) == 0 && !e.Whole {
		return fault.Field(fault.Invalid, "remove_strikethrough", "is false, and nothing is highlighted")
	}
	return nil
}

// Hints tell a summary's engine what is wanted besides the prompt. Clients of
// Sonix send them; an engine may do without.
type Hints struct {
	Subtype   string // "" or one of Subtypes
	Sentences int    // 0 for any number
}

// MaxSentences is how many a summary can be asked to have.
const MaxSentences = 100

// Subtypes are the kinds of summaries.
func Subtypes() []string {
	return []string{"summary", "chapters", "sentiment", "thematic", "topic", "entity", "custom"}
}

func (h Hints) validate() error {
	switch {
	case h.Subtype != "" && !slices.Contains(Subtypes(), h.Subtype):
		return fault.Field(fault.Invalid, "subtype", "must be one of: %s", strings.Join(Subtypes(), ", "))
	case h.Sentences < 0 || h.Sentences > MaxSentences:
		return fault.Field(fault.Invalid, "sentence_count", "must be from 1 to %d", MaxSentences)
	}
	return nil
}
