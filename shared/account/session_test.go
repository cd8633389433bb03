package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

func signIn(t *testing.T, s *fake.Stack, email, password string) account.Session {
	t.Helper()
	got, err := s.Accounts.SignIn(ctx, email, password, visitor)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Whoever is refused is refused in the same words after the same work: one
// hash, the same reads and the same writes. Nothing tells whether there is
// such an address.
func TestRefusalsAreEqual(t *testing.T) {
	counted := &counter{}
	s := fake.NewStack(t, func(e table.Engine) table.Engine { counted.Engine = e; return counted })
	join(t, s, "rita@new.test")
	waiting(t, s, "wait@new.test")
	recruit(t, s, "new@new.test")
	off := join(t, s, "off@new.test")
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, off.ID, "disabled"); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ email, password string }{
		"a wrong password":                 {"rita@new.test", "a wrong password"},
		"an empty password":                {"rita@new.test", ""},
		"a long password":                  {"rita@new.test", strings.Repeat("x", 5000)},
		"an unknown address":               {"nobody@new.test", password},
		"no address":                       {"rita", password},
		"who has not registered":           {"new@new.test", password},
		"who waits":                        {"wait@new.test", password},
		"who is disabled":                  {"off@new.test", password},
		"who has no password":              {"admin@acme.test", ""},
		"who has none, and what none is":   {"admin@acme.test", "$"},
		"an address that is part of a key": {"rita@new.test#user", password},
	} {
		counted.gets, counted.batches = 0, 0
		writes, hashes := counted.writes, s.Passwords.Hashes.Load()
		_, err := s.Accounts.SignIn(ctx, tt.email, tt.password, account.Visitor(name))
		if !fault.Is(err, fault.Unauthenticated) || err.Error() != "unknown address or wrong password" {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Passwords.Hashes.Load() - hashes; n != 1 || counted.gets != 2 || counted.batches != 0 || counted.writes-writes != 4 {
			t.Errorf("%s: %d hashes, %d reads, %d batches, %d writes", name, n, counted.gets, counted.batches, counted.writes-writes)
		}
	}
}

