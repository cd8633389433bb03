package transcript

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rewritten is a transcript of which only the texts are known, after an edit.
func rewritten(t Transcript, edit func(i int, text string) string) Transcript {
	out := Transcript{slices.Clone(t.Segments)}
	for i, s := range out.Segments {
		out.Segments[i].Words = Unaligned(edit(i, s.Text()))
	}
	return out
}

func TestRealignKeepsWhatIsThere(t *testing.T) {
	was := hours(3000)
	was.Segments[3].Words[4].Highlight = "#ffee00"
	was.Segments[3].Words[5].Strikethrough = true
	was.Segments = append(was.Segments, Segment{Speaker: "O", Start: MaxTime - 900, End: MaxTime - 1, Words: []Word{
		{Text: "言葉は", Start: MaxTime - 900, End: MaxTime - 500, Confidence: 0.5}, {Text: "力だ。", Start: MaxTime - 400, End: MaxTime - 300, Confidence: 0.6},
		{Text: " time to", Start: MaxTime - 300, End: MaxTime - 100, Confidence: 0.7}, {Text: " go ", Start: MaxTime - 100, End: MaxTime - 1, Confidence: 0.8}}})
	same := rewritten(was, func(_ int, text string) string { return text })
	want := Transcript{slices.Clone(was.Segments)}
	for i := range want.Segments { // each a little longer, and so not the same
		want.Segments[i].End++
		same.Segments[i].End++
	}
	if diff := cmp.Diff(want, Realign(was, same)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := same.Segments[0].Words[0]; got.Start != Unknown {
		t.Error("Realign changed what it was given")
	}
}

// What was not edited is what it was, however its words are written and
// however much like it is around.
func TestRealignLeavesOtherSegments(t *testing.T) {
	var was Transcript
	for i := range int64(400) {
		at := i * 1000
		was.Segments = append(was.Segments, Segment{Start: at, End: at + 900, Words: []Word{
			{Text: "no ", Start: at, End: at + 100, Confidence: 0.5, Highlight: "#ffee00"}, {Text: "no", Start: at + 200, End: at + 300, Confidence: 0.6}, {Text: "thing\n", Start: at + 300, End: at + 300, Strikethrough: true}}})
	}
	now := rewritten(was, func(i int, text string) string {
		if i%3 == 0 {
			return strings.Repeat("nothing no ", 1+i)
		}
		return text
	})
	got := Realign(was, now)
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	for i := range got.Segments {
		if i%3 == 0 {
			got.Segments[i] = was.Segments[i]
		}
	}
	if diff := cmp.Diff(was, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRealignOneWord(t *testing.T) {
	was := hours(3000)
	was.Segments[2].Words[7].Highlight = "#ffee00"
	now := rewritten(was, func(i int, text string) string {
		if i != 2 {
			return text
		}
		words := strings.Fields(text)
		words[7] = "Replaced."
		return " " + strings.Join(words, " ")
	})
	want := Transcript{slices.Clone(was.Segments)}
	want.Segments[2].Words = slices.Clone(want.Segments[2].Words)
	w := &want.Segments[2].Words[7]
	w.Text, w.Confidence = " Replaced.", 0
	if diff := cmp.Diff(want, Realign(was, now)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRealign(t *testing.T) {
	was := Transcript{[]Segment{said("A", 0, "one two three| four five six"), said("B", 3000, "seven eight nine ten")}}
	was.Segments[0].Words[1].Highlight = "#00ff00"
	times := func(t Transcript) string {
		var out []string
		for _, s := range t.Segments {
			for _, w := range s.Words {
				out = append(out, strings.TrimSpace(w.Text)+" "+strconv.FormatInt(w.Start, 10)+"-"+strconv.FormatInt(w.End, 10)+w.Highlight)
			}
		}
		return strings.Join(out, ", ")
	}
	segment := func(start, end int64, text string) Segment {
		return Segment{Start: start, End: end, Words: Unaligned(text)}
	}
	tests := []struct {
		name string
		now  []Segment
		want string
	}{
		{"case and punctuation", []Segment{segment(0, 2300, "One, TWO. “three” four")}, "One, 0-300, TWO. 300-600#00ff00, “three” 600-900, four 1400-1700"},
		{"a word more, in a pause", []Segment{segment(0, 2300, "one two three and four five six")}, "one 0-300, two 300-600#00ff00, three 600-900, and 900-1400, four 1400-1700, five 1700-2000, six 2000-2300"},
		{"a word less", []Segment{segment(0, 2300, "one three four five six")}, "one 0-300, three 600-900, four 1400-1700, five 1700-2000, six 2000-2300"},
		{"one for another keeps its marks", []Segment{segment(0, 2300, "one zwei three")}, "one 0-300, zwei 300-600#00ff00, three 600-900"},
		{"two for one", []Segment{segment(0, 2300, "one aa bbbb three four five six")}, "one 0-300, aa 300-400, bbbb 400-600, three 600-900, four 1400-1700, five 1700-2000, six 2000-2300"},
		{"cut in two", []Segment{segment(0, 1000, "one two three"), segment(1000, 2300, "four five six")}, "one 0-300, two 300-600#00ff00, three 600-900, four 1400-1700, five 1700-2000, six 2000-2300"},
		{"joined", []Segment{segment(0, 4200, "one two three four five six seven eight nine ten")},
			"one 0-300, two 300-600#00ff00, three 600-900, four 1400-1700, five 1700-2000, six 2000-2300, seven 3000-3300, eight 3300-3600, nine 3600-3900, ten 3900-4200"},
		{"cut where a word is", []Segment{segment(0, 750, "one two three"), segment(750, 2300, "four five six")}, "one 0-300, two 300-600#00ff00, three 600-750, four 1400-1700, five 1700-2000, six 2000-2300"},
		{"moved as a whole", []Segment{segment(13000, 14200, "seven eight new ten")}, "seven 13000-13300, eight 13300-13600, new 13600-13900, ten 13900-14200"},
		{"somewhere else", []Segment{segment(13000, 14000, "seven ten")}, "seven 13000-13625, ten 13625-14000"},
		{"nothing is left", []Segment{segment(0, 100, "x y")}, "x 0-50, y 50-100"},
		{"a word with marks and without times", []Segment{{End: 2300, Words: []Word{{Text: "two", Start: Unknown, Highlight: "#0000ff"}, {Text: " three", Start: Unknown}}}}, "two 300-600#0000ff, three 600-900"},
		{"between words with times", []Segment{{End: 2300, Words: []Word{{Text: "two", Start: Unknown}, {Text: "x", Start: 100, End: 200}, {Text: "three", Start: Unknown}}}}, "two 0-100, x 100-200, three 600-900"},
		{"case among new words", []Segment{segment(0, 2300, "ONE and Two. three")}, "ONE 0-300, and 300-300, Two. 300-600#00ff00, three 600-900"},
		{"no words", []Segment{segment(0, 100, "")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Realign(was, Transcript{test.now})
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, times(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRealignTooMuch(t *testing.T) {
	now := Transcript{[]Segment{{End: 9, Words: Unaligned(strings.Repeat("a ", MaxWords+1))}}}
	var e *Error
	if err := Realign(Transcript{}, now).Validate(); !errors.As(err, &e) || e.At != "segments[0].text" {
		t.Errorf("%v", err)
	}
	short := strings.Repeat("a ", MaxTextLength/2)
	now.Segments = nil
	for range MaxWords/(MaxTextLength/2) + 1 {
		now.Segments = append(now.Segments, Segment{End: 9, Words: Unaligned(short)})
	}
	if err := Realign(Transcript{}, now).Validate(); !errors.As(err, &e) || e.At != "segments" {
		t.Errorf("%v", err)
	}
}

// Two who spoke at once cannot be one segment with all of their times.
func TestRealignKeepsTheOrderOfStarts(t *testing.T) {
	was := Transcript{[]Segment{said("A", 0, "one two three four"), said("B", 300, "five six")}}
	got := Realign(was, Transcript{[]Segment{{End: 1200, Words: Unaligned("one two three four five six")}}})
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if w := got.Segments[0].Words; w[3].Start != 900 || w[4].Start < 900 {
		t.Errorf("%+v", w)
	}
}

// edited changes a transcript as editors do, and says which words it left.
func edited(r *rand.Rand, was Transcript, every int) Transcript {
	return rewritten(was, func(_ int, text string) string {
		words := strings.Fields(text)
		for range len(words) / every {
			i := r.IntN(len(words))
			switch r.IntN(3) {
			case 0:
				words[i] = "changed"
			case 1:
				words = slices.Insert(words, i, "more", "words")
			default:
				if len(words) > 1 {
					words = slices.Delete(words, i, i+1)
				}
			}
		}
		return " " + strings.Join(words, " ")
	})
}

func TestRealignHeavyEdit(t *testing.T) {
	was := hours(30_000)
	now := edited(rand.New(rand.NewPCG(1, 2)), was, 10)
	got := Realign(was, now)
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	there := map[int64]string{}
	for _, s := range was.Segments {
		for _, w := range s.Words {
			there[w.Start] = w.Text
		}
	}
	kept, words := 0, 0
	for i, s := range got.Segments {
		if s.Text() != now.Segments[i].Text() {
			t.Fatalf("segment %d is %q", i, s.Text())
		}
		for _, w := range s.Words {
			if words++; there[w.Start] == w.Text && w.Confidence == 0.9 {
				kept++
			}
		}
	}
	// Of ten words one is changed, and two are in a third of the cases more.
	if kept < words*85/100 {
		t.Errorf("%d of %d words kept their times", kept, words)
	}
}

func FuzzRealign(f *testing.F) {
	f.Add(uint64(1), uint64(2), "the and word. yes, 10 two words", byte(3))
	f.Add(uint64(5), uint64(6), "言 a x\ny שלום", byte(0))
	f.Fuzz(func(t *testing.T, a, b uint64, text string, mode byte) {
		r := rand.New(rand.NewPCG(a, b))
		was, now := random(r), random(r)
		if mode&1 > 0 {
			now = edited(r, was, 1+r.IntN(9))
		}
		if (Transcript{[]Segment{FromText("", 0, 1, text)}}).Validate() != nil {
			return
		}
		for i, s := range now.Segments {
			if len(s.Words) > 0 && r.IntN(3) == 0 {
				j := r.IntN(len(s.Words))
				s.Words = slices.Clone(s.Words)
				s.Words[j].Start = Unknown
				if len(text) > 0 && r.IntN(2) == 0 {
					now.Segments[i].Words = Unaligned(text)
				} else {
					now.Segments[i].Words = s.Words
				}
			}
		}
		got := Realign(was, now)
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
		for i, s := range got.Segments {
			given := now.Segments[i]
			if s.Text() != given.Text() || s.Speaker != given.Speaker || s.Start != given.Start || s.End != given.End {
				t.Errorf("%+v became %+v", given, s)
			}
			if n := slices.IndexFunc(given.Words, func(w Word) bool { return w.Start == Unknown }); n < 0 {
				if diff := cmp.Diff(given, s); diff != "" {
					t.Errorf("what had times has others\n%s", diff)
				}
			}
		}
	})
}

func BenchmarkRealign30000Words(b *testing.B) {
	was := hours(30_000)
	for _, every := range []int{1000, 10, 2} {
		now := edited(rand.New(rand.NewPCG(1, 2)), was, every)
		b.Run("1in"+strconv.Itoa(every), func(b *testing.B) {
			for b.Loop() {
				Realign(was, now)
			}
		})
	}
	b.Run("another text", func(b *testing.B) {
		now := rewritten(was, func(i int, text string) string { return strings.ReplaceAll(text, "e", strconv.Itoa(i)) })
		for b.Loop() {
			Realign(was, now)
		}
	})
}
