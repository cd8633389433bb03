package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/store"
)

// invite makes a user a second after what was before.
func invite(t *testing.T, s *fake.Stack, who account.Principal, n account.NewUser) account.User {
	t.Helper()
	s.Clock.Advance(time.Second)
	u, err := s.Accounts.Invite(ctx, who, n)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// keyOf makes a key of a user's and returns who holds it.
func keyOf(t *testing.T, s *fake.Stack, email string) (string, account.Principal) {
	t.Helper()
	_, key, err := s.Accounts.CreateKey(ctx, s.Admin, "theirs", email, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	who, err := s.Accounts.Authenticate(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	return key, who
}

func list(t *testing.T, s *fake.Stack, who account.Principal) map[string]account.Role {
	t.Helper()
	users, err := s.Accounts.Users(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]account.Role{}
	for i, u := range users {
		if out[u.Email] = u.Role; i > 0 && u.CreatedAt.Before(users[i-1].CreatedAt) {
			t.Errorf("%s is listed after who came later", u.Email)
		}
		if !ident.IsChars(u.Short(), 8) || (u.State == account.Active) != (u.Joining == "" || u.Joining == account.Accepted) {
			t.Errorf("%s has the id %q and is %s", u.Email, u.Short(), u.State)
		}
	}
	return out
}

// contract: SX-173, SX-174, SX-176, SX-177
func TestInvite(t *testing.T) {
	s := fake.NewStack(t, nil)
	bob := invite(t, s, s.Admin, account.NewUser{Name: "Bob B", Email: "Bob@ACME.test", Role: "Producer", Base: "https://x.test"})
	eve := invite(t, s, s.Admin, account.NewUser{Email: "eve@acme.test", Role: "MEMBER"})
	if bob.Role != account.Producer || bob.Name != "Bob B" || eve.Name != "eve" || eve.Role != account.Member {
		t.Errorf("%+v, %+v", bob, eve)
	}
	want := map[string]account.Role{"admin@acme.test": account.Admin, bob.Email: account.Producer, "eve@acme.test": account.Member}
	if diff := cmp.Diff(want, list(t, s, s.Admin)); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	sent := s.Post.Invitations()
	if len(sent) != 2 {
		t.Fatalf("%d mails", len(sent))
	}
	i := sent[0]
	if i.To != bob.Email || i.Sender != "Ann Admin" || i.ReplyTo != s.Admin.Email || i.Organization.Name != "Acme" || i.Role != account.Producer || i.Base != "https://x.test" {
		t.Errorf("%+v", i)
	}
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	if got := list(t, s, rival); len(got) != 1 {
		t.Errorf("another organization sees %v", got)
	}
}

// An address that is taken is refused in the same words wherever it is, and
// nothing is made or mailed.
//
// contract: SX-178
func TestInviteATakenAddress(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	var said []string
	for _, email := range []string{"admin@acme.test", "Admin@Acme.test", "mallory@rival.test", "MALLORY@rival.test"} {
		_, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: email, Role: "editor"})
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != "email" {
			t.Fatalf("%s: %v", email, err)
		}
		said = append(said, err.Error())
	}
	for _, words := range said[1:] {
		if words != said[0] {
			t.Errorf("%q and %q", said[0], words)
		}
	}
	if len(list(t, s, s.Admin))+len(list(t, s, rival)) != 2 || len(s.Post.Invitations()) != 0 {
		t.Error("somebody was invited")
	}
}

func TestInviteRefuses(t *testing.T) {
	s := fake.NewStack(t, nil)
	for name, tt := range map[string]struct {
		n     account.NewUser
		field string
		kind  fault.Kind
	}{
		"no address":      {account.NewUser{Role: "editor"}, "email", fault.Missing},
		"no such address": {account.NewUser{Email: "bob", Role: "editor"}, "email", fault.Invalid},
		"two lines":       {account.NewUser{Email: "bob@acme.test\r\nBcc: eve@acme.test", Role: "editor"}, "email", fault.Invalid},
		"no role":         {account.NewUser{Email: "bob@acme.test"}, "role", fault.Missing},
		"no such role":    {account.NewUser{Email: "bob@acme.test", Role: "owner"}, "role", fault.Invalid},
		"a long name":     {account.NewUser{Email: "bob@acme.test", Role: "editor", Name: strings.Repeat("é", 201)}, "name", fault.Invalid},
		"a name of lines": {account.NewUser{Email: "bob@acme.test", Role: "editor", Name: "Bob\nB"}, "name", fault.Invalid},
		"a blank name":    {account.NewUser{Email: "bob@acme.test", Role: "editor", Name: " "}, "name", fault.Missing},
	} {
		_, err := s.Accounts.Invite(ctx, s.Admin, tt.n)
		if e := fault.As(err); e == nil || e.Kind != tt.kind || e.Field != tt.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(list(t, s, s.Admin)) != 1 || len(s.Post.Invitations()) != 0 {
		t.Error("somebody was invited")
	}
}

// Who may see and change users, role by role.
func TestUsersByRole(t *testing.T) {
	s := fake.NewStack(t, nil)
	bob := invite(t, s, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "member"})
	for _, role := range account.Roles() {
		who := s.Admin
		who.Role = role
		_, read := s.Accounts.Users(ctx, who)
		_, invited := s.Accounts.Invite(ctx, who, account.NewUser{Email: string(role) + "@new.test", Role: "member"})
		_, changed := s.Accounts.ChangeRole(ctx, who, bob.ID, "editor")
		for i, err := range []error{read, invited, changed} {
			may := role == account.Admin || i == 0 && role.May(account.ReadUsers)
			if (err == nil) != may || err != nil && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", role, err)
			}
		}
	}
}

