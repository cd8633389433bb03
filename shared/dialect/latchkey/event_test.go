package latchkey_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/share"
)

// trail makes a link, and events whose agents are what strangers may send.
func (s *site) trail(t *testing.T, agents ...string) share.Share {
	t.Helper()
	sh, _ := s.linked(t, share.New{})
	for _, agent := range agents {
		s.Clock.Advance(time.Second)
		err := s.Shares.RecordEvents(t.Context(), []share.Event{{
			ID: s.IDs.UUID(), Organization: sh.Organization, Share: sh.ID, File: sh.Target.FileID,
			Type: share.Downloaded, At: s.Clock.Now(), From: "203.0.113.9", Agent: agent, Automatic: true,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sh
}

func TestEvents(t *testing.T) {
	s := newSite(t)
	sh := s.trail(t, "curl/8")
	s.trail(t, "wget")
	s.want(t, 200, request{method: "DELETE", target: "/links/" + sh.ID})
	one := s.get(t, "/links/"+sh.ID+"/events")
	var got []string
	for _, e := range one.field(t, "events").([]any) {
		got = append(got, e.(map[string]any)["type"].(string))
	}
	if diff := cmp.Diff([]string{"revoked", "downloaded", "created"}, got); diff != "" {
		t.Errorf("the link's events (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"id": one.field(t, "events.1.id"), "type": "downloaded", "at": "2023-11-27T09:43:40.001Z", "link_id": sh.ID, "via_link_id": nil,
		"file_id": sh.Target.FileID, "document_id": nil, "by": nil, "from": "203.0.113.9", "agent": "curl/8", "recipient": nil, "reason": nil, "automatic": true,
	}
	if diff := cmp.Diff(want, one.field(t, "events.1")); diff != "" {
		t.Errorf("an event (-want +got):\n%s", diff)
	}
	if got := one.text(t, "events.0.by"); got != s.Admin.User {
		t.Errorf("revoked by %s", got)
	}
	if n := len(s.pages(t, "/events", "events")); n != 5 {
		t.Errorf("%d events in all, want 5", n)
	}
}

func TestEventsCSV(t *testing.T) {
	agents := []string{
		"=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\ttab", "\rreturn", "\nline", "＝1", "'quoted", "a,b", `say "hi"`, "two\nlines", "", "plain",
	}
	want := []string{
		"'=cmd|'/c calc'!A1", "'+1", "'-1", "'@SUM(1)", "'\ttab", "'return", "'\nline", "'＝1", "''quoted", "a,b", `say "hi"`, "two\nlines", "", "plain",
	}
	s := newSite(t)
	sh := s.trail(t, agents...)
	a := s.get(t, "/links/"+sh.ID+"/events?format=csv&limit=14")
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := "id,type,at,link_id,via_link_id,file_id,by,from,agent,recipient,reason,automatic,document_id"
	if got := strings.Join(rows[0], ","); got != header {
		t.Errorf("header %s, want %s", got, header)
	}
	var got []string
	for i := len(rows) - 1; i > 0; i-- {
		got = append(got, rows[i][8])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	if a.header("Content-Type") != "text/csv; charset=utf-8; header=present" || a.header("Content-Disposition") != `attachment; filename="events.csv"` {
		t.Errorf("headers %v", a.Headers)
	}
	if link := a.header("Link"); !strings.Contains(link, "format=csv") || !strings.Contains(link, "cursor=") {
		t.Errorf("Link = %q: the next page must be CSV too", link)
	}
	if strings.Count(a.Body, "\r\n") < len(rows) {
		t.Error("rows do not end in CRLF")
	}
}

func TestEventsAs(t *testing.T) {
	s := newSite(t)
	s.trail(t)
	tests := []struct{ query, accept, want string }{
		{"", "", "application/json"},
		{"", "text/csv", "text/csv"},
		{"", "TEXT/CSV; charset=utf-8", "text/csv"},
		{"", "text/csv;q=0.5, application/json", "application/json"},
		{"", "application/json;q=0.5, text/csv", "text/csv"},
		{"", "text/csv;q=0", "application/json"},
		{"", "text/html,*/*;q=0.8", "application/json"},
		{"", ";;;,text/csv", "text/csv"},
		{"?format=json", "text/csv", "application/json"},
		{"?format=csv", "application/json", "text/csv"},
	}
	for _, tt := range tests {
		t.Run(tt.query+" "+tt.accept, func(t *testing.T) {
			a := s.want(t, 200, request{method: "GET", target: "/events" + tt.query, header: map[string]string{"Accept": tt.accept}})
			if got, _, _ := strings.Cut(a.header("Content-Type"), ";"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if a.header("Vary") != "Accept" {
				t.Errorf("Vary = %q", a.header("Vary"))
			}
		})
	}
}
