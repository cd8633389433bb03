package sonix

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/image/colornames"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// defaultHighlight is the colour of a word of which only highlight is said:
// yellow, as of HTML's mark.
const defaultHighlight = "#ffff00"

// readWords reads the transcript of a PUT, in the form of .json: an array of
// segments, or {"transcript":[…]}, as the body or as a field of it. What it
// returns is valid; a fault names the field as in transcript[3].words[7].text.
//
// The texts of a segment's words are put together as they are, if white space
// stands between any of them. If it does not, in the whole transcript, they
// are bare: then a space is put between them where their script writes one,
// which writeWords takes away again.
// A text of several words stays one. A segment may have text instead of words.
func readWords(f dialect.Form) (t transcript.Transcript, bare bool, err error) {
	list, err := readList(f)
	if err != nil {
		return t, false, err
	}
	if len(list) > transcript.MaxSegments {
		return t, false, fault.Field(fault.Invalid, "transcript", "has more than %d segments", transcript.MaxSegments)
	}
	t.Segments = make([]transcript.Segment, len(list))
	left, last := transcript.MaxWords, int64(0)
	for i, v := range list {
		s, err := readSegment(v, &left)
		if left < 0 {
			return t, false, fault.Field(fault.Invalid, "transcript", "has more than %d words", transcript.MaxWords)
		}
		if err == nil && s.Start < last {
			err = fault.Field(fault.Invalid, "start_time", "is before the start of the segment before")
		}
		if err != nil {
			return t, false, under(err, "transcript["+strconv.Itoa(i)+"]")
		}
		t.Segments[i], last = s, s.Start
	}
	bare = !slices.ContainsFunc(t.Segments, spaced)
	for i := range t.Segments {
		s := &t.Segments[i]
		if len(s.Words) == 0 {
			err = readTextOf(list[i].(dialect.Object), s) // as which readSegment has read it
		} else if bare {
			space(s.Words)
		}
		if err != nil {
			return t, false, under(err, "transcript["+strconv.Itoa(i)+"]")
		}
	}
	return t, bare, validOnWire(t.Validate())
}

// spaced tells whether white space stands between texts. A line break before
// one says only that there is one.
func spaced(s transcript.Segment) bool {
	for i := range s.Words {
		if loose(i, s.Words[i].Text) {
			return true
		}
	}
	return false
}

