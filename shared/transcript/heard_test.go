package transcript

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWritten(t *testing.T) {
	word := func(speaker, text string, start, end int64) Heard {
		return Heard{Word{Text: text, Start: start, End: end, Confidence: 0.9}, speaker}
	}
	for _, tt := range []struct {
		name  string
		heard [][]Heard
		want  []string
	}{
		{"nothing", [][]Heard{nil}, nil},
		{"a pause", [][]Heard{{word("A", " one", 0, 500), word("A", " two.", 2000, 2500), word("A", " three", 4001, 4500)}}, []string{"0-2500 A: one two.", "4001-4500 A: three"}},
		{"speakers", [][]Heard{{word("A", " one", 0, 500), word("B", " two", 500, 900)}}, []string{"0-500 A: one", "500-900 B: two"}},
		{"channels", [][]Heard{{word("A", "one", 0, 500), word("A", " two", 1000, 1500)}, {word("B", "yes", 700, 1100)}}, []string{"0-1500 A: one two", "700-1100 B: yes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shape(Written(tt.heard...))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestWrittenIsValid, whatever an engine says.
func TestWrittenIsValid(t *testing.T) {
	texts := []string{"", " ", " a", "b", "\x00", " \xff", "\u0085", "word.", "\n", "￿"}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		channels := make([][]Heard, r.IntN(3))
		for i := range channels {
			for range r.IntN(50) {
				w := Word{Text: texts[r.IntN(len(texts))], Start: r.Int64N(100_000) - 1000, Confidence: r.Float64()*3 - 1}
				w.End = w.Start + r.Int64N(2000) - 500
				if r.IntN(9) == 0 {
					w.End, w.Confidence = math.MaxInt64, math.NaN()
				}
				channels[i] = append(channels[i], Heard{w, texts[r.IntN(len(texts))]})
			}
		}
		if err := Written(channels...).Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
