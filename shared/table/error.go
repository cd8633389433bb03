package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// The errors of an Engine, besides *RefusedError.
var (
	ErrConflict = errors.New("table: conflicting write, nothing written")
	ErrTooLarge = errors.New("table: item or request too large")
	ErrInvalid  = errors.New("table: invalid request")
	ErrToken    = errors.New("table: invalid page token")
)

// Reason says what became of one operation of a Commit (or of an Update).
type Reason struct {
	Failed bool // its condition did not hold
	Item   Item // the item that made it fail, nil if there was none
}

// RefusedError says that a condition did not hold and nothing was written.
type RefusedError struct{ Reasons []Reason }

func (e *RefusedError) Error() string {
	n := 0
	for _, r := range e.Reasons {
		if r.Failed {
			n++
		}
	}
	return fmt.Sprintf("table: condition refused (%d of %d operations)", n, len(e.Reasons))
}

// Refused returns err as a *RefusedError, or nil if it is none.
func Refused(err error) *RefusedError {
	var r *RefusedError
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// How long Retry goes on: transactions that meet on one item win one at a
// time, so with many of them the last waits for all others.
const (
	retryFor   = 8 * time.Second
	retryFirst = 10 * time.Millisecond
	retryMost  = 250 * time.Millisecond
	// retryMargin is what is left of the context for an answer.
	retryMargin = 500 * time.Millisecond
)

// Retry calls f until it returns anything but ErrConflict, for eight seconds
// or until the context is about to end, waiting with full jitter in between.
// The SDK does not retry conflicts; this is where it is done.
func Retry(ctx context.Context, f func() error) error {
	until := time.Now().Add(retryFor)
	if end, ok := ctx.Deadline(); ok && end.Add(-retryMargin).Before(until) {
		until = end.Add(-retryMargin)
	}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := f()
		if !errors.Is(err, ErrConflict) || time.Now().Add(wait).After(until) {
			return err
		}
		t := time.NewTimer(rand.N(wait))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}
