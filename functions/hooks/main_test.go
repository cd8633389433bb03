package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fetch"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
	"latchkey/shared/store"
	"latchkey/shared/transcript"
	"latchkey/shared/webhook"
)

// TestTold: an announcement becomes deliveries, to a webhook as an event and to
// a callback as the media, and those are made; what comes again or tells of
// nothing does no harm, and what is no message comes again.
//
// contract: SX-059, SX-200, SX-204
func TestTold(t *testing.T) {
	s := fake.NewStack(t, nil)
	got := map[string]string{}
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got[r.URL.Path] += string(body)
		if signed := r.Header.Get("webhook-signature") != ""; signed != (r.URL.Path == "/hook") || r.Header.Get("webhook-id") == "" {
			t.Errorf("%s: %v", r.URL.Path, r.Header)
		}
	}))
	defer web.Close()
	var log strings.Builder
	post := fetch.New(fetch.Options{Trusted: []string{web.URL}})
	s.Recordings.Reach = post.Reach
	hooks := store.Webhooks{Table: s.Table, Now: s.Clock.Now}
	h := outside{
		table: s.Table, queue: s.Queue, seal: fake.Seal{}, post: post, origin: "https://api.test",
		log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler()
	admins := webhook.Service{Store: hooks, Seal: fake.Seal{}, Post: post, IDs: s.IDs, Now: s.Clock.Now}
	url := web.URL + "/hook?key=hush"
	made, err := admins.Create(t.Context(), s.Admin, webhook.Change{URL: &url, Events: webhook.Events()}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Film", Language: "en", Callback: web.URL + "/back?key=hush"})
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{{End: 1000, Words: []transcript.Word{{Text: "Hello", End: 1000}}}}}
	owner, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, rec.ID, "")
	if err == nil {
		_, err = s.Recordings.AddDocument(t.Context(), owner, recording.NewDocument{Transcript: said})
	}
	if err != nil {
		t.Fatal(err)
	}
	a := webhook.Announcement{ID: s.IDs.UUID(), Event: webhook.TranscriptionFinished, Recording: rec.ID}
	if err := (store.Jobs{Table: s.Table, Now: s.Clock.Now}).Add(t.Context(), a.Job(s.Admin)); err != nil {
		t.Fatal(err)
	}
	told := message(t, a.Job(s.Admin).ID)
	deliver := "deliver-" + made.Webhook.ID + "/" + a.ID + "/0"
	back := "deliver-" + webhook.Callbacks + "/" + a.ID + "/0"
	for _, tt := range []struct {
		body string
		fail int
	}{{told, 0}, {told, 0}, {message(t, deliver), 0}, {message(t, back), 0}, {message(t, deliver), 0}, {message(t, "deliver-nothing"), 0}, {`{"id":`, 1}} {
		out, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: tt.body}}})
		if err != nil || len(out.BatchItemFailures) != tt.fail {
			t.Errorf("%s: %+v, %v", tt.body, out, err)
		}
	}
	if !strings.HasPrefix(got["/hook"], `{"event":"transcription.finished","data":{"media_id":"`+rec.ID+`","id":"`+rec.ID+`","name":"Film",`) ||
		strings.Count(got["/hook"], "media_id") != 1 {
		t.Errorf("the webhook got %s", got["/hook"])
	}
	if !strings.HasPrefix(got["/back"], `{"id":"`+rec.ID+`","name":"Film",`) || strings.Count(got["/back"], `"id"`) != 1 {
		t.Errorf("the callback got %s", got["/back"])
	}
	list, _, err := admins.Deliveries(t.Context(), s.Admin, made.Webhook.ID, file.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].State != webhook.Delivered {
		t.Errorf("%+v, %v", list, err)
	}
	if strings.Contains(log.String(), "hush") || strings.Contains(log.String(), made.Secret) {
		t.Errorf("the log has a secret: %s", log.String())
	}
}

func message(t *testing.T, id string) string {
	t.Helper()
	body, err := json.Marshal(job.Message{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
