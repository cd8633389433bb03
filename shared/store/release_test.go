package store_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/table"
)

// releasing is a table in which something happens just before an account is
// deleted.
type releasing struct {
	table.Engine
	by func() // once
}

func (e *releasing) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if by := e.by; by != nil && slices.ContainsFunc(ops, func(op table.Op) bool {
		return op.Delete != nil && strings.HasPrefix(op.Delete.Key.PK, "userid#")
	}) {
		e.by = nil
		by()
	}
	return e.Engine.Commit(ctx, writer, ops...)
}

// newcomer is who has not registered, on a stack with another organization.
type newcomer struct {
	*fake.Stack
	rival account.Principal
	t     *testing.T
	h     handover.Handover // what they were handed
	token string            // with which they register
}

const newcomerAddress = "rita@new.test"

func newNewcomer(t *testing.T, s *fake.Stack) *newcomer {
	t.Helper()
	n := &newcomer{Stack: s, t: t}
	_, n.rival = s.Organization(t, "Rival", "admin@rival.test")
	var err error
	if n.h, err = n.give(n.Admin); err == nil {
		n.token, err = n.Accounts.InviteToRegister(ctx, n.h.Recipient)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *newcomer) give(who account.Principal) (handover.Handover, error) {
	n.t.Helper()
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	f, err := n.Files.CreateWithBody(ctx, who, file.New{Name: "d.pdf", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("content"))
	if err != nil {
		n.t.Fatal(err)
	}
	return n.Handovers.Share(ctx, who, handover.New{FileID: f.ID, AssetID: asset, Email: newcomerAddress, Base: "https://a.test"})
}

func (n *newcomer) revoke() {
	n.t.Helper()
	if err := n.Handovers.Revoke(ctx, n.Admin, n.h.ID); err != nil {
		n.t.Error(err)
	}
}

func (n *newcomer) register() error {
	_, err := n.Accounts.Register(ctx, n.token, "Rita", "correct horse battery", "192.0.2.1")
	return err
}

// With the last share goes the account and all that finds it, unless they
// register or are handed something just before, on every engine.
//
// contract: SC-14, SC-15, SC-16, FF-26
func TestReleaseOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			between := &releasing{}
			within := func(t *testing.T) *newcomer {
				t.Helper()
				return newNewcomer(t, fake.NewStack(t, func(e table.Engine) table.Engine {
					if between.Engine = e; open != nil {
						between.Engine = open(t)
					}
					return between
				}))
			}
			t.Run("nothing before", func(t *testing.T) {
				n := within(t)
				n.revoke()
				for _, key := range []table.Key{
					{PK: "org#" + n.h.Organization, SK: "user#" + n.h.Recipient}, {PK: "userid#" + n.h.Recipient, SK: "user"}, {PK: "email#" + newcomerAddress, SK: "-"},
				} {
					if it, err := n.Table.Get(ctx, key, true); it != nil || err != nil {
						t.Errorf("%s: %v, %v", key, it, err)
					}
				}
				if err := n.register(); !fault.Is(err, fault.NotFound) {
					t.Errorf("registers: %v", err)
				}
				if _, err := n.give(n.rival); err != nil {
					t.Errorf("another organization shares: %v", err)
				}
			})
			t.Run("registers before", func(t *testing.T) {
				n := within(t)
				between.by = func() {
					if err := n.register(); err != nil {
						t.Error(err)
					}
				}
				n.revoke()
				if u, err := n.Accounts.User(ctx, n.h.Organization, n.h.Recipient); err != nil || u.Joining != account.Waiting {
					t.Errorf("%+v, %v", u, err)
				}
			})
			t.Run("shared with before", func(t *testing.T) {
				n := within(t)
				between.by = func() {
					if h, err := n.give(n.Admin); err != nil || h.Recipient != n.h.Recipient {
						t.Errorf("%+v, %v", h, err)
					}
				}
				n.revoke()
				if u, err := n.Accounts.User(ctx, n.h.Organization, n.h.Recipient); err != nil || u.Joining != account.Invited {
					t.Errorf("%+v, %v", u, err)
				}
			})
			t.Run("all at once", func(t *testing.T) { releaseInARace(t, open) })
		})
	}
}

// releaseInARace has somebody's last share revoked while they register and are
// shared with by two organizations.
func releaseInARace(t *testing.T, open func(*testing.T) table.Engine) {
	for range 10 {
		n := newNewcomer(t, stack(t, open))
		var ours, theirs handover.Handover
		var shared, elsewhere, registered error
		var all sync.WaitGroup
		all.Go(n.revoke)
		all.Go(n.revoke)
		all.Go(func() { registered = n.register() })
		all.Go(func() { ours, shared = n.give(n.Admin) })
		all.Go(func() { theirs, elsewhere = n.give(n.rival) })
		all.Wait()
		for what, err := range map[string]error{"registers": registered, "shares": shared, "another shares": elsewhere} {
			if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if registered == nil {
			if u, err := n.Accounts.User(ctx, n.h.Organization, n.h.Recipient); err != nil || u.Joining != account.Waiting {
				t.Errorf("registered: %+v, %v", u, err)
			}
		}
		for h, err := range map[*handover.Handover]error{&ours: shared, &theirs: elsewhere} {
			if err != nil {
				continue
			}
			if _, err := n.Accounts.User(ctx, h.Organization, h.Recipient); err != nil {
				t.Errorf("what was shared is nobody's: %v", err)
			}
		}
		if elsewhere == nil && (shared == nil || registered == nil) {
			t.Errorf("two organizations have the address: %v, %v", shared, registered)
		}
	}
}
