package transcribe

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
)

// amazon answers as Amazon Transcribe does (API Reference), and writes what is
// recorded of it.
type amazon struct {
	mu      sync.Mutex
	jobs    map[string]*record
	lists   map[string]*record
	objects map[string][]byte
	calls   []string         // the operations
	asked   []map[string]any // what they were asked
	refuse  map[string]refusal
	result  string // file that is written; "" for the one that fits
}

// record is a job, or a vocabulary.
type record struct {
	states []string // that it will be in, the first now
	reason string
	at     time.Time
}

func (r *record) next() string {
	s := r.states[0]
	if len(r.states) > 1 {
		r.states = r.states[1:]
	}
	return s
}

type refusal struct {
	status        int
	code, message string
	states        []string // or else, those of what is made
	reason        string
}

func newEngine(t *testing.T) (*Engine, *amazon) {
	t.Helper()
	a := &amazon{jobs: map[string]*record{}, lists: map[string]*record{}, objects: map[string][]byte{}, refuse: map[string]refusal{}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	client := transcribe.NewFromConfig(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), RetryMaxAttempts: 1,
	})
	return New(client, a, Config{Bucket: "the-bucket", Stack: "latchkey", Now: func() time.Time { return fake.Start }, Log: slog.New(slog.DiscardHandler)}), a
}

// Get implements Results.
func (a *amazon) Get(_ context.Context, key string) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if body, ok := a.objects[key]; ok {
		return body, nil
	}
	return nil, fault.New(fault.NotFound, "no object")
}

// Put implements Results.
func (a *amazon) Put(_ context.Context, key string, body []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[key] = body
	return nil
}

// Delete implements Results.
func (a *amazon) Delete(_ context.Context, key string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.objects, key)
	return nil
}

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return // whoever asked is gone
	}
	a.calls, a.asked = append(a.calls, operation), append(a.asked, in)
	if no := a.refuse[operation]; no.code != "" {
		answer(w, no.status, map[string]any{"__type": no.code, "Message": no.message})
		return
	}
	status, out := a.do(operation, in)
	answer(w, status, out)
}

func answer(w http.ResponseWriter, status int, out map[string]any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

func (a *amazon) do(operation string, in map[string]any) (int, map[string]any) {
	text := func(key string) string { s, _ := in[key].(string); return s }
	name, vocabulary := text("TranscriptionJobName"), text("VocabularyName")
	switch operation {
	case "StartTranscriptionJob":
		if a.jobs[name] != nil {
			return 400, map[string]any{"__type": "ConflictException", "Message": "The requested job name already exists. Use a different job name."}
		}
		a.jobs[name] = &record{states: []string{"IN_PROGRESS", "COMPLETED"}}
		if no := a.refuse[operation]; no.states != nil {
			a.jobs[name] = &record{states: no.states, reason: no.reason}
		}
		a.write(in)
	case "GetTranscriptionJob":
		if a.jobs[name] == nil {
			return 400, map[string]any{"__type": "BadRequestException", "Message": "The requested job couldn't be found. Check the job name and try your request again."}
		}
		return 200, map[string]any{"TranscriptionJob": map[string]any{"TranscriptionJobName": name, "TranscriptionJobStatus": a.jobs[name].next(), "FailureReason": a.jobs[name].reason}}
	case "DeleteTranscriptionJob":
		if a.jobs[name] == nil {
			return 400, map[string]any{"__type": "BadRequestException", "Message": "The requested job couldn't be found. Check the job name and try your request again."}
		}
		delete(a.jobs, name)
	case "CreateVocabulary":
		a.lists[vocabulary] = &record{states: []string{"PENDING", "READY"}, at: fake.Start}
		if no := a.refuse[operation]; no.states != nil {
			a.lists[vocabulary] = &record{states: no.states, reason: no.reason, at: fake.Start}
		}
	case "GetVocabulary":
		if a.lists[vocabulary] == nil {
			return 400, map[string]any{"__type": "NotFoundException", "Message": "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."}
		}
		return 200, map[string]any{"VocabularyName": vocabulary, "VocabularyState": a.lists[vocabulary].next(), "FailureReason": a.lists[vocabulary].reason}
	case "DeleteVocabulary":
		if a.lists[vocabulary] == nil {
			return 400, map[string]any{"__type": "NotFoundException", "Message": "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."}
		}
		delete(a.lists, vocabulary)
	case "ListVocabularies":
		all := []map[string]any{}
		for n, v := range a.lists {
			if strings.Contains(n, text("NameContains")) {
				all = append(all, map[string]any{"VocabularyName": n, "LastModifiedTime": v.at.Unix(), "VocabularyState": "READY"})
			}
		}
		return 200, map[string]any{"Vocabularies": all}
	default:
		panic(fmt.Sprintf("%s of %v", operation, in))
	}
	return 200, map[string]any{}
}

// write puts what is recorded where a job was told to.
func (a *amazon) write(in map[string]any) {
	settings, _ := in["Settings"].(map[string]any)
	file := a.result
	switch {
	case file != "":
	case settings["ChannelIdentification"] == true:
		file = "channels.json"
	case settings["ShowSpeakerLabels"] == true:
		file = "speakers.json"
	default:
		file = "plain.json"
	}
	body, err := os.ReadFile("testdata/" + file)
	if err != nil {
		panic(err)
	}
	if in["OutputBucketName"] != "the-bucket" {
		panic(fmt.Sprint(in["OutputBucketName"]))
	}
	a.objects[in["OutputKey"].(string)] = body
}

// last is what an operation was asked the last time.
func (a *amazon) last(operation string) map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := len(a.calls) - 1; i >= 0; i-- {
		if a.calls[i] == operation {
			return a.asked[i]
		}
	}
	return nil
}
