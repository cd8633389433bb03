package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/config"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
)

// amazon stands in for Transcribe, Translate and Bedrock.
type amazon struct {
	mu    sync.Mutex
	stack *fake.Stack
	jobs  map[string]int // how often each was asked about
	calls []string
}

const heard = `{"results":{"items":[
	{"type":"pronunciation","start_time":"0.5","end_time":"0.9","speaker_label":"spk_0","alternatives":[{"confidence":"0.9","content":"Hello"}]},
	{"type":"pronunciation","start_time":"1.0","end_time":"1.4","speaker_label":"spk_0","alternatives":[{"confidence":"0.8","content":"there"}]},
	{"type":"punctuation","speaker_label":"spk_0","alternatives":[{"confidence":"0.0","content":"."}]}]}}`

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if call == "" {
		call = "Converse"
	}
	a.calls = append(a.calls, call)
	var in struct {
		TranscriptionJobName, OutputKey, Text string
		Media                                 struct{ MediaFileUri string }
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	answer, status := any(map[string]any{}), http.StatusOK
	name := in.TranscriptionJobName
	switch call {
	case "StartTranscriptionJob":
		a.jobs[name] = 1
		if !strings.HasPrefix(in.Media.MediaFileUri, "s3://the-bucket/media/") {
			err = fmt.Errorf("media at %s", in.Media.MediaFileUri)
		}
	case "GetTranscriptionJob":
		state := "IN_PROGRESS"
		switch a.jobs[name]++; a.jobs[name] {
		case 1:
			delete(a.jobs, name)
			answer, status = map[string]any{"__type": "BadRequestException", "Message": "The requested job couldn't be found."}, http.StatusBadRequest
		case 3:
			state, err = "COMPLETED", a.stack.Contents.Put(r.Context(), "engines/"+name+".json", []byte(heard))
		}
		if status == http.StatusOK {
			answer = map[string]any{"TranscriptionJob": map[string]any{"TranscriptionJobStatus": state}}
		}
	case "TranslateText":
		answer = map[string]any{"TranslatedText": strings.ToUpper(in.Text), "SourceLanguageCode": "en", "TargetLanguageCode": "es"}
	case "Converse":
		answer = map[string]any{"stopReason": "end_turn", "output": map[string]any{"message": map[string]any{"role": "assistant", "content": []any{map[string]any{"text": "A greeting."}}}}}
	case "DeleteTranscriptionJob", "DeleteVocabulary":
	default:
		err = fmt.Errorf("%s is not expected", call)
	}
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// settings are a function's configuration with Amazon's services at a URL.
func settings(t *testing.T, url string, more map[string]string) config.Config {
	t.Helper()
	env := map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "LATCHKEY_STACK": "latchkey", "LATCHKEY_BUCKET": "the-bucket",
		"AWS_ENDPOINT_URL_TRANSCRIBE": url, "AWS_ENDPOINT_URL_TRANSLATE": url, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
	}
	for k, v := range more {
		env[k] = v
	}
	c, err := config.FromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAmazon: media is transcribed while nobody waits for it, what is said in
// it is translated and summarised, and nothing is left at Amazon.
func TestAmazon(t *testing.T) {
	s := fake.NewStack(t, nil)
	a := &amazon{stack: s, jobs: map[string]int{}}
	server := httptest.NewServer(a)
	defer server.Close()
	e := engines(settings(t, server.URL, map[string]string{"LATCHKEY_ENGINES": "amazon", "LATCHKEY_SUMMARY_MODEL": "amazon.nova-lite-v1:0"}), s.Contents, slog.New(slog.DiscardHandler))
	for kind, w := range s.Recordings.Workers(e) {
		s.Jobs.Workers[kind] = w
	}
	r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Talk", Language: "en", Diarization: true, Punctuation: true})
	if err != nil {
		t.Fatal(err)
	}
	find := func() recording.Access {
		a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, r.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	u, err := s.Recordings.UploadURL(t.Context(), find())
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimPrefix(strings.SplitN(u.URL, "?", 2)[0], "https://bucket.test/")
	if err := s.Objects.Put(t.Context(), key, []byte("RIFF\x04\x00\x00\x00WAVE"), "audio/wav", ""); err != nil {
		t.Fatal(err)
	}
	f, err := s.Files.Uploaded(t.Context(), key)
	if err == nil {
		err = s.Recordings.Arrived(t.Context(), f)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // started, asked about, done
		if got := find().Recording; got.Status != recording.Transcribing {
			t.Fatalf("%+v", got)
		}
		s.Work(t)
		s.Clock.Advance(2 * time.Minute)
	}
	if got := find().Recording; got.Status != recording.Completed || len(a.jobs) > 1 {
		t.Fatalf("%+v, %v", got, a.calls)
	}
	if !slices.Contains(a.calls, "DeleteTranscriptionJob") || slices.ContainsFunc(s.Contents.Keys(), func(k string) bool { return strings.HasPrefix(k, "engines/") }) {
		t.Errorf("left at Amazon: %v, %v", a.calls, s.Contents.Keys())
	}
	if _, err := s.Recordings.AddTranslation(t.Context(), find(), "es"); err != nil {
		t.Fatal(err)
	}
	b, err := s.Recordings.AddBatch(t.Context(), s.Admin, "", "What is it?", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.Work(t)
	}
	for language, want := range map[string]string{"": "Hello there.", "es": "HELLO THERE."} {
		main, err := s.Recordings.Main(t.Context(), find(), language)
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Recordings.Reread(t.Context(), main)
		if err != nil || read.Transcript.Segments[0].Text() != want || read.Transcript.Segments[0].Speaker != "Speaker 1" || read.Transcript.Segments[0].Start != 500 {
			t.Errorf("%q: %+v, %v", language, read.Transcript, err)
		}
	}
	if _, made, err := s.Recordings.Batch(t.Context(), s.Admin, b.ID); err != nil || len(made) != 1 || made[0].Text != "A greeting." {
		t.Errorf("%+v, %v", made, err)
	}
}

// TestNoAmazon: nothing is asked of Amazon unless it is to be.
func TestNoAmazon(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for _, none := range []map[string]string{nil, {"LATCHKEY_ENGINES": "none", "LATCHKEY_SUMMARY_MODEL": "amazon.nova-lite-v1:0"}} {
		if e := engines(settings(t, "", none), nil, log); e != (recording.Engines{}) {
			t.Errorf("%v: %+v", none, e)
		}
	}
	e := engines(settings(t, "", map[string]string{"LATCHKEY_ENGINES": "amazon"}), nil, log)
	if e.Transcriber == nil || e.Aligner == nil || e.Translator == nil || e.Summarizer != nil || e.Renderer != nil {
		t.Errorf("without a model: %+v", e)
	}
}
