package handover

import (
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

// Revoke ends a handover that the principal made or, if they decide about
// recipients, that anybody of the organization made; NotFound for others.
// From the next request on its link opens nothing; by share.DownloadLife
// later the last URL that it led to is dead. A recipient who has not
// registered is no user any more when it was their last. Repeating it changes
// nothing, but does what a failure left undone.
func (s *Service) Revoke(ctx context.Context, who account.Principal, id string) error {
	if err := who.Require(account.ShareFiles); err != nil {
		return err
	}
	h, err := s.Store.ByID(ctx, who.Organization, id)
	if err != nil {
		return err
	}
	if h.SenderID != who.User && !who.Role.May(account.DecideShares) {
		return errNotFound()
	}
	return s.revoke(ctx, who, h)
}

func (s *Service) revoke(ctx context.Context, who account.Principal, h Handover) error {
	if h.RevokedAt.IsZero() {
		h.RevokedAt = s.Now()
		if err := s.Store.Revoke(ctx, h, s.event(h, share.WasRevoked, who.User)); err != nil {
			return err
		}
	}
	u, err := s.recipient(ctx, h)
	if err != nil {
		return err
	}
	return s.release(ctx, u)
}

// recipient returns whom a handover is for, or nobody who is a user.
func (s *Service) recipient(ctx context.Context, h Handover) (account.User, error) {
	u, err := s.Accounts.User(ctx, h.Organization, h.Recipient)
	if fault.Is(err, fault.NotFound) {
		return account.User{}, nil
	}
	return u, err
}

// release deletes the account of who is here for nothing but what they were
// handed, when all of that is revoked. It looks after u was read: what they
// are handed later counts u.Handed up, so that they stay.
func (s *Service) release(ctx context.Context, u account.User) error {
	if !u.Provisional() {
		return nil
	}
	held, err := s.received(ctx, u.ID)
	if err != nil || len(held) > 0 {
		return err
	}
	err = s.Accounts.Release(ctx, u)
	if fault.Is(err, fault.Stale) {
		return nil
	}
	return err
}

// DeleteForFile deletes all handovers of a file; their events stay. It
// implements file.Links.
func (s *Service) DeleteForFile(ctx context.Context, who account.Principal, fileID string) error {
	all, err := s.Store.OfFile(ctx, who.Organization, fileID)
	if err != nil {
		return err
	}
	for _, h := range all {
		u, err := s.recipient(ctx, h)
		if err == nil && u.Provisional() {
			// First, so that repeating a request that fails here finds it again.
			err = s.revoke(ctx, who, h)
		}
		if err != nil {
			return err
		}
		if err := s.Store.Delete(ctx, h, time.Time{}, s.event(h, share.Deleted, who.User)); err != nil {
			return err
		}
	}
	return nil
}

var _ file.Links = (*Service)(nil)
