package lexrank

import (
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/engine/enginetest"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestABatch: each recording of a folder has what was said in it, and one in
// which nothing is said fails itself and not the batch.
// contract: SX-149, SX-150, SX-156
func TestABatch(t *testing.T) {
	s := fake.NewStack(t, nil)
	for kind, w := range s.Recordings.Workers(recording.Engines{Summarizer: Engine{}}) {
		s.Jobs.Workers[kind] = w
	}
	add := func(said transcript.Transcript) string {
		t.Helper()
		r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Talk", Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, r.ID, "")
		if err == nil {
			_, err = s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: &said})
		}
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	good, silent := add(enginetest.Talk()), add(transcript.Transcript{Segments: []transcript.Segment{{Start: 0, End: 1000}}})
	b, err := s.Recordings.AddBatch(t.Context(), s.Admin, "", "Summarize in one sentence", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	s.Work(t) // asks for them
	s.Work(t) // makes them
	b, made, err := s.Recordings.Batch(t.Context(), s.Admin, b.ID)
	if err != nil || b.Status != recording.Completed || len(made) != 2 {
		t.Fatalf("%+v, %+v, %v", b, made, err)
	}
	for _, p := range made {
		switch {
		case p.Recording == good && p.Status == recording.Completed && strings.HasPrefix(p.Text, cars+"\n\n"+Extractive):
		case p.Recording == silent && p.Status == recording.Failed && p.Reason == "nothing is said in the transcript":
		default:
			t.Errorf("%+v", p)
		}
	}
}
