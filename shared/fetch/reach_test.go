package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/fetch/fetchtest"
)

// TestReach: a host is refused for where it is only if nothing of that is
// public, and passes if nobody says where it is.
func TestReach(t *testing.T) {
	for name, tt := range map[string]struct {
		addresses string
		err       error
		refused   bool
	}{
		"public":         {"8.8.8.8", nil, false},
		"public, mapped": {"::ffff:8.8.8.8", nil, false},
		"private":        {"10.0.0.1", nil, true},
		"inner":          {"127.0.0.1 ::1 ::ffff:169.254.169.254", nil, true},
		"both":           {"fd00::1 8.8.8.8", nil, false},
		"unknown":        {"", &net.DNSError{IsNotFound: true}, false},
		"down":           {"", errors.New("no name server"), false},
		"nowhere":        {"", nil, false},
	} {
		c := New(Options{Trusted: []string{"https://inner.example:8443"}})
		c.lookup = func(_ context.Context, network, host string) (out []netip.Addr, _ error) {
			if network != "ip" || host != "example.com" {
				t.Errorf("%s: asked for %s of %q", name, network, host)
			}
			for a := range strings.FieldsSeq(tt.addresses) {
				out = append(out, netip.MustParseAddr(a))
			}
			return out, tt.err
		}
		err := c.Reach(t.Context(), "https://example.com/a.mp3")
		if !tt.refused && err != nil || tt.refused && (!fault.Is(err, fault.Invalid) || err.Error() != errNotPublic.Message) {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.Reach(t.Context(), "https://inner.example:8443/"); err != nil {
			t.Errorf("trusted: %v", err)
		}
	}
}

// TestReachOfInner: what leads inside by name, as each would if all names did,
// is refused too.
func TestReachOfInner(t *testing.T) {
	c := New(Options{})
	c.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	for _, raw := range fetchtest.Listen(t).URLs() {
		if err := c.Reach(t.Context(), raw); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestReachWaitsForNobody: a name server that does not answer holds nobody up.
func TestReachWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Options{})
		c.lookup = func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		began := time.Now()
		if err := c.Reach(t.Context(), "https://example.com/"); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != lookupTime {
			t.Errorf("waited %s", waited)
		}
	})
}
