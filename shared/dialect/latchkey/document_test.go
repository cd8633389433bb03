package latchkey_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// A link to a document is listed, changed and revoked like every other.
func TestLinksToDocuments(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	rec, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Filename: "Minutes", Transcript: new(transcript.Transcript)})
	if err != nil {
		t.Fatal(err)
	}
	a.Document = doc.Document
	sh, token, err := s.Recordings.ShareDocument(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	life := time.Hour
	if _, err := s.Recordings.Update(ctx, a, recording.Change{LinkLife: &life}); err != nil {
		t.Fatal(err)
	}
	got := s.get(t, "/links/"+sh.ID)
	want := map[string]any{
		"kind": "document", "file_id": nil, "media_id": nil, "recording_id": rec.ID, "document_id": doc.ID,
		"filename": "Minutes", "state": "active", "expires_at": "2023-11-27T10:43:39.000Z",
	}
	for field, v := range want {
		if diff := cmp.Diff(v, got.field(t, field)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
	for _, field := range []string{"url", "page_url"} {
		if url := got.text(t, field); !strings.HasSuffix(url, "/shared/transcript/"+doc.ID+"?token="+token) {
			t.Errorf("%s = %s", field, url)
		}
	}
	if id := s.get(t, "/links?kind=document").text(t, "links.0.id"); id != sh.ID {
		t.Errorf("listed: %s", id)
	}
	s.want(t, 409, request{method: "PATCH", target: "/links/" + sh.ID, body: `{"limit":1}`})
	s.want(t, 200, request{method: "PATCH", target: "/links/" + sh.ID, body: `{"note":"a","expires_at":"2023-11-27T10:00:00Z"}`})
	if at := s.get(t, "/links/"+sh.ID).text(t, "expires_at"); at != "2023-11-27T10:00:00.000Z" {
		t.Errorf("its own expiry comes first: %s", at)
	}
	s.want(t, 200, request{method: "DELETE", target: "/links/" + sh.ID})
	if _, err := s.Recordings.Open(ctx, token, rec.ID, doc.ID, share.Visit{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("revoked: %v", err)
	}
	events := s.get(t, "/links/"+sh.ID+"/events")
	if id := events.text(t, "events.0.document_id"); id != doc.ID || events.field(t, "events.0.file_id") != nil {
		t.Errorf("the events are of %s", id)
	}
}
