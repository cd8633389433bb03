package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/store"
)

func read(t *testing.T, name string, pairs ...string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(b)))
}

// TestDeliveries takes what the table's stream, the bucket and a log
// subscription deliver, each twice, as they may.
func TestDeliveries(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(t.Context(), s.Admin, file.New{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Objects.Put(t.Context(), u.Fields["key"], []byte("four"), "application/octet-stream", ""); err != nil {
		t.Fatal(err)
	}
	id := s.IDs.UUID()
	names := []string{"ORG", s.Admin.Organization, "SHARE", id, "FILE", u.File.ID, "OBJECT", u.Fields["key"]}
	h := handler(s.Table, s.Objects, s.Queue, journal.New(new(bytes.Buffer), "latchkey"), s.Clock.Now)
	for range 2 {
		for _, payload := range [][]byte{read(t, "stream", names...), read(t, "object", names...), packed(t, read(t, "lines", names...))} {
			if _, err := h.Handle(t.Context(), payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	if f, err := s.Files.Store.File(t.Context(), s.Admin.Organization, u.File.ID); err != nil || f.State != file.Ready || f.Size != 4 {
		t.Errorf("%+v, %v", f, err)
	}
	events, _, err := s.Shares.Events(t.Context(), s.Admin, id, file.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	got := map[share.EventType]string{}
	for _, e := range events {
		got[e.Type] = e.From + " " + e.Reason
	}
	want := map[share.EventType]string{share.Downloaded: "203.0.113.7 ", share.Refused: "203.0.113.7 exhausted"}
	if diff := cmp.Diff(want, got); diff != "" || len(events) != 2 {
		t.Errorf("%d events (-want +got):\n%s", len(events), diff)
	}
}

// TestTranscribed: the job that waits for Amazon Transcribe is told of at once,
// and one that there is not does no harm.
func TestTranscribed(t *testing.T) {
	s := fake.NewStack(t, nil)
	j := job.New(job.Transcribe, s.Admin, "P3t53uWY-6fvkvN09")
	if err := s.Jobs.Store.(store.Jobs).Add(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	h := handler(s.Table, s.Objects, s.Queue, journal.New(new(bytes.Buffer), "latchkey"), s.Clock.Now)
	h.Stack = "latchkey"
	for _, id := range []string{j.ID, "transcribe-nothing"} {
		if _, err := h.Handle(t.Context(), read(t, "transcribed", "JOB", id)); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]job.Message{j.Message()}, s.Queue.Take()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h.Stack = "other"
	if _, err := h.Handle(t.Context(), read(t, "transcribed", "JOB", j.ID)); err == nil || len(s.Queue.Take()) > 0 {
		t.Errorf("of another stack: %v", err)
	}
}

// packed is a log batch as CloudWatch sends it.
func packed(t *testing.T, batch []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(`{"awslogs":{"data":"` + base64.StdEncoding.EncodeToString(buf.Bytes()) + `"}}`)
}
