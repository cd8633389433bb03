package share

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"latchkey/shared/metric"
)

// Feedback is what the mail service says of a letter after it was sent.
type Feedback struct {
	ID           string // tells a repeated delivery from a second event
	Organization string
	Mailing      string // or "" of a handover's letter
	Handover     string // id, or ""
	Recipient    string
	State        MailState // MailDelivered, MailBounced or MailComplained
	Permanent    bool      // of a bounce: it will be the same next time
	Reason       string    // of a bounce or complaint, as the mail service names it
	At           time.Time
}

// Stops reports whether an organization's mails to the address stop.
func (f Feedback) Stops() bool {
	return f.State == MailComplained || f.State == MailBounced && f.Permanent
}

// Feedback notes on the shares of a letter what became of it, and stops the
// organization's mails to an address that bounces for good or complains.
// Feedback on letters that are not ours, or whose links are gone, is passed
// over. Repeating it changes nothing.
func (s *Service) Feedback(ctx context.Context, f Feedback) error {
	shares, err := s.Store.Addressed(ctx, f.Mailing, f.Recipient)
	if err != nil || len(shares) == 0 || shares[0].Organization != f.Organization {
		return err
	}
	if f.Stops() {
		if err := s.Store.Suppress(ctx, f.Organization, f.Recipient, string(f.State)); err != nil {
			return err
		}
	}
	changes := changesLetter(shares, f.State)
	events := make([]Event, len(shares))
	for i, sh := range shares {
		shares[i].Mail = f.State
		events[i] = s.feedbackEvent(sh, f)
	}
	err = s.Store.Mailed(ctx, shares, events)
	if err == nil && changes {
		metric.Add(ctx, mailMetrics[f.State], 1)
	}
	return err
}

// changesLetter reports whether a letter, as its shares are, comes into a
// state by feedback: feedback that is heard again finds the state that it
// brought, or one that outweighs it.
func changesLetter(shares []Share, state MailState) bool {
	settled := append([]MailState{state}, state.Outweighed()...)
	return slices.ContainsFunc(shares, func(sh Share) bool { return !slices.Contains(settled, sh.Mail) })
}

func (s *Service) feedbackEvent(sh Share, f Feedback) Event {
	e := s.event(sh, Mailed, "")
	sum := sha256.Sum256([]byte(sh.ID + "\x00" + f.ID + "\x00" + string(f.State)))
	e.ID, e.At, e.Automatic = hex.EncodeToString(sum[:16]), f.At, true
	e.Reason = string(f.State)
	if f.Reason != "" {
		e.Reason += ": " + f.Reason
	}
	return e
}
