package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/table"
)

// waiting is somebody who has registered with s and waits.
func waiting(t *testing.T, s *fake.Stack, email string) account.User {
	t.Helper()
	_, token := recruit(t, s, email)
	u, err := s.Accounts.Register(ctx, token, "Rita", password, "")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// join is somebody new who has registered and was accepted.
func join(t *testing.T, s *fake.Stack, email string) account.User {
	t.Helper()
	u, err := s.Accounts.Accept(ctx, s.Admin, waiting(t, s, email).ID, "technician")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Who may recruit and decide, role by role, in their own organization and in
// another, whose users are nobody to them.
//
// contract: SC-21, SC-22, FF-19, FF-20
func TestJoiningByRole(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	for _, role := range append(account.Roles(), "", "owner") {
		for _, who := range []account.Principal{s.Admin, rival} {
			own := who.Organization == s.Admin.Organization
			name := fmt.Sprintf("%s, own %v", role, own)
			s.Clock.Advance(time.Minute)
			one, two := waiting(t, s, "one-"+string(role)+"@"+fmt.Sprint(own)+".test"), waiting(t, s, "two-"+string(role)+"@"+fmt.Sprint(own)+".test")
			who.Role = role
			_, _, recruited := s.Accounts.Recruit(ctx, who, "new-"+one.Email)
			list, listed := s.Accounts.Waiting(ctx, who)
			_, accepted := s.Accounts.Accept(ctx, who, one.ID, "technician")
			_, declined := s.Accounts.Decline(ctx, who, two.ID)
			shares := role == account.Admin || role == account.ProducerAdmin || role == account.ProducerUser || role == account.SalesAgent
			decides := role == account.Admin || role == account.ProducerAdmin
			check := func(what string, err error, may, found bool) {
				t.Helper()
				switch {
				case !may && !fault.Is(err, fault.Forbidden):
					t.Errorf("%s: %s: %v, want forbidden", name, what, err)
				case may && !found && !fault.Is(err, fault.NotFound):
					t.Errorf("%s: %s: %v, want not found", name, what, err)
				case may && found && err != nil:
					t.Errorf("%s: %s: %v", name, what, err)
				}
			}
			check("recruit", recruited, shares, true)
			check("list", listed, decides, true)
			check("accept", accepted, decides, own)
			check("decline", declined, decides, own)
			if decides && (len(list) > 0) != own {
				t.Errorf("%s: %d wait", name, len(list))
			}
			if _, err := s.Accounts.User(ctx, rival.Organization, one.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is a user of another organization: %v", one.ID, err)
			}
		}
	}
}

// Who is accepted gets a role of the marketplace, none of which may more than
// who decides.
//
// contract: FF-19
func TestAcceptAs(t *testing.T) {
	s := fake.NewStack(t, nil)
	decider := s.Admin
	decider.Role = account.ProducerAdmin
	for i, role := range account.Roles() {
		s.Clock.Advance(time.Minute)
		u := waiting(t, s, fmt.Sprintf("r%d@new.test", i))
		got, err := s.Accounts.Accept(ctx, decider, u.ID, strings.ToUpper(string(role)))
		if !strings.Contains(string(role), "-") && role != account.Technician {
			if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != "role" {
				t.Errorf("%s: %+v, %v", role, got, err)
			}
			continue
		}
		if err != nil || got.Role != role || got.State != account.Active {
			t.Errorf("%s: %+v, %v", role, got, err)
		}
		for _, c := range columns {
			if role.May(c.op) && !account.ProducerAdmin.May(c.op) {
				t.Errorf("%s may %s, and a producer-admin makes them", role, c.name)
			}
		}
	}
	for _, role := range []string{"owner", " technician", "technician,admin"} {
		if _, err := s.Accounts.Accept(ctx, decider, s.IDs.UUID(), role); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", role, err)
		}
	}
	if _, err := s.Accounts.Accept(ctx, decider, s.IDs.UUID(), ""); !fault.Is(err, fault.Missing) {
		t.Errorf("no role: %v", err)
	}
}

// contract: SC-13, SC-14, SC-17, SC-18
func TestRecruit(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Organization(t, "Rival", "mallory@rival.test")
	bob := invite(t, s, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "member"})
	if u, created, err := s.Accounts.Recruit(ctx, s.Admin, "BOB@acme.test"); err != nil || created || u.ID != bob.ID || u.Joining != "" || u.State != account.Active {
		t.Errorf("a colleague: %+v, %v, %v", u, created, err)
	}
	if _, created, err := s.Accounts.Recruit(ctx, s.Admin, "mallory@rival.test"); !errors.Is(err, account.ErrElsewhere) || !fault.Is(err, fault.Invalid) || created {
		t.Errorf("another organization's: %v", err)
	}
	for _, bad := range []string{"", "x", "a@b.test, c@d.test", "Ann <ann@acme.test>", "a@b.test\r\nBcc: x@y.test"} {
		_, _, err := s.Accounts.Recruit(ctx, s.Admin, bad)
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != "email" || errors.Is(err, account.ErrElsewhere) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if users := list(t, s, s.Admin); len(users) != 2 {
		t.Errorf("%v", users)
	}
}

// Addresses of before did not tell whose they are.
func TestAddressesOfBefore(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Organization(t, "Rival", "mallory@rival.test")
	for _, email := range []string{"admin@acme.test", "mallory@rival.test"} {
		key := table.Key{PK: "email#" + email, SK: "-"}
		if _, err := s.Table.Update(ctx, table.Update{Key: key, Remove: []string{"org"}, If: table.Exists("org")}); err != nil {
			t.Fatal(err)
		}
	}
	if u, created, err := s.Accounts.Recruit(ctx, s.Admin, "admin@acme.test"); err != nil || created || u.ID != s.Admin.User || u.Name == "" {
		t.Errorf("%+v, %v, %v", u, created, err)
	}
	if _, _, err := s.Accounts.Recruit(ctx, s.Admin, "mallory@rival.test"); !errors.Is(err, account.ErrElsewhere) {
		t.Errorf("another organization's: %v", err)
	}
	if _, err := s.Accounts.SignIn(ctx, "admin@acme.test", password, visitor); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed in: %v", err)
	}
}

