package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
)

// TestMessages: a message has its job done, one that comes again and one that
// tells of nothing do no harm, and what is no message comes again.
func TestMessages(t *testing.T) {
	s := fake.NewStack(t, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ID3 sound")) }))
	defer web.Close()
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en", Source: web.URL + "/a.mp3?key=hush"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	h := outside{
		table: s.Table, objects: s.Objects, trusted: []string{web.URL}, log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler()
	body, err := json.Marshal(job.Message{ID: job.New(job.Fetch, "", rec.ID).ID})
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
