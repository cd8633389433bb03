package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/webhook"
)

func aWebhook(id string) webhook.Webhook {
	return webhook.Webhook{
		ID: id, Organization: "o", URL: "https://example.com/" + id, Events: []webhook.Event{webhook.FolderChanged, webhook.LabelChanged},
		Secret: "sealed 1", Signing: "sealed 2", Previous: []webhook.Previous{{Sealed: "sealed 3", Until: fake.Start.Add(time.Hour)}},
		Reason: "because", CreatedBy: "ann", CreatedAt: fake.Start, UpdatedAt: fake.Start, Revision: "r-" + id,
	}
}

func aDelivery(id string) webhook.Delivery {
	return webhook.Delivery{
		ID: id, Organization: "o", Webhook: "a", URL: "https://example.com/", Event: webhook.LabelChanged, Body: "sealed 4",
		State: webhook.Pending, Round: 2, Tries: 1, Attempts: []webhook.Attempt{{At: fake.Start, Status: 503, Reason: "the server answered 503"}},
		NextAt: fake.Start.Add(time.Minute), CreatedAt: fake.Start, KeepUntil: fake.Start.Add(webhook.KeepFor), Revision: "r-" + id,
	}
}

func mustEqual(t *testing.T, what string, want, got any, err error) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s (-want +got):\n%s%v", what, diff, err)
	}
}

func TestWebhooksOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Webhooks{Table: st.Table, Now: st.Clock.Now}
			once := account.Once{Key: "k", Digest: "d"}
			a, b := aWebhook("a"), aWebhook("b")
			b.Events, b.Previous, b.Secret, b.Reason, b.Disabled = b.Events[:1], nil, "", "", true
			if err := errors.Join(s.AddWebhook(ctx, b, account.Once{}), s.AddWebhook(ctx, a, once)); err != nil {
				t.Fatal(err)
			}
			if err := s.AddWebhook(ctx, aWebhook("c"), once); err == nil || err.Error() != (&account.ReplayedError{Ref: "a"}).Error() {
				t.Errorf("again: %v", err)
			}
			all, err := s.Webhooks(ctx, "o")
			mustEqual(t, "all", []webhook.Webhook{a, b}, all, err)
			a.URL, a.Previous, a.Revision = "https://example.com/new", nil, "r2"
			for range 2 { // the answer to the first may be lost
				if err := s.ChangeWebhook(ctx, "r-a", a, account.Once{}); err != nil {
					t.Error(err)
				}
			}
			late := a
			late.Revision = "r3"
			if err := s.ChangeWebhook(ctx, "r-a", late, account.Once{}); !fault.Is(err, fault.Stale) {
				t.Errorf("who is late: %v", err)
			}
			got, err := s.Webhook(ctx, "o", "a")
			mustEqual(t, "changed", a, got, err)
			if err := s.DeleteWebhook(ctx, "o", "a"); err != nil {
				t.Fatal(err)
			}
			for _, key := range [][2]string{{"o", "a"}, {"other", "b"}} {
				if w, err := s.Webhook(ctx, key[0], key[1]); !fault.Is(err, fault.NotFound) {
					t.Errorf("%v: %+v, %v", key, w, err)
				}
			}
			if err := s.ChangeWebhook(ctx, "r2", late, account.Once{}); !fault.Is(err, fault.Stale) {
				t.Errorf("of one that is deleted: %v", err)
			}
		})
	}
}

func TestDeliveriesOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			st := stack(t, open)
			s := store.Webhooks{Table: st.Table, Now: st.Clock.Now}
			jobs := store.Jobs{Table: st.Table, Now: st.Clock.Now}
			one, two := aDelivery("1"), aDelivery("2")
			two.Attempts, two.NextAt, two.URL, two.State = nil, time.Time{}, "", webhook.Delivered
			again := one
			again.Body, again.Revision = "another", "r-again"
			for _, d := range []webhook.Delivery{one, two, again} {
				if err := s.AddDelivery(ctx, d, account.Once{}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Delivery(ctx, "o", "a", "1")
			mustEqual(t, "the first one stays", one, got, err)

			begun, err := jobs.Begin(ctx, job.Message{ID: one.Job().ID}, st.Clock.Now())
			if err != nil {
				t.Errorf("it has no job: %v", err)
			}
			if err := jobs.End(ctx, begun); err != nil {
				t.Fatal(err)
			}
			if err := s.AddDelivery(ctx, again, account.Once{}); err != nil {
				t.Fatal(err)
			}
			if _, err := jobs.Begin(ctx, job.Message{ID: one.Job().ID}, st.Clock.Now()); !fault.Is(err, fault.NotFound) {
				t.Errorf("who comes late makes its job again: %v", err)
			}

			changed := one
			changed.Round, changed.Revision = 3, "r2"
			if err := s.ReplayDelivery(ctx, "r-1", changed, account.Once{Key: "k", Digest: "d"}); err != nil {
				t.Fatal(err)
			}
			if _, err := jobs.Begin(ctx, job.Message{ID: changed.Job().ID}, st.Clock.Now()); err != nil || changed.Job().ID == one.Job().ID {
				t.Errorf("its new round has no job: %v", err)
			}
			if err := s.ChangeDelivery(ctx, "r-1", again); !fault.Is(err, fault.Stale) {
				t.Errorf("who is late: %v", err)
			}
			list, next, err := s.Deliveries(ctx, "o", "a", file.Page{Limit: 1})
			two.Body = ""
			mustEqual(t, "the newest", []webhook.Delivery{two}, list, err)
			list, _, err = s.Deliveries(ctx, "o", "a", file.Page{Limit: 5, Cursor: next})
			changed.Body = ""
			mustEqual(t, "the next page", []webhook.Delivery{changed}, list, err)

			st.Clock.Advance(webhook.KeepFor)
			if d, err := s.Delivery(ctx, "o", "a", "1"); !fault.Is(err, fault.NotFound) {
				t.Errorf("after its time: %+v, %v", d, err)
			}
			if list, _, err := s.Deliveries(ctx, "o", "a", file.Page{Limit: 5}); err != nil || len(list) > 0 {
				t.Errorf("after its time: %+v, %v", list, err)
			}
		})
	}
}
