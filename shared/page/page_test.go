package page_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
	"latchkey/shared/share"
	"latchkey/shared/store"
)

const bucket = "https://bucket.test"

// site is the pages of a stack behind API Gateway.
type site struct {
	*fake.Stack
	handler  lambda.Handler
	log      bytes.Buffer
	requests int
	held     string // the cookie of a scene's browser, or ""
}

func newSite(t *testing.T, change func(*page.Service)) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, nil)}
	service := page.Service{Shares: s.Shares, Files: store.Files{Table: s.Table, Now: s.Clock.Now}, Bucket: bucket, IDs: s.IDs}
	if change != nil {
		change(&service)
	}
	log := slog.New(slog.NewJSONHandler(&s.log, nil))
	serve := dialect.Service{Face: page.Face, Log: log, Now: s.Clock.Now}
	s.handler = lambdahttp.Handler(serve.Handler(page.Routes(service)...), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(log))
	return s
}

// answer is a response as a browser takes it.
type answer struct {
	status  int
	header  http.Header
	cookies []string
	body    string
}

// main is what the page says.
func (a answer) main() string {
	_, after, _ := strings.Cut(a.body, "<main>")
	before, _, _ := strings.Cut(after, "</main>")
	return before
}

// browser is the headers of a person's click on a link.
var browser = []string{"user-agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0", "sec-fetch-mode: navigate", "sec-fetch-site: none"}

// ask makes a request with these headers ("name: value").
func (s *site) ask(t *testing.T, method, path string, headers ...string) answer {
	t.Helper()
	return s.send(t, method, path, "", headers...)
}

// send is ask with a body.
func (s *site) send(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	s.requests++
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: map[string]string{}, Body: body}
	e.RequestContext.RequestID = fmt.Sprintf("request-%d", s.requests)
	e.RequestContext.DomainName = "share.example.com"
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.HTTP.SourceIP = method, path, "203.0.113.7"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "cookie" {
			e.Cookies = append(e.Cookies, value)
			continue
		}
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

// mailed shares a file by mail and returns the path of the recipient's page.
func (s *site) mailed(t *testing.T, n share.New, message string) (share.Share, string) {
	t.Helper()
	if n.FileID == "" {
		n.FileID = s.Upload(t, s.Admin, "minutes.pdf", "application/pdf", []byte("%PDF-1.7")).ID
	}
	sh, _ := s.Link(t, s.Admin, n)
	_, err := s.Shares.Mail(t.Context(), s.Admin, share.MailRequest{
		Numbers: []int64{sh.Number}, Recipients: []string{"bob@example.org"}, Message: message, Base: "https://share.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	letters := s.Post.Letters()
	return sh, strings.TrimPrefix(letters[len(letters)-1].Links[0].URL, "https://share.example.com")
}

func (s *site) used(t *testing.T, id string) int64 {
	t.Helper()
	sh, _, err := s.Shares.Get(t.Context(), s.Admin, id)
	if err != nil {
		t.Fatal(err)
	}
	return sh.Used
}

func claim(t *testing.T, a answer) string {
	t.Helper()
	if len(a.cookies) != 1 {
		t.Fatalf("cookies %q, want one; status %d", a.cookies, a.status)
	}
	c, _, _ := strings.Cut(a.cookies[0], ";")
	return "cookie: " + c
}

func TestOnlyTheButtonSpends(t *testing.T) {
	s := newSite(t, nil)
	sh, path := s.mailed(t, share.New{Limit: 5}, "")
	for _, method := range []string{"GET", "HEAD"} {
		for _, headers := range [][]string{nil, browser, {"sec-purpose: prefetch"}} {
			if a := s.ask(t, method, path, headers...); a.status != 200 || len(a.cookies) != 0 {
				t.Errorf("%s %q: %d with cookies %q, want 200 without", method, headers, a.status, a.cookies)
			}
		}
	}
	refusals := []struct {
		name   string
		header string
		want   int
	}{
		{"prefetch", "sec-purpose: prefetch", 403},
		{"prerender", "sec-purpose: prefetch;prerender", 403},
		{"another site", "sec-fetch-site: cross-site", 403},
		{"another subdomain", "sec-fetch-site: same-site", 403},
	}
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			if a := s.ask(t, "POST", path, tt.header); a.status != tt.want {
				t.Errorf("status %d, want %d", a.status, tt.want)
			}
		})
	}
	if got := s.used(t, sh.ID); got != 0 {
		t.Fatalf("%d uses before the button, want 0", got)
	}
	for i, header := range []string{"sec-fetch-site: same-origin", "sec-fetch-site: none", "accept: */*"} {
		a := s.ask(t, "POST", path, header)
		if want := int64(i + 1); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), bucket+"/media/") || s.used(t, sh.ID) != want {
			t.Errorf("%s: %d to %q, %d uses, want 303 to the bucket and %d", header, a.status, a.header.Get("Location"), s.used(t, sh.ID), want)
		}
	}
}

