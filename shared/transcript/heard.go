package transcript

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Heard is a word that an engine heard, with the white space before it, and
// who said it, or "".
type Heard struct {
	Word
	Speaker string
}

// Written makes a transcript of what was heard in each channel. A segment ends
// where another speaks, and as Paragraphs says; those of several channels may
// overlap. Times that are out of order or of bounds are put right, and
// characters that no transcript has are left out, so that the result is valid
// but for its size.
func Written(channels ...[]Heard) Transcript {
	var t Transcript
	for _, words := range channels {
		words = tidied(words)
		for i := 0; i < len(words); {
			s := Segment{Speaker: words[i].Speaker, Start: words[i].Start}
			for ; i < len(words) && words[i].Speaker == s.Speaker; i++ {
				s.Words, s.End = append(s.Words, words[i].Word), max(s.End, words[i].End)
			}
			t.Segments = append(t.Segments, s)
		}
	}
	return t.Split(Paragraphs)
}

// tidied are the words in the order of their starts, without those of which
// nothing is to be seen.
func tidied(words []Heard) []Heard {
	out := make([]Heard, 0, len(words))
	for _, w := range words {
		if w.Text = cleaned(w.Text); strings.TrimSpace(w.Text) == "" {
			continue
		}
		w.Speaker = oneLine(cleaned(w.Speaker))
		w.Start = min(max(w.Start, 0), MaxTime)
		w.End = min(max(w.End, w.Start), MaxTime)
		if !(w.Confidence >= 0) {
			w.Confidence = 0
		}
		w.Confidence = min(w.Confidence, 1)
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b Heard) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// cleaned is a text without characters that no transcript has.
func cleaned(s string) string {
	if checkText(s, true) == "" {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == utf8.RuneError, r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, s)
}
