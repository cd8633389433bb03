package latchkey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/share"
)

func TestCreateLink(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	tests := []struct {
		name, fields string
		want         map[string]any
	}{
		{"nothing more", ``, map[string]any{"expires_at": nil, "limit": 0.0, "remaining": nil, "filename": "Interview.mp4", "note": ""}},
		{"all", `,"expires_at":"2023-12-31T17:00:00.5+01:00","limit":5,"filename":"b.mp4","note":"n"`,
			map[string]any{"expires_at": "2023-12-31T16:00:00.500Z", "limit": 5.0, "remaining": 5.0, "filename": "b.mp4", "note": "n"}},
		{"a day ends with it", `,"expires_at":"2023-11-27"`, map[string]any{"expires_at": "2023-11-28T00:00:00.000Z"}},
		{"nulls", `,"expires_at":null,"limit":null,"filename":null,"note":null`,
			map[string]any{"expires_at": nil, "limit": 0.0, "filename": "Interview.mp4", "note": ""}},
		{"a hard name", `,"filename":"a\"\r\n\u202e; x=../é🎬"`, map[string]any{"filename": "a\"\r\n\u202e; x=../é🎬"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Clock.Advance(time.Millisecond) // ids of one moment are in no order
			a := s.post(t, "/links", `{"file_id":"`+f.ID+`"`+tt.fields+`}`)
			got := map[string]any{}
			for name := range tt.want {
				got[name] = a.field(t, name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("link (-want +got):\n%s", diff)
			}
			// What was made is what is shown, by itself and in the list.
			if shown := s.get(t, strings.TrimPrefix(a.header("Location"), "/api/v1")); shown.Body != a.Body {
				t.Errorf("shown as %s, made as %s", shown.Body, a.Body)
			}
			if diff := cmp.Diff(s.get(t, "/links?limit=1").field(t, "links.0"), a.whole(t)); diff != "" {
				t.Errorf("listed (-listed +made):\n%s", diff)
			}
		})
	}
}

func TestLinkURLsOpenIt(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	a := s.post(t, "/links", `{"file_id":"`+f.ID+`","limit":2}`)
	token, ok := strings.CutPrefix(a.text(t, "url"), "https://share.acme.test/api/v2/shareable_links/")
	if !ok || a.text(t, "page_url") != "https://share.acme.test/l/"+token {
		t.Fatalf("url %s, page_url %s", a.text(t, "url"), a.text(t, "page_url"))
	}
	g, err := s.Shares.Follow(t.Context(), token, share.Visit{RequestID: "1"})
	if err != nil || g.Share.ID != a.text(t, "id") {
		t.Fatalf("following it: %v, %v", g.Share.ID, err)
	}
	got := s.get(t, "/links/"+a.text(t, "id"))
	if got.field(t, "used") != 1.0 || got.field(t, "remaining") != 1.0 {
		t.Errorf("after one use: %s", got.Body)
	}
}

func TestRecipientLink(t *testing.T) {
	s := newSite(t)
	parent, _ := s.linked(t, share.New{Limit: 3})
	_, err := s.Shares.Mail(t.Context(), s.Admin, share.MailRequest{Numbers: []int64{parent.Number}, Recipients: []string{"bob@example.com"}, Base: "https://share.acme.test"})
	if err != nil {
		t.Fatal(err)
	}
	list := s.get(t, "/links?kind=recipient&recipient=bob@EXAMPLE.com")
	want := map[string]any{"number": nil, "kind": "recipient", "recipient": "bob@example.com", "parent_id": parent.ID, "mail_state": "sent", "state": "active"}
	got := map[string]any{}
	for name := range want {
		got[name] = list.field(t, "links.0."+name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recipient's link (-want +got):\n%s", diff)
	}
	if url := list.text(t, "links.0.url"); url != list.text(t, "links.0.page_url") || url != s.Post.Letters()[0].Links[0].URL {
		t.Errorf("its url is %s", url)
	}
	id := list.text(t, "links.0.id")
	s.want(t, 409, request{method: "PATCH", target: "/links/" + id, body: `{"limit":9}`})
	if got := s.get(t, "/links/"+id+"/events").text(t, "events.0.type"); got != "mailed" {
		t.Errorf("its last event is %s", got)
	}
}

func TestListLinks(t *testing.T) {
	s := newSite(t)
	active, _ := s.linked(t, share.New{Note: "active"})
	expired, _ := s.linked(t, share.New{ExpiresAt: s.Clock.Now().Add(time.Minute)})
	exhausted, token := s.linked(t, share.New{Limit: 1})
	revoked, _ := s.linked(t, share.New{})
	if _, err := s.Shares.Follow(t.Context(), token, share.Visit{RequestID: "1"}); err != nil {
		t.Fatal(err)
	}
	s.want(t, 200, request{method: "DELETE", target: "/links/" + revoked.ID})
	s.Clock.Advance(2 * time.Minute)
	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{revoked.ID, exhausted.ID, expired.ID, active.ID}},
		{"?state=active", []string{active.ID}},
		{"?state=expired", []string{expired.ID}},
		{"?state=exhausted", []string{exhausted.ID}},
		{"?state=revoked", []string{revoked.ID}},
		{"?file_id=" + active.Target.FileID, []string{active.ID}},
		{"?file_id=" + active.Target.FileID + "&state=revoked", nil},
		{"?kind=download&limit=100", []string{revoked.ID, exhausted.ID, expired.ID, active.ID}},
		{"?kind=recipient", nil},
		{"?recipient=nobody@example.com", nil},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, s.pages(t, "/links"+tt.query, "links")); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangeLink(t *testing.T) {
	s := newSite(t)
	sh, token := s.linked(t, share.New{Limit: 1, Note: "old", ExpiresAt: s.Clock.Now().Add(time.Hour)})
	if _, err := s.Shares.Follow(t.Context(), token, share.Visit{RequestID: "1"}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, body string
		want       map[string]any
	}{
		{"note", `{"note":"new"}`, map[string]any{"note": "new", "limit": 1.0, "state": "exhausted", "expires_at": "2023-11-27T10:43:39.000Z"}},
		{"limit", `{"limit":3}`, map[string]any{"note": "new", "limit": 3.0, "remaining": 2.0, "state": "active"}},
		{"never", `{"expires_at":null}`, map[string]any{"expires_at": nil, "limit": 3.0}},
		{"all", `{"expires_at":"2023-11-30","limit":0,"note":""}`, map[string]any{"expires_at": "2023-12-01T00:00:00.000Z", "limit": 0.0, "remaining": nil, "note": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.want(t, 200, request{method: "PATCH", target: "/links/" + sh.ID, body: tt.body})
			got := map[string]any{}
			for name := range tt.want {
				got[name] = a.field(t, name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("link (-want +got):\n%s", diff)
			}
			if shown := s.get(t, "/links/"+sh.ID); shown.Body != a.Body {
				t.Errorf("shown as %s, changed to %s", shown.Body, a.Body)
			}
		})
	}
}

func TestRevokeLink(t *testing.T) {
	s := newSite(t)
	sh, token := s.linked(t, share.New{})
	s.Clock.Advance(time.Second)
	first := s.want(t, 200, request{method: "DELETE", target: "/links/" + sh.ID})
	s.Clock.Advance(time.Hour)
	again := s.want(t, 200, request{method: "DELETE", target: "/links/" + sh.ID})
	if first.Body != again.Body {
		t.Errorf("first %s, again %s", first.Body, again.Body)
	}
	if got, want := first.text(t, "urls_dead_by"), "2023-11-27T09:44:40.001Z"; got != want {
		t.Errorf("urls_dead_by = %s, want %s", got, want)
	}
	if _, err := s.Shares.Follow(t.Context(), token, share.Visit{RequestID: "1"}); err == nil {
		t.Error("it can still be followed")
	}
	s.want(t, 409, request{method: "PATCH", target: "/links/" + sh.ID, body: `{"note":"x"}`})
}

func TestBatch(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	a := s.want(t, 200, request{method: "POST", target: "/links", body: `{"links":[
		{"file_id":"` + f.ID + `","note":"first"},
		{"file_id":"018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"},
		{"file_id":"` + f.ID + `","limit":-1},
		{"file_id":"` + f.ID + `","limmit":1,"mote":""},
		{"file_id":"` + f.ID + `","limit":"1"},
		{"file_id":"` + f.ID + `","note":"last"}]}`, partly: true, header: map[string]string{"Idempotency-Key": "b"}})
	type result struct {
		Status        int
		Note, Problem any
	}
	var got []result
	for i := range 6 {
		at := fmt.Sprintf("results.%d", i)
		r := result{Status: int(a.field(t, at+".status").(float64))}
		if r.Status == 201 {
			r.Note = a.text(t, at+".link.note")
		} else {
			r.Problem = a.text(t, at+".error.detail")
		}
		got = append(got, r)
	}
	want := []result{
		{201, "first", nil},
		{422, nil, "links[1].file_id is not the id of a file"},
		{422, nil, "links[2].limit must be an integer from 0 (unlimited) to 1000000000"},
		{422, nil, "unknown fields: links[3].limmit, links[3].mote"},
		{422, nil, "links[4].limit must be an integer"},
		{201, "last", nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}
