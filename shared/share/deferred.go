package share

import (
	"context"
	"errors"
	"strconv"
	"time"

	"latchkey/shared/fault"
)

// maxDue is how many deferred mails one sweep takes.
const maxDue = 50

func indexed(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

func (s *Service) deferred(m Mailing, a addressed) Deferred {
	d := Deferred{
		ID: s.IDs.UUID(), Organization: m.Organization, Mailing: m.ID, Recipient: a.letter.To, Attempts: 1,
	}
	for _, sh := range a.shares {
		d.Shares = append(d.Shares, sh.ID)
	}
	d.At = nextAttempt(s.Now(), d.Attempts)
	return d
}

// nextAttempt waits 1, 2, 4, 8 … minutes after the first attempts.
func nextAttempt(now time.Time, attempts int) time.Time {
	return now.Add(time.Minute << (attempts - 1))
}

// SendDeferred sends the deferred mails that were due at a moment, and returns
// how many it took. Each is postponed before it is tried, so that two sweeps at
// once do not send it twice. One that fails does not stop the others, and is
// given up after the last attempt, whatever the reason.
func (s *Service) SendDeferred(ctx context.Context, at time.Time) (int, error) {
	due, err := s.Store.Due(ctx, at, maxDue, func(d Deferred) time.Time {
		return nextAttempt(s.Now(), d.Attempts+1)
	})
	errs := []error{err}
	for _, d := range due {
		errs = append(errs, s.sendDeferred(ctx, d))
	}
	return len(due), errors.Join(errs...)
}

func (s *Service) sendDeferred(ctx context.Context, d Deferred) error {
	m, a, err := s.readdress(ctx, d)
	if err != nil {
		if d.Attempts >= maxMailAttempts {
			return errors.Join(err, s.Store.Settle(ctx, d))
		}
		return err
	}
	if len(a.shares) == 0 {
		return s.Store.Settle(ctx, d) // revoked or deleted since
	}
	suppressed, err := s.Store.Suppressed(ctx, d.Organization, []string{d.Recipient})
	if err != nil {
		return err
	}
	deliveries := s.post(ctx, []addressed{a}, suppressed)
	if deliveries[0].State == MailQueued {
		if d.Attempts < maxMailAttempts {
			return nil // Due has postponed it
		}
		deliveries[0] = Delivery{MailRejected, "the mail service did not take it in time"}
	}
	// Settled whatever the record says: the mail is out.
	unrecorded := s.mailed(ctx, m, []addressed{a}, deliveries)
	return errors.Join(s.Store.Settle(ctx, d), unrecorded)
}

// readdress makes the letter again from what is stored, without the links
// that have been revoked since.
func (s *Service) readdress(ctx context.Context, d Deferred) (Mailing, addressed, error) {
	m, err := s.Store.Mailing(ctx, d.Mailing)
	if err != nil {
		return Mailing{}, addressed{}, err
	}
	a := addressed{letter: letterOf(m, d.Recipient)}
	for _, id := range d.Shares {
		sh, err := s.Store.ByID(ctx, d.Organization, id)
		if fault.Is(err, fault.NotFound) || (err == nil && sh.State(s.Now()) != Active) {
			continue
		}
		if err != nil {
			return Mailing{}, addressed{}, err
		}
		parent, err := s.parent(ctx, sh)
		if fault.Is(err, fault.NotFound) || (err == nil && parent.State(s.Now()) != Active) {
			continue
		}
		if err != nil {
			return Mailing{}, addressed{}, err
		}
		token, err := s.reveal(ctx, sh)
		if err != nil {
			return Mailing{}, addressed{}, err
		}
		a.shares = append(a.shares, sh)
		a.letter.Links = append(a.letter.Links, letterLink(m, token, parent))
	}
	return m, a, nil
}

func (s *Service) parent(ctx context.Context, sh Share) (Share, error) {
	parent, err := s.Store.ByRef(ctx, sh.Parent)
	if err != nil {
		return Share{}, err
	}
	one := []Share{parent}
	err = s.live(ctx, one)
	return one[0], err
}
