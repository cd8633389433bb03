package webhook

import (
	"context"
	"errors"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
)

// Deliveries returns a page of a webhook's deliveries, or of Callbacks, newest
// first and without their bodies.
func (s *Service) Deliveries(ctx context.Context, who account.Principal, id string, p file.Page) ([]Delivery, string, error) {
	if _, err := s.place(ctx, who, id); err != nil {
		return nil, "", err
	}
	return s.Store.Deliveries(ctx, who.Organization, id, p)
}

// place returns the webhook that has deliveries; Callbacks is a place without
// one.
func (s *Service) place(ctx context.Context, who account.Principal, id string) (Webhook, error) {
	if id == Callbacks {
		return Webhook{}, who.Require(account.ManageWebhooks)
	}
	return s.Get(ctx, who, id)
}

// Redeliver begins another round of a delivery, in whatever state it is, with
// the same id and body. What was left of the round before is not done.
func (s *Service) Redeliver(ctx context.Context, who account.Principal, id, delivery string, once account.Once) (Delivery, error) {
	w, err := s.place(ctx, who, id)
	if err != nil {
		return Delivery{}, err
	}
	if !ident.IsUUID(delivery) {
		return Delivery{}, errDelivery()
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.delivery(ctx, who, id, ref, err)
	}
	if w.Disabled {
		return Delivery{}, errDisabled()
	}
	for range maxTurns {
		d, err := s.Store.Delivery(ctx, who.Organization, id, delivery)
		if err != nil {
			return d, err
		}
		was, now := d.Revision, s.Now()
		d.KeepUntil = now.Add(KeepFor)
		d.State, d.Tries, d.NextAt, d.Round, d.Revision = Pending, 0, now, d.Round+1, s.IDs.Chars(idLength)
		err = s.Store.ReplayDelivery(ctx, was, d, once)
		if done, ok := errors.AsType[*account.ReplayedError](err); ok {
			return s.delivery(ctx, who, id, done.Ref, nil)
		}
		if !fault.Is(err, fault.Stale) {
			return d, err
		}
	}
	return Delivery{}, busy(nil)
}

// delivery answers what an earlier request with the same Once made.
func (s *Service) delivery(ctx context.Context, who account.Principal, webhook, ref string, err error) (Delivery, error) {
	if err != nil {
		return Delivery{}, err
	}
	return s.Store.Delivery(ctx, who.Organization, webhook, ref)
}
