package handover

import (
	"context"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/metric"
	"latchkey/shared/share"
)

// View is what the holder of a token may know before the file is had.
type View struct {
	Handover Handover
	Needs    share.Need
}

// Follow reads what a token opens. A token that is unknown is NotFound, and
// so is that of a revoked handover, with the cause ErrRevoked.
func (s *Service) Follow(ctx context.Context, token string) (View, error) {
	ref, ok := ParseToken(token)
	if !ok {
		return View{}, unknown(ctx)
	}
	h, err := s.Store.ByRef(ctx, ref)
	if fault.Is(err, fault.NotFound) {
		return View{}, unknown(ctx)
	}
	if err != nil {
		return View{}, err
	}
	if !h.RevokedAt.IsZero() {
		metric.Add(ctx, metric.RefusedRevoked, 1)
		return View{Handover: h}, fault.Wrap(fault.NotFound, ErrRevoked, "share not found")
	}
	u, err := s.Accounts.User(ctx, h.Organization, h.Recipient)
	if fault.Is(err, fault.NotFound) {
		return View{}, unknown(ctx) // they were declined, a moment before it is deleted
	}
	return View{Handover: h, Needs: needs(u)}, err
}

func needs(u account.User) share.Need {
	switch {
	case u.Role == account.Disabled:
		return share.SignIn // which nobody can who is disabled
	case u.Joining == account.Invited:
		return share.Nothing
	case u.Joining == account.Waiting:
		return share.Decision
	}
	return share.SignIn
}

func unknown(ctx context.Context) error {
	metric.Add(ctx, metric.RefusedUnknown, 1)
	return errNotFound()
}

// Opened records that a handover's page was looked at, and err, if it is that
// of a revoked one.
func (s *Service) Opened(ctx context.Context, v View, visit share.Visit, err error) {
	if err == nil {
		metric.Add(ctx, metric.Opens, 1)
		s.Audit.Record(ctx, s.visited(v.Handover, share.Opened, visit))
	} else if v.Handover.ID != "" {
		e := s.visited(v.Handover, share.Refused, visit)
		e.Reason = string(share.Revoked)
		s.Audit.Record(ctx, e)
	}
}

// Download returns the URL that a token is worth now, which lives
// share.DownloadLife. who has signed in, or is zero for nobody:
// Unauthenticated if the handover needs somebody, Forbidden if they are
// somebody else than the recipient, Conflict while the recipient waits for a
// decision.
func (s *Service) Download(ctx context.Context, token string, who account.Principal, visit share.Visit) (string, error) {
	v, err := s.Follow(ctx, token)
	if err != nil {
		s.Opened(ctx, v, visit, err)
		return "", err
	}
	h := v.Handover
	switch {
	case v.Needs == share.Decision:
		return "", fault.New(fault.Conflict, "an administrator has not decided yet")
	case v.Needs == share.SignIn && who.User == "":
		return "", fault.New(fault.Unauthenticated, "sign in first")
	case v.Needs == share.SignIn && (who.User != h.Recipient || who.Organization != h.Organization):
		return "", fault.New(fault.Forbidden, "the file was shared with somebody else")
	}
	return s.fetch(ctx, h, visit)
}

// fetch returns the URL of a handover's file, and records that it was had.
func (s *Service) fetch(ctx context.Context, h Handover, visit share.Visit) (string, error) {
	url, err := s.Presign.Download(ctx, h.Target, share.DownloadLife)
	if err != nil {
		return "", err
	}
	metric.Add(ctx, metric.Downloads, 1)
	s.Audit.Record(ctx, s.visited(h, share.Downloaded, visit))
	return url, nil
}

// Received returns what the principal was handed and is not revoked, newest
// first.
func (s *Service) Received(ctx context.Context, who account.Principal) ([]Handover, error) {
	all, err := s.received(ctx, who.User)
	all = slices.DeleteFunc(all, func(h Handover) bool { return h.Organization != who.Organization })
	slices.Reverse(all)
	return all, err
}

// Mine returns a handover of which the principal is the recipient. NotFound
// for any other, with the cause ErrRevoked for one that was theirs.
func (s *Service) Mine(ctx context.Context, who account.Principal, id string) (Handover, error) {
	if !ident.IsUUID(id) {
		return Handover{}, unknown(ctx)
	}
	h, err := s.Store.ByID(ctx, who.Organization, strings.ToLower(id))
	switch {
	case fault.Is(err, fault.NotFound), err == nil && h.Recipient != who.User:
		return Handover{}, unknown(ctx)
	case err == nil && !h.RevokedAt.IsZero():
		metric.Add(ctx, metric.RefusedRevoked, 1)
		err = fault.Wrap(fault.NotFound, ErrRevoked, "share not found")
	}
	return h, err
}

// DownloadMine returns the URL of a handover's file as Download does, for its
// recipient; errors are those of Mine.
func (s *Service) DownloadMine(ctx context.Context, who account.Principal, id string, visit share.Visit) (string, error) {
	h, err := s.Mine(ctx, who, id)
	if err != nil {
		return "", err
	}
	return s.fetch(ctx, h, visit)
}

func (s *Service) visited(h Handover, t share.EventType, v share.Visit) share.Event {
	e := s.event(h, t, "")
	e.From, e.Agent, e.Automatic = v.From, v.CutAgent(), v.Automatic
	return e
}
