package transcript

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// random is a transcript of any shape, with several who speak at once.
func random(r *rand.Rand) Transcript {
	texts := []string{"a", "the", "and", "word.", "yes,", "10", "Ann", "extraordinarily", "言", "言葉、", "「", "สวัสดี", "שלום", "e\u0301té", ",", "two words", "x\ny", "and more of them\u2028yet"}
	spaces := []string{" ", " ", " ", " ", "\n", "  ", "", "\u3000", "\t"}
	var t Transcript
	at, n := int64(0), 0
	for range r.IntN(8) {
		s := Segment{Speaker: []string{"", "A", "B"}[r.IntN(3)], Start: at}
		now := at + r.Int64N(300)
		for range r.IntN(60) {
			w := Word{Text: spaces[r.IntN(len(spaces))] + texts[r.IntN(len(texts))], Start: now, End: now + r.Int64N(800), Confidence: float64(n) / 1000} // which tells it from all others
			n++
			if r.IntN(10) == 0 {
				w.Text += " "
			}
			if r.IntN(50) == 0 {
				w.End += r.Int64N(9000)
			}
			s.Words = append(s.Words, w)
			s.End = max(s.End, w.End)
			now += r.Int64N(700)
			if r.IntN(12) == 0 {
				now += r.Int64N(4000)
			}
		}
		s.End = max(s.End, s.Start) + r.Int64N(500)
		t.Segments = append(t.Segments, s)
		at += r.Int64N(max(1, 2*(s.End-s.Start)))
	}
	return t
}

// combined has the limits of which the bits are set.
func combined(r *rand.Rand, bits int) Limits {
	some := func(n int) int {
		set := bits & 1
		bits >>= 1
		return set * (1 + r.IntN(n))
	}
	return Limits{
		LineLength: some(50), LineWords: some(8), Lines: some(4), Characters: some(90), Words: some(20),
		Duration: int64(some(8000)), Silence: int64(some(3000)), Gap: int64(some(300)), Rate: some(20),
	}
}

const combinations = 1 << 9

func TestSplitKeepsEveryLimit(t *testing.T) {
	for bits := range combinations {
		for seed := range uint64(8) {
			r := rand.New(rand.NewPCG(seed, uint64(bits)))
			in, l := random(r), combined(r, bits)
			holds(t, in, l)
			if t.Failed() {
				t.Fatalf("seed %d, limits %+v", seed, l)
			}
		}
	}
}

// holds checks all that Split promises.
func holds(t *testing.T, in Transcript, l Limits) {
	t.Helper()
	got := in.Split(l)
	if err := got.Validate(); err != nil && len(got.Segments) <= MaxSegments {
		t.Error(err)
	}
	for i, s := range got.Segments {
		l.bounds(t, s)
		l.read(t, got.Segments[i:])
	}
	l.keeps(t, in, got)
	inTurns(t, in, got)
	if l.Gap > 0 {
		l.gaps(t, in.Segments, got.Segments)
	}
}

// key tells a word from all others.
func key(s Segment, w Word) string { return fmt.Sprint(s.Speaker, w.Confidence) }

