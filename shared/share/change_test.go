package share_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/store"
)

// The store's condition and the domain's State must say the same of every
// share at every moment.
func TestTheStoreRefusesWhatTheDomainRefuses(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		limits := []int64{1, 2, 64, 65, 66}
		s, sh, token := linked(t, share.New{
			Limit: limits[rnd.IntN(len(limits))], ExpiresAt: fake.Start.Add(time.Duration(1+rnd.IntN(5)) * time.Minute),
		})
		for step := range 8 {
			if rnd.IntN(4) == 0 {
				revoke(t, s, sh)
			}
			s.Clock.Advance(time.Duration(rnd.IntN(60)) * time.Second)
			want := share.Expired
			if got, _, err := s.Shares.Get(ctx, s.Admin, sh.ID); err == nil {
				want = got.State(s.Clock.Now())
			}
			_, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(step)))
			var r *share.RefusedError
			if (err == nil) != (want == share.Active) || (errors.As(err, &r) && r.State != want) {
				t.Fatalf("share %d, step %d: the store says %v, the domain %s", i, step, err, want)
			}
		}
	}
}

func TestUsesBecomeEvents(t *testing.T) {
	for _, limit := range []int64{5, 65} {
		s, sh, token := linked(t, share.New{Limit: limit})
		s.Memory.Record(s.Clock.Now)
		for i := range 3 {
			s.Clock.Advance(time.Second)
			if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Shares.Follow(ctx, token, visit("2")); err != nil { // the SDK's repeat of the last
			t.Fatal(err)
		}
		changes := s.Memory.Changes()
		for range 2 { // the feed delivers at least once
			if err := s.Shares.RecordEvents(ctx, store.ClaimEvents(changes)); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{sh.ID, ""} {
			events, _, err := s.Shares.Events(ctx, s.Admin, id, file.Page{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range events {
				got = append(got, fmt.Sprint(e.Type, e.At.Sub(fake.Start), e.From))
			}
			want := []string{"downloaded3s192.0.2.7", "downloaded2s192.0.2.7", "downloaded1s192.0.2.7", "created0s"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("limit %d, trail of %q (-want +got):\n%s", limit, id, diff)
			}
		}
	}
}

// Two changes at once, one of which moves the uses into a counter: no use
// may get lost, or the limit is passed.
func TestTwoChangesAtOnceLoseNoUse(t *testing.T) {
	s, sh, token := linked(t, share.New{Limit: 3})
	for i := range 3 {
		if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint("a", i))); err != nil {
			t.Fatal(err)
		}
	}
	was, _, err := s.Shares.Get(ctx, s.Admin, sh.ID) // the other change has read it
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{Limit: ptr(int64(100))}); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint("b", i))); err != nil {
			t.Fatal(err)
		}
	}
	late := was
	late.Limit, late.Counting = 101, share.CountItems
	err = s.Shares.Store.Change(ctx, was, late, share.Event{ID: "e", Organization: sh.Organization, Share: sh.ID, At: s.Clock.Now()})
	if got, _, _ := s.Shares.Get(ctx, s.Admin, sh.ID); !fault.Is(err, fault.Conflict) || got.Used != 53 {
		t.Errorf("%v, used %d, want a conflict and 53", err, got.Used)
	}
}

func TestAChangeCanBeRepeated(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5, Note: "n"})
	p := share.Patch{Limit: ptr(int64(5)), Note: ptr("n")}
	if got, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, p); err != nil || got.Limit != 5 {
		t.Errorf("%+v, %v", got, err)
	}
	events, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 10})
	if err != nil || len(events) != 1 {
		t.Errorf("%d events, %v: nothing was changed", len(events), err)
	}
}

func TestRevokedRecipientsShowTheirLimit(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5})
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	l, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: "a@x.test"}, file.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Shares.Revoke(ctx, s.Admin, l[0].ID)
	if err != nil || got.Limit != 5 || got.State(s.Clock.Now()) != share.Revoked {
		t.Errorf("%+v, %v", got, err)
	}
}
