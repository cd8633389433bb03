package webhook

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/job"
)

// schedule is how long after each failed attempt the next one comes (Standard
// Webhooks 1.0.0, "Deliverability and reliability"), without jitter. After the
// last there is none.
var schedule = [...]time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// longest bounds what a Retry-After may ask for.
const longest = 24 * time.Hour

// maxBegun bounds how often the job of one round is begun: each attempt, and
// workers that died or could not even try.
const maxBegun = 50

// Poster posts JSON to URLs that users gave. Its errors are faults whose
// messages are for the URL's owner: Invalid where it will never post to that
// URL, others where it may yet.
type Poster interface {
	Check(url string) error // refuses what Post would before it connects
	Post(ctx context.Context, url string, headers map[string]string, body []byte) (status int, retryAfter string, err error)
}

// Deliverer posts deliveries.
type Deliverer struct {
	Store Store
	Seal  Sealer
	Post  Poster
	IDs   ident.Source
	Now   func() time.Time
}

var _ job.Scheduled = Deliverer{}

func subject(webhook, id string, round int64) string {
	return webhook + "/" + id + "/" + strconv.FormatInt(round, 10)
}

// find returns the delivery of a job, and whether it still has to be made.
func (s Deliverer) find(ctx context.Context, j job.Job) (d Delivery, due bool, err error) {
	parts := strings.Split(j.Subject, "/")
	if len(parts) != 3 {
		return d, false, fault.New(fault.Invalid, "the job delivers nothing")
	}
	d, err = s.Store.Delivery(ctx, j.Organization, parts[0], parts[1])
	if fault.Is(err, fault.NotFound) {
		return d, false, nil
	}
	return d, err == nil && d.State == Pending && strconv.FormatInt(d.Round, 10) == parts[2], err
}

// later says that a delivery comes again after a time. It is no fault,
// whatever it was caused by.
type later struct {
	wait  time.Duration
	cause string
}

func (l *later) Error() string { return l.cause }

// Work implements job.Worker: it makes one attempt.
func (s Deliverer) Work(ctx context.Context, j job.Job) error {
	d, due, err := s.find(ctx, j)
	if err != nil || !due {
		return err
	}
	if wait := d.NextAt.Sub(s.Now()); wait > 0 { // a worker died that had noted its attempt
		return &later{wait, "its time has not come"}
	}
	url, keys, err := s.target(ctx, d)
	if fault.Is(err, fault.NotFound) {
		return s.disabled(ctx, d)
	}
	if err != nil {
		return err
	}
	body, err := d.open(ctx, s.Seal)
	if err != nil {
		return err
	}
	at := s.Now()
	headers, err := sign(keys, d.ID, at, body)
	if err != nil {
		return err
	}
	status, retry, err := s.Post.Post(ctx, url, headers, body)
	if err != nil && ctx.Err() != nil {
		return err // the function ends: the server has had no chance
	}
	return s.settle(context.WithoutCancel(ctx), d, attemptOf(at, status, err), retry, fault.Is(err, fault.Invalid))
}

// disabled notes that a round ends because nothing is wanted there.
func (s Deliverer) disabled(ctx context.Context, d Delivery) error {
	round := d.Round
	return s.note(ctx, d, func(d *Delivery) {
		if d.Round == round {
			d.State, d.NextAt = Disabled, time.Time{}
		}
	})
}

// target returns where a delivery goes and what signs it; NotFound if nothing
// is wanted there any more.
func (s Deliverer) target(ctx context.Context, d Delivery) (string, secrets, error) {
	if d.Webhook == Callbacks {
		return d.URL, secrets{}, nil
	}
	w, err := s.Store.Webhook(ctx, d.Organization, d.Webhook)
	if err == nil && w.Disabled {
		err = errWebhook()
	}
	if err != nil {
		return "", secrets{}, err
	}
	keys, err := open(ctx, s.Seal, w, s.Now())
	return w.URL, keys, err
}

