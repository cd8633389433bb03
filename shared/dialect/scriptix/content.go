package scriptix

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

type edit struct {
	recording.Edit
	at string // where its segments are in the body
}

// readEdit reads the body of an update. Fields that it does not know are
// nothing to it, as clients send back what they were given.
func readEdit(r *http.Request) (e edit, err error) {
	o, err := readBody(r)
	if err != nil {
		return e, err
	}
	if e.Version, err = ifMatch(r); err != nil {
		return e, err
	}
	if e.Filename, err = text(o, "filename"); err != nil {
		return e, err
	}
	if e.TimecodeOffset, err = text(o, "timecode_offset"); err != nil {
		return e, err
	}
	if e.Plain, err = looseFlag(o, "plain_document_changed"); err != nil {
		return e, err
	}
	share, err := looseFlag(o, "allow_magic_link")
	if err != nil {
		return e, err
	}
	if share != nil {
		off := !*share
		e.NoSharing = &off
	}
	if v := o["document"]; v != nil {
		e.Transcript, e.at, err = readContent(v, "document")
	}
	return e, err
}

func (a API) update(r *http.Request, to recording.Access, e edit) (dialect.Response, error) {
	d, err := a.Recordings.UpdateDocument(r.Context(), to, e.Edit)
	return written(d, onWire(err, e.at))
}

// onWire gives the domain's fields of a transcript their names in this API, by
// where its segments were.
func onWire(err error, at string) error {
	e := fault.As(err)
	if e == nil || !strings.HasPrefix(e.Field, "segments") {
		return err
	}
	field := at + strings.TrimPrefix(e.Field, "segments")
	if segment, ok := strings.CutSuffix(field, "].end"); ok && !strings.Contains(field, ".words[") {
		field = segment + "].stop"
	}
	return fault.Field(e.Kind, field, "%s", e.Message)
}

// text returns a string field, or nil when it is absent or null.
func text(o dialect.Object, name string) (*string, error) {
	s, ok, err := o.String(name, name)
	if err != nil || !ok {
		return nil, err
	}
	return &s, nil
}

// looseFlag reads a boolean, or "true" or "false", as one page of the
// published documentation sends it.
func looseFlag(o dialect.Object, name string) (*bool, error) {
	switch v := o[name].(type) {
	case nil:
		return nil, nil
	case bool:
		return &v, nil
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(v)); err == nil && len(v) >= len("true") {
			return &b, nil
		}
	}
	return nil, fault.Field(fault.Invalid, name, "value could not be parsed to a boolean")
}

// reader reads segments, whose times are in units of so many milliseconds.
type reader struct{ unit float64 }

// readContent reads a document's content from the field at a path: the object
// that is read from here, with times in seconds, or the older array of
// segments, with milliseconds. at is where the segments are.
func readContent(v any, path string) (t *transcript.Transcript, at string, err error) {
	switch v := v.(type) {
	case []any:
		t, err = reader{1}.segments(v, path)
		return t, path, err
	case dialect.Object:
		path += ".content"
		content, ok, err := v.Object("content", path)
		if err == nil && !ok {
			err = dialect.Missing(path)
		}
		if err != nil {
			return nil, "", err
		}
		path += ".segments"
		list, _, err := content.Array("segments", path)
		if _, there := content["segments"]; err == nil && !there {
			err = dialect.Missing(path)
		}
		if err != nil {
			return nil, "", err
		}
		t, err = reader{1000}.segments(list, path)
		return t, path, err
	}
	return nil, "", fault.Field(fault.Invalid, path, "must be an object or an array of segments")
}

func (rd reader) segments(list []any, path string) (*transcript.Transcript, error) {
	t := &transcript.Transcript{Segments: make([]transcript.Segment, 0, len(list))}
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		o, ok := v.(dialect.Object)
		if !ok {
			return nil, fault.Field(fault.Invalid, at, "must be an object")
		}
		s, err := rd.segment(o, at)
		if err != nil {
			return nil, err
		}
		t.Segments = append(t.Segments, s)
	}
	return t, nil
}

func (rd reader) segment(o dialect.Object, at string) (s transcript.Segment, err error) {
	if s.Speaker, _, err = o.String("speaker", at+".speaker"); err != nil {
		return s, err
	}
	if s.Start, err = rd.time(o, "start", at); err != nil {
		return s, err
	}
	if s.End, err = rd.time(o, "stop", at); err != nil {
		return s, err
	}
	said, hasText, err := o.String("text", at+".text")
	if err != nil {
		return s, err
	}
	words, _, err := o.Array("words", at+".words")
	if err != nil {
		return s, err
	}
	for i, v := range words {
		w, err := rd.word(v, fmt.Sprintf("%s.words[%d]", at, i))
		if err != nil {
			return s, err
		}
		s.Words = append(s.Words, w)
	}
	if words := s.Text(); hasText && said != words {
		// Whoever changed the text and left the words meant the text.
		s.Words = transcript.Unaligned(said)
	}
	return s, nil
}

func (rd reader) word(v any, at string) (w transcript.Word, err error) {
	o, ok := v.(dialect.Object)
	if !ok {
		return w, fault.Field(fault.Invalid, at, "must be an object")
	}
	if w.Text, _, err = o.String("text", at+".text"); err != nil {
		return w, err
	}
	if o["start"] == nil && o["end"] == nil {
		w.Start, w.End = transcript.Unknown, transcript.Unknown
	} else {
		if w.Start, err = rd.time(o, "start", at); err != nil {
			return w, err
		}
		if w.End, err = rd.time(o, "end", at); err != nil {
			return w, err
		}
	}
	if w.Highlight, _, err = o.String("highlight", at+".highlight"); err != nil {
		return w, err
	}
	if c, ok := o["confidence"]; ok && c != nil {
		n, _ := c.(json.Number)
		if w.Confidence, err = strconv.ParseFloat(n.String(), 64); err != nil || w.Confidence < 0 || w.Confidence > 1 {
			return w, fault.Field(fault.Invalid, at+".confidence", "must be a number from 0 to 1")
		}
	}
	if v, ok := o["strikethrough"]; ok && v != nil {
		if w.Strikethrough, ok = v.(bool); !ok {
			return w, fault.Field(fault.Invalid, at+".strikethrough", "value could not be parsed to a boolean")
		}
	}
	return w, nil
}

func (rd reader) time(o dialect.Object, name, at string) (int64, error) {
	path := at + "." + name
	v := o[name]
	if v == nil {
		return 0, dialect.Missing(path)
	}
	return rd.moment(v, path)
}

// moment reads a time, in milliseconds.
func (rd reader) moment(v any, path string) (int64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, fault.Field(fault.Invalid, path, "value is not a valid number")
	}
	f, err := strconv.ParseFloat(n.String(), 64)
	ms := math.Round(f * rd.unit)
	if err != nil || ms < 0 || ms > transcript.MaxTime {
		return 0, fault.Field(fault.Invalid, path, "must be a time from 0 to 99:59:59.999")
	}
	return int64(ms), nil
}
