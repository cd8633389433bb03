package effect

import (
	"cmp"
	"context"
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

// Sweep does what came due.
type Sweep struct {
	Mails Mails
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
	n, err := s.Mails.SendDeferred(metric.With(ctx, &counts), cmp.Or(e.Time, s.Now()))
	if n > 0 {
		journal.WriteWork(s.Log, "sweep", &counts, s.Now(), slog.Int("mails", n))
	}
	return err
}
