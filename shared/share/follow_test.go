package share_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

var ctx = context.Background()

// visit is a plain client's request.
func visit(id string) share.Visit {
	return share.Visit{RequestID: id, From: "192.0.2.7", Agent: "curl/8.0", Automatic: true}
}

// linked returns a stack with a file and a link to it.
func linked(t *testing.T, n share.New) (*fake.Stack, share.Share, string) {
	t.Helper()
	s := fake.NewStack(t, nil)
	n.FileID = s.Upload(t, s.Admin, "report.pdf", "application/pdf", []byte("%PDF")).ID
	sh, token := s.Link(t, s.Admin, n)
	return s, sh, token
}

func wantRefused(t *testing.T, err error, want share.State) {
	t.Helper()
	var r *share.RefusedError
	if !errors.As(err, &r) || r.State != want {
		t.Fatalf("got error %v, want refused: %s", err, want)
	}
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a refusal must be NotFound, got %v", err)
	}
}

func TestFollowSpendsTheLimitExactly(t *testing.T) {
	for _, limit := range []int64{1, 5, 64, 65, 70} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			s, sh, token := linked(t, share.New{Limit: limit})
			for i := range limit {
				g, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint("r", i)))
				if err != nil {
					t.Fatalf("use %d: %v", i+1, err)
				}
				if g.Share.Used != i+1 || !strings.HasPrefix(g.URL, "https://bucket.test/"+sh.Target.Object) {
					t.Fatalf("use %d: used %d, URL %s", i+1, g.Share.Used, g.URL)
				}
			}
			_, err := s.Shares.Follow(ctx, token, visit("one too many"))
			wantRefused(t, err, share.Exhausted)
		})
	}
}

func TestFollowUnlimited(t *testing.T) {
	s, _, token := linked(t, share.New{})
	for i := range 100 {
		g, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(i)))
		if err != nil || g.Claim != "" {
			t.Fatalf("use %d: claim %q, %v", i, g.Claim, err)
		}
	}
	if n := len(s.Audit.Events()); n != 100 {
		t.Errorf("%d uses in the log, want 100", n)
	}
}

// A write that the SDK repeats because its answer was lost is one use.
func TestFollowRepeatedByTheSDKSpendsOnce(t *testing.T) {
	for _, limit := range []int64{1, 65} {
		s, sh, token := linked(t, share.New{Limit: limit})
		for range 3 {
			if _, err := s.Shares.Follow(ctx, token, visit("same request")); err != nil {
				t.Fatal(err)
			}
		}
		got, _, err := s.Shares.Get(ctx, s.Admin, sh.ID)
		if err != nil || got.Used != 1 {
			t.Errorf("limit %d: used %d, %v, want 1", limit, got.Used, err)
		}
	}
}

func TestFollowRepeatedByABrowser(t *testing.T) {
	for _, limit := range []int64{1, 65} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			s, sh, token := linked(t, share.New{Limit: limit})
			g, err := s.Shares.Follow(ctx, token, visit("first"))
			if err != nil {
				t.Fatal(err)
			}
			again := visit("second")
			again.Repeat = g.Claim
			s.Clock.Advance(share.RepeatFor - time.Second)
			if _, err := s.Shares.Follow(ctx, token, again); err != nil {
				t.Fatalf("within the window: %v", err)
			}
			if got, _, _ := s.Shares.Get(ctx, s.Admin, sh.ID); got.Used != 1 {
				t.Errorf("used %d, want 1", got.Used)
			}
			s.Clock.Advance(2 * time.Second)
			again.RequestID = "third"
			_, err = s.Shares.Follow(ctx, token, again)
			if got, _, _ := s.Shares.Get(ctx, s.Admin, sh.ID); limit > 1 && (err != nil || got.Used != 2) {
				t.Errorf("after the window: used %d, %v, want 2", got.Used, err)
			}
			if limit == 1 {
				wantRefused(t, err, share.Exhausted)
			}
		})
	}
}

