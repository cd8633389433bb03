//go:build engines

package pocketsphinx

import (
	"strings"
	"testing"

	"latchkey/shared/transcript"
)

// saidAt is a word and when it begins.
type saidAt struct {
	text string
	at   int64
}

// joinedWords is a sound of words with pauses between them, and when each begins:
// flite begins with about 0.2 s of silence, which is cut off.
func joinedWords(t testing.TB, words []string, pauses []int) (samples [][]byte, truth []saidAt) {
	at := 0
	cache := map[string][]byte{}
	for i, text := range words {
		if cache[text] == nil {
			cache[text] = trimmed(say(t, "rms", text))
		}
		pause := pauses[i%len(pauses)]
		at += pause
		truth = append(truth, saidAt{text, int64(at)})
		samples = append(samples, silence(pause), cache[text])
		at += len(cache[text]) / 32
	}
	return append(samples, silence(500)), truth
}

// trimmed are samples without the silence around them.
func trimmed(samples []byte) []byte {
	from, to := 0, len(samples)/frameBytes
	for from < to && loudness(samples[from*frameBytes:][:frameBytes]) < 200 {
		from++
	}
	for to > from && loudness(samples[(to-1)*frameBytes:][:frameBytes]) < 200 {
		to--
	}
	return samples[from*frameBytes : to*frameBytes]
}

// near wants every word of the text where it is said, within 0.3 s.
func near(t *testing.T, got transcript.Transcript, truth []saidAt) {
	t.Helper()
	var words []transcript.Word
	for _, s := range got.Segments {
		words = append(words, s.Words...)
	}
	if len(words) != len(truth) {
		t.Fatalf("%d words of %d: %q", len(words), len(truth), text(got))
	}
	worst := int64(0)
	for i, w := range words {
		off := max(w.Start-truth[i].at, truth[i].at-w.Start)
		worst = max(worst, off)
		if strings.TrimSpace(w.Text) != truth[i].text || off > 300 {
			t.Errorf("%q at %d, said (%q) at %d", w.Text, w.Start, truth[i].text, truth[i].at)
		}
	}
	t.Logf("%d words, %d ms off at most", len(words), worst)
}

func (w world) align(t testing.TB, file, said string) transcript.Transcript {
	t.Helper()
	got, err := w.Align(t.Context(), speech(file), said)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	w.clean(t)
	return got
}

var (
	short  = strings.Fields("The weather in Latchkeyville, Mr. Zyzzyva's ill-disposed sister said on 1984’s “coldest” Monday, was nice.")
	pauses = []int{400, 700, 350, 2000, 500}
)

// TestAlign: every word of a text is where it is said, those included that are
// in no dictionary.
//
// contract: SX-054
func TestAlign(t *testing.T) {
	w := newWorld(t)
	samples, truth := joinedWords(t, short, pauses)
	near(t, w.align(t, w.keep(t, "short.wav", samples...), strings.Join(short, " ")), truth)
}
