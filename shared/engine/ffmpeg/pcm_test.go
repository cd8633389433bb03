//go:build engines

package ffmpeg

import (
	"path/filepath"
	"testing"

	"latchkey/shared/fault"
)

// TestPCM: each channel by itself, and the mix of all, in the form that
// PocketSphinx reads.
func TestPCM(t *testing.T) {
	hz := []string{"400", "900", "1500"}
	file := made(t, "three.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:d=2", "-f", "lavfi", "-i", "aevalsrc="+sines(hz)+":d=2:s=44100:c=2.1", "-c:a", "aac", "-b:a", "256k")
	facts, err := Probe(t.Context(), file)
	if err != nil || facts.Channels != 3 || !facts.Video {
		t.Fatalf("%+v, %v", facts, err)
	}
	for _, tt := range []struct {
		name    string
		channel int
		want    [3]bool
	}{
		{"left", 0, [3]bool{true, false, false}},
		{"right", 1, [3]bool{false, true, false}},
		{"mix", Mix, [3]bool{true, true, false}}, // a mix leaves the channel of low sounds out
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "mono.wav")
			if err := PCM(t.Context(), file, tt.channel, out); err != nil {
				t.Fatal(err)
			}
			got, rate := samples(t, out)
			if rate != SpeechRate || len(got) < 2*SpeechRate-1600 || len(got) > 2*SpeechRate+1600 {
				t.Errorf("%d samples at %d", len(got), rate)
			}
			for i, f := range []float64{400, 900, 1500} {
				if p := power(got, rate, f); (p > 0.1) != tt.want[i] {
					t.Errorf("%v Hz: %.3f", f, p)
				}
			}
		})
	}
	if err := PCM(t.Context(), file, 3, filepath.Join(t.TempDir(), "no.wav")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a channel that is not there: %v", err)
	}
}