// Pressing a page's button twice is one attempt, even when the second press
// leaves before the first one's cookie came back.
func TestFollowTwiceInOneAttempt(t *testing.T) {
	for _, limit := range []int64{1, 65} {
		s, sh, token := linked(t, share.New{Limit: limit})
		for i := range limit {
			for press := range 2 {
				v := visit(fmt.Sprint(i, press))
				v.Attempt = fmt.Sprint("showing ", i)
				if _, err := s.Shares.Follow(ctx, token, v); err != nil {
					t.Fatalf("limit %d, attempt %d, press %d: %v", limit, i+1, press+1, err)
				}
				s.Clock.Advance(time.Second)
			}
		}
		if got, _, _ := s.Shares.Get(ctx, s.Admin, sh.ID); got.Used != limit {
			t.Errorf("limit %d: used %d", limit, got.Used)
		}
		s.Clock.Advance(share.RepeatFor + 10*time.Minute)
		v := visit("later")
		v.Attempt = "showing 0"
		_, err := s.Shares.Follow(ctx, token, v)
		wantRefused(t, err, share.Exhausted)
	}
}

// The two presses may fall on either side of a moment that rounds.
func TestFollowTwiceAcrossARounding(t *testing.T) {
	for _, limit := range []int64{1, 65} {
		s, _, token := linked(t, share.New{Limit: limit})
		for i := range limit - 1 {
			if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		s.Clock.Advance(6*time.Minute + 20*time.Second + 900*time.Millisecond) // 09:49:59.9
		for press := range 2 {
			v := visit(fmt.Sprint("press", press))
			v.Attempt = "showing"
			if _, err := s.Shares.Follow(ctx, token, v); err != nil {
				t.Fatalf("limit %d, press %d at %v: %v", limit, press+1, s.Clock.Now(), err)
			}
			s.Clock.Advance(200 * time.Millisecond)
		}
	}
}

// changing moves a share to items between its read and its claim.
type changing struct {
	share.Store
	once func()
}

func (c *changing) Claim(ctx context.Context, ref share.Ref, u share.Use) (share.Share, error) {
	if do := c.once; do != nil {
		c.once = nil
		do()
	}
	return c.Store.Claim(ctx, ref, u)
}

func TestFollowWhileTheLimitIsChanged(t *testing.T) {
	for _, to := range []int64{0, 9, 100} {
		s, sh, token := linked(t, share.New{Limit: 1})
		store := s.Shares.Store
		s.Shares.Store = &changing{store, func() {
			if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{Limit: ptr(to)}); err != nil {
				t.Error(err)
			}
		}}
		if _, err := s.Shares.Follow(ctx, token, visit("r")); err != nil {
			t.Errorf("to %d: %v", to, err)
		}
	}
}

// A claim that was not made here must neither let anyone in nor be spent as
// it is, since its maker chose how long it lasts.
func TestFollowForgedClaim(t *testing.T) {
	for _, limit := range []int64{1, 65} {
		for _, forged := range []share.Claim{"AAAAAAAAAAAAAAAA.zzzzzz", "x", ".", "AAAAAAAAAAAAAAAA.", "AAAAAAAAAAAAAAAA.-1"} {
			s, sh, token := linked(t, share.New{Limit: limit})
			v := visit("one")
			v.Repeat = forged
			g, err := s.Shares.Follow(ctx, token, v)
			if err != nil || g.Claim == forged {
				t.Fatalf("%q: claim %q, %v", forged, g.Claim, err)
			}
			if got, _, _ := s.Shares.Get(ctx, s.Admin, sh.ID); got.Used != 1 {
				t.Errorf("%q: used %d, want 1", forged, got.Used)
			}
		}
	}
}

