package account

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"time"

	"latchkey/shared/fault"
)

// How much is counted, in windows of AttemptWindow, before further attempts
// are refused. A sign-in is one unit while it is under way and failure units
// once it has failed: one after the other few may fail, and many that succeed
// may come at once. Nothing is counted by an address alone: whoever knows it
// could lock its owner out.
const (
	AttemptWindow  = 15 * time.Minute
	failure        = 6
	maxFailures    = 30 * failure       // of a visitor, who may be a whole office
	maxGuesses     = 5 * failure        // of a visitor at one address
	maxTokens      = 30                 // one-time tokens that are none, of a visitor
	maxInvitations = 5                  // one-time tokens of one user, so that nobody fills their inbox
	keptTokens     = 2 * maxInvitations // of one user side by side: newer ones end none within a window

	// FamiliarFor is how long a visitor who signed in at an address is let in
	// there however many fail elsewhere, and familiarAnew how soon another
	// sign-in makes it last longer.
	FamiliarFor  = 30 * 24 * time.Hour
	familiarAnew = 24 * time.Hour
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

// limit is how many units of something are counted in a window at most. It
// does not hold for who is familiar under a name.
type limit struct {
	name     string
	most     int64
	familiar string // or ""
}

// tried is an attempt that is counted.
type tried struct {
	s      *Service
	until  time.Time
	limits []limit
}

// attempt counts a unit, under each limit, before it is made: however many
// come at the same time, no more than the limit get through. Throttled, and
// nothing counted, if one is reached.
func (s *Service) attempt(ctx context.Context, limits ...limit) (tried, error) {
	t := tried{s: s, until: s.Now().Truncate(AttemptWindow).Add(AttemptWindow)}
	for _, l := range limits {
		err := s.Store.Count(ctx, l.name, t.until, 1, l.most)
		if fault.Is(err, fault.Throttled) && l.familiar != "" {
			if familiar, failed := s.familiar(ctx, l.familiar); failed != nil {
				err = failed
			} else if familiar {
				continue
			}
		}
		if err != nil {
			t.count(ctx, -1)
			return tried{}, err
		}
		t.limits = append(t.limits, l)
	}
	return t, nil
}

func (s *Service) familiar(ctx context.Context, name string) (bool, error) {
	until, err := s.Store.Remembered(ctx, name)
	return s.Now().Before(until), err
}

// failed counts what a failure is beyond an attempt, also past a limit.
func (t tried) failed(ctx context.Context) { t.count(ctx, failure-1) }

// succeeded uncounts an attempt, and remembers who is familiar by it.
func (t tried) succeeded(ctx context.Context, name string) {
	now := t.s.Now()
	var both sync.WaitGroup
	both.Go(func() { _ = t.s.Store.Remember(ctx, name, now.Add(FamiliarFor), now.Add(FamiliarFor-familiarAnew)) })
	both.Go(func() { t.count(ctx, -1) })
	both.Wait()
}

// count adds to what is counted of an attempt. That it stays as it is when
// this does not succeed is no harm worth an error: it is counted.
func (t tried) count(ctx context.Context, by int64) {
	var all sync.WaitGroup
	for _, l := range t.limits {
		all.Go(func() { _ = t.s.Store.Count(ctx, l.name, t.until, by, math.MaxInt64) })
	}
	all.Wait()
}
