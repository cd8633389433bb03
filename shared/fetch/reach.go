package fetch

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// lookupTime is how long Reach waits to be told where a host is.
const lookupTime = time.Second

// Reach refuses a URL that Get or Post would refuse for what it says, or for
// where its host is now, and connects to nothing. A host that is unknown, or
// that nobody tells of in time, passes: it may be known when it is needed.
func (c *Client) Reach(ctx context.Context, raw string) error {
	u, err := c.parse(raw)
	if err != nil || c.trusted[u.Scheme+"://"+u.Host] {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	addresses, err := c.lookup(ctx, "ip", u.Hostname())
	if err != nil || len(addresses) == 0 {
		return nil
	}
	// One that is public is enough to connect to.
	if !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return public(a.Unmap()) }) {
		return errNotPublic
	}
	return nil
}
