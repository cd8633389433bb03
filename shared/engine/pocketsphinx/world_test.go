//go:build engines

package pocketsphinx

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// folder has objects as files.
type folder string

func (f folder) Open(_ context.Context, key string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(f), key))
}

// world is an Engine with its media and its temporary files.
type world struct {
	*Engine
	media, temp string
}

func newWorld(t testing.TB) world {
	t.Helper()
	if _, err := find(); err != nil {
		t.Fatal(err)
	}
	w := world{media: t.TempDir(), temp: t.TempDir()}
	w.Engine = New(folder(w.media), w.temp)
	return w
}

// speech is what is said in a file, in English.
func speech(file string) recording.Speech {
	return recording.Speech{Media: recording.Media{Object: filepath.Base(file), Type: "audio/wav"}, Language: "en-GB"}
}

// run runs a program that makes media.
func run(t testing.TB, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
	}
}

// say has a voice of flite say something: samples of 16 kHz.
func say(t testing.TB, voice, text string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "said.wav")
	run(t, "flite", "-voice", voice, "-t", text, "-o", file)
	return pcm(t, file)
}

// pcm are the samples of a file, 16 bits, 16 kHz, mono.
func pcm(t testing.TB, file string) []byte {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-ac", "1", "-ar", "16000", "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	return out
}

// silence is so many milliseconds of it.
func silence(ms int) []byte { return make([]byte, 32*ms) }

// keep keeps samples as a file of the media.
func (w world) keep(t testing.TB, name string, samples ...[]byte) string {
	t.Helper()
	file := filepath.Join(w.media, name)
	var all []byte
	for _, s := range samples {
		all = append(all, s...)
	}
	if len(all)%frameBytes != 0 {
		all = append(all, make([]byte, frameBytes-len(all)%frameBytes)...)
	}
	if err := os.WriteFile(file, append(header(len(all)/frameBytes), all...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (w world) transcribe(t testing.TB, s recording.Speech) transcript.Transcript {
	t.Helper()
	got, err := w.Transcribe(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	w.clean(t)
	return got
}

// clean wants nothing to be left.
func (w world) clean(t testing.TB) {
	t.Helper()
	left, err := os.ReadDir(w.temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// text is all that is said.
func text(t transcript.Transcript) string {
	var all []string
	for _, s := range t.Segments {
		all = append(all, s.Text())
	}
	return strings.Join(all, " ")
}

// wrong is the word error rate of what was heard, and how many words there are.
func wrong(said, heard string) (errors, words int) {
	a, b := strings.Fields(strings.ToLower(said)), strings.Fields(strings.ToLower(heard))
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := 1
			if bare(x) == bare(y) {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)], len(a)
}
