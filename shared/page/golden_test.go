package page_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/page"
	"latchkey/shared/share"
)

// maxPage is what a page may weigh, in bytes.
const maxPage = 15_000

// hostile is a name or message that tries everything.
const hostile = `"><script>alert(1)</script>` + "\u202efdp.exe \u2066x\x00y\r\nSet-Cookie: a=b '&amp; {{.}} </title></style> ثلاثة.pdf"

// scene is a state that a recipient can find a link in.
type scene struct {
	name   string
	status int
	make   func(t *testing.T, s *site) (path string)
	method string   // "" for GET
	header []string // besides browser
}

// end is a day's end as MediaPocket's samples have it.
var end = time.Date(2023, 11, 29, 0, 0, 0, 0, time.UTC)

var scenes = []scene{
	{name: "active", status: 200, make: func(t *testing.T, s *site) string {
		f := s.Upload(t, s.Admin, "minutes.pdf", "application/pdf", make([]byte, 1_240_000))
		_, path := s.mailed(t, share.New{FileID: f.ID, Limit: 5, ExpiresAt: end}, "Hello Bob,\n\nhere are the minutes.\nSee you on Thursday!\n\nAnn")
		s.ask(t, "POST", path)
		s.ask(t, "POST", path)
		return path
	}},
	{name: "plain", status: 200, make: func(t *testing.T, s *site) string {
		f := s.Upload(t, s.Admin, "talk.mp4", "video/mp4", make([]byte, 900))
		_, token := s.Link(t, s.Admin, share.New{FileID: f.ID})
		return share.PagePath(token)
	}},
	{name: "again", status: 200, make: func(t *testing.T, s *site) string {
		_, path := s.mailed(t, share.New{Limit: 1}, "")
		s.held, _, _ = strings.Cut(s.ask(t, "POST", path).cookies[0], ";")
		return path
	}},
	{name: "long", status: 200, make: func(t *testing.T, s *site) string {
		_, path := longNames(t, s)
		return path
	}},
	{name: "hostile", status: 200, make: func(t *testing.T, s *site) string {
		return hostileLink(t, s)
	}},
	{name: "right-to-left", status: 200, make: func(t *testing.T, s *site) string {
		f := s.Upload(t, s.Admin, "تقرير الاجتماع 2023.pdf", "application/pdf", make([]byte, 52_000))
		_, path := s.mailed(t, share.New{FileID: f.ID, Limit: 2}, "مرحبا بوب،\nهذا هو التقرير.")
		return path
	}},
	{name: "expired", status: 410, make: func(t *testing.T, s *site) string {
		_, path := s.mailed(t, share.New{Limit: 5, ExpiresAt: end}, "For your eyes only")
		s.Clock.Advance(48 * time.Hour)
		return path
	}},
	{name: "exhausted", status: 410, make: func(t *testing.T, s *site) string {
		_, path := s.mailed(t, share.New{Limit: 2}, "")
		s.ask(t, "POST", path)
		s.ask(t, "POST", path)
		return path
	}},
	{name: "exhausted button", status: 410, method: "POST", make: func(t *testing.T, s *site) string {
		_, path := s.mailed(t, share.New{Limit: 1}, "")
		s.ask(t, "POST", path)
		return path
	}},
	{name: "revoked", status: 410, make: func(t *testing.T, s *site) string {
		sh, path := s.mailed(t, share.New{Limit: 5}, "For your eyes only")
		if _, err := s.Shares.Revoke(t.Context(), s.Admin, sh.ID); err != nil {
			t.Fatal(err)
		}
		return path
	}},
	{name: "expired public", status: 410, make: func(t *testing.T, s *site) string {
		f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
		_, token := s.Link(t, s.Admin, share.New{FileID: f.ID, ExpiresAt: end.Add(-time.Hour)})
		s.Clock.Advance(48 * time.Hour)
		return share.PagePath(token)
	}},
	{name: "unknown", status: 404, make: fixed("/l/c0123456789abcdefghijklmnop")},
	{name: "no token", status: 404, make: fixed("/l/<script>alert(1)<")},
	{name: "no route", status: 404, make: fixed("/")},
	{name: "unclean path", status: 404, make: fixed("/l//x")},
	{name: "method", status: 405, method: "DELETE", make: fixed("/l/x")},
	{name: "cross-site", status: 403, method: "POST", header: []string{"sec-fetch-site: cross-site"}, make: fixed("/l/x")},
	{name: "in advance", status: 403, method: "POST", header: []string{"purpose: prefetch"}, make: fixed("/l/x")},
}

