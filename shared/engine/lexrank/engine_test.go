package lexrank

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

func TestSummarizer(t *testing.T) { enginetest.Summarizer(t, Engine{}) }

// BenchmarkSummarize is a talk of ten hours, of 90,000 words.
func BenchmarkSummarize(b *testing.B) {
	said := long(90_000)
	for _, p := range []string{"Summarize", "Give me the chapters", "What about wordx12 and wordx40?"} {
		b.Run(p, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (Engine{}).Summarize(b.Context(), recording.Question{Prompt: p, Language: "en", Transcript: said}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// long is a talk of so many words, which come as often as words do: the nth
// commonest an nth as often (Zipf).
func long(words int) (t transcript.Transcript) {
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.1, 4, 20_000)
	for at := int64(0); words > 0; at += 6000 {
		n := 5 + r.IntN(20)
		text := "The"
		for range n {
			text += fmt.Sprintf(" word%c%d", 'a'+r.IntN(2)*('x'-'a'), z.Uint64())
		}
		t.Segments = append(t.Segments, transcript.FromText("Ann", at, at+6000, text+"."))
		words -= n + 1
	}
	return t
}
