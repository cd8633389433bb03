package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/table"
)

// Who is right is not put off by others who are, however many come at once
// from one address.
func TestSignInAtOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	var emails []string
	for i := range 5 {
		emails = append(emails, join(t, s, fmt.Sprintf("p%d@new.test", i)).Email)
	}
	for round := range 4 {
		for what, email := range map[string]func(i int) string{
			"one user":   func(int) string { return emails[0] },
			"five users": func(i int) string { return emails[i%5] },
		} {
			for _, err := range atOnce(s, 25, func(i int) error {
				_, err := s.Accounts.SignIn(ctx, email(i), password, visitor)
				return err
			}) {
				if err != nil {
					t.Fatalf("round %d, %s: %v", round, what, err)
				}
			}
		}
	}
	if _, err := s.Accounts.SignIn(ctx, emails[0], "a wrong password", visitor); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a mistake afterwards: %v", err)
	}
	signIn(t, s, emails[0], password)
}

// Guesses that come all at once are as many as may be under way, and then
// there are none until the window is over, however many sign in meanwhile.
func TestGuessesInARace(t *testing.T) {
	s := fake.NewStack(t, nil)
	u := join(t, s, "rita@new.test")
	guess := func(int) error {
		_, err := s.Accounts.SignIn(ctx, u.Email, "a wrong password", visitor)
		return err
	}
	before := s.Passwords.Hashes.Load()
	errs := atOnce(s, 100, guess)
	if n := s.Passwords.Hashes.Load() - before; n != 30 || count(errs, fault.Unauthenticated) != 30 || count(errs, fault.Throttled) != 70 {
		t.Errorf("%d hashes were computed: %v", n, errs)
	}
	if err := guess(0); !fault.Is(err, fault.Throttled) {
		t.Errorf("and one more: %v", err)
	}
	errs = atOnce(s, 400, func(i int) error {
		_, err := s.Accounts.SignIn(ctx, fmt.Sprintf("p%d@new.test", i), password, "198.51.100.1")
		return err
	})
	if n := count(errs, fault.Unauthenticated); n != 180 || count(errs, fault.Throttled) != 220 {
		t.Errorf("%d at many addresses: %v", n, errs)
	}
	s.Clock.Advance(account.AttemptWindow)
	for i := range 4 {
		if err := guess(i); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	for range 20 {
		signIn(t, s, u.Email, password)
	}
	errs = atOnce(s, 20, guess)
	if n := count(errs, fault.Unauthenticated); n != 6 {
		t.Errorf("after four guesses and who is right, %d more at once: %v", n, errs)
	}
}

// Whoever guesses spends what their network has for newcomers, and nothing of
// those who have signed in from it before.
func TestGuesserAmongColleagues(t *testing.T) {
	s := fake.NewStack(t, nil)
	join(t, s, "rita@new.test")
	join(t, s, "tom@new.test")
	at := func(email, password string, v account.Visitor) error {
		_, err := s.Accounts.SignIn(ctx, email, password, v)
		return err
	}
	spray := func() {
		t.Helper()
		for i := range 35 {
			err := at(fmt.Sprintf("p%d@new.test", i), password, visitor)
			if i < 30 && !fault.Is(err, fault.Unauthenticated) || i >= 30 && !fault.Is(err, fault.Throttled) {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
	}
	signIn(t, s, "rita@new.test", password)
	if err := at("tom@new.test", password, "198.51.100.9"); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(account.FamiliarFor - account.AttemptWindow)
	spray()
	hashes := s.Passwords.Hashes.Load()
	if err := at("tom@new.test", password, visitor); !fault.Is(err, fault.Throttled) || s.Passwords.Hashes.Load() != hashes {
		t.Errorf("who signed in elsewhere: %v", err)
	}
	if err := at("tom@new.test", password, "198.51.100.9"); err != nil {
		t.Errorf("and does so again: %v", err)
	}
	for range 40 {
		if err := at("RITA@new.test", password, visitor); err != nil {
			t.Fatalf("who signed in here: %v", err)
		}
	}
	for i := range 7 {
		err := at("rita@new.test", "a wrong password", visitor)
		if i < 5 && !fault.Is(err, fault.Unauthenticated) || i >= 5 && !fault.Is(err, fault.Throttled) {
			t.Errorf("guess %d at who signed in here: %v", i, err)
		}
	}
	s.Clock.Advance(account.AttemptWindow)
	if err := at("tom@new.test", password, visitor); err != nil {
		t.Errorf("a window later: %v", err)
	}
	s.Clock.Advance(account.FamiliarFor)
	spray()
	if err := at("rita@new.test", password, visitor); !fault.Is(err, fault.Throttled) {
		t.Errorf("who signed in here long ago: %v", err)
	}
}

// Who is familiar is looked for when they would be refused, and written once
// a day.
func TestFamiliarCostsNothing(t *testing.T) {
	counted := &counter{}
	s := fake.NewStack(t, func(e table.Engine) table.Engine { counted.Engine = e; return counted })
	join(t, s, "rita@new.test")
	s.Memory.Record(s.Clock.Now)
	for range 50 {
		counted.gets, counted.batches = 0, 0
		signIn(t, s, "rita@new.test", password)
		if counted.gets != 2 || counted.batches != 0 {
			t.Fatalf("%d reads and %d batches", counted.gets, counted.batches)
		}
		s.Clock.Advance(time.Hour)
	}
	written := 0
	for _, c := range s.Memory.Changes() {
		if strings.HasPrefix(c.New.String(table.PK), "familiar#") {
			written++
		}
	}
	if written != 2 {
		t.Errorf("written %d times in 50 hours", written)
	}
}
