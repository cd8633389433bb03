package handover_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/table"
)

// interrupted is a table that lets somebody else in just before a handover is
// written.
type interrupted struct {
	table.Engine
	by func() // or nil
}

func (e *interrupted) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if by := e.by; by != nil && slices.ContainsFunc(ops, func(op table.Op) bool {
		return op.Put != nil && strings.HasPrefix(op.Put.Item.String(table.PK), "handover#")
	}) {
		e.by = nil
		by()
	}
	return e.Engine.Commit(ctx, writer, ops...)
}

// TestInterrupted: whatever somebody else does between what a request reads
// and what it writes.
func TestInterrupted(t *testing.T) {
	var between *interrupted
	w := newWorld(t, func(e table.Engine) table.Engine { between = &interrupted{Engine: e}; return between })
	first, second := w.document(t, "1.pdf", asset), w.document(t, "2.pdf", asset)
	ask := func(id string) (handover.Handover, error) {
		return w.Handovers.Share(ctx, w.Admin, handover.New{FileID: id, AssetID: asset, Email: "r@new.test", Base: base})
	}
	both := func(what string) handover.Handover {
		t.Helper()
		var other handover.Handover
		between.by = func() { other, _ = ask(first.ID) }
		h, err := ask(first.ID)
		if err != nil || other.ID == "" || h.ID != other.ID {
			t.Errorf("%s: %s and %s, %v", what, h.ID, other.ID, err)
		}
		return h
	}
	made := both("the same request")
	if err := w.Handovers.Revoke(ctx, w.Admin, made.ID); err != nil {
		t.Fatal(err)
	}
	anew := both("the same request, of a revoked one")
	if anew.ID == made.ID {
		t.Error("a revoked one came back")
	}
	made = anew
	w.register(t, made.Recipient)
	between.by = func() {
		if err := w.Handovers.Decline(ctx, w.Admin, made.Recipient, base); err != nil {
			t.Error(err)
		}
	}
	if h, err := ask(second.ID); err != nil || h.Recipient == made.Recipient {
		t.Errorf("the recipient is declined: %s as before, %v", h.Recipient, err)
	}
	between.by = func() {
		if err := w.Files.Delete(ctx, w.Admin, first.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := ask(first.ID); kindOf(err) != fault.Conflict {
		t.Errorf("the file is deleted: %v", err)
	}
	if all, total, err := w.Handovers.Sent(ctx, w.Admin, 1, 10); err != nil || total != 1 || all[0].Target.FileID != second.ID {
		t.Errorf("%+v, %v", all, err)
	}
}

// asking is a store whose callers stop at what counts how often they were
// told, when they know what they would be told.
type asking struct {
	handover.Store
	stop func()
}

func (a *asking) Count(ctx context.Context, name string, until time.Time, by, limit int64) error {
	a.stop()
	return a.Store.Count(ctx, name, until, by, limit)
}

// TestElsewhereAtOnce: who asks for many at the same time is told of no more,
// and cannot tell what they were not told of from an address that is free.
//
// contract: SC-17
func TestElsewhereAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	const many = handover.MaxElsewhere + 10
	var all, group sync.WaitGroup
	all.Add(many)
	asking := &asking{Store: w.Handovers.Store, stop: func() { all.Done(); all.Wait() }}
	w.Handovers.Store = asking
	ask := func(email string) error {
		_, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base})
		return err
	}
	errs := make([]error, many)
	for i := range many {
		group.Go(func() { errs[i] = ask("admin@rival.test") })
	}
	group.Wait()
	got := map[fault.Kind]int{}
	for _, err := range errs {
		got[kindOf(err)]++
	}
	if got[fault.Invalid] != handover.MaxElsewhere || got[fault.Throttled] != 10 {
		t.Errorf("%v", got)
	}
	for _, email := range []string{"admin@rival.test", "new@new.test"} {
		w.Clock.Advance(handover.ElsewhereFor)
		before := len(w.users(t))
		asking.stop = func() {
			asking.stop = func() {}
			for range handover.MaxElsewhere {
				if err := ask("admin@rival.test"); kindOf(err) != fault.Invalid {
					t.Fatal(err)
				}
			}
		}
		if err := ask(email); kindOf(err) != fault.Throttled || len(w.users(t)) != before {
			t.Errorf("%s, while told of many others: %v, %d users were made", email, err, len(w.users(t))-before)
		}
	}
}

// TestSharesAtOnce: who shares with many at the same time is not put off by
// it, and neither is who was told of many and shares with a colleague.
func TestSharesAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	var group sync.WaitGroup
	share := func(email string) {
		if _, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base}); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	for range handover.MaxElsewhere {
		_, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "admin@rival.test", Base: base})
		if kindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
	}
	w.member(t, account.SalesAgent)
	share(string(account.SalesAgent) + "@acme.test")
	w.Clock.Advance(handover.ElsewhereFor)
	for i := range handover.MaxElsewhere + 10 {
		group.Go(func() { share(fmt.Sprintf("r%d@new.test", i%10)) })
		group.Go(func() { share(string(account.SalesAgent) + "@acme.test") })
	}
	group.Wait()
}

// TestRaces: however many ask for the same at once, there is one account and
// one handover, and of those who decide one is heard.
func TestRaces(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	const many = 16
	ids := make([]string, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			h, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "r@new.test", Base: base})
			if err != nil {
				t.Error(err)
			}
			ids[i] = h.ID + h.Recipient
		})
	}
	group.Wait()
	if slices.Sort(ids); ids[0] != ids[many-1] {
		t.Errorf("several were made: %v", ids)
	}
	all, total, err := w.Handovers.Sent(ctx, w.Admin, 1, 10)
	if err != nil || total != 1 {
		t.Fatalf("%d, %v", total, err)
	}
	w.register(t, all[0].Recipient)
	heard := make([]error, many)
	for i := range many {
		group.Go(func() {
			if i%2 == 0 {
				heard[i] = w.Handovers.Accept(ctx, w.Admin, all[0].Recipient, "technician", base)
			} else {
				heard[i] = w.Handovers.Decline(ctx, w.Admin, all[0].Recipient, base)
			}
		})
	}
	group.Wait()
	done := 0
	for _, err := range heard {
		if err == nil {
			done++
		} else if kindOf(err) != fault.Conflict {
			t.Error(err)
		}
	}
	if done != 1 || len(w.Post.Verdicts()) != 1 {
		t.Errorf("%d decided, %d were told", done, len(w.Post.Verdicts()))
	}
}

// TestShareMeetsDecline: what is handed to somebody while they are declined is
// handed to who has the address afterwards, or is gone with them.
func TestShareMeetsDecline(t *testing.T) {
	for range 30 {
		w := newWorld(t, nil)
		first, second := w.document(t, "1.pdf", asset), w.document(t, "2.pdf", asset)
		h, _ := w.share(t, first, "r@new.test")
		w.register(t, h.Recipient)
		var group sync.WaitGroup
		group.Go(func() {
			if err := w.Handovers.Decline(ctx, w.Admin, h.Recipient, base); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			if _, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: second.ID, AssetID: asset, Email: "r@new.test", Base: base}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		left, _, err := w.Handovers.Sent(ctx, w.Admin, 1, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range left {
			if l.Recipient == h.Recipient {
				t.Errorf("%s stayed for who was declined", l.Target.Name)
			}
		}
	}
}
