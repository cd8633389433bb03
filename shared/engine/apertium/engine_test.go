//go:build engines

package apertium

import (
	"strings"
	"testing"

	"latchkey/shared/engine/enginetest"
)

// installed are the pairs of infra/local/engines.txt.
func installed(t testing.TB) Engine {
	t.Helper()
	e := Find(t.Context())
	if len(e.pairs) == 0 {
		t.Fatal("apertium or its pairs are missing: install what infra/local/engines.txt lists")
	}
	return e
}

func TestTranslator(t *testing.T) {
	e := installed(t)
	for _, p := range []struct {
		from, to string
		words    map[string]string
	}{
		{"en", "es", map[string]string{"Good morning, how are you?": "buenos días", "The house is  big and the xyzzyq is red.": "la casa es grande y el xyzzyq es rojo."}},
		{"en", "ca", map[string]string{"The house is big.": "la casa és gran."}},
		{"en", "gl", map[string]string{"The house is big.": "a casa é grande."}},
		{"en", "eo", map[string]string{"The house is big.": "la domo estas granda."}},
		{"en-GB", "fr", map[string]string{"The house is big.": "la maison est grande."}},
		{"en", "pt", map[string]string{"The house is big.": "a casa é grande."}},
		{"en", "pt-BR", map[string]string{"The house is big.": "a casa é grande."}},
		{"en", "it", map[string]string{"The house is big.": "la casa è grande."}},
		{"es-MX", "en", map[string]string{"La casa es grande.": "the house is big."}},
		{"fr", "en-US", map[string]string{"La maison est grande.": "the house is big."}},
		{"it", "en", map[string]string{"La casa è grande.": "the house is big."}},
	} {
		t.Run(p.from+" "+p.to, func(t *testing.T) {
			enginetest.Translator(t, enginetest.Translation{Translator: e, Pairs: e, From: p.from, To: p.to, None: "ja", Words: p.words})
		})
	}
}

// TestSpecialCharacters come out as they went in.
func TestSpecialCharacters(t *testing.T) {
	e := installed(t)
	for _, to := range []string{"es", "ca", "fr"} {
		const text = `[Laughter] @ ^ $ / \ { } < > [#0] \[ *star* xyzzyq #1.`
		got, err := e.Translate(t.Context(), "en", to, []string{text, "x"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range append(strings.Fields(`@ ^ $ / \ { } < > [#0] \[ xyzzyq #1`), "[", "]") {
			if !strings.Contains(got[0], c) {
				t.Errorf("%s: %q became %q, without %q", to, text, got[0], c)
			}
		}
		if n := strings.Count(got[0], "*"); n != 2 {
			t.Errorf("%s: %d stars in %q", to, n, got[0])
		}
	}
}

// BenchmarkTranslate is the speech of an hour, in segments of 10 words.
func BenchmarkTranslate(b *testing.B) {
	e := installed(b)
	texts := make([]string, 900)
	for i := range texts {
		texts[i] = "Where we are going next, nobody can say for certain."
	}
	for _, to := range []string{"es", "fr"} {
		b.Run("en-"+to, func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Translate(b.Context(), "en", to, texts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(texts)*10)/b.Elapsed().Seconds(), "words/s")
		})
	}
}
