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

// said is a segment whose words take 300 ms each, with a pause where the text
// has "|" for every 500 ms.
func said(speaker string, start int64, text string) Segment {
	s := Segment{Speaker: speaker, Start: start, End: start}
	for _, field := range strings.Fields(text) {
		word := strings.TrimRight(field, "|")
		s.Words = append(s.Words, Word{Text: " " + word, Start: s.End, End: s.End + 300, Confidence: 0.5})
		s.End += 300 + 500*int64(len(field)-len(word))
	}
	return s
}

// shape is a transcript as its captions' times and lines.
func shape(t Transcript) (out []string) {
	for _, s := range t.Segments {
		out = append(out, fmt.Sprintf("%d-%d %s: %s", s.Start, s.End, s.Speaker, strings.ReplaceAll(s.Text(), "\n", "/")))
	}
	return out
}

func TestSplit(t *testing.T) {
	long := "The committee met on Monday, and after a long debate about the new budget Ann Miller said that it was too early to decide. We will see."
	tests := []struct {
		name string
		in   []Segment
		l    Limits
		want []string
	}{
		{"no limits", []Segment{said("A", 100, "a b c"), {Speaker: "B", Start: 1000, End: 2000}}, Limits{}, []string{"100-1000 A: a b c"}},
		{"as captions are broken", []Segment{said("A", 0, long)}, DefaultLimits, []string{
			"0-2920 A: The committee met on Monday,/and after a long debate",
			"3000-8100 A: about the new budget Ann Miller said that/it was too early to decide. We will see."}},
		{"after titles and initials", []Segment{said("", 0, "he said John F. Kennedy")}, Limits{Lines: 1, Characters: 20}, []string{"0-600 : he said", "600-1500 : John F. Kennedy"}},
		{"after an answer", []Segment{said("", 0, "we said No. Ann left")}, Limits{Lines: 1, Characters: 12}, []string{"0-900 : we said No.", "900-1500 : Ann left"}},
		{"from the start of the segment", []Segment{{End: 1000, Words: []Word{{Text: "a", Start: 300, End: 500}, {Text: " b", Start: 500, End: 700}}}}, Limits{Words: 1, Duration: 400},
			[]string{"100-500 : a", "500-900 : b"}},
		{"lines of words", []Segment{said("", 0, "a b c d e f g")}, Limits{LineWords: 2, Lines: 2}, []string{"0-1200 : a b/c d", "1200-2100 : e f/g"}},
		{"words", []Segment{said("", 0, "a b c d e")}, Limits{Words: 2}, []string{"0-600 : a b", "600-1200 : c d", "1200-1500 : e"}},
		{"duration", []Segment{said("", 0, "a b c d e")}, Limits{Duration: 900}, []string{"0-600 : a b", "600-1500 : c d e"}},
		{"a word beyond every limit", []Segment{said("", 0, "a bbbbbbbbbb c")}, Limits{LineLength: 5, Lines: 2, Characters: 5, Duration: 200},
			[]string{"0-300 : a", "300-600 : bbbbbbbbbb", "600-900 : c"}},
		{"silence", []Segment{said("", 0, "a b|| c|d")}, Limits{Silence: 900}, []string{"0-600 : a b", "1600-1900 : c|d"}},
		{"two lines of about the same length", []Segment{said("", 0, "one two three four five six seven eight nine ten")}, Limits{Lines: 2, Characters: 90},
			[]string{"0-3000 : one two three four five/six seven eight nine ten"}},
		{"one line is enough", []Segment{said("", 0, "one two three")}, Limits{Lines: 2, Characters: 90}, []string{"0-900 : one two three"}},
		{"a paragraph over two lines", []Segment{said("", 0, strings.Repeat("word ", 100))}, Limits{Lines: 2},
			[]string{"0-30000 : " + strings.Repeat(" word", 50)[1:] + "/" + strings.Repeat(" word", 50)[1:]}},
		{"the gap shortens what is before", []Segment{said("", 0, "a b"), said("", 600, "c")}, Limits{Gap: 400}, []string{"0-300 : a b", "600-900 : c"}},
		{"two at once owe no gap", []Segment{said("A", 0, "a b c"), said("B", 600, "d"), said("A", 900, "e")}, Limits{Gap: 100},
			[]string{"0-800 A: a b c", "600-800 B: d", "900-1200 A: e"}},
		{"time to read", []Segment{said("", 0, "aaaaa bbbbb"), said("", 1500, "c")}, Limits{Rate: 10, Gap: 100}, []string{"0-1100 : aaaaa bbbbb", "1500-1800 : c"}},
		{"as far as the pause goes", []Segment{said("", 0, "aaaaa bbbbb"), said("", 900, "c")}, Limits{Rate: 10, Gap: 100}, []string{"0-800 : aaaaa bbbbb", "900-1200 : c"}},
		{"no longer than a caption may be", []Segment{said("", 0, "aaaaa bbbbb")}, Limits{Rate: 1, Duration: 2000}, []string{"0-2000 : aaaaa bbbbb"}},
		{"what was broken is joined", []Segment{FromText("", 0, 900, "a\nb 言\n葉")}, Limits{Lines: 1}, []string{"0-900 : a b 言葉"}},
		{"or stays", []Segment{FromText("", 0, 900, "a\nb")}, Limits{Words: 9}, []string{"0-900 : a/b"}},
		{"without spaces", []Segment{FromText("", 0, 900, "言葉は力")}, Limits{LineLength: 2, Lines: 2}, []string{"0-900 : 言葉/は力"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Transcript{test.in}.Split(test.l)
			if diff := cmp.Diff(test.want, shape(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// random is a transcript of any shape, with several who speak at once.
func random(r *rand.Rand) Transcript {
	texts := []string{"a", "the", "and", "word.", "yes,", "10", "Ann", "extraordinarily", "言", "שלום", "e\u0301té", "two words", "x\ny"}
	spaces := []string{" ", " ", " ", "\n", "  ", "", "\u3000"}
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

func randomLimits(r *rand.Rand) Limits {
	some := func(n int) int { return max(0, r.IntN(2*n)-n) }
	return Limits{
		LineLength: some(50), LineWords: some(8), Lines: some(4), Characters: some(90), Words: some(20),
		Duration: int64(some(8000)), Silence: int64(some(3000)), Gap: int64(some(300)), Rate: some(20),
	}
}

func TestSplitKeepsEveryLimit(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		in, l := random(r), randomLimits(r)
		holds(t, in, l)
		if t.Failed() {
			t.Fatalf("seed %d, limits %+v", seed, l)
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
	kept := map[string]Word{} // by speaker and confidence
	for _, s := range got.Segments {
		l.bounds(t, s)
		for _, w := range s.Words {
			kept[key(s, w)] = w
		}
	}
	for _, s := range in.Segments {
		for _, w := range s.Words {
			k, ok := kept[key(s, w)]
			delete(kept, key(s, w))
			if !ok || bare(k) != bare(w) || k.Start > w.Start || k.End > w.End || l.Gap == 0 && k.Start != w.Start {
				t.Errorf("%+v became %+v", w, k)
			}
		}
	}
	if len(kept) > 0 {
		t.Errorf("more than there was: %v", kept)
	}
	if l.Gap > 0 {
		l.gaps(t, in.Segments, got.Segments)
	}
}

func bare(w Word) string { return strings.Join(strings.Fields(w.Text), " ") }

// bounds checks the limits of one caption.
func (l Limits) bounds(t *testing.T, s Segment) {
	t.Helper()
	over := func(n, limit int) bool { return limit > 0 && n > limit }
	if len(s.Words) < 2 {
		return
	}
	text := s.Text()
	if over(len(s.Words), l.Words) || over(utf8.RuneCountInString(text), l.Characters+strings.Count(text, "\n")) && l.Characters > 0 || over(int(s.End-s.Start), int(l.Duration)) {
		t.Errorf("%d words, %d to %d: %q", len(s.Words), s.Start, s.End, text)
	}
	lines, inside := 1, 0
	end := s.Words[0].End
	for _, w := range s.Words {
		if strings.HasPrefix(w.Text, "\n") {
			lines, inside = lines+1, 0
		}
		if inside++; over(inside, l.LineWords) {
			t.Errorf("%d words in a line of %q", inside, text)
		}
		if over(int(w.Start-end), int(l.Silence)) {
			t.Errorf("a silence in %q", text)
		}
		end = max(end, w.End)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if over(utf8.RuneCountInString(line), l.LineLength) {
			t.Errorf("a line of %q", text)
		}
	}
	if l.lays() && over(lines, l.Lines) {
		t.Errorf("%d lines: %q", lines, text)
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
			if bare(w) != "" {
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
				from.until = min(from.until, s.Start+l.Duration)
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

func key(s Segment, w Word) string { return fmt.Sprint(s.Speaker, w.Confidence) }

func FuzzSplit(f *testing.F) {
	f.Add(uint64(1), uint64(2), 42, 2, 84, int64(7000), int64(80))
	f.Add(uint64(3), uint64(4), 1, -1, 1<<62, int64(1<<62), int64(-5))
	f.Fuzz(func(t *testing.T, a, b uint64, length, lines, characters int, duration, gap int64) {
		r := rand.New(rand.NewPCG(a, b))
		in, l := random(r), randomLimits(r)
		l.LineLength, l.Lines, l.Characters, l.Duration, l.Gap = length, lines, characters, duration, gap
		l.Rate = int(b % 30)
		holds(t, in, l.sane())
		if want, got := in.Split(l.sane()), in.Split(l); !reflect.DeepEqual(want, got) {
			t.Error(cmp.Diff(want, got))
		}
	})
}

// hours is a long transcript: 30,000 words of three hours.
func hours(words int) Transcript {
	r := rand.New(rand.NewPCG(7, 7))
	texts := strings.Fields("we have seen that the committee met on Monday, and it was said by Ann Miller in 10 cases. However not always; perhaps they will come back tomorrow!")
	var t Transcript
	at := int64(0)
	for n := 0; n < words; {
		s := Segment{Speaker: []string{"Ann", "Bo"}[len(t.Segments)%2], Start: at}
		for range min(words-n, 20+r.IntN(200)) {
			w := Word{Text: " " + texts[r.IntN(len(texts))], Start: at, End: at + 200 + r.Int64N(100), Confidence: 0.9}
			s.Words, s.End = append(s.Words, w), w.End
			at = w.End + r.Int64N(150)
			n++
		}
		t.Segments = append(t.Segments, s)
	}
	return t
}

// The target is well below 100 ms.
func BenchmarkSplit30000Words(b *testing.B) {
	t := hours(30_000)
	for b.Loop() {
		t.Split(DefaultLimits)
	}
}
