package door_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
	"latchkey/shared/page/door"
)

const (
	bucket   = "https://bucket.test"
	base     = "https://share.example.com"
	asset    = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	rita     = "rita@new.test"
	password = "correct horse battery"
)

var ctx = context.Background()

// box keeps the registrations that are mailed. It implements door.Post.
type box struct{ mailed []account.Registration }

func (b *box) Register(_ context.Context, r account.Registration) { b.mailed = append(b.mailed, r) }

// site is the pages of a stack behind API Gateway.
type site struct {
	*fake.Stack
	box
	handler  lambda.Handler
	log      bytes.Buffer
	requests int
	from     string // address of the visitor
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, nil), from: "203.0.113.7"}
	s.serve(s.Handovers)
	return s
}

// serve makes the pages those of handovers.
func (s *site) serve(handovers door.Handovers) {
	service := door.Service{Handovers: handovers, Accounts: s.Accounts, Post: &s.box, Bucket: bucket}
	log := slog.New(slog.NewJSONHandler(&s.log, nil))
	serve := dialect.Service{Face: door.Face, Log: log, Now: s.Clock.Now}
	s.handler = lambdahttp.Handler(serve.Handler(door.Routes(service)...), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(log))
}

// answer is a response as a browser takes it.
type answer struct {
	status  int
	header  http.Header
	cookies []string
	body    string
}

// send makes a request with a form, or none, and these headers ("name: value").
func (s *site) send(t *testing.T, method, path, form string, headers ...string) answer {
	t.Helper()
	s.requests++
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: map[string]string{"user-agent": "Mozilla/5.0"}, Body: form}
	e.RequestContext.RequestID = fmt.Sprintf("request-%d", s.requests)
	e.RequestContext.DomainName = "share.example.com"
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.HTTP.SourceIP = method, path, s.from
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		e.Headers[name] = value
	}
	in, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.handler.Invoke(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var resp events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &resp); err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: http.Header{}, cookies: resp.Cookies, body: resp.Body}
	for _, name := range slices.Sorted(maps.Keys(resp.Headers)) {
		a.header.Set(name, resp.Headers[name])
	}
	return a
}

func (s *site) get(t *testing.T, path string, headers ...string) answer {
	t.Helper()
	return s.send(t, http.MethodGet, path, "", headers...)
}

// press sends a form of the page, as a browser does.
func (s *site) press(t *testing.T, path string, fields ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return s.send(t, http.MethodPost, path, form.Encode(), "sec-fetch-site: same-origin", "content-type: application/x-www-form-urlencoded")
}

// share hands a document to somebody and returns the path that was mailed.
func (s *site) share(t *testing.T, name, message, email string) (handover.Handover, string) {
	t.Helper()
	f, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{
		Name: name, ContentType: "application/pdf", Kind: file.AssetDocument, Assets: []string{asset},
	}, []byte("%PDF-1.7"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Handovers.Share(ctx, s.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Message: message, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	all := s.Post.Letters()
	return h, strings.TrimPrefix(all[len(all)-1].Links[0].URL, base)
}

// letter is the path of the link that was mailed last to register with.
func (s *site) letter(t *testing.T) string {
	t.Helper()
	if len(s.mailed) == 0 {
		t.Fatal("nothing was mailed")
	}
	return strings.TrimPrefix(s.mailed[len(s.mailed)-1].URL, base)
}

// join makes a recipient register by the pages.
func (s *site) join(t *testing.T, path string) {
	t.Helper()
	s.must(t, s.press(t, path+"/register"), 200, "Look into your mailbox")
	s.must(t, s.press(t, s.letter(t), "name", "Rita", "password", password), 200, "You have registered")
}

// must fails unless an answer has a status and says words, each "!" for not.
func (s *site) must(t *testing.T, a answer, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, w := range words {
		w, absent := strings.CutPrefix(w, "!")
		if strings.Contains(a.body, w) == absent {
			t.Errorf("%q is there: %v, in %s", w, !absent, a.body)
		}
	}
}
