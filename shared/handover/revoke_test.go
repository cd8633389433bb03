package handover_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

const email = "r@new.test"

// has reports whether the admin's organization has a user with the address.
func (w *world) has(t testing.TB, email string) bool {
	t.Helper()
	return slices.ContainsFunc(w.users(t), func(u account.User) bool { return u.Email == email })
}

// rivals shares a document of the rival's with an address.
func (w *world) rivals(t testing.TB, email string) (handover.Handover, error) {
	t.Helper()
	f := w.upload(t, w.rival, file.New{Name: "rival.pdf", Kind: file.AssetDocument, Assets: []string{asset}})
	return w.Handovers.Share(ctx, w.rival, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base})
}

// TestLastRevoked: who has not registered is a user as long as something is
// shared with them. Then nothing of them is known, and any organization may
// share with the address.
//
// contract: SC-14, SC-15, SC-17, FF-23, FF-24
func TestLastRevoked(t *testing.T) {
	for name, ends := range map[string]func(w *world, h handover.Handover) error{
		"revoked":               func(w *world, h handover.Handover) error { return w.Handovers.Revoke(ctx, w.Admin, h.ID) },
		"deleted with its file": func(w *world, h handover.Handover) error { return w.Files.Delete(ctx, w.Admin, h.Target.FileID) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			first, _ := w.share(t, w.document(t, "1.pdf", asset), email)
			second, link := w.share(t, w.document(t, "2.pdf", asset), email)
			token, err := w.Accounts.InviteToRegister(ctx, first.Recipient)
			if err != nil {
				t.Fatal(err)
			}
			if err := ends(w, first); err != nil || !w.has(t, email) {
				t.Errorf("the first of two: %v", err)
			}
			if _, err := w.rivals(t, email); kindOf(err) != fault.Invalid {
				t.Errorf("another organization shares: %v", err)
			}
			if err := ends(w, second); err != nil || w.has(t, email) {
				t.Errorf("the last: %v", err)
			}
			_, _, stateOf := w.Handovers.StateOf(ctx, second.Recipient, second.ID)
			_, state := w.Handovers.State(ctx, second.Recipient)
			_, register := w.Accounts.Register(ctx, token, "Rita", "correct horse battery", "")
			_, again := w.Accounts.InviteToRegister(ctx, second.Recipient)
			_, follow := w.Handovers.Follow(ctx, link)
			accept := w.Handovers.Accept(ctx, w.Admin, second.Recipient, "technician", base)
			for what, err := range map[string]error{
				"state of": stateOf, "state": state, "register": register, "invite": again, "follow": follow, "accept": accept,
			} {
				if kindOf(err) != fault.NotFound {
					t.Errorf("%s: %v", what, err)
				}
			}
			if errors.Is(follow, handover.ErrRevoked) != (name == "revoked") {
				t.Errorf("the link: %v", follow)
			}
			theirs, err := w.rivals(t, email)
			if err != nil || theirs.Recipient == second.Recipient {
				t.Errorf("another organization shares: %+v, %v", theirs, err)
			}
			f := w.document(t, "3.pdf", asset)
			if _, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base}); kindOf(err) != fault.Invalid {
				t.Errorf("shared with another organization's: %v", err)
			}
		})
	}
}

// TestWhoStays: nobody goes who has registered, whom an admin has disabled or
// who was a user anyway.
func TestWhoStays(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	waits, _ := w.share(t, f, "waits@new.test")
	w.register(t, waits.Recipient)
	disabled, _ := w.share(t, f, "disabled@new.test")
	if _, err := w.Accounts.ChangeRole(ctx, w.Admin, disabled.Recipient, "disabled"); err != nil {
		t.Fatal(err)
	}
	colleague, _ := w.share(t, f, w.member(t, account.Technician).Email)
	w.Clock.Advance(time.Hour)
	for _, h := range []handover.Handover{waits, disabled, colleague} {
		if err := w.Handovers.Revoke(ctx, w.Admin, h.ID); err != nil || !w.has(t, h.RecipientEmail) {
			t.Errorf("%s: %v", h.RecipientEmail, err)
		}
		if _, err := w.rivals(t, h.RecipientEmail); kindOf(err) != fault.Invalid {
			t.Errorf("another organization shares with %s: %v", h.RecipientEmail, err)
		}
	}
	if _, err := w.Accounts.ChangeRole(ctx, w.Admin, disabled.Recipient, "technician"); err != nil {
		t.Fatal(err)
	}
	if err := w.Handovers.Revoke(ctx, w.Admin, disabled.ID); err != nil || w.has(t, disabled.RecipientEmail) {
		t.Errorf("disabled no more, and revoked again: %v", err)
	}
}

