package sweetconnect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

// samples are the seven bodies of the published text, in its order.
func samples(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/samples.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n\n")
	if len(all) != 7 {
		t.Fatalf("%d samples", len(all))
	}
	return all
}

// same compares two JSON texts; without says which extension is ours alone.
func same(t *testing.T, what, want, got string, without ...string) {
	t.Helper()
	var w, g any
	if err := errors.Join(json.Unmarshal([]byte(want), &w), json.Unmarshal([]byte(got), &g)); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if e, ok := g.(map[string]any)["errors"]; ok {
		extension := e.([]any)[0].(map[string]any)["extension"].(map[string]any)
		for _, name := range without {
			if extension[name] == nil || extension[name] == "" {
				t.Errorf("%s: no %s in %s", what, name, got)
			}
			delete(extension, name)
		}
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestSamples sends the published request and holds the seven answers against
// the published bodies, at both places.
//
// contract: SC-01, SC-02, SC-03, SC-04, SC-05, SC-06, SC-07, SC-23, SC-24, SC-25, SC-26, SC-27, SC-28, SC-29, SC-30, SC-31, SC-32, SC-33, SC-34
func TestSamples(t *testing.T) {
	const request = `{    "recipientEmail": "recipient@example.com",    "assetId": "a1b2c3d4-e5f6-7890-a012-3456789abcde"  }`
	for _, mount := range []string{"", "/api/storage"} {
		broken := false
		s := newSiteOver(t, func(e table.Engine) table.Engine { return breakable{e, &broken} })
		f, general := s.document(t, "d.pdf"), s.upload(t, s.Admin, file.New{Name: "g.pdf"})
		technician := s.member(t, account.Technician)
		call := func(key, id, body string) fake.Answer {
			return s.as(t, key, "POST "+mount+"/v1/shares/"+id, body, "Content-Type", "application/json")
		}
		sample := samples(t)
		for i, tt := range []struct {
			answer fake.Answer
			status int
			ours   []string
		}{
			{call(s.Key, f.ID, request), 201, nil},
			{call(s.Key, f.ID, `{`), 400, nil},
			{call("", f.ID, request), 401, nil},
			{call(technician, f.ID, request), 403, nil},
			{call(s.Key, "a1b2c3d4-e5f6-4789-a012-3456789abcde", request), 404, nil},
			{call(s.Key, general.ID, request), 422, nil},
			{func() fake.Answer { broken = true; return call(s.Key, f.ID, request) }(), 500, []string{"requestId"}},
		} {
			if tt.answer.Status != tt.status {
				t.Errorf("%s %d: %d %s", mount, i, tt.answer.Status, tt.answer.Body)
			}
			same(t, fmt.Sprint(mount, tt.status), sample[i], tt.answer.Body, tt.ours...)
		}
	}
}

// breakable is a table that fails as a whole.
type breakable struct {
	table.Engine
	broken *bool
}

func (b breakable) Get(ctx context.Context, k table.Key, consistent bool) (table.Item, error) {
	if *b.broken {
		return nil, errors.New("the table is down: secret of the house")
	}
	return b.Engine.Get(ctx, k, consistent)
}

// TestShareRefusesBadInput: 400 that names the field, and nothing is done.
//
// contract: SC-03, SC-06, SC-07, SC-08, SC-26
func TestShareRefusesBadInput(t *testing.T) {
	s := newSite(t)
	f := s.document(t, "d.pdf")
	for _, tt := range []struct{ id, body, field string }{
		{f.ID, ``, "recipientEmail"}, {f.ID, `{}`, "recipientEmail"}, {f.ID, `{"recipientEmail":null}`, "recipientEmail"},
		{f.ID, `{"recipientEmail":1}`, "recipientEmail"}, {f.ID, `{"recipientEmail":"nobody"}`, "recipientEmail"},
		{f.ID, `{"recipientEmail":"a@b.test\r\nBcc: c@d.test"}`, "recipientEmail"}, {f.ID, `{"recipientEmail":["a@b.test"]}`, "recipientEmail"},
		{f.ID, `{"recipientEmail":"a@b.test"}`, "assetId"}, {f.ID, `{"recipientEmail":"a@b.test","assetId":"1"}`, "assetId"},
		{f.ID, `{"recipientEmail":"a@b.test","assetId":{}}`, "assetId"},
		{f.ID, `{"recipientEmail":"a@b.test","assetId":"` + asset + `","message":7}`, "message"},
		{f.ID, `{"recipientEmail":"a@b.test","assetId":"` + asset + `","message":"` + strings.Repeat("a", 2001) + `"}`, "message"},
		{f.ID, `{"recipientEmail":"a@b.test","assetId":"` + asset + `","message":"\u0000"}`, "message"},
		{"1", `{"recipientEmail":"a@b.test"}`, "fileId"}, {f.ID + "0", `{}`, "fileId"},
		{f.ID, `[]`, ""}, {f.ID, `{"recipientEmail":"a@b.test","recipientEmail":"c@d.test"}`, ""}, {f.ID, `{} {}`, ""}, {f.ID, "{\"message\":\"\xff\"}", ""},
	} {
		a := s.owner(t, "POST /v1/shares/"+tt.id, tt.body)
		want(t, tt.body, a, 400, `"errorCode":"BadRequest","message":"The request payload is invalid."`)
		if tt.field != "" {
			want(t, tt.body, a, 400, `"field":"`+tt.field+`"`)
		}
	}
	big := s.owner(t, "POST /v1/shares/"+f.ID, `{"message":"`+strings.Repeat("a", 4_000_001)+`"}`)
	want(t, "a body of more than 4 MB", big, 400, `"errorCode":"FileTooLarge"`)
	if users, err := s.Accounts.Users(ctx, s.Admin); err != nil || len(users) != 1 || len(s.Post.Letters()) > 0 {
		t.Errorf("%d users, %d letters, %v", len(users), len(s.Post.Letters()), err)
	}
}

// TestShare: the mail has the link and the message; who is new gets one
// deactivated account however much is shared with them; the same request again
// mails the same link.
//
// contract: SC-08, SC-09, SC-10, SC-13, SC-14, SC-16, SC-18, SC-20
func TestShare(t *testing.T) {
	s := newSite(t)
	s.Clock.Advance(time.Second)
	s.member(t, account.Technician)
	f, g := s.document(t, "f.pdf"), s.document(t, "g.pdf")
	body := func(email, message string) string {
		return `{"recipientEmail":"` + email + `","assetId":"` + strings.ToUpper(asset) + `","message":"` + message + `"}`
	}
	for _, tt := range []struct{ id, email, message string }{
		{f.ID, "r@new.test", "Have a look."}, {f.ID, "R@new.test", "Again."}, {g.ID, "r@new.test", ""}, {f.ID, "technician@acme.test", "For you."},
	} {
		s.Clock.Advance(time.Second)
		want(t, tt.email, s.owner(t, "POST /v1/shares/"+tt.id, body(tt.email, tt.message)), 201)
		all := s.Post.Letters()
		if l := all[len(all)-1]; l.Message != tt.message || !strings.EqualFold(l.To, tt.email) || l.Sender != s.Admin.Name || l.ReplyTo != s.Admin.Email {
			t.Errorf("%+v", l)
		}
	}
	letters := s.Post.Letters()
	urls := map[string]bool{}
	for _, l := range letters {
		urls[l.Links[0].URL] = true
	}
	if len(letters) != 4 || len(urls) != 3 || letters[0].Links[0].URL != letters[1].Links[0].URL {
		t.Errorf("%d letters with the links %v", len(letters), urls)
	}
	users, err := s.Accounts.Users(ctx, s.Admin)
	if err != nil || len(users) != 3 || users[2].State != account.Deactivated || users[2].Joining != account.Invited {
		t.Errorf("%+v, %v", users, err)
	}
	sent := s.owner(t, "GET /v1/shares?limit=2&page=2", "")
	want(t, "sent", sent, 200, `"pagination":{"page":2,"limit":2,"totalItems":3,"totalPages":2}`, `"documentName":"f.pdf"`, `"message":"Again."`, `"revokedAt":null`)
	if strings.Contains(sent.Body, users[2].ID) {
		t.Error("a sender is told the recipient's id")
	}
	for _, q := range []string{"page=0", "page=x", "limit=51", "limit=", "limit=1&limit=2", "page=1000001"} {
		want(t, q, s.owner(t, "GET /v1/shares?"+q, ""), 400, `"field":"`+q[:strings.Index(q, "=")]+`"`)
	}
	want(t, "none", s.as(t, s.member(t, account.SalesAgent), "GET /v1/shares", ""), 200, `{"data":{"items":[],"pagination":{"page":1,"limit":10,"totalItems":0,"totalPages":0}}}`)
}

// TestMailFails: 500, the share stays, the same request again mails its link.
//
// contract: SC-19, SC-20
func TestMailFails(t *testing.T) {
	s := newSite(t)
	f := s.document(t, "f.pdf")
	call, body := "POST /v1/shares/"+f.ID, `{"recipientEmail":"r@new.test","assetId":"`+asset+`"}`
	for i, state := range []string{"rejected", "rejected", "sent"} {
		s.Post.Throttle = i < 2
		a := s.owner(t, call, body)
		want(t, state, a, map[string]int{"rejected": 500, "sent": 201}[state])
		want(t, state, s.owner(t, "GET /v1/shares", ""), 200, `"totalItems":1`, `"mailState":"`+state+`"`)
	}
	users, err := s.Accounts.Users(ctx, s.Admin)
	if err != nil || len(users) != 2 || len(s.Post.Letters()) != 1 {
		t.Errorf("%d users, %d letters, %v", len(users), len(s.Post.Letters()), err)
	}
	for _, address := range []string{"r@reject.test", "r@unknown.test"} {
		a := s.owner(t, call, strings.ReplaceAll(body, "r@new.test", address))
		want(t, address, a, 500, "InternalServerError")
		if strings.Contains(a.Body, "mail") {
			t.Errorf("%s: %s", address, a.Body)
		}
	}
}

// TestOfOtherOrganizations: a file or an asset that is not one's own is one
// that there is not; a user of elsewhere is refused and nothing made.
//
// contract: SC-11, SC-12, SC-17, SC-35
func TestOfOtherOrganizations(t *testing.T) {
	s := newSite(t)
	key, rival := s.Organization(t, "Rival", "eve@rival.test")
	f := s.document(t, "f.pdf")
	theirs := s.upload(t, rival, file.New{Name: "t.pdf", Kind: file.AssetDocument, Assets: []string{"b1b2c3d4-e5f6-7890-a012-3456789abcde"}})
	share := func(key, id, email, asset string) fake.Answer {
		return s.as(t, key, "POST /v1/shares/"+id, `{"recipientEmail":"`+email+`","assetId":"`+asset+`"}`)
	}
	unknown := share(s.Key, nobody, "r@new.test", asset)
	want(t, "an unknown file", unknown, 404)
	for what, a := range map[string]fake.Answer{
		"another organization's file": share(key, f.ID, "r@new.test", asset),
		"another organization's, too": share(s.Key, theirs.ID, "r@new.test", asset),
		"an unknown asset":            share(s.Key, f.ID, "r@new.test", nobody),
		"a foreign asset":             share(s.Key, f.ID, "r@new.test", theirs.Assets[0]),
	} {
		want(t, what, a, 404)
		if a.Body != unknown.Body {
			t.Errorf("%s: %s", what, a.Body)
		}
	}
	want(t, "another user", share(s.Key, f.ID, "Eve@rival.test", asset), 422, `"errorCode":"UnprocessableEntity","message":"Operation not allowed for this entity type.","extension":{"entityType":"User"}`)
	if users, err := s.Accounts.Users(ctx, s.Admin); err != nil || len(users) != 1 || len(s.Post.Letters()) > 0 {
		t.Errorf("%d users, %d letters, %v", len(users), len(s.Post.Letters()), err)
	}
}

// TestUnauthenticated: without a bearer, or with one that is none, every route
// but the public ones answers the same whatever it is asked.
//
// contract: SC-23, SC-27
func TestUnauthenticated(t *testing.T) {
	s := newSite(t)
	for _, route := range (sweetconnect.API{Handovers: s.Handovers}).Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if strings.Contains(path, "/state/") || strings.Contains(path, "/realms/") {
			continue
		}
		path = strings.NewReplacer("{first}", nobody, "{second}", "pending-requests", "{id}", "1", "{userId}", "1").Replace(path)
		for key, code := range map[string]string{"": "Unauthorized", "lk_none": "InvalidToken"} {
			a := s.as(t, key, method+" "+path, "{")
			want(t, route.Pattern, a, 401, `{"errors":[{"errorCode":"`+code+`","message":"`)
			if a.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s: %v", route.Pattern, a.Header)
			}
		}
	}
}
