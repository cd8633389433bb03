package sonix_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/fake"
	"latchkey/shared/fake/openapi"
	"latchkey/shared/recording"
	"latchkey/shared/table"
	"latchkey/shared/transcript"
)

var ctx = context.Background()

// site is the dialect over a stack. Every answer is held against openapi.yaml.
type site struct {
	*fake.Stack
	client *fake.Client
	spec   *openapi.Document
}

const origin = "https://share.example.com"

func newSite(t testing.TB) *site { return newSiteOver(t, nil) }

// newSiteOver is newSite with something around the table.
func newSiteOver(t testing.TB, wrap func(table.Engine) table.Engine) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, wrap), spec: openapi.Load(t, "Error")}
	api := sonix.API{Accounts: s.Accounts, Recordings: s.Recordings, Origin: origin}
	s.client = &fake.Client{Handler: dialect.Service{Face: sonix.Face, Log: slog.New(slog.DiscardHandler), Now: s.Clock.Now}.Handler(api.Routes()...)}
	return s
}

// as calls with a key, "" for none. What a body is, its first character says:
// { JSON, [ JSON, anything else urlencoded, or what the headers say.
func (s *site) as(t testing.TB, key, call, body string, header ...string) fake.Answer {
	t.Helper()
	if key != "" {
		header = append(header, "Authorization", "Bearer "+key)
	}
	if body != "" && body[0] != '{' && body[0] != '[' && !strings.Contains(strings.Join(header, " "), "Content-Type") {
		header = append(header, "Content-Type", "application/x-www-form-urlencoded")
	}
	a := s.client.Do(t, call, body, header...)
	method, target, _ := strings.Cut(call, " ")
	checkStatus(t, call, a)
	s.spec.Check(t, method, target, openapi.Answer{Status: a.Status, ContentType: a.Header.Get("Content-Type"), Body: a.Body})
	return a
}

// checkStatus checks that a success is no status but 200 or a redirect, and
// that a failure says its status, and twice the same words.
//
// contract: SX-007, SX-016, FF-34
func checkStatus(t testing.TB, call string, a fake.Answer) {
	t.Helper()
	if a.Status == 200 || a.Status == 302 || strings.HasPrefix(call, "HEAD ") {
		return
	}
	var e struct {
		Code           int
		Message, Error string
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil || a.Status < 400 || e.Code != a.Status || e.Message == "" || e.Error != e.Message {
		t.Errorf("%s: %d %s", call, a.Status, a.Body)
	}
}

// owner calls as the admin.
func (s *site) owner(t testing.TB, call, body string, header ...string) fake.Answer {
	t.Helper()
	return s.as(t, s.Key, call, body, header...)
}

// want fails unless an answer has a status and all of some texts.
func want(t testing.TB, what string, a fake.Answer, status int, parts ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%s: %d %s, want %d", what, a.Status, strings.TrimSpace(a.Body), status)
		return
	}
	for _, p := range parts {
		if !strings.Contains(a.Body, p) {
			t.Errorf("%s: %s, want %s in it", what, strings.TrimSpace(a.Body), p)
		}
	}
}

// made makes a media by POST and returns its id.
func (s *site) made(t testing.TB, body string) string {
	t.Helper()
	a := s.owner(t, "POST /v1/media", body)
	var m struct{ ID string }
	if a.JSON(t, &m); a.Status != 200 || m.ID == "" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return m.ID
}

// completed makes a media that has a transcript.
func (s *site) completed(t testing.TB, name string, said transcript.Transcript) string {
	t.Helper()
	r, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: name, Language: "en", Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: &said}); err != nil {
		t.Fatal(err)
	}
	return r.ID
}
