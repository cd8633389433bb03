package account_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
)

// atOnce calls f for 0 to n-1 at the same time: each has read what it decides
// by, or been refused before that, before any has written.
func atOnce(s *fake.Stack, n int, f func(i int) error) []error {
	gate := &gate{Store: s.Accounts.Store, coming: n, open: make(chan struct{})}
	s.Accounts.Store = gate
	defer func() { s.Accounts.Store = gate.Store }()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			errs[i] = f(i)
			gate.come()
		})
	}
	all.Wait()
	return errs
}

// gate is a store whose readers of what a request decides by wait until all
// have come, to it or to their end.
type gate struct {
	account.Store
	mu     sync.Mutex
	coming int
	open   chan struct{}
}

func (g *gate) come() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.coming--; g.coming == 0 {
		close(g.open)
	}
}

func (g *gate) wait() {
	g.come()
	<-g.open
}

func (g *gate) UserAt(ctx context.Context, email string) (account.User, string, error) {
	defer g.wait()
	return g.Store.UserAt(ctx, email)
}

func (g *gate) Known(ctx context.Context, id string) (account.User, time.Time, error) {
	defer g.wait()
	return g.Store.Known(ctx, id)
}

func (g *gate) Registration(ctx context.Context, hash string) (account.Offer, error) {
	defer g.wait()
	return g.Store.Registration(ctx, hash)
}

func (g *gate) SessionOf(ctx context.Context, id, hash string) (account.SignedIn, account.Refreshing, account.User, error) {
	defer g.wait()
	return g.Store.SessionOf(ctx, id, hash)
}

// One address is one account, whoever shares with it at the same time, and
// one organization's.
//
// contract: SC-14, SC-17
func TestRecruitInARace(t *testing.T) {
	for range 20 {
		s := fake.NewStack(t, nil)
		_, rival := s.Organization(t, "Rival", "mallory@rival.test")
		senders := []account.Principal{s.Admin, s.Admin, rival, s.Admin, rival, rival}
		users, made := make([]account.User, len(senders)), make([]bool, len(senders))
		errs := atOnce(s, len(senders), func(i int) (err error) {
			users[i], made[i], err = s.Accounts.Recruit(ctx, senders[i], "rita@new.test")
			return err
		})
		created, elsewhere := 0, 0
		var id string
		for i, err := range errs {
			switch {
			case fault.Is(err, fault.Invalid):
				elsewhere++
			case err != nil:
				t.Errorf("%v", err)
			case id != "" && users[i].ID != id:
				t.Errorf("two accounts: %s and %s", id, users[i].ID)
			default:
				id = users[i].ID
			}
			if made[i] {
				created++
			}
		}
		ours, theirs := list(t, s, s.Admin), list(t, s, rival)
		if created != 1 || elsewhere != 3 || len(ours)+len(theirs) != 3 {
			t.Fatalf("%d made, %d refused, %v and %v", created, elsewhere, ours, theirs)
		}
	}
}

// Of all one-time tokens one is spent once, and the password is that of who
// spent it.
func TestRegisterInARace(t *testing.T) {
	for range 20 {
		s := fake.NewStack(t, nil)
		u, token := recruit(t, s, "rita@new.test")
		s.Clock.Advance(time.Minute)
		second, err := s.Accounts.InviteToRegister(ctx, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		tokens := []string{token, second}
		word := func(i int) string { return fmt.Sprintf("the password of %d", i) }
		errs := atOnce(s, 6, func(i int) error {
			_, err := s.Accounts.Register(ctx, tokens[i%2], "Rita", word(i), visitor)
			return err
		})
		if n := count(errs, fault.NotFound); n != 5 {
			t.Fatalf("%d refused of 6: %v", n, errs)
		}
		if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); err != nil {
			t.Fatal(err)
		}
		for i, err := range errs {
			if _, in := s.Accounts.SignIn(ctx, u.Email, word(i), account.Visitor(fmt.Sprint(i))); (in == nil) != (err == nil) {
				t.Errorf("registered: %v, signed in: %v", err, in)
			}
		}
	}
}

// Of many who accept and decline at the same time one succeeds, and what they
// decided is so.
//
// contract: FF-19, FF-20, FF-21
func TestDecideInARace(t *testing.T) {
	for range 20 {
		s := fake.NewStack(t, nil)
		u, token := recruit(t, s, "rita@new.test")
		if _, err := s.Accounts.Register(ctx, token, "Rita", password, visitor); err != nil {
			t.Fatal(err)
		}
		errs := atOnce(s, 6, func(i int) error {
			if i%2 == 0 {
				_, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician")
				return err
			}
			_, err := s.Accounts.Decline(ctx, s.Admin, u.ID)
			return err
		})
		if n := count(errs, fault.Conflict); n != 5 {
			t.Fatalf("%d refused of 6: %v", n, errs)
		}
		accepted := errs[0] == nil || errs[2] == nil || errs[4] == nil
		now, err := s.Accounts.Joining(ctx, u.ID)
		if err != nil || accepted != (now.Joining == account.Accepted) || !accepted != (now.Joining == account.Declined) {
			t.Errorf("accepted: %v, and is %s, %v", accepted, now.Joining, err)
		}
		if _, err := s.Accounts.SignIn(ctx, u.Email, password, visitor); (err == nil) != accepted {
			t.Errorf("accepted: %v, signed in: %v", accepted, err)
		}
	}
}

// A refresh token that is used twice at once gets one answer at most, and
// none of its session's tokens is good afterwards.
func TestRefreshInARace(t *testing.T) {
	for range 20 {
		s := fake.NewStack(t, nil)
		u := join(t, s, "rita@new.test")
		first, err := s.Accounts.SignIn(ctx, u.Email, password, visitor)
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.Accounts.SignIn(ctx, u.Email, password, visitor)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]account.Session, 6)
		errs := atOnce(s, len(got), func(i int) (err error) {
			got[i], err = s.Accounts.Refresh(ctx, first.Refresh)
			return err
		})
		if n := count(errs, fault.Unauthenticated); n < 5 {
			t.Fatalf("%d refused of 6: %v", n, errs)
		}
		s.Clock.Advance(account.CacheFor)
		for _, session := range append(got, first) {
			if _, err := s.Accounts.Authenticate(ctx, session.Access); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("an access token: %v", err)
			}
			if _, err := s.Accounts.Refresh(ctx, session.Refresh); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a refresh token: %v", err)
			}
		}
		if _, err := s.Accounts.Authenticate(ctx, other.Access); err != nil {
			t.Errorf("another session of theirs: %v", err)
		}
	}
}
