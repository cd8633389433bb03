package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// long is three hours of speech: 90,000 words, each of them highlighted.
func long() *transcript.Transcript {
	words := strings.Fields("what they said about it in the end was that nobody had ever thought of asking Müller himself before")
	var t transcript.Transcript
	for i := range int64(1800) {
		s := transcript.Segment{Speaker: "Speaker", Start: i * 6000, End: i*6000 + 5950}
		for j := range int64(50) {
			at := s.Start + j*119
			s.Words = append(s.Words, transcript.Word{
				Text: " " + words[(7*i+j*j)%int64(len(words))], Start: at, End: at + 100 + (i+j)%17, Confidence: float64(80+(i*j)%20) / 100, Highlight: "#ffee00",
			})
		}
		t.Segments = append(t.Segments, s)
	}
	return &t
}

// contract: FF-37
func TestLongDocument(t *testing.T) {
	s := fake.NewStack(t, nil)
	ctx := context.Background()
	rec, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: long()})
	if err != nil {
		t.Fatal(err)
	}
	var kept []byte
	h := lambdahttp.Handler(outside{
		table: s.Table, objects: s.Objects, contents: s.Contents, log: journal.New(new(bytes.Buffer), "latchkey"), now: s.Clock.Now,
	}.handler(""), lambdahttp.WithSpill(func(_ context.Context, _ http.Header, body []byte) (string, error) {
		kept = body
		return "https://bucket.test/answers/x", nil
	}))
	get := func(accept string) fake.Answer {
		return fake.Invoke(t, h, "GET /api/v3/speech-to-text/session/sess_"+rec.ID+"/document/doc_"+doc.ID, "",
			"Authorization", "Bearer "+s.Key, "Accept-Encoding", accept)
	}
	whole := get("gzip")
	if whole.Status != 200 || kept != nil || len(whole.Body) < 8_000_000 || whole.Header.Get("ETag") != `W/"1"` {
		t.Fatalf("%d with %d bytes, %d kept: %v", whole.Status, len(whole.Body), len(kept), whole.Header)
	}
	moved := get("identity")
	if moved.Status != 302 || moved.Body != "" || moved.Header.Get("Location") != "https://bucket.test/answers/x" || string(kept) != whole.Body || !json.Valid(kept) {
		t.Errorf("%d with %d bytes, %d kept: %v", moved.Status, len(moved.Body), len(kept), moved.Header)
	}
	put := fake.Invoke(t, h, "PUT /api/v3/speech-to-text/session/sess_"+rec.ID+"/document/doc_"+doc.ID, string(kept[:4_000_001]), "Authorization", "Bearer "+s.Key)
	if put.Status != 413 {
		t.Errorf("%d %.200s", put.Status, put.Body)
	}
}
