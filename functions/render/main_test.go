package main

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestMessages: a message has its job done; one that comes again and one that
// tells of nothing do no harm, what goes on later is told of later, and what is
// no message comes again.
func TestMessages(t *testing.T) {
	s := fake.NewStack(t, nil)
	e := &fake.Engine{Err: job.Later{After: time.Minute, Progress: 40}}
	h := outside{
		table: s.Table, queue: s.Queue, objects: s.Objects, contents: s.Contents, engines: e.Engines(), log: slog.New(slog.DiscardHandler), ids: s.IDs, now: s.Clock.Now,
	}.handler()
	a := film(t, s)
	p, err := s.Recordings.AddBurnIn(t.Context(), a, "", recording.BurnIn{Bold: true}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(body string) int {
		t.Helper()
		out, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: body}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.BatchItemFailures)
	}
	tell := func() int {
		t.Helper()
		j, err := s.Jobs.Get(t.Context(), s.Admin, job.New(job.BurnIn, s.Admin, p.ID).ID)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(j.Message())
		if err != nil {
			t.Fatal(err)
		}
		return deliver(string(body))
	}
	if n := tell(); n > 0 {
		t.Errorf("what goes on later failed")
	}
	if p, err = s.Recordings.Product(t.Context(), s.Admin, p.Kind, p.ID); err != nil || p.Status != recording.Processing || len(e.Forgot) > 0 {
		t.Errorf("%+v, %v, forgot %v", p, err, e.Forgot)
	}
	e.Err = nil
	for range 2 {
		s.Clock.Advance(time.Minute)
		if n := tell(); n > 0 {
			t.Error("it failed")
		}
	}
	if p, err = s.Recordings.Product(t.Context(), s.Admin, p.Kind, p.ID); err != nil || p.Status != recording.Completed || len(e.Asked) != 2 || len(e.Forgot) != 1 {
		t.Errorf("%+v, %v, asked %d times, forgot %v", p, err, len(e.Asked), e.Forgot)
	}
	if n := deliver(`{"id":"burn_in-nothing"}`); n != 0 {
		t.Error("what is gone failed")
	}
	if n := deliver(`{"id":`); n != 1 {
		t.Error("what is no message does not come again")
	}
}

// film is a recording of a video with a transcript.
func film(t *testing.T, s *fake.Stack) recording.Access {
	t.Helper()
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	own := func() recording.Access {
		t.Helper()
		a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, rec.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	u, err := s.Recordings.UploadURL(t.Context(), own())
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimPrefix(strings.SplitN(u.URL, "?", 2)[0], "https://bucket.test/")
	if err := s.Objects.Put(t.Context(), key, []byte("\x00\x00\x00\x20ftypisom"), "", ""); err != nil {
		t.Fatal(err)
	}
	f, err := s.Files.Uploaded(t.Context(), key)
	if err == nil {
		err = s.Recordings.Arrived(t.Context(), f)
	}
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 900, "Hello")}}
	if _, err := s.Recordings.AddDocument(t.Context(), own(), recording.NewDocument{Transcript: said}); err != nil {
		t.Fatal(err)
	}
	return own()
}

// TestTidy: what an invocation left that ran out of time is gone, and nothing
// else.
func TestTidy(t *testing.T) {
	temp := t.TempDir()
	left, other := filepath.Join(temp, "render", "latchkey-render-1", "media"), filepath.Join(temp, "other")
	if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{left, other} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := tidy(temp)
	if err != nil {
		t.Fatal(err)
	}
	if inside, err := os.ReadDir(folder); err != nil || len(inside) > 0 {
		t.Errorf("%v, %v", inside, err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}
