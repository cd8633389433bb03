package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestMessages: a message has its job done, one that comes again and one that
// tells of nothing do no harm, and what is no message comes again.
func TestMessages(t *testing.T) {
	s := fake.NewStack(t, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ID3 sound")) }))
	defer web.Close()
	s.Recordings.Reach = fetch.New(fetch.Options{Trusted: []string{web.URL}}).Reach
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en", Source: web.URL + "/a.mp3?key=hush"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	h := outside{
		table: s.Table, objects: s.Objects, contents: s.Contents, trusted: []string{web.URL}, queue: s.Queue, log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler()
	body, err := json.Marshal(job.Message{ID: job.New(job.Fetch, s.Admin, rec.ID).ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		body string
		fail int
	}{{string(body), 0}, {string(body), 0}, {`{"id":"fetch-nothing"}`, 0}, {`{"id":`, 1}} {
		out, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: tt.body}}})
		if err != nil || len(out.BatchItemFailures) != tt.fail {
			t.Errorf("%s: %+v, %v", tt.body, out, err)
		}
	}
	if keys := s.Objects.Keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "uploads/") {
		t.Errorf("%v", keys)
	}
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.ReadRecordings, rec.ID, "")
	if err != nil || a.Recording.Status != recording.Preparing {
		t.Errorf("%+v, %v", a.Recording, err)
	}
	if strings.Contains(log.String(), "hush") {
		t.Errorf("the log has the source's secret: %s", log.String())
	}
}

// TestWithoutEngines: what is asked for of a recording fails, and says why.
func TestWithoutEngines(t *testing.T) {
	s := fake.NewStack(t, nil)
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 900, "Hello")}}
	if _, err := s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: said}); err != nil {
		t.Fatal(err)
	}
	if a, err = s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, rec.ID, ""); err != nil {
		t.Fatal(err)
	}
	b, err := s.Recordings.AddBatch(t.Context(), s.Admin, "", "Why?", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Recordings.AddTranslation(t.Context(), a, "es")
	if err != nil {
		t.Fatal(err)
	}
	h := outside{table: s.Table, objects: s.Objects, contents: s.Contents, queue: s.Queue, log: slog.New(slog.DiscardHandler), ids: s.IDs, now: s.Clock.Now}.handler()
	for _, j := range []job.Job{
		job.New(job.Batch, s.Admin, b.ID), job.New(job.Summarize, s.Admin, b.Parts[0].Product), job.New(job.Translate, s.Admin, p.ID),
	} {
		body, err := json.Marshal(job.Message{ID: j.ID})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: string(body)}}}); err != nil || len(out.BatchItemFailures) > 0 {
			t.Errorf("%s: %+v, %v", j.ID, out, err)
		}
	}
	if p, err = s.Recordings.Translation(t.Context(), a, "es"); err != nil || p.Status != recording.Failed || p.Reason != "no translation engine is set up" {
		t.Errorf("%+v, %v", p, err)
	}
	b, made, err := s.Recordings.Batch(t.Context(), s.Admin, b.ID)
	if err != nil || b.Status != recording.Completed || len(made) != 1 || made[0].Reason != "no summary engine is set up" {
		t.Errorf("%+v, %+v, %v", b, made, err)
	}
}

// TestDeleted: what is left of a recording that was deleted is removed.
func TestDeleted(t *testing.T) {
	s := fake.NewStack(t, nil)
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{{End: 900, Words: []transcript.Word{{Text: "Hello", End: 900}}}}}
	doc, err := s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: said})
	if err != nil {
		t.Fatal(err)
	}
	a.Document = doc.Document
	if _, _, err := s.Recordings.ShareDocument(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recordings.UploadURL(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := s.Recordings.Delete(t.Context(), s.Admin, rec.ID); err != nil {
		t.Fatal(err)
	}
	h := outside{table: s.Table, objects: s.Objects, contents: s.Contents, queue: s.Queue, log: slog.New(slog.DiscardHandler), ids: s.IDs, now: s.Clock.Now}.handler()
	body, err := json.Marshal(job.Message{ID: job.New(job.Delete, s.Admin, rec.ID).ID})
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: string(body)}}})
	if err != nil || len(out.BatchItemFailures) > 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := s.Recordings.Store.Find(t.Context(), s.Admin.Organization, rec.ID, ""); !fault.Is(err, fault.NotFound) || len(s.Contents.Keys()) > 0 {
		t.Errorf("left: %v, %v", err, s.Contents.Keys())
	}
	if files, _, err := s.Files.List(t.Context(), s.Admin, file.Page{Limit: 50}); err != nil || len(files) > 0 {
		t.Errorf("left: %+v, %v", files, err)
	}
}
