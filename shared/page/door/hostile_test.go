package door_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/handover"
	"latchkey/shared/page/door"
	"latchkey/shared/share"
)

// hostile is a name or message that tries everything that JSON can carry.
const hostile = `"><script>alert(1)</script>` + "\u202efdp.exe '&amp; {{.}} </title></style> ثلاثة.pdf"

// TestEveryAnswer: every page, whatever its status, is remembered by nobody,
// framed by nobody, runs nothing, and says no token but its own address; no
// log has one.
func TestEveryAnswer(t *testing.T) {
	s := newSite(t)
	_, path := s.share(t, "minutes.pdf", "", rita)
	h, revoked := s.share(t, "other.pdf", "", rita)
	if err := s.Handovers.Revoke(ctx, s.Admin, h.ID); err != nil {
		t.Fatal(err)
	}
	mailed := s.press(t, path+"/register")
	register := s.letter(t)
	s.colleague(t, "tom@acme.test")
	toms, _ := s.share(t, "toms.pdf", "", "tom@acme.test")
	cookie := s.enter(t, "tom@acme.test")
	element := regexp.MustCompile(`(?s)<style>(.*?)</`)
	for name, tt := range map[string]struct {
		status int
		form   string
		got    answer
	}{
		"link":          {200, "'self' " + bucket, s.get(t, path)},
		"mailed":        {200, "'none'", mailed},
		"register":      {200, "'self'", s.get(t, register)},
		"wrong":         {422, "'self'", s.press(t, register, "name", "Rita", "password", "short")},
		"no name":       {422, "'self'", s.press(t, register, "name", " ", "password", password)},
		"registered":    {200, "'none'", s.press(t, register, "name", "Rita", "password", password)},
		"used":          {404, "'none'", s.get(t, register)},
		"waits":         {200, "'self' " + bucket, s.get(t, path)},
		"not yet":       {409, "'self' " + bucket, s.press(t, path)},
		"revoked":       {410, "'none'", s.get(t, revoked)},
		"unknown":       {404, "'none'", s.get(t, "/s/h0123456789abcdefghijklmnopq")},
		"no token":      {404, "'none'", s.get(t, "/s/<script>alert(1)")},
		"no register":   {404, "'none'", s.get(t, "/register/<script>alert(1)")},
		"deeper":        {404, "'none'", s.get(t, "/s/x/y")},
		"another site":  {403, "'none'", s.send(t, http.MethodPost, path, "", "sec-fetch-site: cross-site")},
		"method":        {405, "'none'", s.send(t, http.MethodPut, path, "")},
		"large form":    {413, "'none'", s.press(t, path, "email", strings.Repeat("x", 9000))},
		"no form":       {400, "'none'", s.send(t, http.MethodPost, register, "name=%zz")},
		"no UTF-8":      {400, "'none'", s.send(t, http.MethodPost, register, "name=%ff&password=correct+horse")},
		"sign in":       {200, "'self'", s.get(t, "/sign-in")},
		"signs in":      {422, "'self'", s.press(t, "/sign-in", "email", "x")},
		"list":          {200, "'self'", s.get(t, "/sign-in", cookie)},
		"one of it":     {200, "'self' " + bucket, s.get(t, "/sign-in/"+toms.ID, cookie)},
		"none of it":    {404, "'none'", s.get(t, "/sign-in/x", cookie)},
		"not signed in": {403, "'self'", s.press(t, "/sign-in/"+toms.ID)},
		"hostile token": {404, "'none'", s.press(t, "/register/"+strings.Repeat("\u202e", 27), "name", "x", "password", password)},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.got.status != tt.status {
				t.Errorf("status %d, want %d", tt.got.status, tt.status)
			}
			want := map[string]string{
				"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
				"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
			}
			if m := element.FindStringSubmatch(tt.got.body); m != nil {
				sum := sha256.Sum256([]byte(m[1]))
				want["Content-Security-Policy"] = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
					"'; form-action " + tt.form + "; base-uri 'none'; frame-ancestors 'none'"
			}
			csp := tt.got.header.Get("Content-Security-Policy")
			if strings.Contains(csp, "script-src") { // the notices of package page
				want["Content-Security-Policy"] = csp
			}
			for header, value := range want {
				if got := tt.got.header.Get(header); got != value {
					t.Errorf("%s: %q, want %q", header, got, value)
				}
			}
			if outside := regexp.MustCompile(`https?:|src=|<link|@import|url\(|<script>alert`).FindString(tt.got.body); outside != "" {
				t.Errorf("the page has %q", outside)
			}
		})
	}
	for _, secret := range []string{path, revoked, register} {
		if token := secret[strings.LastIndex(secret, "/")+1:]; strings.Contains(s.log.String(), token) {
			t.Errorf("the log has a token of %s", secret)
		}
	}
	if strings.Contains(s.log.String(), password) || strings.Contains(s.log.String(), rita) {
		t.Errorf("the log has who they are: %s", s.log.String())
	}
}

