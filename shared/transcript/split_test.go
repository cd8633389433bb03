package transcript

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

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

// texts is a segment of words of one second each.
func texts(start int64, texts ...string) Segment {
	s := Segment{Start: start, End: start}
	for _, text := range texts {
		s.Words = append(s.Words, Word{Text: text, Start: s.End, End: s.End + 1000})
		s.End += 1000
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
			[]string{"0-200 : a", "300-500 : bbbbbbbbbb", "600-800 : c"}},
		{"a text of several words stays one", []Segment{texts(0, "it is", " time to", " chat")}, Limits{Characters: 13}, []string{"0-1000 : it is", "1000-3000 : time to chat"}},
		{"unless it is too much alone", []Segment{texts(0, "it is", " time to", " chat")}, Limits{Characters: 5},
			[]string{"0-1000 : it is", "1000-1666 : time", "1666-2000 : to", "2000-3000 : chat"}},
		{"or too long", []Segment{texts(0, "time to", " 言葉")}, Limits{Duration: 700}, []string{"0-666 : time", "666-1000 : to", "1000-1500 : 言", "1500-2000 : 葉"}},
		{"a word in pieces stays one", []Segment{texts(0, "not", " s", "tepping", " out", ",", " no", "!")}, Limits{Lines: 1, Characters: 10}, []string{"0-1000 : not", "1000-3000 : stepping", "3000-7000 : out, no!"}},
		{"unless it is too much", []Segment{texts(0, "s", "tepping")}, Limits{Characters: 7}, []string{"0-1000 : s", "1000-2000 : tepping"}},
		{"words of scripts without spaces", []Segment{texts(0, "「", "言葉", "は", "力", "」", "。", "สวัสดี", "ครับ")}, Limits{Lines: 1, Characters: 5},
			[]string{"0-2000 : 「言葉", "2000-6000 : は力」。", "6000-7000 : สวัสดี", "7000-8000 : ครับ"}},
		{"every line end is one", []Segment{FromText("", 0, 900, "a\u2028b c\u2029d\te\n.")}, Limits{Lines: 1}, []string{"0-900 : a b c d e."}},
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

// The captions of a segment are the cheapest of all that there could be, not
// the first ones that fit.
func TestSplitBreaksBest(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := combined(r, r.IntN(combinations))
		for _, s := range random(r).Segments {
			units := l.unitsOf(s.Words)
			if units = units[:min(len(units), 12)]; len(units) == 0 || l.fits(units) == len(units) {
				continue
			}
			best := -1
			for breaks := range 1 << (len(units) - 1) {
				var counts []int
				from := 0
				for i := range units {
					if i == len(units)-1 || breaks>>i&1 == 1 {
						counts, from = append(counts, i+1-from), i+1
					}
				}
				if cost := l.price(units, counts); cost >= 0 && (best < 0 || cost < best) {
					best = cost
				}
			}
			if got := l.price(units, l.cut(units)); got != best {
				t.Fatalf("seed %d, limits %+v: %d instead of %d", seed, l, got, best)
			}
		}
	}
}

// price is what captions of so many words cost together, -1 if one does not
// keep to the limits.
func (l Limits) price(units []unit, counts []int) (sum int) {
	for _, n := range counts {
		length := units[0].length
		for _, u := range units[1:n] {
			length += u.gap + u.length
		}
		if n > 1 && l.fits(units[:n]) < n {
			return -1
		}
		sum += units[0].cost + oneMore
		if c := l.capacity(); c > 0 {
			free := max(0, c-length)
			sum += allOfFree * free * free / (c * c)
		}
		units = units[n:]
	}
	return sum
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
