package handover

import (
	"context"
	"slices"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/share"
)

// Pending is what waits for a decision: a recipient who has registered, and
// what they were handed.
type Pending struct {
	Recipient account.User
	Handovers []Handover // not revoked, oldest first; may be none
}

// Pending returns whom the principal's organization has to decide about;
// Forbidden for any organization but their own, whether there is one or not.
func (s *Service) Pending(ctx context.Context, who account.Principal, organization string) ([]Pending, error) {
	if err := who.Require(account.DecideShares); err != nil {
		return nil, err
	}
	if organization != who.Organization {
		return nil, fault.New(fault.Forbidden, "not your organization")
	}
	users, err := s.Accounts.Waiting(ctx, who)
	if err != nil {
		return nil, err
	}
	out := make([]Pending, len(users))
	for i, u := range users {
		out[i].Recipient = u
		if out[i].Handovers, err = s.received(ctx, u.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) received(ctx context.Context, user string) ([]Handover, error) {
	all, err := s.Store.Received(ctx, user)
	return slices.DeleteFunc(all, func(h Handover) bool { return !h.RevokedAt.IsZero() }), err
}

// Accept makes a recipient who waits a user like others, with a role, and
// tells them. Conflict if they do not wait, NotFound for whom the
// organization does not have.
func (s *Service) Accept(ctx context.Context, who account.Principal, userID, role, base string) error {
	u, err := s.Accounts.Accept(ctx, who, userID, role)
	if err != nil {
		return err
	}
	s.Verdicts.Tell(ctx, Verdict{Recipient: u, Accepted: true, Organization: who.Organization, By: who, Base: base})
	return nil
}

// Decline deletes the account of a recipient who waits, with all that they
// were handed, and tells them. Errors are Accept's.
func (s *Service) Decline(ctx context.Context, who account.Principal, userID, base string) error {
	u, err := s.Accounts.Decline(ctx, who, userID)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	// Of one who was declined before, in a request that failed here, the rest
	// goes now.
	if gone := s.forget(ctx, who, userID, err != nil); gone != nil {
		return gone
	}
	if err != nil {
		return err
	}
	s.Verdicts.Tell(ctx, Verdict{Recipient: u, Organization: who.Organization, By: who, Base: base})
	return nil
}

// forget deletes what a user was handed who is declined; check looks whether
// they are.
func (s *Service) forget(ctx context.Context, who account.Principal, userID string, check bool) error {
	if check {
		if u, err := s.Accounts.Joining(ctx, userID); err != nil || u.Joining != account.Declined {
			return err
		}
	}
	all, err := s.Store.Received(ctx, userID)
	if err != nil {
		return err
	}
	for _, h := range all {
		if h.Organization != who.Organization {
			continue
		}
		if err := s.Store.Delete(ctx, h, s.Now().Add(account.DeclinedFor), s.event(h, share.Deleted, who.User)); err != nil {
			return err
		}
	}
	return nil
}

// State returns what a recipient was handed who waits for a decision, for
// others nothing; NotFound for an unknown one. It is public: see the
// dialect's DIVERGENCES.md for what that gives away.
func (s *Service) State(ctx context.Context, userID string) ([]Handover, error) {
	u, err := s.Accounts.Joining(ctx, userID)
	if err != nil || !u.Waits() {
		return nil, err
	}
	return s.received(ctx, userID)
}

// StateOf returns where the recipient of a handover stands, and the ids of
// the handover's file and asset; NotFound for one that is not theirs or is
// revoked. Public, as State is.
func (s *Service) StateOf(ctx context.Context, userID, id string) (account.Joining, Handover, error) {
	u, err := s.Accounts.Joining(ctx, userID)
	if err != nil {
		return "", Handover{}, err
	}
	h, err := s.Store.Trace(ctx, userID, id)
	if err == nil && !h.RevokedAt.IsZero() {
		err = errNotFound()
	}
	return u.Joining, h, err
}