// What others wrote is shown as it was meant, and never as markup.
func TestHostileText(t *testing.T) {
	s := newSite(t)
	s.Admin.Name = hostile
	h, path := s.share(t, "x.pdf", hostile, rita)
	s.press(t, path+"/register")
	register := s.letter(t)
	v, err := s.Handovers.Follow(ctx, strings.TrimPrefix(path, "/s/"))
	if err != nil {
		t.Fatal(err)
	}
	v.Handover.Title = hostile
	s.serve(fixed{view: v})
	s.colleague(t, "tom@acme.test")
	cookie := s.enter(t, "tom@acme.test")
	answers := map[string]answer{
		"name": s.get(t, path), "list": s.get(t, "/sign-in", cookie), "one of it": s.get(t, "/sign-in/x", cookie),
		"sign in": s.press(t, "/sign-in", "email", hostile),
	}
	s.serve(s.Handovers)
	answers["link"] = s.get(t, path)
	answers["form"] = s.press(t, register, "name", hostile, "password", "short")
	s.join(t, path)
	if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.SalesAgent), base); err != nil {
		t.Fatal(err)
	}
	answers["sign-in"] = s.press(t, path, "email", hostile, "password", hostile)
	for name, a := range answers {
		for _, bad := range []string{"<script", "</title></style>"} {
			if strings.Contains(a.body, bad) {
				t.Errorf("%s: the page has %q: %s", name, bad, a.body)
			}
		}
		if name != "form" && !strings.HasPrefix(name, "sign") && strings.Contains(a.body, "\u202e") {
			t.Errorf("%s: the page has characters that deceive", name)
		}
		if !strings.Contains(a.body, "alert(1)") {
			t.Errorf("%s: what was written is not there", name)
		}
	}
}

// fixed is a handover that is what it is. What is not asked for is not there.
type fixed struct {
	door.Handovers
	view handover.View
}

func (f fixed) Follow(context.Context, string) (handover.View, error) { return f.view, nil }
func (f fixed) Received(context.Context, account.Principal) ([]handover.Handover, error) {
	return []handover.Handover{f.view.Handover}, nil
}
func (f fixed) Mine(context.Context, account.Principal, string) (handover.Handover, error) {
	return f.view.Handover, nil
}
func (f fixed) Opened(context.Context, handover.View, share.Visit, error) {}
func (f fixed) Download(context.Context, string, account.Principal, share.Visit) (string, error) {
	return bucket, nil
}

// broken is a domain that fails.
type broken struct{ fixed }

func (broken) Follow(context.Context, string) (handover.View, error) {
	return handover.View{Handover: handover.Handover{ID: "id", SenderName: "Ann"}}, errors.New("dial tcp 10.0.0.1: secret")
}

// A failure has its fixed words and the request's id, and is no withdrawn link.
func TestFailuresSayNothing(t *testing.T) {
	s := newSite(t)
	s.serve(broken{})
	for _, a := range []answer{s.get(t, "/s/x"), s.press(t, "/s/x"), s.press(t, "/s/x/register")} {
		s.must(t, a, 500, "Something went wrong", "<code>request-", "!secret", "!Ann")
	}
}

// FuzzForms: whatever is sent, the answer is a page or a redirect, never a
// failure.
func FuzzForms(f *testing.F) {
	f.Add("Rita", password, rita)
	f.Add(hostile, "\x00", "\xff@\xfe")
	f.Add("", strings.Repeat("€", 200), strings.Repeat("a@", 4000))
	f.Fuzz(func(t *testing.T, name, word, email string) {
		s := newSite(t)
		h, path := s.share(t, "minutes.pdf", "", rita)
		s.press(t, path+"/register")
		a := s.press(t, s.letter(t), "name", name, "password", word)
		if a.status >= 500 {
			t.Errorf("register: %d %s", a.status, a.body)
		}
		if a.status != 200 {
			return
		}
		if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.SalesAgent), base); err != nil {
			t.Fatal(err)
		}
		form := url.Values{"email": {email}, "password": {word}}.Encode()
		if a := s.send(t, http.MethodPost, path, form); a.status >= 500 {
			t.Errorf("sign in: %d %s", a.status, a.body)
		}
	})
}

// The pages as they are, to be looked at.
func TestGolden(t *testing.T) {
	s := newSite(t)
	_, path := s.share(t, "minutes.pdf", "Hello Rita,\n\nhere they are.", rita)
	token := strings.TrimPrefix(path, "/s/")
	fake.Golden(t, "link.golden.html", strings.ReplaceAll(s.get(t, path).body, token, "TOKEN"))
	s.press(t, path+"/register")
	register := s.letter(t)
	wrong := s.press(t, register, "name", "Rita", "password", "short").body
	s.colleague(t, "tom@acme.test")
	s.share(t, "minutes.pdf", "", "tom@acme.test")
	fake.Golden(t, "received.golden.html", s.get(t, "/sign-in", s.enter(t, "tom@acme.test")).body)
	fake.Golden(t, "register-wrong.golden.html", strings.ReplaceAll(wrong, strings.TrimPrefix(register, "/register/"), "TOKEN"))
}
