package webhook_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/seal"
	"latchkey/shared/webhook"
)

const oldKey, newKey = "an old key of thirty-two characters", "a new key of thirty-two characters!"

func sealer(t *testing.T, keys string) seal.Tokens {
	t.Helper()
	k, err := seal.Parse(keys)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Tokens{Source: seal.Static(k)}
}

func ptr[T any](v T) *T { return &v }

// A webhook's secrets are sealed each for itself, and anew when the sealing
// key has changed and they are listed: then the old key can go.
func TestSealing(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Memory.Record(s.Clock.Now)
	s.Webhooks.Seal = sealer(t, oldKey)
	made, err := s.Webhooks.Create(t.Context(), s.Admin, webhook.Change{
		URL: ptr("https://example.com/"), Events: webhook.Events(), Secret: ptr("the caller's"),
	}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := s.Webhooks.Rotate(t.Context(), s.Admin, made.Webhook.ID, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Webhooks.Test(t.Context(), s.Admin, made.Webhook.ID, account.Once{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Memory.Changes() {
		for name, v := range c.New {
			if text := fmt.Sprintf("%s", v); strings.Contains(text, "whsec_") || strings.Contains(text, "caller") || strings.Contains(text, "webhook_id") {
				t.Errorf("%s has a secret, or what is sent: %s", name, text)
			}
		}
	}
	s.Webhooks.Seal = sealer(t, `{"current":"k2","keys":{"plain":"`+oldKey+`","k2":"`+newKey+`"}}`)
	for range 2 { // the second finds nothing to do
		if _, err := s.Webhooks.List(t.Context(), s.Admin); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Memory.Changes()); n != 1 {
		t.Errorf("%d changes, want one webhook sealed anew", n)
	}
	only := sealer(t, `{"current":"k2","keys":{"k2":"`+newKey+`"}}`)
	s.Webhooks.Seal = only
	s.Jobs.Workers[job.Deliver] = webhook.Deliverer{Store: s.Webhooks.Store, Seal: only, Post: s.Receivers, IDs: s.IDs, Now: s.Clock.Now}
	if _, err := s.Webhooks.Test(t.Context(), s.Admin, made.Webhook.ID, account.Once{}); err != nil {
		t.Fatal(err)
	}
	s.Work(t)
	got := s.Receivers.Take()
	if len(got) != 1 {
		t.Fatalf("got %v", got)
	}
	p := &posted{id: got[0].Headers["webhook-id"], body: got[0].Body, headers: got[0].Headers}
	if !signed(p, made.Secret) || !signed(p, rotated.Secret) || got[0].Headers["X-Webhook-Signature"] != hexSigned(p, "the caller's") {
		t.Errorf("signed %v", got[0].Headers)
	}
}

// Who may not manage webhooks may nothing of it.
//
// contract: SX-194
func TestOnlyAdmins(t *testing.T) {
	s := fake.NewStack(t, nil)
	made, err := s.Webhooks.Create(t.Context(), s.Admin, webhook.Change{URL: ptr("https://example.com/"), Events: webhook.Events()}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range account.Roles() {
		who := s.Admin
		who.Role = role
		id := made.Webhook.ID
		_, created := s.Webhooks.Create(t.Context(), who, webhook.Change{}, account.Once{})
		_, listed := s.Webhooks.List(t.Context(), who)
		_, got := s.Webhooks.Get(t.Context(), who, id)
		_, updated := s.Webhooks.Update(t.Context(), who, id, webhook.Change{})
		_, rotated := s.Webhooks.Rotate(t.Context(), who, id, account.Once{})
		_, tested := s.Webhooks.Test(t.Context(), who, id, account.Once{})
		_, _, deliveries := s.Webhooks.Deliveries(t.Context(), who, id, file.Page{Limit: 1})
		_, _, callbacks := s.Webhooks.Deliveries(t.Context(), who, webhook.Callbacks, file.Page{Limit: 1})
		_, replayed := s.Webhooks.Redeliver(t.Context(), who, webhook.Callbacks, s.IDs.UUID(), account.Once{})
		errs := []error{created, listed, got, updated, rotated, tested, deliveries, callbacks, replayed}
		if role != account.Admin {
			errs = append(errs, s.Webhooks.Delete(t.Context(), who, id))
		}
		for i, err := range errs {
			if fault.Is(err, fault.Forbidden) == (role == account.Admin) {
				t.Errorf("%s, call %d: %v", role, i, err)
			}
		}
	}
}

// What happens at the same time happens one after the other.
func TestAtOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	made, err := s.Webhooks.Create(t.Context(), s.Admin, webhook.Change{URL: ptr("https://example.com/"), Events: webhook.Events()}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Webhook.ID
	d, err := s.Webhooks.Test(t.Context(), s.Admin, id, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var err error
			switch i % 4 {
			case 0:
				_, err = s.Webhooks.Rotate(t.Context(), s.Admin, id, account.Once{})
			case 1:
				_, err = s.Webhooks.Update(t.Context(), s.Admin, id, webhook.Change{Events: webhook.Events()[:1]})
			case 2:
				_, err = s.Webhooks.Redeliver(t.Context(), s.Admin, id, d.ID, account.Once{Key: "k", Digest: "d"})
			case 3:
				_, err = s.Webhooks.Redeliver(t.Context(), s.Admin, id, d.ID, account.Once{})
			}
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	w, err := s.Webhooks.Get(t.Context(), s.Admin, id)
	if err != nil || len(w.Previous) != 2 || len(w.Events) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	s.Work(t)
	list, _, err := s.Webhooks.Deliveries(t.Context(), s.Admin, id, file.Page{Limit: 5})
	if err != nil || len(list) != 1 || list[0].Round != 3 || list[0].State != webhook.Delivered || len(s.Receivers.Take()) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestWhatCannotBePosted: what is refused for ever is a dead letter at once,
// with its reason, and can be replayed; what may pass keeps its schedule.
//
// contract: SX-204
func TestWhatCannotBePosted(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want webhook.State
	}{
		"never":    {fault.New(fault.Invalid, "its host is not on the public internet"), webhook.Failed},
		"may pass": {fault.New(fault.Unavailable, "its host does not exist"), webhook.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.NewStack(t, nil)
			made, err := s.Webhooks.Create(t.Context(), s.Admin, webhook.Change{URL: ptr("https://example.com/"), Events: webhook.Events()}, account.Once{})
			if err != nil {
				t.Fatal(err)
			}
			d, err := s.Webhooks.Test(t.Context(), s.Admin, made.Webhook.ID, account.Once{})
			if err != nil {
				t.Fatal(err)
			}
			only := func(want webhook.State, attempts int) {
				t.Helper()
				s.Work(t)
				list, _, err := s.Webhooks.Deliveries(t.Context(), s.Admin, made.Webhook.ID, file.Page{Limit: 5})
				if err != nil || len(list) != 1 || list[0].State != want || len(list[0].Attempts) != attempts || list[0].NextAt.IsZero() != (want != webhook.Pending) {
					t.Fatalf("%+v, %v", list, err)
				}
				if reason := list[0].Attempts[0].Reason; reason != tt.err.Error() {
					t.Errorf("the reason is %q", reason)
				}
			}
			s.Receivers.Err = tt.err
			only(tt.want, 1)
			s.Receivers.Err = nil
			if _, err := s.Webhooks.Redeliver(t.Context(), s.Admin, made.Webhook.ID, d.ID, account.Once{}); err != nil {
				t.Fatal(err)
			}
			only(webhook.Delivered, 2)
		})
	}
}
