package share

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Grant is a followed link: one use, and what it is worth.
type Grant struct {
	Share Share // the share that was spent: of a recipient share its parent
	URL   string
	// Claim lets a browser repeat this use until ClaimUntil; "" for a share
	// without a limit.
	Claim      Claim
	ClaimUntil time.Time
}

// Follow spends one use of the share a token opens and presigns its target.
// A token that is unknown is NotFound; one that opens a share that is
// revoked, expired or exhausted is a *RefusedError, which is NotFound too.
//
// It makes one write and no read for a counted share, one read for one
// without a limit, and one read more for a recipient's.
func (s *Service) Follow(ctx context.Context, token string, v Visit) (Grant, error) {
	ref, ok := ParseToken(token)
	if !ok {
		return Grant{}, errNotFound()
	}
	use := Use{
		Claim: newClaim(token, v, s.Now()), At: s.Now(),
		From: v.From, Agent: v.agent(), Automatic: v.Automatic,
	}
	sh, err := s.spend(ctx, ref, &use, v.Repeat)
	var refused *RefusedError
	if errors.As(err, &refused) {
		s.Audit.Record(ctx, s.visited(refused.Share, Refused, v, use, string(refused.State)))
	}
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Share: sh}
	if sh.Limit > 0 {
		g.Claim = use.Claim
		g.ClaimUntil, _ = use.Claim.until()
	} else {
		// Without a claim there is nothing in the table that tells of it.
		s.Audit.Record(ctx, s.visited(sh, Downloaded, v, use, ""))
	}
	g.URL, err = s.Presign.Download(ctx, sh.Target, DownloadLife)
	return g, err
}

// spend claims one use of the share behind ref and returns the share that
// was spent. It notes in use by which claim, and through which recipient.
func (s *Service) spend(ctx context.Context, ref Ref, use *Use, repeat Claim) (Share, error) {
	if !ref.Counted() || repeat.live(use.At) {
		sh, err := s.Store.ByRef(ctx, ref)
		if err != nil {
			return Share{}, err
		}
		return s.spendRead(ctx, sh, use, repeat)
	}
	sh, err := s.Store.Claim(ctx, ref, *use)
	var refused *RefusedError
	if errors.As(err, &refused) && refused.State == Active {
		// It was changed since it was made, and does not count by set.
		return s.spendRead(ctx, refused.Share, use, "")
	}
	return sh, err
}

// spendRead is spend for a share that was just read.
func (s *Service) spendRead(ctx context.Context, sh Share, use *Use, repeat Claim) (Share, error) {
	state := sh.State(use.At)
	if made, err := s.repeats(ctx, sh, state, use, repeat); err != nil || made {
		return sh, err
	}
	switch {
	case state != Active:
		return Share{}, &RefusedError{Share: sh, State: state}
	case sh.Kind == Recipient:
		use.Via, use.Recipient = sh.ID, sh.Recipient
		return s.spend(ctx, sh.Parent, use, repeat)
	case sh.Limit == 0:
		return sh, nil
	case sh.Counting == CountItems:
		return s.Store.ClaimItem(ctx, sh, *use)
	}
	return s.Store.Claim(ctx, sh.Ref, *use)
}

// repeats reports whether use repeats one that was made before, and notes
// which. A repeat works on an exhausted share, not on one that is over.
func (s *Service) repeats(ctx context.Context, sh Share, state State, use *Use, repeat Claim) (bool, error) {
	if sh.Limit == 0 || (state != Active && state != Exhausted) {
		return false, nil
	}
	if repeat.live(use.At) {
		if made, err := s.hasClaim(ctx, sh, repeat); err != nil || made {
			use.Claim = repeat
			return made, err
		}
	}
	if state == Exhausted && sh.Counting == CountItems {
		return s.hasClaim(ctx, sh, use.Claim) // the same attempt again
	}
	return false, nil
}

func (s *Service) hasClaim(ctx context.Context, sh Share, c Claim) (bool, error) {
	if slices.Contains(sh.Claims, string(c)) {
		return true, nil
	}
	if sh.Counting != CountItems {
		return false, nil
	}
	return s.Store.HasClaim(ctx, sh, c)
}

// View is what the holder of a token may know before using it.
type View struct {
	Share  Share // the one that the token opens
	Spends Share // the one that a use would spend: Share or its parent
	State  State // the first that is not Active, of Share and of Spends
	// Of a recipient share: who sent it, and what they wrote.
	Sender  string
	Message string
}

// Refused returns why the share cannot be used, or nil.
func (v View) Refused() error {
	if v.State == Active {
		return nil
	}
	return &RefusedError{Share: v.Share, State: v.State}
}

// Look reads what a token opens and spends nothing. A token that is unknown
// is NotFound; a share in whatever state is shown.
func (s *Service) Look(ctx context.Context, token string) (View, error) {
	ref, ok := ParseToken(token)
	if !ok {
		return View{}, errNotFound()
	}
	sh, err := s.Store.ByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	v := View{Share: sh, Spends: sh, State: sh.State(s.Now())}
	if sh.Kind != Recipient {
		return v, nil
	}
	if v.Spends, err = s.Store.ByRef(ctx, sh.Parent); err != nil {
		return View{}, err
	}
	if v.State == Active {
		v.State = v.Spends.State(s.Now())
	}
	m, err := s.Store.Mailing(ctx, sh.Mailing)
	v.Sender, v.Message = m.Sender, m.Message
	return v, err
}

// Opened records that the page of a share was looked at.
func (s *Service) Opened(ctx context.Context, v View, visit Visit) {
	reason, t := "", Opened
	if v.State != Active {
		reason, t = string(v.State), Refused
	}
	s.Audit.Record(ctx, s.visited(v.Share, t, visit, Use{}, reason))
}
