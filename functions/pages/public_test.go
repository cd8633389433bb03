package main

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestPublicPage answers a browser that opens a recording's public link, and
// logs the route and who opened it, but not the token.
func TestPublicPage(t *testing.T) {
	s := fake.NewStack(t, nil)
	token := published(t, s)
	var log bytes.Buffer
	got := invoke(t, function(t, s, &log), "public", token)
	for _, want := range []string{`"statusCode": 200`, "for everybody", "no-referrer"} {
		if !strings.Contains(got, want) {
			t.Errorf("the answer lacks %s: %s", want, got)
		}
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the log has the token: %s", log.String())
	}
	for _, want := range []string{`"route":"GET /r/{key}"`, `"opened"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
}

// published makes a recording that anybody may read, with a transcript, and
// returns the token of its public link.
func published(t *testing.T, s *fake.Stack) string {
	t.Helper()
	r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Open", Language: "en", Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, r.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("Ann", 0, 1000, "for everybody")}}
	if _, err := s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: said}); err != nil {
		t.Fatal(err)
	}
	tokens, err := s.Recordings.PublicTokens(t.Context(), a.Recording)
	if err != nil {
		t.Fatal(err)
	}
	return tokens[r.ID]
}
