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

// Links to recordings are listed, changed and revoked like every other. A
// named person's share has no URL: theirs are those of the links under it.
func TestLinksToRecordings(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	rec, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en", Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: new(transcript.Transcript)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recordings.ShareWith(ctx, a, recording.Sharing{Email: "Ann@b.test", Edit: true}); err != nil {
		t.Fatal(err)
	}
	public := s.get(t, "/links?kind=public")
	person := s.get(t, "/links?kind=person")
	mailed := s.get(t, "/links?kind=recipient&recipient=ann@b.test")
	for _, tt := range []struct {
		name string
		got  answer
		want map[string]any
	}{
		{"public", public, map[string]any{"kind": "public", "number": nil, "file_id": nil, "recording_id": rec.ID, "document_id": nil, "filename": "Board", "state": "active", "recipient": nil}},
		{"person", person, map[string]any{"kind": "person", "recording_id": rec.ID, "recipient": "Ann@b.test", "url": nil, "page_url": nil, "mail_state": nil}},
		{"mailed", mailed, map[string]any{"kind": "recipient", "recording_id": rec.ID, "recipient": "Ann@b.test", "parent_id": person.text(t, "links.0.id"), "mail_state": "sent"}},
	} {
		if n := len(tt.got.field(t, "links").([]any)); n != 1 {
			t.Fatalf("%s: %d links: %s", tt.name, n, tt.got.Body)
		}
		for field, v := range tt.want {
			if diff := cmp.Diff(v, tt.got.field(t, "links.0."+field)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", tt.name, field, diff)
			}
		}
	}
	if n := len(s.get(t, "/links?recipient=ann@b.test").field(t, "links").([]any)); n != 2 {
		t.Errorf("%d links of her address, want her share and her link", n)
	}
	opens := func(l answer) error {
		t.Helper()
		_, token, ok := strings.Cut(l.text(t, "links.0.page_url"), "/r/")
		if url := l.text(t, "links.0.url"); !ok || url != l.text(t, "links.0.page_url") {
			t.Errorf("the URL is %s", url)
		}
		got, err := s.Recordings.Open(ctx, token, "", "", share.Visit{})
		if err == nil {
			_, err = s.Recordings.Read(ctx, got)
		}
		return err
	}
	for name, l := range map[string]answer{"public": public, "mailed": mailed} {
		if err := opens(l); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if e := s.Audit.Events(); len(e) != 2 || e[0].Document != doc.ID || e[1].Document != doc.ID {
		t.Errorf("the openings are %+v", e)
	}
	for kind, l := range map[string]answer{"public": public, "person": person} {
		at := "/links/" + l.text(t, "links.0.id")
		s.want(t, 409, request{method: "PATCH", target: at, body: `{"limit":1}`})
		s.want(t, 200, request{method: "PATCH", target: at, body: `{"note":"for the board","expires_at":"2023-12-01"}`})
		got := s.get(t, at)
		if got.text(t, "note") != "for the board" || got.text(t, "expires_at") != "2023-12-02T00:00:00.000Z" {
			t.Errorf("%s, changed: %s", kind, got.Body)
		}
		s.Clock.Advance(time.Second)
		s.want(t, 200, request{method: "DELETE", target: at})
		events := s.get(t, at+"/events")
		if kind == "person" && events.text(t, "events.0.recipient") != "Ann@b.test" || events.text(t, "events.0.type") != "revoked" {
			t.Errorf("%s: events %s", kind, events.Body)
		}
	}
	for name, l := range map[string]answer{"public": public, "mailed": mailed} {
		if err := opens(l); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s, revoked: %v", name, err)
		}
	}
	if state := s.get(t, "/links/"+mailed.text(t, "links.0.id")).text(t, "state"); state != "revoked" {
		t.Errorf("her link is %s", state)
	}
}
