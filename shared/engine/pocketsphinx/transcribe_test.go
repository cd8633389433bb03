//go:build engines

package pocketsphinx

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// phrases are what is said in one breath.
const phrases = "The committee met |on Monday, and |after a long debate about the new budget |she said that it was too early |to decide. We will see |" +
	"what happens next week, |when the numbers are ready |and everybody has had |the time to read them."

var talk = strings.ReplaceAll(phrases, "|", "")

// TestWordErrorRate: of voices and of real speech, as it was measured.
func TestWordErrorRate(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name string
		most float64 // %
		said map[string]string
	}{
		{"flite rms", 6, map[string]string{w.keep(t, "rms.wav", say(t, "rms", talk)): talk}},
		{"flite slt", 16, map[string]string{w.keep(t, "slt.wav", say(t, "slt", talk)): talk}},
		{"LibriVox", 38, librivox(t, w)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			errors, words := 0, 0
			for file, said := range tt.said {
				e, n := wrong(said, text(w.transcribe(t, speech(file))))
				errors, words = errors+e, words+n
			}
			rate := 100 * float64(errors) / float64(words)
			t.Logf("word error rate %.1f %% of %d words", rate, words)
			if rate > tt.most {
				t.Errorf("word error rate %.1f %%, above %.1f %%", rate, tt.most)
			}
		})
	}
}

// librivox are the readings of Debian's pocketsphinx-testdata, with what is
// said in them.
func librivox(t testing.TB, w world) map[string]string {
	t.Helper()
	const from = "/usr/share/pocketsphinx/test/data/librivox"
	f, err := os.Open(filepath.Join(from, "transcription"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	line := regexp.MustCompile(`^<s> (.*) </s> \((.*)\)$`) // <s> he was not </s> (name)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if m := line.FindStringSubmatch(lines.Text()); m != nil {
			all[w.keep(t, m[2]+".wav", pcm(t, filepath.Join(from, m[2]+".wav")))] = m[1]
		}
	}
	if len(all) < 5 {
		t.Fatalf("%d readings", len(all))
	}
	return all
}

// TestSentences: pauses end sentences and paragraphs, and the times are true
// in every piece.
func TestSentences(t *testing.T) {
	w := newWorld(t)
	w.slots = make(chan struct{}, 3)
	said := [][]byte{silence(700)}
	var begins []int64
	at := int64(700)
	for i, pause := range []int{900, 2000, 900, 2000, 900, 2000, 30_000, 900, 500} {
		sentence := say(t, "rms", []string{"The weather is nice today.", "We will see what happens next week.", "I think that it was too early."}[i%3])
		begins = append(begins, at)
		said = append(said, sentence, silence(pause))
		at += int64(len(sentence)/32 + pause)
	}
	s := speech(w.keep(t, "talk.wav", said...))
	s.Punctuation = true
	got := w.transcribe(t, s)
	if n := len(pieces(make([]uint16, at/10), 3)); n < 2 {
		t.Fatalf("%d pieces of %d ms", n, at)
	}
	var sentences []string
	for _, seg := range got.Segments {
		sentences = append(sentences, strings.SplitAfter(seg.Text(), ". ")...)
		for _, word := range seg.Words {
			if word.Confidence <= 0 {
				t.Errorf("%q without a confidence", word.Text)
			}
			if first := strings.TrimSpace(word.Text); first == "The" || first == "We" || first == "I" && len(begins) > 0 {
				if off := word.Start - begins[0]; off < -50 || off > 350 { // flite begins with a breath
					t.Errorf("%q at %d, said at %d", first, word.Start, begins[0])
				}
				begins = begins[1:]
			}
		}
	}
	if len(begins) > 0 || len(sentences) != 9 || len(got.Segments) != 5 {
		t.Errorf("%d sentences in %d segments, %d not heard: %q", len(sentences), len(got.Segments), len(begins), text(got))
	}
	s.Punctuation = false
	if plain := text(w.transcribe(t, s)); strings.ContainsAny(plain, "TW.") || !strings.Contains(plain, "I think that") {
		t.Errorf("without punctuation: %q", plain)
	}
}

// TestKeywords take the place of words that were not sure.
func TestKeywords(t *testing.T) {
	w := newWorld(t)
	const said = "Elinor showed the Latchkey to Colonel Brandon and to Willoughby yesterday."
	s := speech(w.keep(t, "names.wav", say(t, "rms", said)))
	before, n := wrong(said, text(w.transcribe(t, s)))
	s.Keywords = []string{"Latchkey", "Colonel Brandon", "Willoughby", "Elinor", "zyzzyva", "at", "—", "$(reboot)", "nobody's business"}
	got := text(w.transcribe(t, s))
	after, _ := wrong(said, got)
	t.Logf("%d of %d words wrong without keywords, %d with them: %s", before, n, after, got)
	for _, name := range []string{"Latchkey", "Colonel Brandon", "Willoughby", "Elinor"} {
		if !strings.Contains(got, name) {
			t.Errorf("no %q in %q", name, got)
		}
	}
	if after >= before && before > 0 || strings.Contains(got, "zyzzyva") || strings.Contains(got, "nobody") {
		t.Errorf("%q", got)
	}
}

// TestChannels: each speaker has their words, and no others.
func TestChannels(t *testing.T) {
	w := newWorld(t)
	left := w.keep(t, "left.wav", say(t, "rms", "The weather is nice today."), silence(4000), say(t, "rms", "It was too early to decide."))
	right := w.keep(t, "right.wav", silence(3500), say(t, "slt", "We will see what happens next week."), silence(4000))
	run(t, "ffmpeg", "-nostdin", "-v", "error", "-i", left, "-i", right, "-filter_complex", "[0][1]amerge", filepath.Join(w.media, "both.wav"))
	s := speech("both.wav")
	s.PerChannel, s.Speakers = true, []string{"Ann"}
	var turns []string
	for _, seg := range w.transcribe(t, s).Segments {
		turns = append(turns, seg.Speaker+": "+seg.Text())
	}
	want := []string{"Ann: the weather is nice today", "Speaker 2: we will see what happens next week", "Ann: it was too early to decide"}
	if !slices.Equal(turns, want) {
		t.Errorf("%q, not %q", turns, want)
	}
}