func loose(i int, text string) bool {
	if text = strings.TrimLeft(text, "\n"); i == 0 {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	return text != strings.TrimSpace(text)
}

// respaced tells whether space would put back what bare texts lack. It would
// not where somebody has edited a text elsewhere, and put two spaces into it.
func respaced(s transcript.Segment) bool {
	for i := range s.Words {
		text := s.Words[i].Text
		if i > 0 && !strings.HasPrefix(text, "\n") {
			given := strings.TrimPrefix(text, " ")
			if transcript.Space(s.Words[i-1].Text, given) != text[:len(text)-len(given)] {
				return false
			}
			text = given
		}
		if loose(i, text) {
			return false
		}
	}
	return true
}

// space puts the white space between texts that have none.
func space(words []transcript.Word) {
	for i := len(words) - 1; i > 0; i-- {
		if w := &words[i]; !strings.HasPrefix(w.Text, "\n") {
			w.Text = transcript.Space(words[i-1].Text, w.Text) + w.Text
		}
	}
}

// readList finds the segments in a request.
func readList(f dialect.Form) ([]any, error) {
	if f.Value != nil {
		return listIn(f.Value)
	}
	// Clients that keep transcripts in files send one as it is.
	if file, err := f.File("transcript"); err == nil && file != nil {
		v, err := dialect.ParseValue(file.Body)
		if err != nil {
			return nil, fault.Field(fault.Invalid, "transcript", "is a file that is not valid JSON")
		}
		return listIn(v)
	}
	// A file that was not found makes an empty text, which must not clear what is there.
	if text, _, err := f.String("transcript"); err == nil && text == "" {
		return nil, dialect.Missing("transcript")
	}
	list, _, err := f.Array("transcript")
	if err == nil {
		return list, nil
	}
	o, _, notObject := f.Object("transcript")
	if notObject != nil {
		return nil, err
	}
	return listIn(o)
}

// listIn is an array, or that of {"transcript":[…]}.
func listIn(v any) ([]any, error) {
	if o, ok := v.(dialect.Object); ok {
		v = o["transcript"]
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fault.Field(fault.Invalid, "transcript", "must be an array of segments")
	}
	return list, nil
}

// readSegment reads a segment whose words' texts are as they were given. left
// is how many words there may still be.
func readSegment(v any, left *int) (s transcript.Segment, err error) {
	o, ok := v.(dialect.Object)
	if !ok {
		return s, fault.Field(fault.Invalid, "", "must be an object")
	}
	if s.Speaker, _, err = o.String("speaker", "speaker"); err != nil {
		return s, err
	}
	list, _, err := o.Array("words", "words")
	if err != nil {
		return s, err
	}
	if *left -= len(list); *left < 0 {
		return s, nil
	}
	s.Words = make([]transcript.Word, len(list))
	start, end := int64(missing), int64(missing) // but for its words'
	for i, v := range list {
		if s.Words[i], err = readWord(v); err != nil {
			return s, under(err, "words["+strconv.Itoa(i)+"]")
		}
		if i == 0 {
			start = s.Words[i].Start
		}
		end = s.Words[i].End
	}
	if s.Start, s.End, err = readSpan(o, start, end); err != nil {
		return s, err
	}
	return s, within(s)
}

// within checks that words are in their segment, one after the other.
func within(s transcript.Segment) error {
	at := s.Start
	for i, w := range s.Words {
		field, message := "start_time", ""
		switch {
		case w.Start < at && i == 0:
			message = "is before the start of its segment"
		case w.Start < at:
			message = "is before the end of the word before"
		case w.End > s.End:
			field, message = "end_time", "is after the end of its segment"
			if w.Start > s.End {
				field = "start_time"
			}
		}
		if message != "" {
			return fault.Field(fault.Invalid, "words["+strconv.Itoa(i)+"]."+field, "%s", message)
		}
		at = w.End
	}
	return nil
}

// readTextOf reads the words of a segment that has none from its text, of
// which the white space counts no more than of a page.
func readTextOf(o dialect.Object, s *transcript.Segment) error {
	text, _, err := o.String("text", "text")
	if err != nil {
		return err
	}
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	kept := lines[:0]
	for _, line := range lines {
		if line = oneLine(line); line != "" {
			kept = append(kept, line)
		}
	}
	*s = transcript.FromText(s.Speaker, s.Start, s.End, strings.Join(kept, "\n"))
	return nil
}

func readWord(v any) (w transcript.Word, err error) {
	o, ok := v.(dialect.Object)
	if !ok {
		return w, fault.Field(fault.Invalid, "", "must be an object")
	}
	text, ok, err := o.String("text", "text")
	if err != nil {
		return w, err
	}
	if !ok {
		return w, dialect.Missing("text")
	}
	if text == "" {
		return w, fault.Field(fault.Invalid, "text", "is empty")
	}
	w.Text = text
	if strings.IndexByte(text, '\r') >= 0 {
		w.Text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	if w.Start, w.End, err = readSpan(o, missing, missing); err != nil {
		return w, err
	}
	if w.Strikethrough, err = readFlag(o, "strikethrough", false); err != nil {
		return w, err
	}
	w.Highlight, err = readHighlight(o)
	return w, err
}

// readHighlight reads a word's colour, "" if it has none. A colour alone says
// that there is one.
func readHighlight(o dialect.Object) (string, error) {
	colour, _, err := o.String("highlight_color", "highlight_color")
	if err != nil {
		return "", err
	}
	on, err := readFlag(o, "highlight", colour != "")
	if err != nil || !on {
		return "", err
	}
	named, isName := colornames.Map[strings.ToLower(colour)]
	_, notHex := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	switch {
	case colour == "":
		return defaultHighlight, nil
	case isName:
		return fmt.Sprintf("#%02x%02x%02x", named.R, named.G, named.B), nil
	case notHex != nil || colour[0] != '#' || len(colour) != 4 && len(colour) != 7:
		return "", fault.Field(fault.Invalid, "highlight_color", `must be a colour such as "#ffff00" or "yellow"`)
	case len(colour) == 4:
		r, g, b := colour[1:2], colour[2:3], colour[3:]
		return "#" + r + r + g + g + b + b, nil
	}
	return colour, nil
}

func readFlag(o dialect.Object, name string, otherwise bool) (bool, error) {
	switch v := o[name].(type) {
	case nil:
		return otherwise, nil
	case bool:
		return v, nil
	}
	return false, fault.Field(fault.Invalid, name, "must be true or false")
}

// missing is the time that stands for none.
const missing = -1

// readSpan reads start_time and end_time. Where one is absent it is the one
// given here, if that is not missing too.
func readSpan(o dialect.Object, start, end int64) (int64, int64, error) {
	start, err := readTime(o, "start_time", start)
	if err != nil {
		return 0, 0, err
	}
	end, err = readTime(o, "end_time", end)
	if err == nil && end < start {
		err = fault.Field(fault.Invalid, "end_time", "is before start_time")
	}
	return start, end, err
}

// readTime reads seconds, as ms.
func readTime(o dialect.Object, name string, otherwise int64) (int64, error) {
	v := o[name]
	if v == nil {
		if otherwise == missing {
			return 0, dialect.Missing(name)
		}
		return otherwise, nil
	}
	n, ok := v.(json.Number)
	if !ok {
		return 0, fault.Field(fault.Invalid, name, "must be a number of seconds")
	}
	s, err := n.Float64()
	const most = float64(transcript.MaxTime) / 1000
	if err != nil || !(s >= 0 && s <= most) {
		return 0, fault.Field(fault.Invalid, name, "must be a number of seconds from 0 to %.3f", most)
	}
	return int64(math.Round(s * 1000)), nil
}

// under puts where a fault was found before its field.
func under(err error, at string) error {
	e := fault.As(err)
	if e.Field != "" {
		at += "." + e.Field
	}
	return fault.Field(e.Kind, at, "%s", e.Message)
}

// validOnWire gives what is not valid its name in this API.
func validOnWire(err error) error {
	e, ok := errors.AsType[*transcript.Error](err)
	if !ok {
		return err
	}
	return fault.Field(fault.Invalid, "transcript"+strings.TrimPrefix(e.At, "segments"), "%s", e.Message)
}
