package account_test

import (
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
)

const (
	visitor  = account.Visitor("192.0.2.7")
	password = "correct horse battery"
)

// recruit is somebody new, who has been sent a one-time token.
func recruit(t *testing.T, s *fake.Stack, email string) (account.User, string) {
	t.Helper()
	u, created, err := s.Accounts.Recruit(ctx, s.Admin, email)
	if err != nil || !created {
		t.Fatalf("%+v, %v, %v", u, created, err)
	}
	token, err := s.Accounts.InviteToRegister(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return u, token
}

// From an address to an account that is used.
//
// contract: SC-14, FF-19, FF-26
func TestJoin(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, token := recruit(t, s, "Rita@example.test")
	if u.State != account.Deactivated || u.Joining != account.Invited || u.Role != account.Technician || u.Organization != s.Admin.Organization {
		t.Errorf("recruited: %+v", u)
	}
	again, created, err := s.Accounts.Recruit(ctx, s.Admin, "rita@EXAMPLE.test")
	if err != nil || created || again.ID != u.ID {
		t.Errorf("again: %+v, %v, %v", again, created, err)
	}
	if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted before they registered: %v", err)
	}
	if got, err := s.Accounts.Registering(ctx, token); err != nil || got.ID != u.ID {
		t.Errorf("registering: %+v, %v", got, err)
	}
	u, err = s.Accounts.Register(ctx, token, "Rita R", password, visitor)
	if err != nil || u.Joining != account.Waiting || u.State != account.Deactivated || u.Name != "Rita R" {
		t.Fatalf("registered: %+v, %v", u, err)
	}
	if _, err := s.Accounts.Register(ctx, token, "Eve", password, visitor); !fault.Is(err, fault.NotFound) {
		t.Errorf("the token again: %v", err)
	}
	if _, err := s.Accounts.SignIn(ctx, u.Email, password, visitor); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed in before they are accepted: %v", err)
	}
	if all, err := s.Accounts.Waiting(ctx, s.Admin); err != nil || len(all) != 1 || all[0].ID != u.ID {
		t.Errorf("waiting: %+v, %v", all, err)
	}
	if u, err = s.Accounts.Accept(ctx, s.Admin, u.ID, "Sales-Agent"); err != nil || u.Role != account.SalesAgent || u.State != account.Active {
		t.Errorf("accepted: %+v, %v", u, err)
	}
	got, err := s.Accounts.SignIn(ctx, "RITA@example.test", password, visitor)
	if err != nil || got.User.ID != u.ID {
		t.Fatalf("signed in: %+v, %v", got, err)
	}
	who, err := s.Accounts.Authenticate(ctx, got.Access)
	if err != nil || who.User != u.ID || who.Role != account.SalesAgent || who.Name != "Rita R" {
		t.Errorf("authenticated: %+v, %v", who, err)
	}
	s.Clock.Advance(account.AccessFor - time.Second)
	if _, err := s.Accounts.Authenticate(ctx, got.Access); err != nil {
		t.Errorf("just before the end: %v", err)
	}
	s.Clock.Advance(time.Second)
	if _, err := s.Accounts.Authenticate(ctx, got.Access); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("at the end: %v", err)
	}
	next, err := s.Accounts.Refresh(ctx, got.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.Authenticate(ctx, next.Access); err != nil {
		t.Errorf("refreshed: %v", err)
	}
	if _, err := s.Accounts.Refresh(ctx, got.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("refreshed again: %v", err)
	}
	if _, err := s.Accounts.Authenticate(ctx, next.Access); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after a token was used again: %v", err)
	}
	if _, err := s.Accounts.Refresh(ctx, next.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("and the next one: %v", err)
	}
}

// A double click on what mails a link is one mail.
func TestInviteToRegisterTwice(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, first := recruit(t, s, "rita@example.test")
	if _, err := s.Accounts.InviteToRegister(ctx, u.ID); !fault.Is(err, fault.Throttled) {
		t.Errorf("at once: %v", err)
	}
	if _, err := s.Accounts.Registering(ctx, first); err != nil {
		t.Errorf("the first link: %v", err)
	}
}

// Whoever asks for links all the time ends none that is a quarter of an hour
// old, and few live side by side. Who uses one ends the others, before they
// are a user and afterwards.
func TestLinksSideBySide(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, first := recruit(t, s, "rita@example.test")
	good := func(tokens []string) (n int) {
		for _, token := range tokens {
			if _, err := s.Accounts.Registering(ctx, token); err == nil {
				n++
			} else if !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
		}
		return n
	}
	s.Clock.Advance(account.AttemptWindow - s.Clock.Now().Sub(s.Clock.Now().Truncate(account.AttemptWindow)) - 5*time.Minute)
	made := map[string]time.Time{first: {}}
	tokens := []string{first}
	flood := func(minutes int) {
		t.Helper()
		for range minutes {
			s.Clock.Advance(time.Minute)
			token, err := s.Accounts.InviteToRegister(ctx, u.ID)
			if err == nil {
				made[token], tokens = s.Clock.Now(), append(tokens, token)
			} else if !fault.Is(err, fault.Throttled) {
				t.Fatal(err)
			}
			for _, token := range tokens {
				if good([]string{token}) == 0 && s.Clock.Now().Sub(made[token]) <= account.AttemptWindow {
					t.Fatalf("one of %v is over at %v", made[token], s.Clock.Now())
				}
			}
			if n := good(tokens); n > 10 {
				t.Fatalf("%d are good", n)
			}
		}
	}
	flood(60)
	if n := good(tokens); n != 10 || good(tokens[len(tokens)-10:]) != 10 {
		t.Errorf("%d are good", n)
	}
	use := func(token, name string) {
		t.Helper()
		if _, err := s.Accounts.Register(ctx, token, name, password, visitor); err != nil {
			t.Fatal(err)
		}
		if n := good(tokens); n != 0 {
			t.Errorf("%d are good when one is used", n)
		}
	}
	use(tokens[len(tokens)-9], "Rita")
	if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); err != nil {
		t.Fatal(err)
	}
	if n := good(tokens); n != 0 {
		t.Errorf("%d are good when they are a user", n)
	}
	tokens = nil
	flood(20)
	use(tokens[len(tokens)-2], "")
}