// contract: SX-179
func TestChangeRole(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	bob := invite(t, s, s.Admin, account.NewUser{Name: "Bob", Email: "bob@acme.test", Role: "producer"})
	key, who := keyOf(t, s, "BOB@acme.test")
	if who.Role != account.Producer || who.User != bob.ID {
		t.Fatalf("%+v", who)
	}
	for _, id := range []string{bob.ID, bob.Short()} {
		u, err := s.Accounts.ChangeRole(ctx, s.Admin, id, "Member")
		if err != nil || u.Role != account.Member || u.ID != bob.ID || u.Name != "Bob" {
			t.Errorf("%+v, %v", u, err)
		}
		if _, err := s.Accounts.ChangeRole(ctx, rival, id, "admin"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another organization's: %v", err)
		}
	}
	if who, err := s.Accounts.Authenticate(ctx, key); err != nil || who.Role != account.Member {
		t.Errorf("their key is %+v, %v", who, err)
	}
	for _, id := range []string{"", "zzzzzzzz", "../" + bob.ID, s.Admin.Organization, strings.ToUpper(bob.ID)} {
		if _, err := s.Accounts.ChangeRole(ctx, s.Admin, id, "editor"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, role := range []string{"", "owner", "admin "} {
		if _, err := s.Accounts.ChangeRole(ctx, s.Admin, bob.ID, role); fault.As(err) == nil || fault.As(err).Field != "role" {
			t.Errorf("%q: %v", role, err)
		}
	}
}

// contract: SX-180
func TestTheLastAdmin(t *testing.T) {
	s := fake.NewStack(t, nil)
	for _, role := range account.Roles() {
		_, err := s.Accounts.ChangeRole(ctx, s.Admin, s.Admin.User, string(role))
		if e := fault.As(err); (role == account.Admin) != (err == nil) || err != nil && (e.Kind != fault.Invalid || e.Field != "role") {
			t.Errorf("the last admin becomes %s: %v", role, err)
		}
	}
	bob := invite(t, s, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "Admin"})
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, s.Admin.User, "disabled"); err != nil {
		t.Errorf("one of two: %v", err)
	}
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, bob.Short(), "disabled"); !fault.Is(err, fault.Invalid) {
		t.Errorf("the other: %v", err)
	}
	want := map[string]account.Role{"admin@acme.test": account.Disabled, "bob@acme.test": account.Admin}
	if diff := cmp.Diff(want, list(t, s, s.Admin)); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
}

// Admins who demote each other, and themselves, all at once: one stays.
func TestTheLastAdminInARace(t *testing.T) {
	for range 20 {
		s := fake.NewStack(t, nil)
		admins := []account.User{{ID: s.Admin.User}}
		for i := range 4 {
			admins = append(admins, invite(t, s, s.Admin, account.NewUser{Email: fmt.Sprintf("a%d@acme.test", i), Role: "admin"}))
		}
		errs := make([]error, 2*len(admins))
		race(s, len(errs), func(i int) {
			_, errs[i] = s.Accounts.ChangeRole(ctx, s.Admin, admins[i%len(admins)].ID, []string{"editor", "disabled"}[i/len(admins)])
		})
		left := 0
		for _, role := range list(t, s, s.Admin) {
			if role == account.Admin {
				left++
			}
		}
		refused := 0
		for _, err := range errs {
			if fault.Is(err, fault.Invalid) {
				refused++
			} else if err != nil {
				t.Errorf("%v", err)
			}
		}
		if left != 1 || refused != 2 {
			t.Fatalf("%d admins left, %d refused, want 1 and the last one's 2", left, refused)
		}
	}
}

