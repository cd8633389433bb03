package effect

import (
	"context"
	"log/slog"
	"time"

	"latchkey/shared/journal"
	"latchkey/shared/metric"
)

// Mails are those that were put off.
type Mails interface {
	// SendDeferred sends what is due and returns how many it took.
	SendDeferred(ctx context.Context) (int, error)
}

// Sweep does what came due.
type Sweep struct {
	Mails Mails
	Log   *slog.Logger // of what was done, if anything was
	Now   func() time.Time
}

// Handle takes no event: being called is enough.
func (s Sweep) Handle(ctx context.Context) error {
	var counts metric.Tally
	n, err := s.Mails.SendDeferred(metric.With(ctx, &counts))
	if n > 0 {
		journal.WriteWork(s.Log, "sweep", &counts, s.Now(), slog.Int("mails", n))
	}
	return err
}
