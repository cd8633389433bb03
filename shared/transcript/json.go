package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// The JSON form is the one in which content is stored: it keeps every field
// exactly, in ms, and leaves out what is not known. One segment is one line.
//
//	{"segments":[
//	{"speaker":"Ann","start":0,"end":900,"words":[{"t":"Yes","s":0,"e":900,"c":0.9,"h":"#ffff00","x":true}]}
//	]}
type jsonTranscript struct {
	Segments *[]jsonSegment `json:"segments"`
}

type jsonSegment struct {
	Speaker string     `json:"speaker"`
	Start   int64      `json:"start"`
	End     int64      `json:"end"`
	Words   []jsonWord `json:"words"`
}

type jsonWord struct {
	Text          string  `json:"t"`
	Start         int64   `json:"s"`
	End           int64   `json:"e"`
	Confidence    float64 `json:"c"`
	Highlight     string  `json:"h"`
	Strikethrough bool    `json:"x"`
}

func writeJSON(w io.Writer, t Transcript, _ Options) error {
	out := stream{w: w}
	b := append(make([]byte, 0, piece+piece/4), `{"segments":[`...)
	for i := range t.Segments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n', '{')
		s := &t.Segments[i]
		if s.Speaker != "" {
			b = append(AppendQuoted(append(b, `"speaker":`...), s.Speaker), ',')
		}
		b = strconv.AppendInt(append(b, `"start":`...), s.Start, 10)
		b = strconv.AppendInt(append(b, `,"end":`...), s.End, 10)
		if len(s.Words) > 0 {
			b = append(b, `,"words":[`...)
			for j := range s.Words {
				if j > 0 {
					b = append(b, ',')
				}
				b = out.flush(appendJSONWord(b, &s.Words[j]))
			}
			b = append(b, ']')
		}
		b = out.flush(append(b, '}'))
	}
	out.end(append(b, "\n]}\n"...))
	return out.err
}

func appendJSONWord(b []byte, w *Word) []byte {
	b = AppendQuoted(append(b, `{"t":`...), w.Text)
	b = strconv.AppendInt(append(b, `,"s":`...), w.Start, 10)
	b = strconv.AppendInt(append(b, `,"e":`...), w.End, 10)
	if w.Confidence != 0 {
		b = strconv.AppendFloat(append(b, `,"c":`...), w.Confidence, 'g', -1, 64)
	}
	if w.Highlight != "" {
		b = AppendQuoted(append(b, `,"h":`...), w.Highlight)
	}
	if w.Strikethrough {
		b = append(b, `,"x":true`...)
	}
	return append(b, '}')
}

// AppendQuoted appends a string of JSON. What needs no escape, which is nearly
// all, is copied as it is.
func AppendQuoted(b []byte, s string) []byte {
	ascii := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return appendEscaped(b, s)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		return appendEscaped(b, s)
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendEscaped(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // a string has none
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

func parseJSON(b []byte) (Transcript, error) {
	var doc jsonTranscript
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&doc); err != nil {
		return Transcript{}, jsonError(b, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Transcript{}, lineError(1+bytes.Count(b[:d.InputOffset()], []byte("\n")), "has something after the end")
	}
	if doc.Segments == nil {
		return Transcript{}, &Error{"segments", "is missing"}
	}
	t := Transcript{Segments: make([]Segment, len(*doc.Segments))}
	for i, s := range *doc.Segments {
		t.Segments[i] = Segment{Speaker: s.Speaker, Start: s.Start, End: s.End}
		if len(s.Words) > 0 {
			words := make([]Word, len(s.Words))
			for j, w := range s.Words {
				words[j] = Word(w)
			}
			t.Segments[i].Words = words
		}
	}
	return t, t.Validate()
}

func jsonError(b []byte, err error) error {
	offset := int64(len(b))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		return lineError(1+bytes.Count(b[:min(kind.Offset, int64(len(b)))], []byte("\n")), kind.Field+" is not of the right type")
	}
	return lineError(1+bytes.Count(b[:min(offset, int64(len(b)))], []byte("\n")), "is not JSON")
}
