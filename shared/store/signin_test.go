package store_test

import (
	"fmt"
	"math"
	"os"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// From an address to a session and its end, on every engine. The races come
// in turn where moto's server stands for DynamoDB, see package dynamo.
func TestJoiningOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			const email, password = "rita@new.test", "correct horse battery"
			race := func(n int, f func(i int) error) (done int) {
				errs := make([]error, n)
				var all sync.WaitGroup
				for i := range errs {
					if name == "dynamo" && os.Getenv("TEST_DYNAMODB_RACES") == "" {
						errs[i] = f(i)
					} else {
						all.Go(func() { errs[i] = f(i) })
					}
				}
				all.Wait()
				for _, err := range errs {
					if e := fault.As(err); err == nil {
						done++
					} else if e.Kind == fault.Internal {
						t.Errorf("%v", err)
					}
				}
				return done
			}
			var mu sync.Mutex
			made, id := 0, ""
			race(4, func(int) error {
				u, created, err := s.Accounts.Recruit(ctx, s.Admin, email)
				mu.Lock()
				defer mu.Unlock()
				if created {
					made++
				}
				if id != "" && u.ID != id {
					t.Errorf("two accounts: %s, %s", id, u.ID)
				}
				id = u.ID
				return err
			})
			if made != 1 {
				t.Fatalf("%d accounts", made)
			}
			token, err := s.Accounts.InviteToRegister(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if n := race(4, func(int) error {
				_, err := s.Accounts.Register(ctx, token, "Rita", password, "192.0.2.1")
				return err
			}); n != 1 {
				t.Errorf("registered %d times", n)
			}
			if n := race(4, func(int) error { _, err := s.Accounts.Accept(ctx, s.Admin, id, "technician"); return err }); n != 1 {
				t.Errorf("accepted %d times", n)
			}
			if n := race(8, func(int) error { _, err := s.Accounts.SignIn(ctx, email, "a wrong password", "192.0.2.1"); return err }); n != 0 {
				t.Errorf("%d guesses succeeded", n)
			}
			if _, err := s.Accounts.SignIn(ctx, email, password, "192.0.2.1"); !fault.Is(err, fault.Throttled) {
				t.Errorf("after guessing: %v", err)
			}
			got, err := s.Accounts.SignIn(ctx, email, password, "192.0.2.2")
			if err != nil {
				t.Fatal(err)
			}
			if who, err := s.Accounts.Authenticate(ctx, got.Access); err != nil || who.User != id || who.Role != account.Technician {
				t.Errorf("%+v, %v", who, err)
			}
			next, err := s.Accounts.Refresh(ctx, got.Refresh)
			if err != nil {
				t.Fatal(err)
			}
			if n := race(4, func(int) error { _, err := s.Accounts.Refresh(ctx, got.Refresh); return err }); n != 0 {
				t.Errorf("a spent token got %d more", n)
			}
			s.Clock.Advance(account.CacheFor)
			if _, err := s.Accounts.Authenticate(ctx, next.Access); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("after that: %v", err)
			}
			s.Passwords.Stronger.Store(true)
			if got, err = s.Accounts.SignIn(ctx, email, password, "192.0.2.2"); err != nil {
				t.Fatal(err)
			}
			if err := s.Accounts.SignOut(ctx, got.Refresh); err != nil {
				t.Errorf("sign out: %v", err)
			}
			if _, err := s.Accounts.Refresh(ctx, got.Refresh); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("after signing out: %v", err)
			}
		})
	}
}

// Who is declined leaves the address free, and their id is known a while.
func TestDecliningOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			for i := range 2 {
				u, created, err := s.Accounts.Recruit(ctx, s.Admin, "rita@new.test")
				if err != nil || !created {
					t.Fatalf("%v, %v", created, err)
				}
				token, err := s.Accounts.InviteToRegister(ctx, u.ID)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Accounts.Register(ctx, token, fmt.Sprint(i), "correct horse battery", ""); err != nil {
					t.Fatal(err)
				}
				if all, err := s.Accounts.Waiting(ctx, s.Admin); err != nil || len(all) != 1 || all[0].Passwords != 1 {
					t.Errorf("%+v, %v", all, err)
				}
				if _, err := s.Accounts.Decline(ctx, s.Admin, u.ID); err != nil {
					t.Fatal(err)
				}
				if got, err := s.Accounts.Joining(ctx, u.ID); err != nil || got.Joining != account.Declined || got.Name != "" {
					t.Errorf("%+v, %v", got, err)
				}
				if _, err := s.Accounts.Decline(ctx, s.Admin, u.ID); !fault.Is(err, fault.Conflict) {
					t.Errorf("again: %v", err)
				}
				s.Clock.Advance(time.Minute)
			}
			if all, err := s.Accounts.Waiting(ctx, s.Admin); err != nil || len(all) != 0 {
				t.Errorf("%+v, %v", all, err)
			}
		})
	}
}

// What is counted has weight, and is counted past a limit when it is not
// asked about one; a name is remembered until its time.
func TestCountingOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			accounts, now := s.Accounts.Store, s.Clock.Now()
			for i, tt := range []struct {
				name      string
				until     time.Time
				by, limit int64
				refused   bool
			}{
				{"a", now, 1, 2, false}, {"a", now, 5, math.MaxInt64, false}, {"a", now, 0, 6, true}, {"a", now, 1, 7, false},
				{"a", now, -1, 7, true}, {"a", now, -1, math.MaxInt64, false}, {"a", now, 0, 7, false}, {"a", now, 0, 6, true},
				{"b", now, 0, 1, false}, {"b", now, 3, 1, false}, {"b", now, 0, 1, true}, {"a", now.Add(time.Second), 1, 1, false},
			} {
				if err := accounts.Count(ctx, tt.name, tt.until, tt.by, tt.limit); fault.Is(err, fault.Throttled) != tt.refused || !tt.refused && err != nil {
					t.Errorf("%d: %+v: %v", i, tt, err)
				}
			}
			remembered := func(name string, want time.Time) {
				t.Helper()
				if got, err := accounts.Remembered(ctx, name); err != nil || !got.Equal(want) {
					t.Errorf("%s until %v, %v, want %v", name, got, err, want)
				}
			}
			remembered("a", time.Time{})
			for _, tt := range []struct{ until, enough, want time.Duration }{{5, 4, 5}, {6, 5, 5}, {7, 6, 7}} {
				if err := accounts.Remember(ctx, "a", now.Add(tt.until*time.Hour), now.Add(tt.enough*time.Hour)); err != nil {
					t.Fatal(err)
				}
				remembered("a", now.Add(tt.want*time.Hour))
			}
			remembered("b", time.Time{})
		})
	}
}
