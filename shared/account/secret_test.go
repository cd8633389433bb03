package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
)

// No password, token or address of a visitor is in any item that was ever
// written, nor in what is said when one is refused.
func TestNoSecretIsKept(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Memory.Record(s.Clock.Now)
	u, token := recruit(t, s, "rita@new.test")
	const guess = "what a bad guess"
	var said []error
	refused := func(err error) {
		t.Helper()
		if err == nil {
			t.Fatal("not refused")
		}
		said = append(said, err)
	}
	if _, err := s.Accounts.Register(ctx, token, "Rita", password, "203.0.113.77"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Accounts.Register(ctx, token, "Rita", password, "203.0.113.77")
	refused(err)
	if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Accounts.SignIn(ctx, u.Email, guess, "203.0.113.77")
	refused(err)
	first := signIn(t, s, u.Email, password)
	next, err := s.Accounts.Refresh(ctx, first.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Accounts.Refresh(ctx, first.Refresh)
	refused(err)
	_, err = s.Accounts.Authenticate(ctx, next.Access)
	refused(err)

	written := &strings.Builder{}
	for _, c := range s.Memory.Changes() {
		fmt.Fprintf(written, "%s\n", c.New)
	}
	for _, err := range said {
		fmt.Fprintf(written, "%v %+v\n", err, err)
	}
	last := func(token string) string { return token[strings.LastIndex(token, "_")+1:] }
	for what, secret := range map[string]string{
		"the password": password, "a guess": guess, "the one-time token": token, "the visitor": "203.0.113.77",
		"an access token": last(first.Access), "a refresh token": last(first.Refresh),
		"the next access token": last(next.Access), "the next refresh token": last(next.Refresh),
	} {
		if strings.Contains(written.String(), secret) {
			t.Errorf("%s is written", what)
		}
	}
	if !strings.Contains(written.String(), u.ID) {
		t.Error("nothing was looked at")
	}
}

// Access tokens are in no list of keys, and do not count as keys.
func TestAccessTokensAreNoKeys(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	for range 10 {
		signIn(t, s, "rita@new.test", password)
	}
	keys, err := s.Accounts.Keys(ctx, s.Admin)
	if err != nil || len(keys) != 1 || keys[0].ID != s.Admin.Key {
		t.Errorf("%+v, %v", keys, err)
	}
}

// A password that is kept in a way that has been strengthened since is kept
// anew when its owner signs in, once, and stays the same.
func TestStrengthen(t *testing.T) {
	s := fake.NewStack(t, nil)
	u := join(t, s, "rita@new.test")
	kept := func() string {
		t.Helper()
		_, kept, err := s.Accounts.Store.UserAt(ctx, u.Email)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	before := kept()
	earlier := signIn(t, s, u.Email, password)
	s.Passwords.Stronger.Store(true)
	if _, err := s.Accounts.SignIn(ctx, u.Email, "a wrong password", visitor); err == nil || kept() != before {
		t.Errorf("by a wrong one: %v", err)
	}
	signIn(t, s, u.Email, password)
	after, hashes := kept(), s.Passwords.Hashes.Load()
	if after == before || !strings.HasPrefix(after, "strong") {
		t.Errorf("kept as %q", after)
	}
	signIn(t, s, u.Email, password)
	if n := s.Passwords.Hashes.Load() - hashes; n != 1 || kept() != after {
		t.Errorf("%d hashes the next time", n)
	}
	if _, err := s.Accounts.Authenticate(ctx, earlier.Access); err != nil {
		t.Errorf("a session of before: %v", err)
	}
}

// A one-time token ends after a day, with the next one, and by being used.
func TestOneTimeTokens(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, first := recruit(t, s, "rita@new.test")
	for _, bad := range []string{"", "x", first + "x", first[1:], strings.ToLower(first), strings.Repeat("é", 27)} {
		if _, err := s.Accounts.Registering(ctx, bad); err == nil {
			t.Errorf("%q is good", bad)
		}
	}
	s.Clock.Advance(account.RegisterFor - time.Second)
	if got, err := s.Accounts.Registering(ctx, first); err != nil || got.ID != u.ID {
		t.Errorf("just before its end: %v", err)
	}
	s.Clock.Advance(time.Second)
	if _, err := s.Accounts.Registering(ctx, first); err == nil {
		t.Error("good at its end")
	}
	first, err := s.Accounts.InviteToRegister(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.Register(ctx, first, "", password, visitor); err == nil {
		t.Error("registered without a name")
	}
	if _, err := s.Accounts.Register(ctx, first, "Rita\nR", password, visitor); err == nil {
		t.Error("registered with a name of lines")
	}
	if _, err := s.Accounts.Register(ctx, first, "Rita", password, visitor); err != nil {
		t.Error(err)
	}
}
