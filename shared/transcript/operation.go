package transcript

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FromText is a segment with the words of a text, whose times are spread over
// the segment in proportion to their length and whose confidence is not known.
// A word begins at white space or at a Chinese or Japanese character. The
// text stays as it is, but for line ends, which become \n, and a text of white
// space alone, which becomes no words.
func FromText(speaker string, start, end int64, text string) Segment {
	return new(words).fromText(speaker, start, end, text)
}

// words is memory for the words of many segments, made in large pieces.
type words []Word

func (m *words) fromText(speaker string, start, end int64, text string) Segment {
	s := Segment{Speaker: speaker, Start: start, End: end}
	text = lineBreaks(text)
	if strings.TrimSpace(text) == "" {
		return s
	}
	s.Words = spread(m.of(text), start, end)
	return s
}

func wordsOf(text string) []Word { return new(words).of(text) }

// of cuts a text before the white space before each word; white space at the
// end stays with the last word.
func (m *words) of(text string) []Word {
	about := 1 + strings.Count(text, " ") + strings.Count(text, "\n")
	if cap(*m)-len(*m) < about {
		piece := about // of one segment alone
		if *m != nil {
			piece = max(about, 500) // 32 kB, the most that is quickly had
		}
		*m = make([]Word, 0, piece)
	}
	words := (*m)[len(*m):len(*m):cap(*m)]
	begin, inside := 0, false
	for i, r := range text {
		if r > ' ' && r < utf8.RuneSelf {
			inside = true
			continue
		}
		space := breaks(r)
		if inside && (space || unhyphenated(r)) {
			words = append(words, Word{Text: text[begin:i]})
			begin = i
		}
		inside = !space
	}
	if inside || len(words) == 0 {
		words = append(words, Word{Text: text[begin:]})
	} else {
		words[len(words)-1].Text += text[begin:]
	}
	if n := len(*m) + len(words); n <= cap(*m) {
		*m = (*m)[:n]
	}
	return slices.Clip(words)
}

// breaks tells whether a word ends at r: white space that is not there to hold
// words together.
func breaks(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u2007'
}

// spread gives the words times from start to end in proportion to their
// length.
func spread(words []Word, start, end int64) []Word {
	var total, done int64
	for i := range words {
		words[i].End = length(words[i].Text)
		total += words[i].End
	}
	at := start
	for i := range words {
		done += words[i].End
		words[i].Start = at
		at = start + (end-start)*done/total
		words[i].End = at
	}
	return words
}

// length is a word's share of time: its characters, and one at least.
func length(s string) int64 {
	if s != "" && s[0] == ' ' {
		s = s[1:]
	}
	n := 0
	for n < len(s) && s[n] > ' ' && s[n] < utf8.RuneSelf {
		n++
	}
	if n < len(s) {
		n = utf8.RuneCountInString(strings.TrimSpace(s))
	}
	return int64(max(1, n))
}

// Cleared is the transcript with its segments, speakers and times, but without
// what was said.
func (t Transcript) Cleared() Transcript {
	segments := make([]Segment, len(t.Segments))
	for i, s := range t.Segments {
		s.Words = nil
		segments[i] = s
	}
	return Transcript{segments}
}

// anonymous is the transcript without speakers. It shares the words.
func (t Transcript) anonymous() Transcript {
	segments := make([]Segment, len(t.Segments))
	for i, s := range t.Segments {
		s.Speaker = ""
		segments[i] = s
	}
	return Transcript{segments}
}

// Shifted is the transcript with every time moved by ms, as far as the times
// stay within 0 and MaxTime.
func (t Transcript) Shifted(ms int64) Transcript {
	move := func(at int64) int64 {
		return min(max(at+min(max(ms, -MaxTime), MaxTime), 0), MaxTime)
	}
	segments := make([]Segment, len(t.Segments))
	for i, s := range t.Segments {
		s.Start, s.End = move(s.Start), move(s.End)
		words := make([]Word, len(s.Words))
		for j, w := range s.Words {
			w.Start, w.End = move(w.Start), move(w.End)
			words[j] = w
		}
		if s.Words != nil {
			s.Words = words
		}
		segments[i] = s
	}
	return Transcript{segments}
}

// Speakers are the names of the known speakers, in the order in which they
// first speak.
func (t Transcript) Speakers() []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, s := range t.Segments {
		if !seen[s.Speaker] {
			seen[s.Speaker] = true
			names = append(names, s.Speaker)
		}
	}
	return names
}
