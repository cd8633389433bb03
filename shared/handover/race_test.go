package handover_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// crowd is a store whose callers read how often they were told before any of
// them is told once more.
type crowd struct {
	handover.Store
	read *sync.WaitGroup
}

func (c crowd) CountElsewhere(ctx context.Context, user string, since time.Time, by int64) (int64, error) {
	n, err := c.Store.CountElsewhere(ctx, user, since, by)
	if by == 0 {
		c.read.Done()
		c.read.Wait()
	}
	return n, err
}

// TestElsewhereAtOnce: who asks for many at the same time is told of no more.
//
// contract: SC-17
func TestElsewhereAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	const many = handover.MaxElsewhere + 10
	all := crowd{Store: w.Handovers.Store, read: new(sync.WaitGroup)}
	all.read.Add(many)
	w.Handovers.Store = all
	errs := make([]error, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			_, errs[i] = w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "admin@rival.test", Base: base})
		})
	}
	group.Wait()
	got := map[fault.Kind]int{}
	for _, err := range errs {
		got[kindOf(err)]++
	}
	if got[fault.Invalid] != handover.MaxElsewhere || got[fault.Throttled] != 10 {
		t.Errorf("%v", got)
	}
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
