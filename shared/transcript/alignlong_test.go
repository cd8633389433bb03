package transcript

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// saidAt is when the nth word is said: 300 ms each, and a pause after 40.
func saidAt(n int) int64 { return 1000 + 300*int64(n) + 2000*int64(n/40) }

// heardOf is what an engine hears of words, of which it gets some wrong,
// misses some and makes some up.
func heardOf(r *rand.Rand, said []string, wrong float64) (out []Heard) {
	add := func(text string, at int64) {
		out = append(out, Heard{Word{Text: " " + text, Start: at, End: at + 140, Confidence: 0.5}, []string{"Ann", "Bo"}[at/60_000%2]})
	}
	for i, w := range said {
		switch p := r.Float64(); {
		case p < wrong/3:
			add("noise", saidAt(i))
		case p > wrong*2/3:
			add(strings.ToLower(strings.Trim(w, ".,!?")), saidAt(i))
		}
		if r.Float64() < wrong/3 {
			add("uh", saidAt(i)+150)
		}
	}
	return out
}

// vocabulary is how words come: the nth commonest an nth as often.
func vocabulary(r *rand.Rand, n int) []string {
	z := rand.NewZipf(r, 1.1, 4, 8000)
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("W%d", z.Uint64())
		if i%12 == 11 {
			out[i] += "."
		}
	}
	return out
}

func textOf(t Transcript) string {
	var all []string
	for _, s := range t.Segments {
		all = append(all, s.Text())
	}
	return strings.Join(all, " ")
}

// mustBeAligned wants every word of a text in its order, at times that are in
// order and within what was heard.
func mustBeAligned(t *testing.T, got, heard Transcript, text string) {
	t.Helper()
	if len(heard.Segments) == 0 { // then there is nothing
		text = ""
	}
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	if want, got := strings.Join(strings.Fields(text), ""), strings.Join(strings.Fields(textOf(got)), ""); got != want {
		t.Fatalf("the text is %.200q, want %.200q", got, want)
	}
	end, last := int64(0), int64(0)
	for _, s := range heard.Segments {
		end = max(end, s.End)
	}
	for _, s := range got.Segments {
		for _, w := range s.Words {
			if w.Start < last || w.End > end {
				t.Fatalf("%q is at %d to %d, after %d, of %d", w.Text, w.Start, w.End, last, end)
			}
			last = w.Start
		}
	}
}

func TestAlignAnything(t *testing.T) {
	spaces := []string{" ", " ", " ", " ", "\n", "\n\n", " \r\n\r\n", "\t", "\u2028", "  "}
	odd := []string{"Ann:", "...", "—", "言葉は力だ。", "שלום", "a\u00a0b", "\x00", "bad\xff", "😀", "-->", "[x]", "Ümlaut!", strings.Repeat("long", 300)}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		said := vocabulary(r, r.IntN(200))
		for i := range said {
			if r.IntN(20) == 0 {
				said[i] = odd[r.IntN(len(odd))]
			}
		}
		heard := heardOf(r, said, r.Float64()*1.5)
		r.Shuffle(r.IntN(len(heard)+1)/2, func(i, j int) { heard[i].Text, heard[j].Text = heard[j].Text, heard[i].Text })
		var text strings.Builder
		for _, w := range said {
			text.WriteString(w + spaces[r.IntN(len(spaces))])
		}
		was := Written(heard)
		mustBeAligned(t, Align(cleaned(text.String()), was), was, cleaned(text.String()))
	}
}

// TestAlignTimes: where a third is heard wrong, nearly all words are within
// half a second of when they were said.
func TestAlignTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	said := vocabulary(r, 3000)
	got := Align(strings.Join(said, " "), Written(heardOf(r, said, 0.34)))
	n, far := 0, 0
	for _, s := range got.Segments {
		for _, w := range s.Words {
			if d := w.Start - saidAt(n); d > 500 || d < -500 {
				far++
			}
			n++
		}
	}
	if n != len(said) || far > len(said)/100 {
		t.Errorf("%d of %d words, of %d, are far from where they were said", far, n, len(said))
	}
}

// TestAlignLong: 30,000 words, of which a third was heard wrong, and as many
// of which nothing was.
func TestAlignLong(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	said := vocabulary(r, 30_000)
	text := strings.Join(said, " ")
	for name, heard := range map[string]Transcript{
		"heard": Written(heardOf(r, said, 0.34)), "another": Written(heardOf(r, vocabulary(r, 30_000), 0.34)),
		"one word": Written(heardOf(r, strings.Fields(strings.Repeat("W0 ", 30_000)), 0)), "nothing": {},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := Align(text, heard)
		runtime.ReadMemStats(&after)
		mustBeAligned(t, got, heard, text)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 200 {
			t.Errorf("%s: %d MB", name, mb)
		}
	}
}

func BenchmarkAlign30000Words(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 5))
	said := vocabulary(r, 30_000)
	heard, text := Written(heardOf(r, said, 0.34)), strings.Join(said, " ")
	b.ReportAllocs()
	for b.Loop() {
		Align(text, heard)
	}
}
