package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// Service is what admins do with webhooks.
type Service struct {
	Store Store
	Seal  Sealer
	Post  Poster
	IDs   ident.Source
	Now   func() time.Time
}

// Change is what a webhook is to become; nil leaves a field as it is.
type Change struct {
	URL      *string
	Events   []Event
	Secret   *string // the caller's; "" is none
	Disabled *bool
}

// Made is a webhook and our secret for it, which is shown this once: a replay
// of the same Once has it empty.
type Made struct {
	Webhook Webhook
	Secret  string
}

// Create makes a webhook.
func (s *Service) Create(ctx context.Context, who account.Principal, c Change, once account.Once) (Made, error) {
	if err := who.Require(account.ManageWebhooks); err != nil {
		return Made{}, err
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.again(ctx, who, ref, err)
	}
	if err := missing(c); err != nil {
		return Made{}, err
	}
	w := Webhook{ID: s.IDs.Chars(idLength), Organization: who.Organization, CreatedBy: who.User, CreatedAt: s.Now()}
	w, err := s.apply(ctx, w, c)
	if err != nil {
		return Made{}, err
	}
	all, err := s.Store.Webhooks(ctx, who.Organization)
	if err != nil {
		return Made{}, err
	}
	if len(all) >= MaxWebhooks {
		return Made{}, fault.New(fault.Conflict, "an organization can have %d webhooks: delete one first", MaxWebhooks)
	}
	secret := newSecret(s.IDs.Bytes(secretBytes))
	if w.Signing, err = s.Seal.Seal(ctx, secret, signingID(w.ID)); err != nil {
		return Made{}, err
	}
	err = s.Store.AddWebhook(ctx, w, once)
	if done, ok := errors.AsType[*account.ReplayedError](err); ok {
		return s.again(ctx, who, done.Ref, nil)
	}
	return Made{w, secret}, err
}

func missing(c Change) error {
	switch {
	case c.URL == nil:
		return fault.Field(fault.Missing, "url", "is missing")
	case c.Events == nil:
		return fault.Field(fault.Missing, "events", "is missing")
	}
	return nil
}

// again answers what an earlier request with the same Once made.
func (s *Service) again(ctx context.Context, who account.Principal, ref string, err error) (Made, error) {
	if err != nil {
		return Made{}, err
	}
	w, err := s.Store.Webhook(ctx, who.Organization, ref)
	return Made{Webhook: w}, err
}

// apply returns a webhook with a change, which it checks.
func (s *Service) apply(ctx context.Context, w Webhook, c Change) (Webhook, error) {
	if c.URL != nil {
		if err := s.Post.Check(*c.URL); err != nil {
			return w, fault.Field(fault.Invalid, "url", "%s", fault.As(err).Message)
		}
		w.URL = *c.URL
	}
	if c.Events != nil {
		if err := checkEvents(c.Events); err != nil {
			return w, err
		}
		w.Events = slices.Compact(slices.Sorted(slices.Values(c.Events)))
	}
	if c.Secret != nil {
		if err := checkSecret(*c.Secret); err != nil {
			return w, err
		}
		w.Secret = ""
		if *c.Secret != "" {
			sealed, err := s.Seal.Seal(ctx, *c.Secret, givenID(w.ID))
			if err != nil {
				return w, err
			}
			w.Secret = sealed
		}
	}
	if c.Disabled != nil {
		w.Disabled, w.Reason = *c.Disabled, ""
	}
	w.UpdatedAt, w.Revision = s.Now(), s.IDs.Chars(idLength)
	return w, nil
}

func checkEvents(events []Event) error {
	if len(events) == 0 {
		return fault.Field(fault.Invalid, "events", "has none: disable the webhook instead")
	}
	for _, e := range events {
		if !slices.Contains(Events(), e) {
			words := make([]string, len(Events()))
			for i, known := range Events() {
				words[i] = string(known)
			}
			return fault.Field(fault.Invalid, "events", "must be some of: %s", strings.Join(words, ", "))
		}
	}
	return nil
}

func checkSecret(secret string) error {
	if len(secret) > MaxSecret || !utf8.ValidString(secret) {
		return fault.Field(fault.Invalid, "secret", "must be text of at most %d bytes", MaxSecret)
	}
	return nil
}

// List returns an organization's webhooks, oldest first, and seals their
// secrets anew where another key than the current one has sealed them.
func (s *Service) List(ctx context.Context, who account.Principal) ([]Webhook, error) {
	if err := who.Require(account.ManageWebhooks); err != nil {
		return nil, err
	}
	all, err := s.Store.Webhooks(ctx, who.Organization)
	for i, w := range all {
		now, changed, err := reseal(ctx, s.Seal, w)
		if err != nil {
			return nil, err
		}
		if !changed {
			continue
		}
		now.Revision = s.IDs.Chars(idLength)
		if err := s.Store.ChangeWebhook(ctx, w.Revision, now, account.Once{}); err == nil {
			all[i] = now
		} else if !fault.Is(err, fault.Stale) { // who was faster is listed as it was
			return nil, err
		}
	}
	return all, err
}