func TestFollowRefusals(t *testing.T) {
	tests := []struct {
		name string
		n    share.New
		do   func(t *testing.T, s *fake.Stack, sh share.Share)
		want share.State
	}{
		{"expired", share.New{ExpiresAt: fake.Start.Add(time.Hour), Limit: 5}, advance(time.Hour), share.Expired},
		{"expired, unlimited", share.New{ExpiresAt: fake.Start.Add(time.Hour)}, advance(time.Hour), share.Expired},
		{"expired, many", share.New{ExpiresAt: fake.Start.Add(time.Hour), Limit: 500}, advance(time.Hour), share.Expired},
		{"revoked", share.New{Limit: 5}, revoke, share.Revoked},
		{"revoked, unlimited", share.New{}, revoke, share.Revoked},
		{"revoked, many", share.New{Limit: 500}, revoke, share.Revoked},
		{"revoked and expired", share.New{ExpiresAt: fake.Start.Add(time.Hour)}, func(t *testing.T, s *fake.Stack, sh share.Share) {
			revoke(t, s, sh)
			s.Clock.Advance(2 * time.Hour)
		}, share.Revoked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, sh, token := linked(t, tt.n)
			tt.do(t, s, sh)
			_, err := s.Shares.Follow(ctx, token, visit("r"))
			wantRefused(t, err, tt.want)
			events := s.Audit.Events()
			if len(events) != 1 || events[0].Type != share.Refused || events[0].Reason != string(tt.want) || events[0].Share != sh.ID {
				t.Errorf("audit %+v, want one refusal as %s", events, tt.want)
			}
			v, err := s.Shares.Look(ctx, token, "")
			if err != nil || v.State != tt.want {
				t.Errorf("Look: %s, %v", v.State, err)
			}
		})
	}
}

func advance(d time.Duration) func(*testing.T, *fake.Stack, share.Share) {
	return func(_ *testing.T, s *fake.Stack, _ share.Share) { s.Clock.Advance(d) }
}

func revoke(t *testing.T, s *fake.Stack, sh share.Share) {
	t.Helper()
	if _, err := s.Shares.Revoke(ctx, s.Admin, sh.ID); err != nil {
		t.Fatal(err)
	}
}

func TestExpiryIsTheFirstMomentItNoLongerWorks(t *testing.T) {
	s, _, token := linked(t, share.New{ExpiresAt: fake.Start.Add(time.Hour), Limit: 5})
	s.Clock.Advance(time.Hour - time.Millisecond)
	if _, err := s.Shares.Follow(ctx, token, visit("a")); err != nil {
		t.Errorf("a millisecond before: %v", err)
	}
	s.Clock.Advance(time.Millisecond)
	_, err := s.Shares.Follow(ctx, token, visit("b"))
	wantRefused(t, err, share.Expired)
}

func TestFollowUnknownTokens(t *testing.T) {
	s, _, token := linked(t, share.New{Limit: 5})
	counted := 0
	s.Shares.Store = store.Shares{Table: counting{s.Table, func(string, table.Key) { counted++ }}, Now: s.Clock.Now}
	for _, bad := range []string{"", "x", "invalid_key", token + "x", token[:27], "x" + token[1:], "c../../../../../../../../../.", "faf0f631-c83c-4260-b1ae-b3bf7bfef01d"} {
		if _, err := s.Shares.Follow(ctx, bad, visit("r")); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v, want not found", bad, err)
		}
	}
	if counted != 0 {
		t.Errorf("%d store calls for what cannot be tokens", counted)
	}
	other := token[:27] + string(flip(token[27]))
	if _, err := s.Shares.Follow(ctx, other, visit("r")); !fault.Is(err, fault.NotFound) {
		t.Errorf("a token of nobody: %v", err)
	}
	if n := len(s.Audit.Events()); n != 0 {
		t.Errorf("%d audit events of unknown tokens", n)
	}
}

func flip(c byte) byte {
	if c == 'A' {
		return 'B'
	}
	return 'A'
}

func TestRacingFollowersNeverPassTheLimit(t *testing.T) {
	for _, limit := range []int64{1, 5, 65} {
		s, sh, token := linked(t, share.New{Limit: limit})
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 128 {
			wg.Go(func() {
				if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(i))); err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.NotFound) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, _, err := s.Shares.Get(ctx, s.Admin, sh.ID)
		if err != nil || won.Load() != limit || got.Used != limit {
			t.Errorf("limit %d: %d won, %d used, %v", limit, won.Load(), got.Used, err)
		}
	}
}
