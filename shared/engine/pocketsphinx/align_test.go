//go:build engines

package pocketsphinx

import (
	"strings"
	"testing"

	"latchkey/shared/engine/ffmpeg"
	"latchkey/shared/transcript"
)

// saidAt is a word and when it begins, or -1 within a phrase.
type saidAt struct {
	text string
	at   int64
}

// spoken is a sound of phrases with pauses between them, and when each begins:
// flite begins with about 0.2 s of silence, which is cut off.
func spoken(t testing.TB, phrases []string, pauses []int) (samples [][]byte, truth []saidAt) {
	at := 0
	for i, phrase := range phrases {
		said, pause := trimmed(say(t, "rms", phrase)), pauses[i%len(pauses)]
		at += pause
		for j, word := range strings.Fields(phrase) {
			truth = append(truth, saidAt{word, int64(at)})
			if j > 0 {
				truth[len(truth)-1].at = -1
			}
		}
		samples = append(samples, silence(pause), said)
		at += len(said) / 32
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

// off is how far a time is from the truth, if that is known.
func (s saidAt) off(at int64) int64 {
	if s.at < 0 {
		return 0
	}
	return max(at-s.at, s.at-at)
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
		off := truth[i].off(w.Start)
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
	samples, truth := spoken(t, short, pauses)
	near(t, w.align(t, w.keep(t, "short.wav", samples...), strings.Join(short, " ")), truth)
}

// TestAlignAnotherText: a text with a sentence that nobody says, and without
// one that somebody says, is aligned all the same; and so is one that is far
// longer than what is said.
func TestAlignAnotherText(t *testing.T) {
	w := newWorld(t)
	samples, truth := spoken(t, strings.Split("The committee|met on Monday.|Nobody knows|about the weather.|We will see|what happens|when the numbers are ready.", "|"), pauses)
	file := w.keep(t, "talk.wav", samples...)
	got := w.align(t, file, "The committee met on Monday. It was raining outside, so everybody stayed. We will see what happens when the numbers are ready.")
	near(t, without(got, 5, 12), append(truth[:5:5], truth[10:]...))
	if got := w.align(t, file, "The committee. "+strings.Repeat("There is so much more of it! ", 700)); !strings.HasPrefix(text(got), "The committee. There") {
		t.Errorf("%.60q", text(got))
	}
}

// TestAlignHostileText: whatever it is made of, it is a text and no grammar,
// dictionary or option.
func TestAlignHostileText(t *testing.T) {
	w := newWorld(t)
	file := w.keep(t, "said.wav", silence(300), say(t, "rms", "The weather is nice today."), silence(300))
	for _, said := range []string{
		"The <weather> | is; nice* today{x}.", "The weather is nice today. #JSGF V1.0; grammar a; public <a> = b;", "-help --version -f /etc/passwd", "$(reboot) `id` w0 w1(2) <sil> </s>",
		"日本語 שלום Ünïcödé 😀 1984 3.50 $5 x²", strings.Repeat("a", 5000) + " " + strings.Repeat("zq", 25), "weather\x00 the\nis\r\n\t nice (today)",
	} {
		if got := w.align(t, file, said); len(strings.Fields(text(got))) < len(strings.Fields(said))-1 {
			t.Errorf("%q became %q", said, text(got))
		}
	}
}

// without is a transcript without some of its words.
func without(t transcript.Transcript, from, to int) (out transcript.Transcript) {
	n := 0
	for _, s := range t.Segments {
		var words []transcript.Word
		for _, word := range s.Words {
			if n < from || n >= to {
				words = append(words, word)
			}
			n++
		}
		s.Words = words
		out.Segments = append(out.Segments, s)
	}
	return out
}

// TestAlignPiecewise: what is too long to be aligned at once is cut where it
// is known what is said, and aligned to as little as 0.1 s.
func TestAlignPiecewise(t *testing.T) {
	w := newWorld(t)
	samples, truth := spoken(t, strings.Split(phrases, "|"), pauses)
	of, err := w.open(t.Context(), speech(w.keep(t, "talk.wav", samples...)))
	if err != nil {
		t.Fatal(err)
	}
	defer of.close()
	sound, err := of.listen(t.Context(), ffmpeg.Mix)
	if err != nil {
		t.Fatal(err)
	}
	defer sound.Close()
	g, err := of.grammar(t.Context(), sound, talk)
	if err != nil {
		t.Fatal(err)
	}
	words, err := g.piecewise(t.Context(), talk)
	if err != nil || len(words) != len(truth) {
		t.Fatalf("%d words, %v", len(words), err)
	}
	if parts := g.parts(words); len(parts) < 3 || parts[len(parts)-1].to != sound.frames {
		t.Errorf("%d parts", len(parts))
	}
	aligned := 0
	for i, word := range words {
		off := truth[i].off(word.start)
		if word.confidence == 1 {
			aligned++
		}
		if off > 300 || word.confidence == 1 && off > 100 {
			t.Errorf("%q at %d, said at %d", word.text, word.start, truth[i].at)
		}
	}
	t.Logf("%d of %d words are aligned with the sound", aligned, len(words))
	if 2*aligned < len(words) {
		t.Errorf("of %d words %d are aligned", len(words), aligned)
	}
}
