package door_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/share"
)

// From the mail to a file behind one's own sign-in, as a recipient goes who
// has no script.
//
// contract: SC-14, SC-15, FF-26
func TestJourney(t *testing.T) {
	s := newSite(t)
	h, path := s.share(t, "minutes.pdf", "Here they are.", rita)
	s.must(t, s.get(t, path), 200, s.Admin.Name, "minutes.pdf", "PDF document", "Here they are.", ">Download<", "Create your account", "!"+rita, "!password")
	a := s.press(t, path)
	s.must(t, a, 303)
	if to := a.header.Get("Location"); !strings.HasPrefix(to, bucket+"/") {
		t.Errorf("the button leads to %s", to)
	}
	s.must(t, s.press(t, path+"/register"), 200, "Look into your mailbox", "!"+rita)
	if len(s.mailed) != 1 || s.mailed[0].User.Email != rita || !strings.HasPrefix(s.mailed[0].URL, base+"/register/") {
		t.Fatalf("mailed: %+v", s.mailed)
	}
	register := s.letter(t)
	s.must(t, s.get(t, register), 200, rita, "Create your account", `autocomplete="new-password"`, "At least 10 characters")
	s.must(t, s.press(t, register, "name", "Rita", "password", password), 200, "You have registered", "administrator decides")
	s.must(t, s.press(t, register, "name", "Rita", "password", password), 404, "does not work any more")
	s.must(t, s.get(t, path), 200, "minutes.pdf", "You have registered", "!<form")
	s.must(t, s.press(t, path), 409, "cannot be downloaded yet", "You have registered", "!<form")
	s.must(t, s.press(t, path+"/register"), 200, "Look into your mailbox") // but nothing comes
	if len(s.mailed) != 1 {
		t.Errorf("mailed: %+v", s.mailed[1:])
	}
	if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.SalesAgent), base); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.get(t, path), 200, `autocomplete="current-password"`, "Sign in and download", "Mail me a link", "!"+rita)
	s.must(t, s.press(t, path), 422, "Enter your email address", "Sign in and download")
	s.must(t, s.press(t, path, "email", rita, "password", "wrong horse"), 403, "do not belong together", `value="`+rita+`"`, "!wrong horse", "<title>Error: ")
	a = s.press(t, path, "email", strings.ToUpper(rita), "password", password)
	s.must(t, a, 303)
	if to := a.header.Get("Location"); !strings.HasPrefix(to, bucket+"/") || len(a.cookies) > 0 {
		t.Errorf("signed in: %s, %v", to, a.cookies)
	}
	if err := s.Handovers.Revoke(ctx, s.Admin, h.ID); err != nil {
		t.Fatal(err)
	}
	for _, a := range []answer{s.get(t, path), s.press(t, path, "email", rita, "password", password), s.press(t, path+"/register")} {
		s.must(t, a, 410, "withdrawn", s.Admin.Name, "!minutes", "!<form")
	}
}

// Whoever was a user before is asked to sign in at once; one who has no
// password is mailed a link to set one, and stays the user they are.
//
// contract: SC-18
func TestColleague(t *testing.T) {
	s := newSite(t)
	u, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: "tom@acme.test", Role: string(account.Technician)})
	if err != nil {
		t.Fatal(err)
	}
	h, path := s.share(t, "minutes.pdf", "", u.Email)
	s.must(t, s.get(t, path), 200, "Sign in and download", "!Create your account", "!"+u.Email)
	s.must(t, s.press(t, path), 422)
	s.must(t, s.press(t, path+"/register"), 200, "Look into your mailbox")
	link := s.letter(t)
	s.must(t, s.get(t, link), 200, "Set your password", "!Your name")
	s.must(t, s.press(t, link, "password", password), 200, "Your password is set", "!administrator")
	s.must(t, s.press(t, path, "email", u.Email, "password", password), 303)

	// Somebody else's right password opens nothing.
	other, otherPath := s.share(t, "other.pdf", "", "eve@new.test")
	s.join(t, otherPath)
	if err := s.Handovers.Accept(ctx, s.Admin, other.Recipient, string(account.SalesAgent), base); err != nil {
		t.Fatal(err)
	}
	s.must(t, s.press(t, path, "email", "eve@new.test", "password", password), 403, "somebody else")
	var seen []share.EventType
	for _, e := range s.Audit.Events() {
		if e.Share == h.ID {
			seen = append(seen, e.Type)
		}
	}
	if want := []share.EventType{share.Opened, share.Downloaded}; !slices.Equal(seen, want) {
		t.Errorf("audit %v, want %v", seen, want)
	}
}

// Mail scanners look, ask in advance and follow what they find: nothing is
// spent, mailed or downloaded by it, nor by another site's form.
func TestLookingDoesNothing(t *testing.T) {
	s := newSite(t)
	_, path := s.share(t, "minutes.pdf", "", rita)
	s.press(t, path+"/register")
	link := s.letter(t)
	opened := len(s.Audit.Events())
	for _, p := range []string{path, path + "/register", link} {
		for range 3 {
			if a := s.send(t, http.MethodHead, p, ""); a.status != 200 || a.body != "" {
				t.Errorf("HEAD %s: %d %q", p, a.status, a.body)
			}
			s.must(t, s.get(t, p, "sec-purpose: prefetch"), 200)
		}
	}
	if n := len(s.Audit.Events()) - opened; n != 0 {
		t.Errorf("%d openings by nobody", n)
	}
	for _, p := range []string{path, path + "/register", link} {
		s.must(t, s.send(t, http.MethodPost, p, "name=Eve&password=correct+horse", "sec-fetch-site: cross-site"), 403, "another website")
		s.must(t, s.send(t, http.MethodPost, p, "name=Eve&password=correct+horse", "sec-fetch-site: same-origin", "sec-purpose: prefetch"), 403, "Not available")
	}
	s.must(t, s.press(t, link, "name", "Rita", "password", password), 200, "You have registered")
	if len(s.mailed) != 1 {
		t.Errorf("mailed %d", len(s.mailed))
	}
}

// A double click mails one link, which works; a stranger with the link cannot
// fill the recipient's mailbox.
func TestMailedOnce(t *testing.T) {
	s := newSite(t)
	_, path := s.share(t, "minutes.pdf", "", rita)
	for range 9 {
		s.must(t, s.press(t, path+"/register"), 200, "Look into your mailbox")
	}
	s.must(t, s.get(t, s.letter(t)), 200)
	if len(s.mailed) != 1 {
		t.Errorf("mailed %d, want 1", len(s.mailed))
	}
}

// Who guesses is stopped, and nobody else is with them.
func TestGuessing(t *testing.T) {
	s := newSite(t)
	h, path := s.share(t, "minutes.pdf", "", rita)
	s.join(t, path)
	if err := s.Handovers.Accept(ctx, s.Admin, h.Recipient, string(account.SalesAgent), base); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.must(t, s.press(t, path, "email", rita, "password", "guess"), 403)
	}
	s.must(t, s.press(t, path, "email", rita, "password", password), 429, "quarter of an hour", "Sign in and download")
	s.from = "203.0.113.8"
	s.must(t, s.press(t, path, "email", rita, "password", password), 303)
	s.from = "203.0.113.7"
	for range 30 {
		s.press(t, "/register/"+strings.Repeat("x", 27), "name", "Eve", "password", password)
	}
	s.must(t, s.press(t, "/register/"+strings.Repeat("y", 27), "name", "Eve", "password", password), 429, "Too many attempts")
}