func attemptOf(at time.Time, status int, err error) Attempt {
	a := Attempt{At: at, Status: status}
	switch {
	case err != nil:
		a.Status, a.Reason = 0, fault.As(err).Message
	case status == http.StatusGone:
		a.Reason = "the server answered 410: it wants no more"
	case status < 200 || status > 299:
		a.Reason = fmt.Sprintf("the server answered %d", status)
	}
	return a
}

// settle notes what came of an attempt; never is that others would come to the
// same.
func (s Deliverer) settle(ctx context.Context, d Delivery, a Attempt, retryAfter string, never bool) error {
	state, next := Pending, time.Time{}
	var again *later
	switch tries := int(d.Tries) + 1; {
	case a.Reason == "":
		state = Delivered
	case a.Status == http.StatusGone:
		if err := s.disable(ctx, d); err != nil {
			return err
		}
		state = Disabled
	case never || tries > len(schedule):
		state = Failed
	default:
		again = &later{s.wait(tries, retryAfter), a.Reason}
		next = s.Now().Add(again.wait)
	}
	round := d.Round
	err := s.note(ctx, d, func(d *Delivery) {
		d.add(a)
		if d.Round == round { // else it was replayed meanwhile, which is another job
			d.State, d.NextAt, d.Tries = state, next, d.Tries+1
		}
	})
	if err != nil || again == nil {
		return err
	}
	return again
}

// wait returns how long after a round's nth attempt the next one comes: up to
// a tenth longer than scheduled, so that those that failed together do not
// come again together.
func (s Deliverer) wait(tries int, retryAfter string) time.Duration {
	wait := schedule[tries-1]
	wait += wait / 10 * time.Duration(binary.BigEndian.Uint16(s.IDs.Bytes(2))) / (1 << 16)
	return max(wait, min(parseRetry(retryAfter, s.Now()), longest))
}

// parseRetry reads a Retry-After: seconds, or a date (RFC 9110, 10.2.3).
func parseRetry(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(now)
	}
	return 0
}

// maxTurns bounds how often a change is tried that others get in the way of.
const maxTurns = 10

// note changes a delivery, as it has become meanwhile.
func (s Deliverer) note(ctx context.Context, d Delivery, change func(*Delivery)) (err error) {
	for range maxTurns {
		was := d.Revision
		change(&d)
		d.Revision = s.IDs.Chars(idLength)
		if err = s.Store.ChangeDelivery(ctx, was, d); !fault.Is(err, fault.Stale) {
			return err
		}
		if d, err = s.Store.Delivery(ctx, d.Organization, d.Webhook, d.ID); err != nil {
			return err
		}
	}
	return err
}

// disable takes a 410 for what it says.
func (s Deliverer) disable(ctx context.Context, d Delivery) (err error) {
	if d.Webhook == Callbacks {
		return nil
	}
	for range maxTurns {
		w, err := s.Store.Webhook(ctx, d.Organization, d.Webhook)
		if fault.Is(err, fault.NotFound) || err == nil && w.Disabled {
			return nil
		}
		if err != nil {
			return err
		}
		was := w.Revision
		w.Disabled, w.Reason = true, "its server answered 410: it wants no more"
		w.UpdatedAt, w.Revision = s.Now(), s.IDs.Chars(idLength)
		if err = s.Store.ChangeWebhook(ctx, was, w, account.Once{}); !fault.Is(err, fault.Stale) {
			return err
		}
	}
	return fault.New(fault.Unavailable, "too many changes at once")
}

// GiveUp implements job.Worker, for a delivery that could not be tried.
func (s Deliverer) GiveUp(ctx context.Context, j job.Job, reason string) error {
	d, due, err := s.find(ctx, j)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	if !due {
		return nil
	}
	round, a := d.Round, Attempt{At: s.Now(), Reason: reason}
	return s.note(ctx, d, func(d *Delivery) {
		if d.Round == round && d.State == Pending {
			d.add(a)
			d.State, d.NextAt = Failed, time.Time{}
		}
	})
}

// Backoff implements job.Scheduled.
func (s Deliverer) Backoff(attempt int, err error) (time.Duration, bool) {
	if l, ok := errors.AsType[*later](err); ok {
		return l.wait, true
	}
	return slowly(attempt), attempt < maxBegun
}