// Of who is declined nothing stays but that they were, for 30 days; their
// address is free at once.
//
// contract: FF-20
func TestDecline(t *testing.T) {
	s := fake.NewStack(t, nil)
	u := waiting(t, s, "rita@new.test")
	if got, err := s.Accounts.Decline(ctx, s.Admin, u.ID); err != nil || got.Joining != account.Declined || got.Email != u.Email || got.Name != "Rita" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.Accounts.User(ctx, u.Organization, u.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the user: %v", err)
	}
	if users := list(t, s, s.Admin); len(users) != 1 {
		t.Errorf("users: %v", users)
	}
	want := account.User{ID: u.ID, Organization: u.Organization, Joining: account.Declined}
	if got, err := s.Accounts.Joining(ctx, u.ID); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Accounts.SignIn(ctx, u.Email, password, visitor); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed in: %v", err)
	}
	again, created, err := s.Accounts.Recruit(ctx, s.Admin, u.Email)
	if err != nil || !created || again.ID == u.ID || again.Joining != account.Invited {
		t.Errorf("recruited again: %+v, %v, %v", again, created, err)
	}
	s.Clock.Advance(account.DeclinedFor)
	if _, err := s.Accounts.Joining(ctx, u.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("30 days later: %v", err)
	}
}

// retried is a table whose every answer to an Update is lost once, so that the
// SDK sends it again. A Commit has DynamoDB's request token, which makes the
// second no other write.
type retried struct {
	table.Engine
	on bool
}

func (e *retried) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if e.on {
		_, _ = e.Engine.Update(ctx, u)
	}
	return e.Engine.Update(ctx, u)
}

// Who is accepted is told so, also when the table's answer was lost.
func TestAcceptWhoseAnswerIsLost(t *testing.T) {
	var e *retried
	s := fake.NewStack(t, func(inner table.Engine) table.Engine {
		e = &retried{Engine: inner}
		return e
	})
	u := waiting(t, s, "rita@new.test")
	e.on = true
	if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); err != nil {
		t.Error(err)
	}
}

// overtaken is a table in which something happens right after a user's id was
// looked up.
type overtaken struct {
	table.Engine
	by func() // once
}

func (e *overtaken) Get(ctx context.Context, key table.Key, consistent bool) (table.Item, error) {
	it, err := e.Engine.Get(ctx, key, consistent)
	if by := e.by; by != nil && strings.HasPrefix(key.PK, "userid#") {
		e.by = nil
		by()
	}
	return it, err
}