// A visitor who guesses is put off before a hash is computed, and is let in
// again when the window is over; nobody else ever notices, and neither does
// who guesses at one address when they sign in at another.
func TestGuessing(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	join(t, s, "tom@new.test")
	try := func(email, password string, v account.Visitor) error {
		_, err := s.Accounts.SignIn(ctx, email, password, v)
		return err
	}
	s.Clock.Advance(account.AttemptWindow - s.Clock.Now().Sub(s.Clock.Now().Truncate(account.AttemptWindow)))
	for minute := range 45 {
		hashes := s.Passwords.Hashes.Load()
		for i := range 4 {
			err := try("RITA@new.test", "a wrong password", "198.51.100.1")
			late := (minute%15)*4+i >= 5
			if late && !fault.Is(err, fault.Throttled) || !late && !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("minute %d, guess %d: %v", minute, i, err)
			}
		}
		if n := s.Passwords.Hashes.Load() - hashes; minute%15 > 1 && n != 0 {
			t.Errorf("minute %d: %d hashes", minute, n)
		}
		if err := try("rita@new.test", password, "198.51.100.2"); err != nil {
			t.Errorf("minute %d: the owner: %v", minute, err)
		}
		if err := try("tom@new.test", password, "198.51.100.1"); err != nil {
			t.Errorf("minute %d: another address: %v", minute, err)
		}
		s.Clock.Advance(time.Minute)
	}
	if err := try("rita@new.test", password, "198.51.100.1"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Who tries one password at many addresses is put off too. A subscriber's
// IPv6 addresses are one visitor, and an IPv4 address by another name is not
// another.
func TestSpraying(t *testing.T) {
	for name, tt := range map[string]struct {
		from  func(i int) account.Visitor
		other account.Visitor
	}{
		"IPv4":      {func(int) account.Visitor { return "198.51.100.1" }, "198.51.100.2"},
		"IPv6":      {func(i int) account.Visitor { return account.Visitor(fmt.Sprintf("2001:db8:0:1:%x::1", i)) }, "2001:db8:0:2::1"},
		"mapped":    {func(i int) account.Visitor { return []account.Visitor{"198.51.100.1", "::ffff:198.51.100.1"}[i%2] }, "::ffff:198.51.100.2"},
		"no number": {func(int) account.Visitor { return "" }, "unknown"},
	} {
		s := fake.NewStack(t, nil)
		join(t, s, "rita@new.test")
		throttled := 0
		for i := range 40 {
			if _, err := s.Accounts.SignIn(ctx, fmt.Sprintf("p%d@new.test", i), password, tt.from(i)); fault.Is(err, fault.Throttled) {
				throttled++
			}
		}
		if throttled != 10 {
			t.Errorf("%s: %d of 40 were put off", name, throttled)
		}
		if _, err := s.Accounts.SignIn(ctx, "rita@new.test", password, tt.other); err != nil {
			t.Errorf("%s: another visitor: %v", name, err)
		}
	}
}

// Who signs in often is not put off, and neither is who makes a mistake now
// and then.
func TestSignInOften(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	for range 100 {
		signIn(t, s, "rita@new.test", password)
	}
}

// One who guesses one-time tokens is put off, and who has one registers.
func TestGuessingTokens(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, token := recruit(t, s, "rita@new.test")
	for i := range 40 {
		_, err := s.Accounts.Register(ctx, s.IDs.Secret(), "Eve", password, "198.51.100.1")
		if i < 30 && !fault.Is(err, fault.NotFound) || i >= 30 && !fault.Is(err, fault.Throttled) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	for range 40 { // typing errors are no guesses
		if _, err := s.Accounts.Register(ctx, token, "Rita", "short", visitor); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	}
	// From where the guesses came, too: it may be a whole office.
	if _, err := s.Accounts.Register(ctx, token, "Rita", password, "198.51.100.1"); err != nil {
		t.Errorf("who has one: %v", err)
	}
}

// A session that is refreshed in time lasts 30 days, and no longer.
func TestTheEndOfASession(t *testing.T) {
	s := fake.NewStack(t, nil)
	u := join(t, s, "rita@new.test")
	got := signIn(t, s, u.Email, password)
	end := s.Clock.Now().Add(account.SessionFor)
	for days := 1; ; days++ {
		s.Clock.Advance(account.RefreshFor - time.Minute)
		next, err := s.Accounts.Refresh(ctx, got.Refresh)
		if err != nil {
			if !s.Clock.Now().Add(account.RefreshFor - time.Minute).After(end) {
				t.Errorf("on day %d: %v", days, err)
			}
			break
		}
		if got = next; got.RefreshUntil.After(end) || got.AccessUntil.After(end) || days > 31 {
			t.Fatalf("day %d: until %v, and the session until %v", days, got.RefreshUntil, end)
		}
	}
	late := signIn(t, s, u.Email, password)
	s.Clock.Advance(account.RefreshFor)
	if _, err := s.Accounts.Refresh(ctx, late.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a day later: %v", err)
	}
}

// What is no refresh token of a session ends none.
func TestNoRefreshToken(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	got := signIn(t, s, "rita@new.test", password)
	id, _, _ := strings.Cut(strings.TrimPrefix(got.Refresh, "lr_"), "_")
	for _, bad := range []string{
		"", "lr_", "lr__", got.Access, got.Refresh + "x", got.Refresh[:len(got.Refresh)-1], "lk_" + got.Refresh[3:],
		"lr_" + id + "_" + s.IDs.Secret(), "lr_" + s.IDs.Chars(16) + "_" + got.Refresh[20:], strings.ToUpper(got.Refresh),
	} {
		if _, err := s.Accounts.Refresh(ctx, bad); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("refresh %q: %v", bad, err)
		}
		if err := s.Accounts.SignOut(ctx, bad); err != nil {
			t.Errorf("sign out %q: %v", bad, err)
		}
	}
	if _, err := s.Accounts.Authenticate(ctx, got.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a refresh token as a key: %v", err)
	}
	if _, err := s.Accounts.Refresh(ctx, got.Refresh); err != nil {
		t.Errorf("and it is over: %v", err)
	}
}

// An active user sets a password by a mailed token, and another one; what was
// signed in with the former ends, here at once and elsewhere within a minute.
// Keys are not sessions.
//
// contract: SC-18
func TestAnotherPassword(t *testing.T) {
	s := fake.NewStack(t, nil)
	set := func(password string) {
		t.Helper()
		s.Clock.Advance(time.Minute)
		token, err := s.Accounts.InviteToRegister(ctx, s.Admin.User)
		if err != nil {
			t.Fatal(err)
		}
		u, err := s.Accounts.Register(ctx, token, "", password, visitor)
		if err != nil || u.Name != "Ann Admin" || u.Joining != "" || u.State != account.Active {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	set(password)
	got := signIn(t, s, s.Admin.Email, password)
	if who, err := s.Accounts.Authenticate(ctx, got.Access); err != nil || who.Role != account.Admin {
		t.Fatalf("%+v, %v", who, err)
	}
	elsewhere := &account.Service{Store: store.Accounts{Table: s.Table, Now: s.Clock.Now}, Now: s.Clock.Now}
	if _, err := elsewhere.Authenticate(ctx, got.Access); err != nil {
		t.Fatal(err)
	}
	set("another password")
	for name, a := range map[string]*account.Service{"here": s.Accounts, "elsewhere": elsewhere} {
		if name == "elsewhere" {
			s.Clock.Advance(account.CacheFor)
		}
		if _, err := a.Authenticate(ctx, got.Access); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Accounts.Refresh(ctx, got.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("refreshed: %v", err)
	}
	if _, err := s.Accounts.SignIn(ctx, s.Admin.Email, password, visitor); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed in with the former: %v", err)
	}
	signIn(t, s, s.Admin.Email, "another password")
	if _, err := s.Accounts.Authenticate(ctx, s.Key); err != nil {
		t.Errorf("the key: %v", err)
	}
}

// TestLeave: leaving ends the session of an access token with all its tokens;
// other sessions and keys stay, and what is none is no failure.
func TestLeave(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	one, other := signIn(t, s, "rita@new.test", password), signIn(t, s, "rita@new.test", password)
	for _, access := range []string{one.Access, one.Access, s.Key, "", "lk_none", one.Refresh} {
		if err := s.Accounts.Leave(ctx, access); err != nil {
			t.Errorf("%q: %v", access, err)
		}
	}
	if _, err := s.Accounts.Authenticate(ctx, one.Access); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the access token: %v", err)
	}
	if _, err := s.Accounts.Refresh(ctx, one.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the refresh token: %v", err)
	}
	for _, access := range []string{other.Access, s.Key} {
		if _, err := s.Accounts.Authenticate(ctx, access); err != nil {
			t.Errorf("another's: %v", err)
		}
	}
}