// Get returns one, or NotFound.
func (s *Service) Get(ctx context.Context, who account.Principal, id string) (Webhook, error) {
	if err := who.Require(account.ManageWebhooks); err != nil {
		return Webhook{}, err
	}
	if !ident.IsChars(id, idLength) {
		return Webhook{}, errWebhook()
	}
	return s.Store.Webhook(ctx, who.Organization, id)
}

// Update changes a webhook.
func (s *Service) Update(ctx context.Context, who account.Principal, id string, c Change) (w Webhook, err error) {
	for range maxTurns {
		if w, err = s.Get(ctx, who, id); err != nil {
			return w, err
		}
		was := w.Revision
		if w, err = s.apply(ctx, w, c); err != nil {
			return w, err
		}
		if err = s.Store.ChangeWebhook(ctx, was, w, account.Once{}); !fault.Is(err, fault.Stale) {
			return w, err
		}
	}
	return w, busy(err)
}

func busy(err error) error {
	return fault.Wrap(fault.Unavailable, err, "too many changes at once, try again")
}

// Delete ends a webhook, and what was still to be delivered to it.
func (s *Service) Delete(ctx context.Context, who account.Principal, id string) error {
	if _, err := s.Get(ctx, who, id); err != nil {
		return err
	}
	return s.Store.DeleteWebhook(ctx, who.Organization, id)
}

// Rotate gives a webhook a new secret of ours, which is shown this once. The
// one before signs beside it for RotateFor.
func (s *Service) Rotate(ctx context.Context, who account.Principal, id string, once account.Once) (Made, error) {
	for range maxTurns {
		w, err := s.Get(ctx, who, id)
		if err != nil {
			return Made{}, err
		}
		if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
			return s.again(ctx, who, ref, err)
		}
		was := w.Revision
		w, secret, err := s.rotated(ctx, w)
		if err != nil {
			return Made{}, err
		}
		err = s.Store.ChangeWebhook(ctx, was, w, once)
		if done, ok := errors.AsType[*account.ReplayedError](err); ok {
			return s.again(ctx, who, done.Ref, nil)
		}
		if !fault.Is(err, fault.Stale) {
			return Made{w, secret}, err
		}
	}
	return Made{}, busy(nil)
}

func (s *Service) rotated(ctx context.Context, w Webhook) (Webhook, string, error) {
	now := s.Now()
	w.Previous = slices.DeleteFunc(slices.Clone(w.Previous), func(p Previous) bool { return !now.Before(p.Until) })
	if len(w.Previous) >= MaxPrevious {
		return w, "", fault.New(fault.Conflict, "%d secrets are still valid that were rotated within a day: wait, or make another webhook", MaxPrevious)
	}
	w.Previous = append([]Previous{{w.Signing, now.Add(RotateFor)}}, w.Previous...)
	secret := newSecret(s.IDs.Bytes(secretBytes))
	sealed, err := s.Seal.Seal(ctx, secret, signingID(w.ID))
	w.Signing, w.UpdatedAt, w.Revision = sealed, now, s.IDs.Chars(idLength)
	return w, secret, err
}

// Test delivers an event that is none, to a webhook that is not disabled.
func (s *Service) Test(ctx context.Context, who account.Principal, id string, once account.Once) (Delivery, error) {
	w, err := s.Get(ctx, who, id)
	if err != nil {
		return Delivery{}, err
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.delivery(ctx, who, id, ref, err)
	}
	if w.Disabled {
		return Delivery{}, errDisabled()
	}
	body, err := json.Marshal(map[string]any{"event": Test, "data": map[string]string{"webhook_id": id}})
	if err != nil {
		return Delivery{}, err
	}
	now := s.Now()
	d := Delivery{
		ID: s.IDs.UUID(), Organization: who.Organization, Webhook: id, Event: Test, State: Pending,
		NextAt: now, CreatedAt: now, KeepUntil: now.Add(KeepFor), Revision: s.IDs.Chars(idLength),
	}
	if err := d.seal(ctx, s.Seal, body); err != nil {
		return d, err
	}
	err = s.Store.AddDelivery(ctx, d, once)
	if done, ok := errors.AsType[*account.ReplayedError](err); ok {
		return s.delivery(ctx, who, id, done.Ref, nil)
	}
	return d, err
}

func errDisabled() error {
	return fault.New(fault.Conflict, "the webhook is disabled: enable it first")
}
