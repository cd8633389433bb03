//go:build engines

package apertium

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestADocument: a talk becomes a document in Spanish with the times of its
// segments, and what is not possible is refused at once.
// contract: SX-117, SX-121, SX-124
func TestADocument(t *testing.T) {
	e := installed(t)
	s := fake.NewStack(t, nil)
	s.Recordings.Pairs = e
	for kind, w := range s.Recordings.Workers(recording.Engines{Translator: e}) {
		s.Jobs.Workers[kind] = w
	}
	r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Talk", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	own := func(document string) recording.Access {
		t.Helper()
		a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, r.ID, document)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	talk := enginetest.Talk()
	if _, err := s.Recordings.AddDocument(t.Context(), own(""), recording.NewDocument{Transcript: &talk}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recordings.AddTranslation(t.Context(), own(""), "ja"); !fault.Is(err, fault.Invalid) || fault.As(err).Field != "language" {
		t.Errorf("into Japanese: %v", err)
	}
	for _, to := range []string{"es", "fr"} {
		if _, err := s.Recordings.AddTranslation(t.Context(), own(""), to); err != nil {
			t.Fatal(err)
		}
	}
	s.Work(t)
	for to, words := range map[string]string{"es": "El puente nuevo sobre el río", "fr": "Le pont nouveau sur la rivière"} {
		p, err := s.Recordings.Translation(t.Context(), own(""), to)
		if err != nil || p.Status != recording.Completed {
			t.Fatalf("%+v, %v", p, err)
		}
		read, err := s.Recordings.Read(t.Context(), own(p.Document))
		if err != nil || len(read.Transcript.Segments) != len(talk.Segments) {
			t.Fatalf("%+v, %v", read, err)
		}
		for i, was := range talk.Segments {
			if is := read.Transcript.Segments[i]; is.Start != was.Start || is.End != was.End || is.Speaker != was.Speaker || is.Text() == was.Text() {
				t.Errorf("%q became %+v", was.Text(), is)
			}
		}
		var srt bytes.Buffer
		if err := transcript.Write(&srt, transcript.SRT, read.Transcript, transcript.Options{}); err != nil || !strings.Contains(srt.String(), "\n00:00:00,000 --> 00:00:05,000\n") || !strings.Contains(srt.String(), words) {
			t.Errorf("%v: %s", err, srt.String())
		}
	}
}