// meddled is a table in which something happens before a commit that has an
// operation on a key that begins with pk: once, and instead of it if it fails.
type meddled struct {
	table.Engine
	pk string
	by func() error // or nil
}

func (e *meddled) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if by := e.by; by != nil && slices.ContainsFunc(ops, func(op table.Op) bool {
		return op.Delete != nil && strings.HasPrefix(op.Delete.Key.PK, e.pk) || op.Put != nil && strings.HasPrefix(op.Put.Item.String(table.PK), e.pk)
	}) {
		e.by = nil
		if err := by(); err != nil {
			return err
		}
	}
	return e.Engine.Commit(ctx, writer, ops...)
}

// TestReleaseFails: what fails half-way is mended by the same request, and an
// account that nothing is shared with is in nobody's way.
//
// contract: SC-17
func TestReleaseFails(t *testing.T) {
	var away *meddled
	w := newWorld(t, func(e table.Engine) table.Engine { away = &meddled{Engine: e}; return away })
	fails := func(pk string) {
		away.pk, away.by = pk, func() error { return errors.New("the table is away") }
	}
	f := w.document(t, "d.pdf", asset)
	for name, ends := range map[string]func(h handover.Handover) error{
		"revoke": func(h handover.Handover) error { return w.Handovers.Revoke(ctx, w.Admin, h.ID) },
		"delete": func(h handover.Handover) error { return w.Handovers.DeleteForFile(ctx, w.Admin, h.Target.FileID) },
	} {
		h, _ := w.share(t, f, name+"@new.test")
		fails("userid#")
		if err := ends(h); err == nil || !w.has(t, h.RecipientEmail) {
			t.Errorf("%s, while the account cannot be deleted: %v", name, err)
		}
		if err := ends(h); err != nil || w.has(t, h.RecipientEmail) {
			t.Errorf("%s again: %v", name, err)
		}
	}
	ask := func() error {
		_, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base})
		return err
	}
	fails("handover#")
	if err := ask(); err == nil || w.has(t, email) {
		t.Errorf("recruited for nothing: %v", err)
	}
	// The process ends after it has recruited: nothing more is written.
	u, _, err := w.Accounts.Recruit(ctx, w.Admin, email)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.rivals(t, email); kindOf(err) != fault.Invalid {
		t.Errorf("while the other's request may still go on: %v", err)
	}
	w.Clock.Advance(2 * time.Minute)
	if h, err := w.rivals(t, email); err != nil || h.Recipient == u.ID || w.has(t, email) {
		t.Errorf("later: %+v, %v", h, err)
	}
	if err := ask(); kindOf(err) != fault.Invalid {
		t.Errorf("shared with another organization's: %v", err)
	}
}

