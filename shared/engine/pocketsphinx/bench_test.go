//go:build engines

package pocketsphinx

import (
	"strings"
	"testing"
)

// Real-time factors: how long the work on a second of speech takes, with a
// reading of 27 s, which is one piece. On one core of a busy machine:
// transcribing 0.42, aligning 0.04.
func BenchmarkTranscribe(b *testing.B) {
	w := newWorld(b)
	s, seconds, _ := reading(b, w)
	for b.Loop() {
		w.transcribe(b, speech(s))
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/seconds, "s/s")
}

func BenchmarkAlign(b *testing.B) {
	w := newWorld(b)
	s, seconds, said := reading(b, w)
	for b.Loop() {
		w.align(b, s, said)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/seconds, "s/s")
}

// reading is all that librivox has, one after the other.
func reading(b *testing.B, w world) (file string, seconds float64, said string) {
	b.Helper()
	var samples [][]byte
	var texts []string
	for file, text := range librivox(b, w) {
		part := pcm(b, file)
		samples, texts, seconds = append(samples, part, silence(500)), append(texts, text), seconds+float64(len(part))/32000+0.5
	}
	return w.keep(b, "reading.wav", samples...), seconds, strings.Join(texts, " ")
}