func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// keeps checks that every word is there once, in the order of its segment,
// with its marks, and no earlier or later than it was, but for Gap and
// Duration.
func (l Limits) keeps(t *testing.T, in, got Transcript) {
	t.Helper()
	kept, first, end, last := map[string]string{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, s := range got.Segments {
		at := s.Start
		for _, w := range s.Words {
			k := key(s, w)
			if _, ok := first[k]; !ok {
				first[k] = w.Start
			}
			if w.Start < at || w.Start < last[k] || w.End > s.End {
				t.Errorf("%q of %q is at %d to %d, out of order", w.Text, s.Text(), w.Start, w.End)
			}
			kept[k], end[k], last[k], at = kept[k]+bare(w.Text), max(end[k], w.End), w.Start, w.Start
		}
	}
	for _, s := range in.Segments {
		at := s.Start
		for _, w := range s.Words {
			k := key(s, w)
			moved := first[k] > w.Start || end[k] > w.End || l.Gap == 0 && l.Duration == 0 && first[k] != w.Start
			if kept[k] != bare(w.Text) || moved || first[k] < at && l.Gap == 0 && l.Duration == 0 {
				t.Errorf("%+v became %q at %d to %d", w, kept[k], first[k], end[k])
			}
			delete(kept, k)
			at = first[k]
		}
	}
	if len(kept) > 0 {
		t.Errorf("more than there was: %v", kept)
	}
}

// inTurns checks that no two captions of a segment overlap.
func inTurns(t *testing.T, in, got Transcript) {
	t.Helper()
	of := map[string]int{}
	for i, s := range in.Segments {
		for _, w := range s.Words {
			of[key(s, w)] = i
		}
	}
	end := map[int]int64{}
	for _, s := range got.Segments {
		i := of[key(s, s.Words[0])]
		if s.Start < end[i] {
			t.Errorf("%q begins at %d, and what is before ends at %d", s.Text(), s.Start, end[i])
		}
		end[i] = s.End
	}
}

// bounds checks the limits of one caption.
func (l Limits) bounds(t *testing.T, s Segment) {
	t.Helper()
	over := func(n, limit int) bool { return limit > 0 && n > limit }
	text := s.Text()
	alone := len(wordsOf(text)) == 1
	if over(int(s.End-s.Start), int(l.Duration)) {
		t.Errorf("%d to %d: %q", s.Start, s.End, text)
	}
	lines, inside, all := 1, 0, 0
	end := s.Words[0].End
	for i, w := range s.Words {
		if strings.HasPrefix(w.Text, "\n") {
			lines, inside = lines+1, 0
		}
		begins := i == 0 || w.Text != strings.TrimSpace(w.Text) || mayBreak(s.Words[i-1].Text, w.Text)
		if begins {
			inside, all = inside+1, all+1
		}
		if over(inside, l.LineWords) && l.lays() || over(all, l.Words) {
			t.Errorf("%d words in a line of %q", inside, text)
		}
		if over(int(w.Start-end), int(l.Silence)) && begins {
			t.Errorf("a silence in %q", text)
		}
		end = max(end, w.End)
	}
	if over(utf8.RuneCountInString(text), l.Characters) && !alone {
		t.Errorf("%d characters: %q", utf8.RuneCountInString(text), text)
	}
	if !l.lays() {
		return
	}
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(lineEnds, r) }) {
		if over(utf8.RuneCountInString(line), l.LineLength) && !alone {
			t.Errorf("a line of %q", text)
		}
	}
	if over(1+strings.Count(text, "\n"), l.Lines) || strings.ContainsAny(text, "\t\u2028\u2029") {
		t.Errorf("%d lines: %q", lines, text)
	}
}

// read checks that the first caption stays as long as it takes to be read, or
// as it can.
func (l Limits) read(t *testing.T, captions []Segment) {
	t.Helper()
	s := captions[0]
	until := s.Start + (int64(utf8.RuneCountInString(s.Text()))*1000+int64(l.Rate)-1)/max(1, int64(l.Rate))
	if l.Duration > 0 {
		until = min(until, s.Start+l.Duration)
	}
	until = min(until, MaxTime)
	for _, next := range captions[1:] {
		if next.Start >= s.End {
			until = min(until, next.Start-l.Gap)
			break
		}
	}
	if l.Rate > 0 && s.End < until {
		t.Errorf("%q ends at %d, and can stay until %d", s.Text(), s.End, until)
	}
}

// gaps checks what is between captions that did not overlap as they were
// said.
func (l Limits) gaps(t *testing.T, in, got []Segment) {
	t.Helper()
	type origin struct {
		segment int
		end     int64 // of the word
		until   int64 // of the segment, for its last word
	}
	said := map[string]origin{}
	for i, s := range in {
		last := ""
		for _, w := range s.Words {
			if bare(w.Text) != "" {
				last = key(s, w)
				said[last] = origin{i, w.End, 0}
			}
		}
		said[last] = origin{i, said[last].end, s.End}
	}
	for i, s := range got {
		var end int64
		var from origin
		for _, w := range s.Words {
			from = said[key(s, w)]
			if l.Duration > 0 {
				from.until, from.end = min(from.until, s.Start+l.Duration), min(from.end, s.Start+l.Duration)
			}
			end = max(end, from.end, from.until)
		}
		for _, next := range got[i+1:] {
			same := said[key(next, next.Words[0])].segment == from.segment
			if next.Start < end && !same {
				continue // two at once
			}
			if gap := next.Start - s.End; gap < l.Gap && s.End > s.Start+(next.Start-s.Start)/2 {
				t.Errorf("a gap of %d after %q", gap, s.Text())
			}
			break
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(uint64(1), uint64(2), 42, 2, 84, int64(7000), int64(80))
	f.Add(uint64(3), uint64(4), 1, -1, 1<<62, int64(1<<62), int64(-5))
	f.Fuzz(func(t *testing.T, a, b uint64, length, lines, characters int, duration, gap int64) {
		r := rand.New(rand.NewPCG(a, b))
		in, l := random(r), combined(r, r.IntN(combinations))
		l.LineLength, l.Lines, l.Characters, l.Duration, l.Gap = length, lines, characters, duration, gap
		holds(t, in, l.sane())
		if want, got := in.Split(l.sane()), in.Split(l); !reflect.DeepEqual(want, got) {
			t.Error(cmp.Diff(want, got))
		}
	})
}
