package table_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/shared/table"
)

func TestRetry(t *testing.T) {
	conflict := fmt.Errorf("busy: %w", table.ErrConflict)
	other := errors.New("other")
	tests := map[string]struct {
		errs  []error // of each call in turn; the last one of all further calls
		want  error
		calls int // 0: as many as there is time for
	}{
		"success":             {[]error{nil}, nil, 1},
		"success after two":   {[]error{conflict, conflict, nil}, nil, 3},
		"another error":       {[]error{other}, other, 1},
		"another error later": {[]error{conflict, other}, other, 2},
		"a refusal":           {[]error{conflict, table.ErrInvalid}, table.ErrInvalid, 2},
		"conflicts for ever":  {[]error{conflict}, table.ErrConflict, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls, begin := 0, time.Now()
				err := table.Retry(t.Context(), func() error {
					calls++
					return tt.errs[min(calls, len(tt.errs))-1]
				})
				if !errors.Is(err, tt.want) || (tt.calls > 0 && calls != tt.calls) {
					t.Errorf("error %v after %d calls, want %v after %d", err, calls, tt.want, tt.calls)
				}
				if d := time.Since(begin); d > 8*time.Second || (tt.calls == 0 && d < 7*time.Second) {
					t.Errorf("took %v", d)
				}
			})
		})
	}
}

func TestRetryStopsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := table.Retry(ctx, func() error {
			calls++
			cancel()
			return table.ErrConflict
		})
		if !errors.Is(err, context.Canceled) || calls > 2 {
			t.Errorf("error %v after %d calls", err, calls)
		}
	})
}

// An answer must still fit into the time that there is.
func TestRetryLeavesTimeForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err := table.Retry(ctx, func() error { return table.ErrConflict })
		if left := time.Until(deadline(ctx)); !errors.Is(err, table.ErrConflict) || left < 500*time.Millisecond {
			t.Errorf("error %v with %v left", err, left)
		}
	})
}

func deadline(ctx context.Context) time.Time {
	end, _ := ctx.Deadline()
	return end
}

func TestRefused(t *testing.T) {
	refused := &table.RefusedError{Reasons: []table.Reason{{}, {Failed: true}, {Failed: true}}}
	if got := table.Refused(fmt.Errorf("wrapped: %w", refused)); got != refused {
		t.Errorf("got %v", got)
	}
	for _, err := range []error{nil, table.ErrConflict} {
		if got := table.Refused(err); got != nil {
			t.Errorf("%v: got %v", err, got)
		}
	}
	if got, want := refused.Error(), "table: condition refused (2 of 3 operations)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
