package transcript

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Validate checks everything that the rest of the program relies on: the
// limits; segments and words in the order of their start, none ending before
// it starts; words inside their segment and not empty; text without control
// characters but \n and \t; colours and confidences of the right form. The
// error is an *Error that names the field.
func (t Transcript) Validate() error {
	for i := range t.Segments {
		if e := t.Segments[i].check(); e != nil {
			return e.under("segments[" + strconv.Itoa(i) + "]")
		}
	}
	return t.checkWhole()
}

// checkWhole is what Validate checks beside each segment.
func (t Transcript) checkWhole() error {
	if len(t.Segments) > MaxSegments {
		return &Error{"segments", fmt.Sprintf("has more than %d entries", MaxSegments)}
	}
	words, last := 0, int64(0)
	for i := range t.Segments {
		s := &t.Segments[i]
		if s.Start < last {
			return &Error{"segments[" + strconv.Itoa(i) + "].start", "is before the start of the segment before"}
		}
		last = s.Start
		if words += len(s.Words); words > MaxWords {
			return &Error{"segments", fmt.Sprintf("have more than %d words", MaxWords)}
		}
	}
	return nil
}

func (e *Error) under(at string) *Error {
	if e.At != "" {
		at += "." + e.At
	}
	return &Error{at, e.Message}
}

func (s *Segment) check() *Error {
	if message := checkTimes(s.Start, s.End); message != "" {
		return &Error{"end", message}
	}
	if utf8.RuneCountInString(s.Speaker) > MaxSpeaker {
		return &Error{"speaker", fmt.Sprintf("is longer than %d characters", MaxSpeaker)}
	}
	if message := checkText(s.Speaker, false); message != "" {
		return &Error{"speaker", message}
	}
	bytes, last := 0, s.Start
	for i := range s.Words {
		w := &s.Words[i]
		if e := w.check(last, s.End); e != nil {
			return e.under("words[" + strconv.Itoa(i) + "]")
		}
		last = w.Start
		bytes += len(w.Text)
	}
	if bytes > MaxTextLength && utf8.RuneCountInString(s.Text()) > MaxTextLength {
		return &Error{"text", fmt.Sprintf("is longer than %d characters", MaxTextLength)}
	}
	return nil
}

func (w *Word) check(from, to int64) *Error {
	if message := checkTimes(w.Start, w.End); message != "" {
		return &Error{"end", message}
	}
	if w.Start < from || w.End > to {
		return &Error{"start", "is not in order, or the word is not within its segment"}
	}
	if w.Text == "" {
		return &Error{"text", "is empty"}
	}
	if message := checkText(w.Text, true); message != "" {
		return &Error{"text", message}
	}
	if !(w.Confidence >= 0 && w.Confidence <= 1) {
		return &Error{"confidence", "is not between 0 and 1"}
	}
	if w.Highlight != "" && !isColour(w.Highlight) {
		return &Error{"highlight", `is not a colour of the form "#rrggbb"`}
	}
	return nil
}

func checkTimes(start, end int64) string {
	switch {
	case start < 0 || start > MaxTime || end > MaxTime:
		return "is not between 0 and 99:59:59.999"
	case end < start:
		return "is before the start"
	}
	return ""
}

func checkText(s string, layout bool) string {
	plain := 0 // of it, at the beginning: which is all, nearly always
	for plain < len(s) && s[plain] >= ' ' && s[plain] < 0x7f {
		plain++
	}
	s = s[plain:]
	for i, r := range s {
		switch {
		case r >= ' ' && r < 0x7f:
		case layout && (r == '\n' || r == '\t'):
		case unicode.IsControl(r):
			return "has a control character"
		case r == 0xfffe || r == 0xffff: // XML cannot carry them
			return "has a character that is none"
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return "is not UTF-8"
			}
		}
	}
	return ""
}

// isColour tells whether s is of the form #rrggbb.
func isColour(s string) bool {
	if len(s) != 7 || s[0] != '#' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
