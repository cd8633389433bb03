package latchkey_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/fake"
	"latchkey/shared/fake/openapi"
	"latchkey/shared/file"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// site is the API as a Lambda function over the domain in memory. Every
// answer it gives is held against openapi.yaml.
type site struct {
	*fake.Stack
	spec   *openapi.Document
	invoke func(event []byte) ([]byte, error)
	log    *bytes.Buffer
	calls  int
}

func newSite(t *testing.T) *site { return newSiteOver(t, nil) }

func newSiteOver(t *testing.T, wrap func(table.Engine) table.Engine) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, wrap), spec: loadSpec(t), log: new(bytes.Buffer)}
	s.Memory.Record(s.Clock.Now)
	log := slog.New(slog.NewTextHandler(s.log, nil))
	api := latchkey.API{Accounts: s.Accounts, Files: s.Files, Links: s.Shares, Webhooks: s.Webhooks, Jobs: s.Jobs}
	service := dialect.Service{Face: latchkey.Face, Log: log, Now: s.Clock.Now}
	f := lambdahttp.Handler(service.Handler(api.Routes()...), lambdahttp.WithLog(log), lambdahttp.WithFailure(latchkey.Fail))
	s.invoke = func(event []byte) ([]byte, error) { return f.Invoke(t.Context(), event) }
	return s
}

// answer is a response as API Gateway gets it.
type answer struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func (a answer) header(name string) string {
	for k, v := range a.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// field returns a part of a JSON body by its path: "file.id".
func (a answer) field(t *testing.T, path string) any {
	t.Helper()
	v := a.whole(t)
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				t.Fatalf("no %s in %s", path, a.Body)
			}
			v = in[i]
		default:
			t.Fatalf("no %s in %s", path, a.Body)
		}
	}
	return v
}

// whole returns a JSON body.
func (a answer) whole(t *testing.T) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("%v in %q", err, a.Body)
	}
	return v
}

func (a answer) text(t *testing.T, path string) string {
	t.Helper()
	s, ok := a.field(t, path).(string)
	if !ok {
		t.Fatalf("%s is no string in %s", path, a.Body)
	}
	return s
}

// request is a call of the API. Key "" is the admin's, "-" is none.
type request struct {
	method, target string // "/files?limit=1", under /api/v1
	key            string
	header         map[string]string
	body           string
	partly         bool // taken, though part of its body is not as openapi.yaml says
}

func (s *site) event(r request) []byte {
	path, query, _ := strings.Cut(r.target, "?")
	header := map[string]string{}
	switch {
	case r.key == "":
		header["authorization"] = "Bearer " + s.Key
	case r.key != "-":
		header["authorization"] = "Bearer " + r.key
	}
	for name, value := range r.header {
		header[strings.ToLower(name)] = value
	}
	s.calls++
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": "/api/v1" + path, "rawQueryString": query, "headers": header,
		"body": base64.StdEncoding.EncodeToString([]byte(r.body)), "isBase64Encoded": true,
		"requestContext": map[string]any{
			"requestId": fmt.Sprintf("request-%d", s.calls), "domainName": "share.acme.test",
			"http": map[string]any{"method": r.method, "path": "/api/v1" + path, "sourceIp": "203.0.113.9"},
		},
	})
	if err != nil {
		panic(err) // strings and maps
	}
	return event
}

// do makes a call and holds it against openapi.yaml.
func (s *site) do(t *testing.T, r request) answer {
	t.Helper()
	out, err := s.invoke(s.event(r))
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	s.spec.Check(t, r.method, r.target, openapi.Answer{Status: a.Status, ContentType: a.header("Content-Type"), Body: a.Body})
	if a.Status < 300 && !r.partly && strings.HasPrefix(r.body, "{") {
		s.spec.CheckRequest(t, r.method, r.target, r.body)
	}
	return a
}

// want is do for a call that must have a status.
func (s *site) want(t *testing.T, status int, r request) answer {
	t.Helper()
	a := s.do(t, r)
	if a.Status != status {
		t.Fatalf("%s %s: %d, want %d\n%s", r.method, r.target, a.Status, status, a.Body)
	}
	return a
}

func (s *site) get(t *testing.T, target string) answer {
	t.Helper()
	return s.want(t, http.StatusOK, request{method: "GET", target: target})
}

func (s *site) post(t *testing.T, target, body string) answer {
	t.Helper()
	return s.want(t, http.StatusCreated, request{method: "POST", target: target, body: body})
}

// ready makes a file of the admin's that can be linked to.
func (s *site) ready(t *testing.T) file.File {
	t.Helper()
	return s.Upload(t, s.Admin, "Interview.mp4", "video/mp4", []byte("moving pictures"))
}

// linked makes a link of the admin's to a new file.
func (s *site) linked(t *testing.T, n share.New) (share.Share, string) {
	t.Helper()
	s.Clock.Advance(time.Millisecond) // ids of one moment are in no order
	n.FileID = s.ready(t).ID
	return s.Link(t, s.Admin, n)
}

// demoted is an account store in which every user has a role.
type demoted struct {
	account.Store
	role account.Role
}

func (d demoted) Key(ctx context.Context, id string) (account.Key, account.User, account.Organization, error) {
	k, u, o, err := d.Store.Key(ctx, id)
	u.Role = d.role
	return k, u, o, err
}
