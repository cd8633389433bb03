package door_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// colleague is a user with a password, and who they are.
func (s *site) colleague(t *testing.T, email string) account.Principal {
	t.Helper()
	u, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: email, Role: string(account.Technician)})
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Accounts.InviteToRegister(ctx, u.ID)
	if err == nil {
		u, err = s.Accounts.Register(ctx, token, "", password, "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	return account.Principal{Organization: u.Organization, User: u.ID, Email: u.Email, Name: u.Name, Role: u.Role}
}

// enter signs somebody in, and returns the header with their cookie.
func (s *site) enter(t *testing.T, email string) string {
	t.Helper()
	a := s.press(t, "/sign-in", "email", email, "password", password)
	s.must(t, a, 303)
	if to := a.header.Get("Location"); to != "/sign-in" || len(a.cookies) != 1 {
		t.Fatalf("signed in: %s, %v", to, a.cookies)
	}
	cookie, attributes, _ := strings.Cut(a.cookies[0], ";")
	for _, want := range []string{"Path=/sign-in", "HttpOnly", "Secure", "SameSite=Lax", "Expires="} {
		if !strings.Contains(attributes+";", " "+want) {
			t.Errorf("the cookie lacks %s: %s", want, attributes)
		}
	}
	return "cookie: " + cookie
}

// TestSignIn: who signs in sees what was handed to them and nobody else, newest
// first, opens and downloads each, and signs out.
//
// contract: SC-18, FF-19
func TestSignIn(t *testing.T) {
	s := newSite(t)
	s.colleague(t, "tom@acme.test")
	s.colleague(t, "eve@acme.test")
	first, path := s.share(t, "first.pdf", "Have a look.", "tom@acme.test")
	s.Clock.Advance(time.Hour)
	s.share(t, "second.pdf", "", "tom@acme.test")
	gone, _ := s.share(t, "gone.pdf", "", "tom@acme.test")
	hers, _ := s.share(t, "hers.pdf", "", "eve@acme.test")
	if err := s.Handovers.Revoke(ctx, s.Admin, gone.ID); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.get(t, path), 200, `href="/sign-in"`)
	s.must(t, s.get(t, "/sign-in"), 200, `autocomplete="current-password"`, `action="/sign-in"`, "!first.pdf")
	s.must(t, s.press(t, "/sign-in"), 422, "Enter your email address", "<title>Error: ")
	s.must(t, s.press(t, "/sign-in", "email", "tom@acme.test", "password", "wrong horse"), 403, "do not belong together", `value="tom@acme.test"`, "!wrong horse")

	cookie := s.enter(t, "TOM@acme.test")
	list := s.get(t, "/sign-in", cookie)
	one := "/sign-in/" + first.ID
	s.must(t, list, 200, "signed in as", "tom@acme.test", `href="`+one+`"`, s.Admin.Name, "27 November 2023, 09:43 UTC", `datetime="2023-11-27T09:43:39Z"`,
		"!gone.pdf", "!hers.pdf", "!/s/h")
	if strings.Index(list.body, "second.pdf") > strings.Index(list.body, "first.pdf") {
		t.Error("the newest is not first")
	}
	s.must(t, s.get(t, one, cookie), 200, "first.pdf", "Have a look.", ">Download<", `action="`+one+`"`, `href="/sign-in"`, "!Mail me")
	a := s.send(t, http.MethodPost, one, "", cookie, "sec-fetch-site: same-origin")
	s.must(t, a, 303)
	if to := a.header.Get("Location"); !strings.HasPrefix(to, bucket+"/") {
		t.Errorf("the button leads to %s", to)
	}
	for _, id := range []string{hers.ID, "00000000-0000-4000-8000-000000000000", "x"} { // another's, nobody's, no id
		for _, a := range []answer{s.get(t, "/sign-in/"+id, cookie), s.send(t, http.MethodPost, "/sign-in/"+id, "", cookie)} {
			s.must(t, a, 404, "There is nothing here", "!hers")
		}
	}
	s.must(t, s.get(t, "/sign-in/"+gone.ID, cookie), 410, "withdrawn", "!gone.pdf")
	s.must(t, s.send(t, http.MethodPost, "/sign-in/"+gone.ID, "", cookie), 410, "withdrawn")
	var seen []share.EventType
	for _, e := range s.Audit.Events() {
		if e.Share == first.ID {
			seen = append(seen, e.Type)
		}
	}
	if len(seen) != 3 || seen[1] != share.Opened || seen[2] != share.Downloaded { // the first is of the link's page
		t.Errorf("audit: %v", seen)
	}

	a = s.send(t, http.MethodPost, "/sign-in/out", "", cookie, "sec-fetch-site: same-origin")
	s.must(t, a, 303)
	if len(a.cookies) != 1 || !strings.Contains(a.cookies[0], "latchkey_session=;") || !strings.Contains(a.cookies[0], "Max-Age=0") || a.header.Get("Location") != "/sign-in" {
		t.Errorf("signed out: %v", a.cookies)
	}
	s.must(t, s.get(t, "/sign-in", cookie), 200, "current-password", "!first.pdf")
	s.must(t, s.send(t, http.MethodPost, one, "", cookie), 403, "not signed in any more", "current-password")
	s.must(t, s.send(t, http.MethodPost, "/sign-in/out", "", cookie), 303)
	if strings.Contains(s.log.String(), strings.TrimPrefix(cookie, "cookie: latchkey_session=")) {
		t.Error("the log has the session")
	}
}

