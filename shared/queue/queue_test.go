package queue_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/job"
	"latchkey/shared/queue"
)

type message struct {
	QueueUrl, MessageBody string
	DelaySeconds          int
}

// TestQueues: a job's kind says which queue is told of it, and when; without a
// queue for what is rendered that is the jobs'.
func TestQueues(t *testing.T) {
	var got message
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = message{}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{"MessageId":"m"}`))
	}))
	defer server.Close()
	client := sqs.New(sqs.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		DisableMessageChecksumValidation: true,
	})
	all := queue.URLs{Jobs: "https://q/jobs", Render: "https://q/render", Hooks: "https://q/hooks", Dead: "https://q/dead"}
	none := all
	none.Render = ""
	for _, tt := range []struct {
		urls  queue.URLs
		kind  job.Kind
		after time.Duration
		want  message
	}{
		{all, job.Fetch, 0, message{all.Jobs, `{"id":"fetch-x","attempt":2}`, 0}},
		{all, job.BurnIn, 1500 * time.Millisecond, message{all.Render, `{"id":"burn_in-x","attempt":2}`, 2}},
		{all, job.Transcribe, 0, message{all.Jobs, `{"id":"transcribe-x","attempt":2}`, 0}}, // Amazon does it: it waits for no video
		{none, job.Export, time.Minute, message{all.Jobs, `{"id":"export-x","attempt":2}`, 60}},
		{none, job.Inspect, time.Hour, message{all.Jobs, `{"id":"inspect-x","attempt":2}`, 900}},
		{all, job.Deliver, 0, message{all.Hooks, `{"id":"deliver-x","attempt":2}`, 0}},
	} {
		m := job.New(tt.kind, account.Principal{}, "x").Message()
		m.Attempt = 2
		err := queue.New(client, tt.urls).Send(t.Context(), m, tt.after)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got):\n%s%v", tt.kind, diff, err)
		}
	}
	err := queue.New(client, all).Bury(t.Context(), job.Letter{ID: "export-x", Reason: "because"})
	if diff := cmp.Diff(message{all.Dead, `{"id":"export-x","reason":"because"}`, 0}, got); diff != "" || err != nil {
		t.Errorf("a dead letter (-want +got):\n%s%v", diff, err)
	}
}