func fixed(path string) func(*testing.T, *site) string {
	return func(*testing.T, *site) string { return path }
}

func longNames(t *testing.T, s *site) (share.Share, string) {
	t.Helper()
	s.Admin.Name = strings.Repeat("Anneliese-Sophie ", 60)
	f := s.Upload(t, s.Admin, strings.Repeat("final-version-", 71)+".docx", "application/octet-stream", make([]byte, 42))
	return s.mailed(t, share.New{FileID: f.ID, Limit: 1_000_000, ExpiresAt: end}, strings.Repeat("w", 1990)+"\n\n\n\n\n\n\nend")
}

func hostileLink(t *testing.T, s *site) string {
	t.Helper()
	s.Admin.Name = hostile
	f := s.Upload(t, s.Admin, "x", "text/html", []byte("x"))
	_, path := s.mailed(t, share.New{FileID: f.ID, Name: hostile, Limit: 3}, hostile)
	return path
}

func (sc scene) play(t *testing.T) (*site, string, answer) {
	t.Helper()
	s := newSite(t, nil)
	path := sc.make(t, s)
	method := sc.method
	if method == "" {
		method = "GET"
	}
	return s, path, s.ask(t, method, path, s.headers(sc)...)
}

// headers are those of a scene's browser.
func (s *site) headers(sc scene) []string {
	header := append(append([]string(nil), browser...), sc.header...)
	if s.held != "" {
		header = append(header, "cookie: "+s.held)
	}
	return header
}

func TestGolden(t *testing.T) {
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			_, _, got := sc.play(t)
			if got.status != sc.status {
				t.Errorf("status %d, want %d", got.status, sc.status)
			}
			if len(got.body) > maxPage {
				t.Errorf("%d bytes, at most %d", len(got.body), maxPage)
			}
			golden(t, sc.name, got.body)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	fake.Golden(t, strings.ReplaceAll(name, " ", "-")+".golden.html", got)
}

// TestHeaders: every page, whatever its status, is remembered by nobody,
// framed by nobody, and runs nothing but what it was given.
func TestHeaders(t *testing.T) {
	element := regexp.MustCompile(`(?s)<(style|script)>(.*?)</`)
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			_, _, got := sc.play(t)
			want := map[string]string{
				"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
				"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
			}
			for name, value := range want {
				if got.header.Get(name) != value {
					t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
				}
			}
			form := "'none'"
			if sc.status == 200 {
				form = "'self' " + bucket
			}
			csp := "default-src 'none'"
			for _, m := range element.FindAllStringSubmatch(got.body, -1) {
				sum := sha256.Sum256([]byte(m[2]))
				csp += "; " + m[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
			}
			csp += "; connect-src 'self'; form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
			if diff := cmp.Diff(csp, got.header.Get("Content-Security-Policy")); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
			if outside := regexp.MustCompile(`https?:|src=|<link|@import|url\(`).FindString(got.body); outside != "" {
				t.Errorf("the page has %q: it must load nothing", outside)
			}
		})
	}
}

