package sonix_test

import (
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/fake"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestCalledBackWhenItEnded: a callback says completed or failed, and nothing
// of media that is worked on again.
//
// contract: SX-059
func TestCalledBackWhenItEnded(t *testing.T) {
	s := fake.NewStack(t, nil)
	r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en", Callback: "https://example.com/back"})
	if err != nil {
		t.Fatal(err)
	}
	told := func(status, want string) {
		t.Helper()
		body, callback, err := sonix.Bodies{Recordings: s.Recordings}.Media(t.Context(), r.Organization, r.ID)
		if err != nil || callback != want || !strings.Contains(string(body), `"status":"`+status+`"`) {
			t.Errorf("%s: %q, %s, %v", status, callback, body, err)
		}
	}
	told("preparing", "")
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, r.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{{End: 1000, Words: []transcript.Word{{Text: "Hello", End: 1000}}}}}
	if _, err := s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: said}); err != nil {
		t.Fatal(err)
	}
	told("completed", "https://example.com/back")
}