// A session ends by itself, and with its user's password and right to sign in.
func TestSessionEnds(t *testing.T) {
	s := newSite(t)
	tom := s.colleague(t, "tom@acme.test")
	s.share(t, "minutes.pdf", "", tom.Email)
	cookie := s.enter(t, tom.Email)
	s.must(t, s.get(t, "/sign-in", cookie), 200, "minutes.pdf")
	s.Clock.Advance(account.AccessFor)
	s.must(t, s.get(t, "/sign-in", cookie), 200, "!minutes.pdf")

	cookie = s.enter(t, tom.Email)
	token, err := s.Accounts.InviteToRegister(ctx, tom.User)
	if err == nil {
		_, err = s.Accounts.Register(ctx, token, "", password+" 2", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, s.get(t, "/sign-in", cookie), 200, "!minutes.pdf")
	for _, bad := range []string{"cookie: latchkey_session=lk_x_y", "cookie: latchkey_session=", "cookie: a=b", "cookie: " + strings.Repeat("x", 4000)} {
		s.must(t, s.get(t, "/sign-in", bad), 200, "current-password")
	}
}

// Neither another site's form, nor a look, signs anybody in or out or
// downloads.
func TestSignInFromElsewhere(t *testing.T) {
	s := newSite(t)
	tom := s.colleague(t, "tom@acme.test")
	h, _ := s.share(t, "minutes.pdf", "", tom.Email)
	cookie := s.enter(t, tom.Email)
	events := len(s.Audit.Events())
	for _, path := range []string{"/sign-in", "/sign-in/out", "/sign-in/" + h.ID} {
		form := "email=tom%40acme.test&password=correct+horse+battery"
		a := s.send(t, http.MethodPost, path, form, cookie, "sec-fetch-site: cross-site")
		s.must(t, a, 403, "another website")
		b := s.send(t, http.MethodPost, path, form, cookie, "sec-fetch-site: same-origin", "sec-purpose: prefetch")
		s.must(t, b, 403, "Not available")
		if len(a.cookies)+len(b.cookies) > 0 {
			t.Errorf("%s: %v %v", path, a.cookies, b.cookies)
		}
		s.must(t, s.get(t, path, cookie, "sec-purpose: prefetch"), 200)
		if a := s.send(t, http.MethodHead, path, "", cookie); a.status != 200 || a.body != "" {
			t.Errorf("HEAD %s: %d %q", path, a.status, a.body)
		}
	}
	s.must(t, s.get(t, "/sign-in", cookie), 200, "minutes.pdf")
	if n := len(s.Audit.Events()) - events; n > 0 {
		t.Errorf("%d events by nobody", n)
	}
}

// Who guesses is stopped here too, counted with the guesses on links' pages.
func TestGuessingSignIn(t *testing.T) {
	s := newSite(t)
	tom := s.colleague(t, "tom@acme.test")
	_, path := s.share(t, "minutes.pdf", "", tom.Email)
	for i := range 5 {
		s.must(t, s.press(t, []string{path, "/sign-in"}[i%2], "email", tom.Email, "password", "guess"), 403)
	}
	s.must(t, s.press(t, "/sign-in", "email", tom.Email, "password", password), 429, "quarter of an hour", "current-password")
	s.from = "203.0.113.8"
	s.enter(t, tom.Email)
}

// TestNothingShared: the page of who was handed nothing says so; who waits, or
// was declined, cannot sign in.
func TestNothingShared(t *testing.T) {
	s := newSite(t)
	tom := s.colleague(t, "tom@acme.test")
	s.must(t, s.get(t, "/sign-in", s.enter(t, tom.Email)), 200, "Nothing is shared with you")
	h, path := s.share(t, "minutes.pdf", "", rita)
	s.join(t, path)
	s.must(t, s.press(t, "/sign-in", "email", rita, "password", password), 403, "not active")
	if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.Technician), base); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.get(t, "/sign-in", s.enter(t, rita)), 200, "minutes.pdf")
}

// TestStateIsTold: who registers is told where they stand, in words and, for
// programs, by the address that says it. Who is passed their link is not told who
// they are.
//
// contract: FF-23, FF-24, FF-26
func TestStateIsTold(t *testing.T) {
	s := newSite(t)
	h, path := s.share(t, "minutes.pdf", "", rita)
	other, _ := s.share(t, "agenda.pdf", "", rita)
	state := func(h handover.Handover) string { return `href="/v1/shares/state/` + h.Recipient + "/" + h.ID + `"` }
	s.must(t, s.get(t, path), 200, "!/v1/shares/state", "!"+h.Recipient)
	s.must(t, s.press(t, path+"/register"), 200, "!"+h.Recipient)
	s.must(t, s.get(t, s.letter(t)), 200, "!"+h.Recipient)
	s.must(t, s.press(t, s.letter(t), "name", "Rita", "password", password), 200,
		"minutes.pdf", "agenda.pdf", "State: waits for an administrator's decision", state(h), state(other))
	s.must(t, s.get(t, path), 200, "an administrator decides", "!"+h.Recipient)
	if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.Technician), base); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.get(t, path), 200, "Sign in and download", "!"+h.Recipient)
}

// many is a person's handovers without number.
type many struct{ fixed }

func (many) Received(context.Context, account.Principal) ([]handover.Handover, error) {
	return make([]handover.Handover, 501), nil
}

// A list that is cut says so.
func TestManyShared(t *testing.T) {
	s := newSite(t)
	s.colleague(t, "tom@acme.test")
	cookie := s.enter(t, "tom@acme.test")
	s.must(t, s.get(t, "/sign-in", cookie), 200, "!older ones")
	s.serve(many{})
	a := s.get(t, "/sign-in", cookie)
	s.must(t, a, 200, "There are older ones")
	if n := strings.Count(a.body, "<li>"); n != 500 {
		t.Errorf("lists %d", n)
	}
}