func TestSecondClickIsFree(t *testing.T) {
	s := newSite(t, nil)
	sh, path := s.mailed(t, share.New{Limit: 1}, "")
	button := append(slices.Clone(browser[:2]), "sec-fetch-site: same-origin")
	first := s.ask(t, "POST", path, button...)
	cookie := claim(t, first)
	for _, want := range []string{"Path=" + path + ";", "HttpOnly", "Secure", "SameSite=Lax", "Expires=Mon, 27 Nov 2023 10:13:39 GMT"} {
		if !strings.Contains(first.cookies[0], want) {
			t.Errorf("cookie %q lacks %q", first.cookies[0], want)
		}
	}
	s.Clock.Advance(29 * time.Minute)
	for _, headers := range [][]string{button, {"user-agent: Mozilla/5.0 (iPhone) Safari/604.1"}} {
		if a := s.ask(t, "POST", path, append(slices.Clone(headers), cookie)...); a.status != 303 {
			t.Errorf("second click, %q: %d, want 303", headers, a.status)
		}
	}
	for _, asks := range [][]string{browser, {"sec-fetch-mode: cors", "sec-fetch-site: same-origin"}} {
		a := s.ask(t, "GET", path, append(slices.Clone(asks), cookie)...)
		if a.status != 200 || !strings.Contains(a.body, "0 of 1 download left") || !strings.Contains(a.body, ">Download again<") {
			t.Errorf("page of the browser that used it, %q: %d %s", asks, a.status, a.main())
		}
	}
	if a := s.ask(t, "GET", path, browser...); a.status != 410 {
		t.Errorf("page of another browser: %d, want 410", a.status)
	}
	if a := s.ask(t, "POST", path, button...); a.status != 410 {
		t.Errorf("click in another browser: %d, want 410", a.status)
	}
	s.Clock.Advance(2 * time.Minute)
	if a := s.ask(t, "POST", path, append(button, cookie)...); a.status != 410 || !strings.Contains(a.body, "Nothing left to download") {
		t.Errorf("click after the half hour: %d %s", a.status, a.main())
	}
	if got := s.used(t, sh.ID); got != 1 {
		t.Errorf("%d uses, want 1", got)
	}
}

func TestUnlimitedGivesNoCookie(t *testing.T) {
	s := newSite(t, nil)
	_, path := s.mailed(t, share.New{}, "")
	if a := s.ask(t, "POST", path, browser...); a.status != 303 || len(a.cookies) != 0 {
		t.Errorf("%d with cookies %q, want 303 without", a.status, a.cookies)
	}
	if a := s.ask(t, "GET", path, append(slices.Clone(browser), "cookie: latchkey_claim=forged")...); strings.Contains(a.main(), "again") || strings.Contains(a.main(), " left") {
		t.Errorf("page says more than there is to say: %s", a.main())
	}
}

