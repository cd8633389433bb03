package enginetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Transcription is a Transcriber with what it is tried with.
type Transcription struct {
	recording.Transcriber
	Aligner  recording.Aligner
	Speech   recording.Speech // in a language that it knows
	Channels recording.Speech // of two channels, each with somebody who speaks
	Length   int64            // of both, in ms
	Hears    string           // words that are heard in Speech, one after the other, in lower case
	None     string           // a language that it does not know, or "" if it takes any
}

// maxLater is how often an engine may say Later.
const maxLater = 20

// Transcriber is the contract of recording.Transcriber, Aligner and Forgetter.
func Transcriber(t *testing.T, e Transcription) {
	plain := e.Speech
	plain.Punctuation = true
	t.Run("words", func(t *testing.T) {
		got := e.patiently(t, func() (transcript.Transcript, error) { return e.Transcribe(t.Context(), plain) })
		e.check(t, got)
		if said := bare(got); !strings.Contains(said, e.Hears) {
			t.Errorf("%q is not in %q", e.Hears, said)
		}
		for _, s := range got.Segments {
			if s.Speaker != "" {
				t.Errorf("without telling speakers apart, %q speaks", s.Speaker)
			}
		}
		again := e.patiently(t, func() (transcript.Transcript, error) { return e.Transcribe(t.Context(), plain) })
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("asked again (-first +again):\n%s", diff)
		}
		e.forget(t, plain)
	})
	t.Run("alignment", func(t *testing.T) {
		const text = "So here is what was said:\n\nwell, perhaps not all of it!"
		got := e.patiently(t, func() (transcript.Transcript, error) { return e.Aligner.Align(t.Context(), plain, text) })
		e.check(t, got)
		if said := strings.Fields(textOf(got)); !cmp.Equal(said, strings.Fields(text)) {
			t.Errorf("%q became %q", text, said)
		}
		e.forget(t, plain)
	})
	t.Run("channels", func(t *testing.T) {
		s := e.Channels
		s.PerChannel, s.Speakers = true, []string{"Ann"}
		got := e.patiently(t, func() (transcript.Transcript, error) { return e.Transcribe(t.Context(), s) })
		e.check(t, got)
		if diff := cmp.Diff([]string{"Ann", "Speaker 2"}, got.Speakers()); diff != "" {
			t.Errorf("speakers (-want +got):\n%s", diff)
		}
		e.forget(t, s)
	})
	if e.None != "" {
		t.Run("no such language", func(t *testing.T) {
			s := plain
			s.Language = e.None
			for range 2 {
				if _, err := e.Transcribe(t.Context(), s); !fault.Is(err, fault.Invalid) || fault.As(err).Message == "" {
					t.Errorf("in %s: %v", s.Language, err)
				}
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ended(t, func(ctx context.Context) error {
			_, err := e.Transcribe(ctx, plain)
			if _, later := errors.AsType[job.Later](err); later {
				return nil
			}
			return err
		})
		e.forget(t, plain)
	})
}

// patiently asks until it is not Later any more, as jobs are told of again.
func (e Transcription) patiently(t *testing.T, ask func() (transcript.Transcript, error)) transcript.Transcript {
	t.Helper()
	progress := 0
	for range maxLater {
		got, err := ask()
		later, goesOn := errors.AsType[job.Later](err)
		if !goesOn {
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if later.After <= 0 || later.After > job.MaxDelay || later.Progress < progress || later.Progress >= 100 {
			t.Errorf("%+v after %d %%", later, progress)
		}
		progress = later.Progress
	}
	t.Fatalf("it is not done after %d times", maxLater)
	return transcript.Transcript{}
}

// check wants words, at times that are within the media and in order.
func (e Transcription) check(t *testing.T, got transcript.Transcript) {
	t.Helper()
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	words := 0
	for _, s := range got.Segments {
		words += len(s.Words)
		if s.End > e.Length || s.Start < 0 || strings.TrimSpace(s.Text()) != s.Text() {
			t.Errorf("%d to %d of %d: %q", s.Start, s.End, e.Length, s.Text())
		}
		for _, w := range s.Words {
			if len(strings.Fields(w.Text)) != 1 {
				t.Errorf("%q is not one word", w.Text)
			}
		}
	}
	if words == 0 {
		t.Error("no words")
	}
}

func (e Transcription) forget(t *testing.T, s recording.Speech) {
	t.Helper()
	if f, ok := e.Transcriber.(recording.Forgetter); ok {
		for range 2 {
			if err := f.Forget(t.Context(), s.ID); err != nil {
				t.Error(err)
			}
		}
	}
}

func textOf(t transcript.Transcript) string {
	var all []string
	for _, s := range t.Segments {
		all = append(all, s.Text())
	}
	return strings.Join(all, " ")
}

// bare are the words without case and punctuation.
func bare(t transcript.Transcript) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(textOf(t)), func(r rune) bool { return strings.ContainsRune(` .,!?;:"`, r) }), " ")
}