// Who decides while another declines is told that it is decided, not that
// there is no such user.
//
// contract: FF-21
func TestDecidedWhileLookedUp(t *testing.T) {
	var e *overtaken
	s := fake.NewStack(t, func(inner table.Engine) table.Engine {
		e = &overtaken{Engine: inner}
		return e
	})
	u := waiting(t, s, "rita@new.test")
	e.by = func() {
		if _, err := s.Accounts.Decline(ctx, s.Admin, u.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Accounts.Accept(ctx, s.Admin, u.ID, "technician"); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted: %v", err)
	}
}

// Who may be declined, or gone with their last share, has no key that stays.
func TestNoKeyBeforeTheyJoin(t *testing.T) {
	s := fake.NewStack(t, nil)
	recruit(t, s, "ida@new.test")
	for email, want := range map[string]fault.Kind{"ida@new.test": fault.Invalid, waiting(t, s, "wolf@new.test").Email: fault.Invalid, join(t, s, "joan@new.test").Email: ""} {
		_, _, err := s.Accounts.CreateKey(ctx, s.Admin, "theirs", email, account.Once{})
		if want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Errorf("%s: %v, want %q", email, err, want)
		}
	}
}

// Only who is Provisional, and as they were read, is released. Their address
// can be recruited by any organization, and their seat is another's.
//
// contract: SC-14, SC-17
func TestRelease(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	u, token := recruit(t, s, "rita@new.test")
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, u.ID, "disabled"); err != nil {
		t.Fatal(err)
	}
	disabled, err := s.Accounts.Joining(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	handed := u
	handed.Handed++
	for what, as := range map[string]account.User{
		"disabled since": u, "disabled": disabled, "handed something since": handed, "waits": waiting(t, s, "wolf@new.test"), "accepted": join(t, s, "joan@new.test"),
		"nobody": {ID: "00000000-0000-4000-8000-000000000000", Organization: u.Organization, Email: u.Email, Role: account.Technician, State: account.Deactivated, Joining: account.Invited},
	} {
		if err := s.Accounts.Release(ctx, as); !fault.Is(err, fault.Stale) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, u.ID, "technician"); err != nil {
		t.Fatal(err)
	}
	seats := len(list(t, s, s.Admin))
	if err := s.Accounts.Release(ctx, u); err != nil || len(list(t, s, s.Admin)) != seats-1 {
		t.Errorf("%v, of %d there are %d", err, seats, len(list(t, s, s.Admin)))
	}
	if _, err := s.Accounts.Register(ctx, token, "Rita", "correct horse battery", visitor); !fault.Is(err, fault.NotFound) {
		t.Errorf("registers: %v", err)
	}
	if v, err := s.Accounts.Joining(ctx, u.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("is known: %+v, %v", v, err)
	}
	if v, made, err := s.Accounts.Recruit(ctx, rival, "rita@new.test"); err != nil || !made || v.Organization != rival.Organization {
		t.Errorf("another organization's: %+v, %v", v, err)
	}
	// What was read of the first of them does no harm to the second.
	if err := s.Accounts.Release(ctx, u); !fault.Is(err, fault.Stale) {
		t.Errorf("again: %v", err)
	}
}

// Whom an admin disabled does not wait: who decides cannot make them active,
// or free their address for that, until they have another role.
//
// contract: FF-19, FF-20
func TestDisabledWhileTheyWait(t *testing.T) {
	s := fake.NewStack(t, nil)
	decider := s.Admin
	decider.Role = account.ProducerAdmin
	u := waiting(t, s, "rita@new.test")
	role := func(name string) {
		if _, err := s.Accounts.ChangeRole(ctx, s.Admin, u.ID, name); err != nil {
			t.Error(err)
		}
	}
	role("disabled")
	_, accepted := s.Accounts.Accept(ctx, decider, u.ID, "technician")
	_, declined := s.Accounts.Decline(ctx, decider, u.ID)
	if !fault.Is(accepted, fault.Conflict) || !fault.Is(declined, fault.Conflict) {
		t.Errorf("accepted: %v; declined: %v", accepted, declined)
	}
	// Since u was read.
	accepted = s.Accounts.Store.Accept(ctx, s.IDs.UUID(), u, account.Technician)
	declined = s.Accounts.Store.Decline(ctx, s.IDs.UUID(), u, s.Clock.Now())
	if !fault.Is(accepted, fault.Stale) || !fault.Is(declined, fault.Stale) {
		t.Errorf("accepted: %v; declined: %v", accepted, declined)
	}
	if list, err := s.Accounts.Waiting(ctx, decider); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	role("technician")
	if got, err := s.Accounts.Accept(ctx, decider, u.ID, "technician"); err != nil || got.State != account.Active {
		t.Errorf("%+v, %v", got, err)
	}
}
