package account

import (
	"context"
	"net/netip"
	"time"
)

// How many attempts fail, of one visitor, before further ones are refused.
// They are counted in windows of AttemptWindow. Nothing is counted by an
// address alone: whoever knows it could lock its owner out.
const (
	AttemptWindow  = 15 * time.Minute
	maxFailures    = 30 // of a visitor, who may be a whole office
	maxGuesses     = 5  // of a visitor at one address
	maxInvitations = 5  // one-time tokens of one user, so that nobody fills their inbox
)

// Visitor is the network address of who asks, as the gateway says it.
type Visitor string

// name is what attempts of a visitor are counted under: an IPv6 address by
// its /64, which is what one subscriber gets (RFC 6177, section 2).
func (v Visitor) name() string {
	a, err := netip.ParseAddr(string(v))
	if err != nil {
		return string(v)
	}
	if a = a.Unmap(); a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return p.String()
	}
	return a.String()
}

// limit is how often something may be tried in a window.
type limit struct {
	name string
	most int64
}

// tried is attempts that were counted, and can be taken back.
type tried struct {
	s      *Service
	until  time.Time
	limits []limit
}

// attempt counts one, under each limit, before it is made: of many at the
// same time no more get through than one after the other. Throttled, and
// nothing counted, if one limit is reached.
func (s *Service) attempt(ctx context.Context, limits ...limit) (tried, error) {
	t := tried{s: s, until: s.Now().Truncate(AttemptWindow).Add(AttemptWindow)}
	for _, l := range limits {
		if err := s.Store.Count(ctx, l.name, t.until, l.most); err != nil {
			t.takeBack(ctx)
			return tried{}, err
		}
		t.limits = append(t.limits, l)
	}
	return t, nil
}

// takeBack uncounts an attempt that did not fail. That one stays counted when
// this does not succeed is no harm worth an error.
func (t tried) takeBack(ctx context.Context) {
	for _, l := range t.limits {
		_ = t.s.Store.Uncount(ctx, l.name, t.until)
	}
}