// TestMeanwhile: whatever comes between the last look at what somebody holds
// and the deletion of their account is not lost.
//
// contract: SC-14, SC-16, FF-26
func TestMeanwhile(t *testing.T) {
	var between *meddled
	w := newWorld(t, func(e table.Engine) table.Engine { between = &meddled{Engine: e, pk: "userid#"}; return between })
	first, second := w.document(t, "1.pdf", asset), w.document(t, "2.pdf", asset)
	give := func(f file.File) (h handover.Handover) {
		t.Helper()
		h, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base})
		if err != nil {
			t.Error(err)
		}
		return h
	}
	revoke := func(h handover.Handover) {
		t.Helper()
		if err := w.Handovers.Revoke(ctx, w.Admin, h.ID); err != nil {
			t.Error(err)
		}
	}
	one := give(first)
	var two handover.Handover
	between.by = func() error { two = give(second); return nil }
	revoke(one)
	if v, err := w.Handovers.Follow(ctx, w.mailed(t)); two.Recipient != one.Recipient || err != nil || v.Needs != share.Nothing {
		t.Errorf("shared meanwhile: %+v, %v", v, err)
	}
	between.by = func() error { revoke(two); return nil }
	if revoke(two); w.has(t, email) {
		t.Error("revoked meanwhile: the account stays")
	}

	// Shared again, while what is there is revoked and the account goes.
	one = give(first)
	store := w.Handovers.Store
	w.Handovers.Store = late{Store: store, before: func() { w.Handovers.Store = store; revoke(one) }}
	if two = give(first); two.ID == one.ID || two.Recipient == one.Recipient {
		t.Error("a revoked share was mailed again")
	}
	if v, err := w.Handovers.Follow(ctx, w.mailed(t)); err != nil || v.Handover.ID != two.ID {
		t.Errorf("shared again meanwhile: %+v, %v", v, err)
	}

	token, err := w.Accounts.InviteToRegister(ctx, two.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	between.by = func() error {
		_, err := w.Accounts.Register(ctx, token, "Rita", "correct horse battery", "")
		return err
	}
	revoke(two)
	if u, err := w.Accounts.Joining(ctx, two.Recipient); err != nil || u.Joining != account.Waiting {
		t.Errorf("registered meanwhile: %+v, %v", u, err)
	}
}

// late is a store in which something happens before a handover is mailed again.
type late struct {
	handover.Store
	before func()
}

func (s late) Again(ctx context.Context, h handover.Handover) error {
	s.before()
	return s.Store.Again(ctx, h)
}

// TestReleaseInARace: shares of two organizations, revocations and a
// registration at once leave an account with everything that is live, or none.
//
// contract: SC-14, SC-16, SC-17
func TestReleaseInARace(t *testing.T) {
	for range 30 {
		w := newWorld(t, nil)
		f, g := w.document(t, "1.pdf", asset), w.document(t, "2.pdf", asset)
		h, _ := w.share(t, f, email)
		token, err := w.Accounts.InviteToRegister(ctx, h.Recipient)
		if err != nil {
			t.Fatal(err)
		}
		theirs := w.upload(t, w.rival, file.New{Name: "3.pdf", Kind: file.AssetDocument, Assets: []string{asset}})
		var shared, rivals, registered error
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if err := w.Handovers.Revoke(ctx, w.Admin, h.ID); err != nil {
					t.Error(err)
				}
			})
		}
		group.Go(func() {
			_, shared = w.Handovers.Share(ctx, w.Admin, handover.New{FileID: g.ID, AssetID: asset, Email: email, Base: base})
		})
		group.Go(func() {
			_, rivals = w.Handovers.Share(ctx, w.rival, handover.New{FileID: theirs.ID, AssetID: asset, Email: email, Base: base})
		})
		group.Go(func() { _, registered = w.Accounts.Register(ctx, token, "Rita", "correct horse battery", "") })
		group.Wait()
		if k := kindOf(registered); k != "" && k != fault.NotFound {
			t.Errorf("registered: %v", registered)
		}
		for _, err := range []error{shared, rivals} {
			if k := kindOf(err); k != "" && k != fault.Invalid {
				t.Errorf("shared: %v", err)
			}
		}
		if shared == nil && rivals == nil || registered == nil && rivals == nil {
			t.Errorf("two organizations have the address: %v, %v, %v", shared, rivals, registered)
		}
		for i, err := range []error{shared, rivals} {
			sent, _, _ := w.Handovers.Sent(ctx, []account.Principal{w.Admin, w.rival}[i], 1, 10)
			for _, h := range sent {
				if _, err := w.Accounts.User(ctx, h.Organization, h.Recipient); h.RevokedAt.IsZero() && err != nil {
					t.Errorf("%s is shared with nobody: %v", h.Target.Name, err)
				}
			}
			if live := slices.ContainsFunc(sent, func(h handover.Handover) bool { return h.RevokedAt.IsZero() }); live != (err == nil) {
				t.Errorf("%v, and it is shared: %v", err, live)
			}
		}
	}
}