// TestHeadIsGetWithoutBody for every scene that is a GET.
func TestHeadIsGetWithoutBody(t *testing.T) {
	for _, sc := range scenes {
		if sc.method != "" {
			continue
		}
		t.Run(sc.name, func(t *testing.T) {
			s, path, want := sc.play(t)
			got := s.ask(t, "HEAD", path, s.headers(sc)...)
			want.body = ""
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" {
				t.Errorf("(-GET +HEAD):\n%s", diff)
			}
		})
	}
}

func TestHostileText(t *testing.T) {
	s := newSite(t, nil)
	got := s.ask(t, "GET", hostileLink(t, s), browser...)
	for _, bad := range []string{"<script>alert", "\u202e", "\u2066", "\x00", "</title></style>", `"><script`} {
		if strings.Contains(got.body, bad) {
			t.Errorf("page has %q", bad)
		}
	}
	if n := strings.Count(got.body, "&lt;script&gt;alert(1)&lt;/script&gt;"); n != 3 { // sender, message, name; the tab has only its ends
		t.Errorf("the text is shown %d times, want 3: %s", n, got.main())
	}
}

func TestRevokedSaysNotWhatItWas(t *testing.T) {
	for _, sc := range scenes {
		if sc.status != 410 {
			continue
		}
		_, _, got := sc.play(t)
		if strings.Contains(got.body, "eyes only") || (sc.name == "revoked" && strings.Contains(got.body, "minutes.pdf")) {
			t.Errorf("%s: the page still tells: %s", sc.name, got.main())
		}
	}
}

func TestDeletedFileIsNotFound(t *testing.T) {
	tests := []struct {
		name string
		file file.File
		err  error
		want int
	}{
		{"being deleted", file.File{State: file.Deleting}, nil, 404},
		{"record gone", file.File{}, fault.New(fault.NotFound, "file not found"), 404},
		{"store down", file.File{}, errors.New("dial tcp 10.0.0.1: refused"), 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, func(p *page.Service) { p.Files = oneFile{tt.file, tt.err} })
			_, path := s.mailed(t, share.New{Limit: 5}, "")
			if got := s.ask(t, "GET", path, browser...); got.status != tt.want {
				t.Errorf("status %d, want %d: %s", got.status, tt.want, got.main())
			}
		})
	}
}

type oneFile struct {
	file file.File
	err  error
}

func (f oneFile) File(context.Context, string, string) (file.File, error) { return f.file, f.err }

// broken is a domain that fails in some way.
type broken struct{ do func() error }

func (b broken) Look(context.Context, string, share.Claim) (share.View, error) {
	return share.View{}, b.do()
}
func (b broken) Opened(context.Context, share.View, share.Visit) {}
func (b broken) Follow(context.Context, string, share.Visit) (share.Grant, error) {
	return share.Grant{}, b.do()
}

var _ page.Shares = broken{}

// TestFailuresSayNothing: a failure has its fixed words and the request's id.
func TestFailuresSayNothing(t *testing.T) {
	tests := []struct {
		name string
		do   func() error
	}{
		{"error", func() error { return errors.New("dial tcp 10.0.0.1: secret") }},
		{"panic", func() error { panic("secret") }},
		{"replay", func() error { return &account.ReplayedError{Ref: "secret"} }},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "POST"} {
			t.Run(tt.name+" "+method, func(t *testing.T) {
				s := newSite(t, func(p *page.Service) { p.Shares = broken{tt.do} })
				got := s.ask(t, method, "/l/x", browser...)
				if got.status != 500 || strings.Contains(got.body, "secret") || !strings.Contains(got.body, "<code>request-1</code>") {
					t.Errorf("%d %s", got.status, got.main())
				}
				if !strings.Contains(s.log.String(), "secret") {
					t.Errorf("the log lacks the cause: %s", s.log.String())
				}
				golden(t, "failure", got.body)
			})
		}
	}
}

func TestMethodNotAllowed(t *testing.T) {
	s := newSite(t, nil)
	if got := s.ask(t, "PUT", "/l/x"); got.status != 405 || got.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("%d, Allow %q", got.status, got.header.Get("Allow"))
	}
}