// TestAudit: a person's look, a program's and a refused one are recorded; a
// prefetch, a HEAD and the page's own question are not.
func TestAudit(t *testing.T) {
	s := newSite(t, nil)
	sh, path := s.mailed(t, share.New{Limit: 1}, "")
	tests := []struct {
		name    string
		method  string
		headers []string
		want    []share.Event
	}{
		{"person", "GET", browser, []share.Event{{Type: share.Opened}}},
		{"mail scanner", "GET", []string{"user-agent: SafeLinks"}, []share.Event{{Type: share.Opened, Automatic: true}}},
		{"HEAD", "HEAD", browser, nil},
		{"prefetch", "GET", []string{"sec-purpose: prefetch"}, nil},
		{"the page itself", "GET", []string{"sec-fetch-site: same-origin", "sec-fetch-mode: cors"}, nil},
		{"refused click", "POST", []string{"sec-fetch-site: cross-site"}, nil},
		{"click", "POST", browser, nil}, // the claim in the table tells of it
		{"click on an exhausted link", "POST", browser, []share.Event{{Type: share.Refused, Reason: "exhausted"}}},
		{"look at an exhausted link", "GET", browser, []share.Event{{Type: share.Refused, Reason: "exhausted"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Audit.Events()
			s.ask(t, tt.method, path, tt.headers...)
			var got []share.Event
			for _, e := range s.Audit.Events() {
				if e.Share != sh.ID || e.Recipient != "bob@example.org" && e.Type == share.Opened {
					t.Errorf("event of share %s, recipient %q", e.Share, e.Recipient)
				}
				got = append(got, share.Event{Type: e.Type, Reason: e.Reason, Automatic: e.Automatic})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLogNamesNoToken(t *testing.T) {
	s := newSite(t, nil)
	sh, path := s.mailed(t, share.New{Limit: 1}, "")
	for _, method := range []string{"GET", "POST", "POST", "DELETE"} {
		s.ask(t, method, path, browser...)
	}
	token := strings.TrimPrefix(path, "/l/")
	if log := s.log.String(); strings.Contains(log, token) || !strings.Contains(log, `"route":"GET /l/{key}"`) || strings.Contains(log, sh.Sealed) {
		t.Errorf("log: %s", log)
	}
}

// Without the script nothing holds back the second press of a double click,
// and it leaves before the first one's cookie arrives.
func TestADoubleClickIsOneDownload(t *testing.T) {
	s := newSite(t, nil)
	sh, path := s.mailed(t, share.New{Limit: 2}, "")
	_, after, ok := strings.Cut(s.ask(t, "GET", path, browser...).body, `name="attempt" value="`)
	if !ok {
		t.Fatal("the form has no attempt")
	}
	form := "attempt=" + after[:27]
	for range 2 {
		if a := s.send(t, "POST", path, form, browser...); a.status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if got, _, err := s.Shares.Get(t.Context(), s.Admin, sh.ID); err != nil || got.Used != 1 {
		t.Errorf("used %d, %v, want 1", got.Used, err)
	}
	for _, odd := range []string{"attempt=", "attempt=%zz", "attempt=" + strings.Repeat("x", 5000), "other=1", "\xff"} {
		s.Clock.Advance(time.Hour)
		if a := s.send(t, "POST", path, odd, browser...); a.status >= 500 {
			t.Errorf("%.20q: %d", odd, a.status)
		}
	}
}

// A cookie that this link never gave makes nothing of an exhausted link.
func TestAnInventedClaimShowsNothing(t *testing.T) {
	s := newSite(t, nil)
	_, path := s.mailed(t, share.New{Limit: 1}, "")
	s.ask(t, "POST", path)
	for _, claim := range []string{"held", "AAAAAAAAAAAAAAAA.zzzzzz", ""} {
		a := s.ask(t, "GET", path, append([]string{"cookie: latchkey_claim=" + claim}, browser...)...)
		if a.status != http.StatusGone || strings.Contains(a.body, "<form") {
			t.Errorf("%q: %d", claim, a.status)
		}
	}
}
