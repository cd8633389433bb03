//go:build engines

package pocketsphinx

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fault"
)

// TestTranscriber is the contract of every engine.
func TestTranscriber(t *testing.T) {
	w := newWorld(t)
	mono := speech(w.keep(t, "mono.wav", say(t, "rms", talk), silence(1000)))
	left, right := w.keep(t, "left.wav", say(t, "rms", "The weather is nice today."), silence(4000)), w.keep(t, "right.wav", silence(2500), say(t, "slt", "We will see."))
	run(t, "ffmpeg", "-nostdin", "-v", "error", "-i", left, "-i", right, "-filter_complex", "[0][1]amerge", filepath.Join(w.media, "both.wav"))
	enginetest.Transcriber(t, enginetest.Transcription{
		Transcriber: w, Aligner: w, Speech: mono, Channels: speech("both.wav"), Length: 15_000, Hears: "after a long debate about the new budget she said", None: "de-AT",
	})
	w.clean(t)
}

// TestRefusals are reasons for a person.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	good := speech(w.keep(t, "good.wav", silence(1000)))
	bad := speech(filepath.Join(w.media, "bad.wav"))
	if err := os.WriteFile(filepath.Join(w.media, "bad.wav"), []byte("RIFF\x00\x00\x00\x00WAVEnonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone, german := speech("gone.wav"), good
	german.Language = "de"
	video := speech("mute.mp4")
	run(t, "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1", filepath.Join(w.media, "mute.mp4"))
	for _, tt := range []struct {
		name   string
		err    error
		reason string
	}{
		{"another language", second(w.Transcribe(t.Context(), german)), "knows English"},
		{"no media", second(w.Transcribe(t.Context(), gone)), ""},
		{"damaged media", second(w.Transcribe(t.Context(), bad)), "damaged"},
		{"no sound", second(w.Transcribe(t.Context(), video)), "no sound"},
		{"damaged media, and a text", second(w.Align(t.Context(), bad, "hello")), "damaged"},
		{"a text without words", second(w.Align(t.Context(), good, "'' -- …")), "no words"},
		{"silence, and a text", second(w.Align(t.Context(), good, "hello")), "nothing is heard"},
	} {
		f := fault.As(tt.err)
		if tt.reason != "" && (!fault.Is(tt.err, fault.Invalid) || !strings.Contains(f.Message, tt.reason)) || tt.err == nil {
			t.Errorf("%s: %v", tt.name, tt.err)
		}
	}
	if got := w.transcribe(t, good); len(got.Segments) != 0 {
		t.Errorf("silence: %+v", got)
	}
	t.Setenv("PATH", t.TempDir())
	if err := second(w.Transcribe(t.Context(), good)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "install pocketsphinx and pocketsphinx-en-us") {
		t.Errorf("without a program: %v", err)
	}
	w.clean(t)
}

func second[T any](_ T, err error) error { return err }

// TestCancel: what is cancelled in the middle leaves neither programs nor
// files, and says why.
func TestCancel(t *testing.T) {
	w := newWorld(t)
	s := speech(w.keep(t, "long.wav", say(t, "rms", strings.Repeat(talk, 8))))
	for name, work := range map[string]func(context.Context) error{
		"transcribing": func(ctx context.Context) error { return second(w.Transcribe(ctx, s)) },
		"aligning":     func(ctx context.Context) error { return second(w.Align(ctx, s, "another text")) },
	} {
		t.Run(name, func(t *testing.T) {
			why := errors.New("cancelled by somebody")
			ctx, cancel := context.WithCancelCause(t.Context())
			done := make(chan error, 1)
			go func() { done <- work(ctx) }()
			for len(w.slots) == 0 { // until it hears
				select {
				case err := <-done:
					t.Fatalf("done already: %v", err)
				default:
				}
			}
			cancel(why)
			if err := <-done; !errors.Is(err, why) {
				t.Errorf("cancelled: %v", err)
			}
			if len(w.slots) != 0 {
				t.Error("a slot is taken")
			}
			w.clean(t)
		})
	}
}
