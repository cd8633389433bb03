package account_test

import (
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
)

// An invitation that was not mailed is told of, and comes when it is asked for
// again; so does another one, until they have set a password. Who is invited
// again is nobody new.
//
// contract: SX-174, SX-178
func TestInviteAgain(t *testing.T) {
	s := fake.NewStack(t, nil)
	n := account.NewUser{Name: "Bob B", Email: "bob@acme.test", Role: "Producer"}
	s.Post.Throttle = true
	if _, err := s.Accounts.Invite(ctx, s.Admin, n); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("not mailed: %v", err)
	}
	s.Post.Throttle = false
	bob := invite(t, s, s.Admin, n)
	n.Email, n.Name, n.Role = "BOB@acme.test", "", "producer"
	if again := invite(t, s, s.Admin, n); again != bob || bob.Name != "Bob B" {
		t.Errorf("%+v, and again %+v", bob, again)
	}
	if sent := s.Post.Invitations(); len(sent) != 2 || sent[1].To != bob.Email || sent[1].Role != account.Producer || sent[1].Organization.Name != "Acme" {
		t.Fatalf("mailed: %+v", sent)
	}
	refused := func(what string, who account.Principal, n account.NewUser, want fault.Kind) {
		t.Helper()
		if _, err := s.Accounts.Invite(ctx, who, n); !fault.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := n
	other.Role = "admin"
	refused("in another role", s.Admin, other, fault.Invalid)
	_, rival := s.Organization(t, "Rival", "mallory@rival.test")
	refused("by another organization", rival, n, fault.Invalid)
	refused("themselves", s.Admin, account.NewUser{Email: s.Admin.Email, Role: "admin"}, fault.Invalid)
	if _, _, err := s.Accounts.Recruit(ctx, s.Admin, "new@acme.test"); err != nil {
		t.Fatal(err)
	}
	refused("who has to register", s.Admin, account.NewUser{Email: "new@acme.test", Role: string(account.Technician)}, fault.Invalid)
	token, err := s.Accounts.InviteToRegister(ctx, bob.ID)
	if err == nil {
		_, err = s.Accounts.Register(ctx, token, "", "a password of some length", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	refused("with a password", s.Admin, n, fault.Invalid)
	if len(s.Post.Invitations()) != 2 || len(list(t, s, s.Admin)) != 3 {
		t.Error("somebody was invited")
	}
}