// race calls f for 0 to n-1 at the same time: each has read the users before
// any has changed them.
func race(s *fake.Stack, n int, f func(i int)) {
	crowd := &crowd{Store: s.Accounts.Store}
	crowd.left.Store(int64(n))
	crowd.read.Add(n)
	s.Accounts.Store = crowd
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
	s.Accounts.Store = crowd.Store
}

// crowd is a store whose first readers wait for each other.
type crowd struct {
	account.Store
	left atomic.Int64
	read sync.WaitGroup
}

func (c *crowd) Users(ctx context.Context, organization string) ([]account.User, error) {
	users, err := c.Store.Users(ctx, organization)
	if c.left.Add(-1) >= 0 {
		c.read.Done()
		c.read.Wait()
	}
	return users, err
}

// One address is invited once, and the last place is taken once, however
// many ask at the same time.
func TestInvitesInARace(t *testing.T) {
	s := fake.NewStack(t, nil)
	errs := make([]error, 8)
	race(s, len(errs), func(i int) {
		_, errs[i] = s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "editor"})
	})
	if n := count(errs, fault.Invalid); n != 7 || len(list(t, s, s.Admin)) != 2 {
		t.Errorf("%d refused of 8: %v", n, errs)
	}
	for i := range int64(account.MaxUsers - 3) {
		u := account.User{ID: s.IDs.UUID(), Organization: s.Admin.Organization, Email: fmt.Sprintf("%d@acme.test", i), Role: account.Editor, State: account.Active}
		if err := (store.Accounts{Table: s.Table, Now: s.Clock.Now}).AddUser(ctx, u, i+1); err != nil {
			t.Fatal(err)
		}
	}
	race(s, len(errs), func(i int) {
		_, errs[i] = s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: fmt.Sprintf("new%d@acme.test", i), Role: "editor"})
	})
	if n := count(errs, fault.Conflict); n != 7 || len(list(t, s, s.Admin)) != account.MaxUsers {
		t.Errorf("%d refused of 8: %v", n, errs)
	}
}

func count(errs []error, kind fault.Kind) (n int) {
	for _, err := range errs {
		if fault.Is(err, kind) {
			n++
		}
	}
	return n
}

// contract: SX-175
func TestDisabledKeysStopWithinAMinute(t *testing.T) {
	s := fake.NewStack(t, nil)
	bob := invite(t, s, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "producer"})
	key, _ := keyOf(t, s, bob.Email)
	elsewhere := &account.Service{Store: store.Accounts{Table: s.Table, Now: s.Clock.Now}, Now: s.Clock.Now}
	if _, err := elsewhere.Authenticate(ctx, key); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, bob.ID, "disabled"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.Authenticate(ctx, key); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("here, at once: %v", err)
	}
	s.Clock.Advance(account.CacheFor)
	if _, err := elsewhere.Authenticate(ctx, key); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("elsewhere, a minute later: %v", err)
	}
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, bob.ID, "view_only"); err != nil {
		t.Fatal(err)
	}
	if who, err := s.Accounts.Authenticate(ctx, key); err != nil || who.Role != account.ViewOnly {
		t.Errorf("with another role: %+v, %v", who, err)
	}
}

func TestKeysOfOthers(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	for _, email := range []string{"mallory@rival.test", "nobody@acme.test", "x"} {
		_, _, err := s.Accounts.CreateKey(ctx, s.Admin, "k", email, account.Once{})
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != "email" {
			t.Errorf("%s: %v", email, err)
		}
	}
	if keys, err := s.Accounts.Keys(ctx, rival); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

// When others always come in between, nothing is made, and it can be tried again.
func TestUsersThatNeverRest(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Accounts.Store = restless{s.Accounts.Store}
	_, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: "bob@acme.test", Role: "editor"})
	if !fault.Is(err, fault.Unavailable) || len(s.Post.Invitations()) != 0 {
		t.Errorf("%v, %d mails", err, len(s.Post.Invitations()))
	}
	s.Accounts.Store = broken{s.Accounts.Store}
	if _, err := s.Accounts.ChangeRole(ctx, s.Admin, s.Admin.User, "admin"); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
}

// restless is a store whose users change all the time.
type restless struct{ account.Store }

func (r restless) Organization(ctx context.Context, id string) (account.Organization, error) {
	o, err := r.Store.Organization(ctx, id)
	o.Roster += 7
	return o, err
}

var errDown = errors.New("down")

// broken is a store that cannot list.
type broken struct{ account.Store }

func (broken) Users(context.Context, string) ([]account.User, error) { return nil, errDown }
