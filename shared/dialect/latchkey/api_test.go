package latchkey_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

func TestKeys(t *testing.T) {
	s := newSite(t)
	s.Clock.Advance(time.Second)
	made := s.post(t, "/keys", `{"name":"build server"}`)
	secret, id := made.text(t, "secret"), made.text(t, "key.id")
	if made.text(t, "key.user_id") != s.Admin.User {
		t.Errorf("the key acts as %s", made.text(t, "key.user_id"))
	}
	list := s.want(t, 200, request{method: "GET", target: "/keys", header: map[string]string{"X-API-KEY": secret}, key: "-"})
	if diff := cmp.Diff(made.field(t, "key"), list.field(t, "keys.1")); diff != "" {
		t.Errorf("listed (-made +listed):\n%s", diff)
	}
	gone := s.want(t, 200, request{method: "DELETE", target: "/keys/" + id})
	if got, want := gone.text(t, "effective_by"), "2023-11-27T09:44:40.000Z"; got != want {
		t.Errorf("effective_by = %s, want %s", got, want)
	}
	s.want(t, 401, request{method: "GET", target: "/keys", key: secret})
	s.want(t, 404, request{method: "DELETE", target: "/keys/" + id})
}

// A key that acts as somebody else has their role.
func TestKeysOfOthers(t *testing.T) {
	s := newSite(t)
	bob, err := s.Accounts.Invite(t.Context(), s.Admin, account.NewUser{Email: "bob@acme.test", Role: "view_only"})
	if err != nil {
		t.Fatal(err)
	}
	made := s.post(t, "/keys", `{"name":"Bob","email":"Bob@acme.test"}`)
	if made.text(t, "key.user_id") != bob.ID {
		t.Errorf("the key acts as %s", made.text(t, "key.user_id"))
	}
	secret := made.text(t, "secret")
	s.want(t, 200, request{method: "GET", target: "/files", key: secret})
	s.want(t, 403, request{method: "POST", target: "/keys", key: secret, body: `{"name":"more"}`})
	a := s.want(t, 422, request{method: "POST", target: "/keys", body: `{"name":"Eve","email":"eve@acme.test"}`})
	if diff := cmp.Diff([]string{"email"}, a.fields(t)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// everyCall is one call of each route that is good but for who makes it.
func everyCall(f, l string) []request {
	return []request{
		{method: "POST", target: "/files", body: `{"name":"a"}`},
		{method: "GET", target: "/files"},
		{method: "GET", target: "/files/" + f},
		{method: "GET", target: "/files/" + f + "/parts"},
		{method: "POST", target: "/files/" + f + "/complete", body: `{"parts":[{"number":1,"etag":"x"}]}`},
		{method: "POST", target: "/links", body: `{"file_id":"` + f + `"}`},
		{method: "GET", target: "/links"},
		{method: "GET", target: "/links/" + l},
		{method: "PATCH", target: "/links/" + l, body: `{"note":"a"}`},
		{method: "GET", target: "/links/" + l + "/events"},
		{method: "GET", target: "/events"},
		{method: "DELETE", target: "/links/" + l},
		{method: "DELETE", target: "/files/" + f},
		{method: "POST", target: "/keys", body: `{"name":"a"}`},
		{method: "GET", target: "/keys"},
		{method: "DELETE", target: "/keys/0123456789abcdef"},
		{method: "POST", target: "/webhooks", body: `{"url":"https://example.com/","events":["label.changed"]}`},
		{method: "GET", target: "/webhooks"},
		{method: "GET", target: "/webhooks/0123456789abcdef"},
		{method: "PATCH", target: "/webhooks/0123456789abcdef", body: `{"disabled":true}`},
		{method: "POST", target: "/webhooks/0123456789abcdef/test"},
		{method: "POST", target: "/webhooks/0123456789abcdef/rotate"},
		{method: "GET", target: "/webhooks/0123456789abcdef/deliveries"},
		{method: "POST", target: "/webhooks/0123456789abcdef/deliveries/" + f + "/replay"},
		{method: "DELETE", target: "/webhooks/0123456789abcdef"},
		{method: "GET", target: "/jobs"},
		{method: "GET", target: "/jobs/export-01234567"},
		{method: "POST", target: "/jobs/export-01234567/cancel"},
		{method: "GET", target: "/organization"},
		{method: "PATCH", target: "/organization", body: `{"standing":"active"}`},
	}
}

func TestEveryCallIsListed(t *testing.T) {
	s := newSite(t)
	seen := map[string]bool{}
	for _, r := range everyCall("f", "l") {
		seen[strings.Join(s.spec.Operation(r.method, r.target), " ")] = true
	}
	paths, _ := s.spec.Find("paths")
	for p, item := range paths.(map[string]any) {
		for method := range item.(map[string]any) {
			if name := "paths " + p + " " + method; method != "parameters" && !seen[name] {
				t.Errorf("everyCall has no %s", name)
			}
		}
	}
}

func TestStrangersLearnNothing(t *testing.T) {
	s := newSite(t)
	sh, _ := s.linked(t, share.New{})
	for _, r := range everyCall(sh.Target.FileID, sh.ID) {
		r.body = `{"what":` // not even that this is no body
		for _, key := range []string{"-", "lk_wrong", strings.Replace(s.Key, "lk_", "lk_x", 1), s.Key[:len(s.Key)-1] + "!"} {
			r.key = key
			a := s.want(t, 401, r)
			want := `Bearer realm="latchkey", error="invalid_token"`
			if key == "-" {
				want = `Bearer realm="latchkey"`
			}
			if got := a.header("WWW-Authenticate"); got != want {
				t.Errorf("WWW-Authenticate = %s, want %s", got, want)
			}
		}
	}
}

// TestOtherOrganizations: what is another's looks like what does not exist.
func TestOtherOrganizations(t *testing.T) {
	s := newSite(t)
	other, _ := s.Organization(t, "Other", "other@other.test")
	sh, _ := s.linked(t, share.New{})
	const none = "018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"
	theirs, nobodys := everyCall(sh.Target.FileID, sh.ID), everyCall(none, none)
	for i := range theirs {
		if theirs[i].target == nobodys[i].target && theirs[i].body == nobodys[i].body {
			continue // names nothing
		}
		theirs[i].key, nobodys[i].key = other, other
		a, b := s.do(t, theirs[i]), s.do(t, nobodys[i])
		clean := func(a answer) string { return strings.ReplaceAll(a.Body, a.text(t, "instance"), "") }
		if a.Status < 400 || a.Status != b.Status || clean(a) != clean(b) {
			t.Errorf("%s %s: %d %s\nbut of what does not exist: %d %s", theirs[i].method, theirs[i].target, a.Status, a.Body, b.Status, b.Body)
		}
	}
	for target, list := range map[string]string{"/files": "files", "/links": "links", "/events": "events"} {
		a := s.want(t, 200, request{method: "GET", target: target, key: other})
		if n := len(a.field(t, list).([]any)); n != 0 {
			t.Errorf("%s shows %d of another organization", target, n)
		}
	}
	mine := s.get(t, "/files?limit=1")
	if mine.field(t, "next_cursor") == nil {
		s.ready(t)
		mine = s.get(t, "/files?limit=1")
	}
	s.want(t, 422, request{method: "GET", target: "/files?cursor=" + mine.text(t, "next_cursor"), key: other})
}

func TestRoles(t *testing.T) {
	tests := []struct {
		role account.Role
		may  []string
		rest int // what all others are
	}{
		{account.Producer, []string{"POST /files", "GET /files", "POST /links", "GET /links", "GET /events", "GET /jobs"}, 403},
		{account.TeamMember, []string{"POST /files", "GET /files", "POST /links", "GET /links", "GET /jobs"}, 403},
		{account.ViewOnly, []string{"GET /files", "GET /links", "GET /jobs"}, 403},
		{account.ExternalEditor, []string{"GET /jobs"}, 403},
		{account.Disabled, nil, 401},
	}
	for _, tt := range tests {
		t.Run(string(tt.role), func(t *testing.T) {
			s := newSite(t)
			f := s.ready(t)
			s.Accounts.Store = demoted{s.Accounts.Store, tt.role}
			s.Clock.Advance(time.Hour) // what the cache knows of the role
			var may []string
			for _, r := range everyCall(f.ID, f.ID) {
				if strings.Count(r.target, "/") > 1 {
					continue
				}
				switch a := s.do(t, r); a.Status {
				case 200, 201:
					may = append(may, r.method+" "+r.target)
				case tt.rest:
				default:
					t.Errorf("%s %s: %d %s", r.method, r.target, a.Status, a.Body)
				}
			}
			if diff := cmp.Diff(tt.may, may); diff != "" {
				t.Errorf("may (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	s := newSite(t)
	sh, _ := s.linked(t, share.New{})
	for _, r := range everyCall(sh.Target.FileID, sh.ID) {
		if r.method != "GET" {
			continue
		}
		get := s.do(t, r)
		r.method = "HEAD"
		head := s.do(t, r)
		if head.Status != get.Status || head.Body != "" || head.header("Content-Type") != get.header("Content-Type") {
			t.Errorf("HEAD %s: %d %v %q, GET %d %v", r.target, head.Status, head.Headers, head.Body, get.Status, get.Headers)
		}
	}
}

func TestNoRoute(t *testing.T) {
	s := newSite(t)
	tests := []struct {
		method, target string
		status         int
		allow          string
	}{
		{"GET", "/nothing", 404, ""},
		{"GET", "/files/a/b/c", 404, ""},
		{"GET", "/files/", 404, ""},
		{"GET", "/files//x", 404, ""},
		{"GET", "/files/../keys", 404, ""},
		{"G ET", "/files", 400, ""},
		{"PUT", "/files", 405, "GET, HEAD, POST"},
		{"POST", "/links/x", 405, "DELETE, GET, HEAD, PATCH"},
		{"DELETE", "/events", 405, "GET, HEAD"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			a := s.want(t, tt.status, request{method: tt.method, target: tt.target})
			if got := a.header("Allow"); got != tt.allow {
				t.Errorf("Allow = %q, want %q", got, tt.allow)
			}
		})
	}
}

func TestFailuresSayNothing(t *testing.T) {
	whole := true
	s := newSiteOver(t, func(e table.Engine) table.Engine { return failing{e, &whole} })
	f := s.ready(t)
	whole = false
	one := s.want(t, 500, request{method: "POST", target: "/links", body: `{"file_id":"` + f.ID + `"}`})
	batch := s.want(t, 200, request{method: "POST", target: "/links", body: `{"links":[{"file_id":"` + f.ID + `"}]}`})
	want := map[string]any{
		"type": "urn:latchkey:problem:internal", "title": "Internal error", "status": 500.0,
		"detail": "The request failed on our side. When you report it, give the instance.",
	}
	for i, got := range []any{one.whole(t), batch.field(t, "results.0.error")} {
		want["instance"] = []string{"urn:latchkey:request:request-1", "urn:latchkey:request:request-2"}[i]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("problem (-want +got):\n%s", diff)
		}
	}
	if n := strings.Count(s.log.String(), "the password is secret"); n != 2 {
		t.Errorf("the log has the cause %d times, want 2:\n%s", n, s.log)
	}
}

// failing is a table whose commits fail unless it is whole.
type failing struct {
	table.Engine
	whole *bool
}

func (f failing) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if *f.whole {
		return f.Engine.Commit(ctx, writer, ops...)
	}
	return errors.New("dial tcp 10.1.2.3: the password is secret")
}
