//go:build engines

package ffmpeg

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// made makes a file with ffmpeg: args are all but the file's name.
func made(t testing.TB, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	out, err := exec.Command("ffmpeg", append(append([]string{"-nostdin", "-v", "error", "-y"}, args...), file)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return file
}

// tones are a WAV whose channels have a tone each, in Hz, for some seconds.
func tones(t testing.TB, seconds string, hz ...string) string {
	t.Helper()
	return made(t, "tones.wav", "-f", "lavfi", "-i", "aevalsrc="+sines(hz)+":d="+seconds+":s=48000", "-c:a", "pcm_s16le")
}

// sines is an expression of aevalsrc.
func sines(hz []string) string {
	all := make([]string, len(hz))
	for i, f := range hz {
		all[i] = "0.5*sin(2*PI*" + f + "*t)"
	}
	return strings.Join(all, "|")
}

// samples reads the samples of a WAV of ours, and its sample rate.
func samples(t testing.TB, file string) ([]int16, int) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// RIFF size WAVE, "fmt " 16 and its format, "data" size.
	if len(body) < 44 || string(body[:4]) != "RIFF" || string(body[8:16]) != "WAVEfmt " || string(body[36:40]) != "data" || body[20] != 1 || body[22] != 1 {
		t.Fatalf("%s is no plain mono WAV: % x", file, body[:min(len(body), 44)])
	}
	out := make([]int16, (len(body)-44)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(body[44+2*i:]))
	}
	return out, int(binary.LittleEndian.Uint32(body[24:]))
}

// power is how much of a tone there is in samples (Goertzel): 0 to 1.
func power(s []int16, rate int, hz float64) float64 {
	var re, im float64
	for i, v := range s {
		a := 2 * math.Pi * hz * float64(i) / float64(rate)
		re, im = re+float64(v)*math.Cos(a), im+float64(v)*math.Sin(a)
	}
	return 2 * math.Hypot(re, im) / float64(len(s)) / 32768
}
