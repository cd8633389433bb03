package share

import (
	"context"
	"errors"
	"slices"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/metric"
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
		return Grant{}, unknown(ctx)
	}
	now := s.Now()
	use := Use{At: now, From: v.From, Agent: v.CutAgent(), Automatic: v.Automatic}
	use.Claim, use.Earlier = newClaim(token, v, now)
	sh, err := s.spend(ctx, ref, &use, v.Repeat)
	if r := refusedBy(err); r != nil {
		s.Audit.Record(ctx, s.visited(r.Share, Refused, v, use, string(r.State)))
	}
	countUse(ctx, use, err)
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
		if sh.Target.Spoken() {
			return Share{}, errNotFound() // there is nothing to download
		}
		return s.spendRead(ctx, sh, use, repeat)
	}
	sh, err := s.Store.Claim(ctx, ref, *use)
	if r := refusedBy(err); r != nil {
		return s.spendRead(ctx, r.Share, use, "") // which says why, or how else
	}
	return sh, err
}

func refusedBy(err error) *RefusedError {
	var r *RefusedError
	errors.As(err, &r)
	return r
}

// spendAttempts bounds how often a use is tried again because the share was
// changed between its read and its write.
const spendAttempts = 3

// spendRead is spend for a share as it was read.
func (s *Service) spendRead(ctx context.Context, sh Share, use *Use, repeat Claim) (Share, error) {
	for range spendAttempts {
		state := sh.State(use.At)
		if made, err := s.repeats(ctx, sh, state, use, repeat); err != nil || made {
			use.Repeats = made
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
		}
		spent, err := s.claim(ctx, sh, *use)
		r := refusedBy(err)
		if r == nil {
			return spent, err
		}
		sh = r.Share
	}
	return Share{}, fault.New(fault.Unavailable, "the link is being changed, try again")
}

func (s *Service) claim(ctx context.Context, sh Share, use Use) (Share, error) {
	if sh.Counting == CountItems {
		return s.Store.ClaimItem(ctx, sh, use)
	}
	return s.Store.Claim(ctx, sh.Ref, use)
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
	if state != Exhausted {
		return false, nil
	}
	// The same attempt again, a moment ago or before its moment was rounded
	// up to another.
	for _, c := range []Claim{use.Claim, use.Earlier} {
		if c == "" {
			continue
		}
		if made, err := s.hasClaim(ctx, sh, c); err != nil || made {
			use.Claim = c
			return made, err
		}
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
	// Repeats: this browser's own use can be had again, also of an exhausted
	// share, which then is Active here.
	Repeats bool
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
// is NotFound; a share in whatever state is shown. held is the claim that the
// browser was given before, or "".
func (s *Service) Look(ctx context.Context, token string, held Claim) (View, error) {
	ref, ok := ParseToken(token)
	if !ok {
		return View{}, unknown(ctx)
	}
	sh, err := s.Store.ByRef(ctx, ref)
	if fault.Is(err, fault.NotFound) || err == nil && sh.Target.Spoken() {
		return View{}, unknown(ctx)
	}
	if err != nil {
		return View{}, err
	}
	v := View{Share: sh, Spends: sh, State: sh.State(s.Now())}
	if sh.Kind == Recipient {
		if err := s.lookBehind(ctx, &v); err != nil {
			return View{}, err
		}
	}
	v.Repeats, err = s.repeats(ctx, v.Spends, v.State, &Use{At: s.Now()}, held)
	if v.Repeats {
		v.State = Active
	}
	return v, err
}

// lookBehind adds what a recipient's share has from its parent and mailing.
func (s *Service) lookBehind(ctx context.Context, v *View) error {
	var err error
	if v.Spends, err = s.Store.ByRef(ctx, v.Share.Parent); err != nil {
		return err
	}
	if v.State == Active {
		v.State = v.Spends.State(s.Now())
	}
	m, err := s.Store.Mailing(ctx, v.Share.Mailing)
	v.Sender, v.Message = m.Sender, m.Message
	return err
}

// Opened records that the page of a share was looked at.
func (s *Service) Opened(ctx context.Context, v View, visit Visit) {
	reason, t, m := "", Opened, metric.Opens
	if v.State != Active {
		reason, t, m = string(v.State), Refused, refusalMetrics[v.State]
	}
	metric.Add(ctx, m, 1)
	s.Audit.Record(ctx, s.visited(v.Share, t, visit, Use{}, reason))
}
