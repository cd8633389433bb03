package effect

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"latchkey/shared/journal"
	"latchkey/shared/metric"
)

// Mails are those that were put off.
type Mails interface {
	// SendDeferred sends what was due at a moment and returns how many it took.
	SendDeferred(ctx context.Context, at time.Time) (int, error)
}

// Dues are jobs that nobody does, or that were put off.
type Dues interface {
	// TellDue tells of what was due at a moment and returns how many that were.
	TellDue(ctx context.Context, at time.Time) (int, error)
}

// Sweep does what came due.
type Sweep struct {
	Mails Mails
	Jobs  Dues
	Log   *slog.Logger // of what was done, if anything was
	Now   func() time.Time
}

// Tick is what is read of a schedule's event (EventBridge User Guide,
// "Scheduled Event").
type Tick struct {
	Time time.Time `json:"time"`
}

// Handle does what was due at the event's time, or is now if it has none. An
// event of long ago so does nothing, by which a new version is tried.
func (s Sweep) Handle(ctx context.Context, e Tick) error {
	var counts metric.Tally
	at := cmp.Or(e.Time, s.Now())
	mails, err := s.Mails.SendDeferred(metric.With(ctx, &counts), at)
	jobs, failed := s.Jobs.TellDue(ctx, at)
	if mails+jobs > 0 {
		journal.WriteWork(s.Log, "sweep", &counts, s.Now(), slog.Int("mails", mails), slog.Int("jobs", jobs))
	}
	return errors.Join(err, failed)
}
