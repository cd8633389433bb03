package share_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/metric"
	"latchkey/shared/share"
)

// counts returns what one piece of work counts.
func counts(do func(ctx context.Context)) map[string]float64 {
	var tally metric.Tally
	do(metric.With(ctx, &tally))
	got := map[string]float64{}
	for m, n := range tally.Counts() {
		got[m.Name()] = n
	}
	return got
}

func wantCounts(t *testing.T, want map[string]float64, do func(ctx context.Context)) {
	t.Helper()
	if diff := cmp.Diff(want, counts(do)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

type counted = map[string]float64

// TestFollowCounts: one thing for each request, whatever it came to.
func TestFollowCounts(t *testing.T) {
	follows := func(t *testing.T, s *fake.Stack, token string, v share.Visit, want counted) share.Grant {
		t.Helper()
		var g share.Grant
		wantCounts(t, want, func(ctx context.Context) { g, _ = s.Shares.Follow(ctx, token, v) })
		return g
	}
	for _, limit := range []int64{0, 2, 65} {
		s, sh, token := linked(t, share.New{Limit: limit})
		g := follows(t, s, token, visit("a"), counted{"Downloads": 1})
		again := visit("b")
		again.Repeat = g.Claim
		if limit > 0 {
			follows(t, s, token, again, counted{})
		}
		follows(t, s, token, visit("c"), counted{"Downloads": 1})
		if limit == 2 {
			follows(t, s, token, again, counted{}) // of one that is exhausted meanwhile
			follows(t, s, token, visit("d"), counted{"RefusedExhausted": 1})
		}
		revoke(t, s, sh)
		follows(t, s, token, visit("e"), counted{"RefusedRevoked": 1})
	}
	s, _, token := linked(t, share.New{Limit: 5, ExpiresAt: fake.Start.Add(time.Hour)})
	s.Clock.Advance(time.Hour)
	follows(t, s, token, visit("a"), counted{"RefusedExpired": 1})
	follows(t, s, token[:27]+string(flip(token[27])), visit("b"), counted{"RefusedUnknown": 1})
	follows(t, s, "no token", visit("c"), counted{"RefusedUnknown": 1})
}

// TestRecipientsUsesCountOnce: theirs and their parent's are one.
func TestRecipientsUsesCountOnce(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 1})
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	token := tokenOf(t, s.Post.Letters()[0].Links[0].URL)
	for i, want := range []counted{{"Downloads": 1}, {"RefusedExhausted": 1}} {
		wantCounts(t, want, func(ctx context.Context) { _, _ = s.Shares.Follow(ctx, token, visit(fmt.Sprint(i))) })
	}
}

// broken is a store that cannot be reached.
type broken struct{ share.Store }

func (broken) Claim(context.Context, share.Ref, share.Use) (share.Share, error) {
	return share.Share{}, errors.New("throttled")
}

func TestFailuresCountNothing(t *testing.T) {
	s, _, token := linked(t, share.New{Limit: 1})
	s.Shares.Store = broken{s.Shares.Store}
	wantCounts(t, counted{}, func(ctx context.Context) {
		if _, err := s.Shares.Follow(ctx, token, visit("a")); err == nil {
			t.Error("no error")
		}
	})
}

func TestLookingCounts(t *testing.T) {
	s, sh, token := linked(t, share.New{Limit: 1, ExpiresAt: fake.Start.Add(time.Hour)})
	shown := func(want counted) {
		t.Helper()
		wantCounts(t, want, func(ctx context.Context) {
			v, err := s.Shares.Look(ctx, token, "")
			if err != nil {
				t.Fatal(err)
			}
			s.Shares.Opened(ctx, v, visit("a"))
		})
	}
	shown(counted{"Opens": 1})
	follow(t, s, token)
	shown(counted{"RefusedExhausted": 1})
	s.Clock.Advance(time.Hour)
	shown(counted{"RefusedExpired": 1})
	revoke(t, s, sh)
	shown(counted{"RefusedRevoked": 1})
	// What is not shown to anybody, as by HEAD, is no open.
	wantCounts(t, counted{}, func(ctx context.Context) { _, _ = s.Shares.Look(ctx, token, "") })
	for _, odd := range []string{"no token", token[:27] + string(flip(token[27]))} {
		wantCounts(t, counted{"RefusedUnknown": 1}, func(ctx context.Context) { _, _ = s.Shares.Look(ctx, odd, "") })
	}
}

// TestMailCounts: a letter is counted when it comes into a state, and not
// for each of its links, nor again while it stays in it.
func TestMailCounts(t *testing.T) {
	s, sh, _ := linked(t, share.New{})
	other, _ := s.Link(t, s.Admin, share.New{FileID: sh.Target.FileID})
	r := mailTo(sh, "a@x.test", "b@x.test", "no@reject.test", "later@throttle.test", "lost@unknown.test")
	r.Numbers = append(r.Numbers, other.Number)
	wantCounts(t, counted{"MailsSent": 2, "MailsRejected": 1, "MailsQueued": 1, "MailsUnknown": 1}, func(ctx context.Context) {
		if _, err := s.Shares.Mail(ctx, s.Admin, r); err != nil {
			t.Fatal(err)
		}
	})
	sweep := func(ctx context.Context) {
		s.Clock.Advance(time.Hour)
		if _, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	wantCounts(t, counted{}, sweep) // put off again
	for range 3 {
		sweep(ctx)
	}
	wantCounts(t, counted{"MailsRejected": 1}, sweep) // given up
	wantCounts(t, counted{}, sweep)
}

func TestFeedbackCounts(t *testing.T) {
	tests := []struct {
		name string
		said []share.MailState
		want []counted
	}{
		{"heard twice", []share.MailState{share.MailDelivered, share.MailDelivered}, []counted{{"MailsDelivered": 1}, {}}},
		{"bounced twice", []share.MailState{share.MailBounced, share.MailBounced}, []counted{{"MailsBounced": 1}, {}}},
		{"read, then called spam, and heard again", []share.MailState{share.MailDelivered, share.MailComplained, share.MailDelivered, share.MailComplained},
			[]counted{{"MailsDelivered": 1}, {"MailsComplained": 1}, {}, {}}},
		{"out of order", []share.MailState{share.MailBounced, share.MailDelivered}, []counted{{"MailsBounced": 1}, {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _, f := lettered(t)
			for i, state := range tt.said {
				f.State = state
				wantCounts(t, tt.want[i], func(ctx context.Context) {
					if err := s.Shares.Feedback(ctx, f); err != nil {
						t.Fatal(err)
					}
				})
			}
		})
	}
	s, _, f := lettered(t)
	f.State, f.Mailing = share.MailDelivered, "another's"
	wantCounts(t, counted{}, func(ctx context.Context) { _ = s.Shares.Feedback(ctx, f) })
}

// TestFeedbackThatIsNotNotedCountsLater: it is delivered again, and then
// counts.
func TestFeedbackThatIsNotNotedCountsLater(t *testing.T) {
	s, _, f := lettered(t)
	f.State = share.MailDelivered
	whole := s.Shares.Store
	s.Shares.Store = forgetful{whole}
	wantCounts(t, counted{}, func(ctx context.Context) {
		if err := s.Shares.Feedback(ctx, f); err == nil {
			t.Error("no error")
		}
	})
	s.Shares.Store = whole
	wantCounts(t, counted{"MailsDelivered": 1}, func(ctx context.Context) { _ = s.Shares.Feedback(ctx, f) })
}
