package job

import (
	"context"
	"fmt"
	"time"
)

// Later is returned by a worker whose work goes on elsewhere, or in a next
// invocation: no failure, and no attempt.
type Later struct {
	After    time.Duration // until it is told of again
	Progress int           // percent that is done
}

// Error implements error.
func (l Later) Error() string { return fmt.Sprintf("%d %% is done: on in %v", l.Progress, l.After) }

// Report tells how much of the job that ctx belongs to is done, in percent.
func Report(ctx context.Context, percent int) {
	if tell, ok := ctx.Value(reporter{}).(func(int)); ok {
		tell(percent)
	}
}

// Reporting is a context whose Report tells a function.
func Reporting(ctx context.Context, tell func(percent int)) context.Context {
	return context.WithValue(ctx, reporter{}, tell)
}

// reporter is the key of who is told by Report.
type reporter struct{}
