package job_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table/mem"
)

// slow is a worker with a schedule of its own, which fails each time.
type slow struct {
	job.Worker
	worked  int
	reasons []string // that it gave up for
}

func (w *slow) Work(context.Context, job.Job) error {
	w.worked++
	return errors.New("not yet")
}

func (w *slow) GiveUp(_ context.Context, _ job.Job, reason string) error {
	w.reasons = append(w.reasons, reason)
	return nil
}

func (*slow) Backoff(attempt int, _ error) (time.Duration, bool) {
	return time.Duration(attempt) * 6 * time.Minute, attempt < 7
}

// delays are messages that were kept back.
type delays struct{ after []time.Duration }

func (d *delays) Send(_ context.Context, _ job.Message, after time.Duration) error {
	d.after = append(d.after, after)
	return nil
}

// TestSchedule: a worker's own schedule counts, attempts that died with their
// worker too, and a message comes for what is due before a sweep is needed.
func TestSchedule(t *testing.T) {
	clock := fake.NewClock(fake.Start)
	jobs := store.Jobs{Table: mem.New(store.Schema(), nil), Now: clock.Now}
	worker, queue := &slow{}, &delays{}
	s := &job.Service{
		Store: jobs, Queue: queue, Log: slog.New(slog.DiscardHandler), Now: clock.Now,
		Workers: map[job.Kind]job.Worker{job.Deliver: worker},
	}
	j := job.New(job.Deliver, account.Principal{Organization: "o"}, "it")
	for range 2 { // whoever asks for it again gets the same one
		if err := jobs.Add(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	var begun []time.Duration
	for range 30 {
		due, err := jobs.Due(t.Context(), clock.Now(), 2)
		if err != nil || len(due) > 1 {
			t.Fatalf("%v, %v", due, err)
		}
		if len(due) == 1 {
			begun = append(begun, clock.Now().Sub(fake.Start))
			m := job.Message{ID: j.ID, Attempt: due[0].Attempts}
			if m.Attempt == 3 { // it dies
				_, err = jobs.Begin(t.Context(), m, clock.Now().Add(job.Lease))
			} else {
				err = s.Run(t.Context(), m)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(6 * time.Minute)
	}
	minutes := func(list ...time.Duration) []time.Duration {
		for i := range list {
			list[i] *= time.Minute
		}
		return list
	}
	// The fourth attempt's lease ends after 16 minutes, and is looked for after 18.
	if want := minutes(6, 12, 24, 42, 60, 90, 126); !slices.Equal(begun, want) {
		t.Errorf("begun after %v, want %v", begun, want)
	}
	if worker.worked != 6 || !slices.Equal(worker.reasons, []string{"it failed on our side"}) {
		t.Errorf("worked %d times, gave up for %q", worker.worked, worker.reasons)
	}
	if want := minutes(6, 12); !slices.Equal(queue.after, want) {
		t.Errorf("messages after %v, want %v", queue.after, want)
	}
}

// waiting is a worker for whom nothing is there.
type waiting struct{ job.Worker }

func (waiting) Work(context.Context, job.Job) error {
	return fault.Wrap(fault.Unavailable, job.ErrWaits, "it did not come")
}

func (waiting) GiveUp(context.Context, job.Job, string) error { return nil }

// TestWaits: what only waits is no failure in the log before it is given up.
func TestWaits(t *testing.T) {
	clock, log := fake.NewClock(fake.Start), &strings.Builder{}
	jobs := store.Jobs{Table: mem.New(store.Schema(), nil), Now: clock.Now}
	s := &job.Service{
		Store: jobs, Log: slog.New(slog.NewTextHandler(log, nil)), Now: clock.Now,
		Workers: map[job.Kind]job.Worker{job.Fetch: waiting{}},
	}
	j := job.New(job.Fetch, account.Principal{Organization: "o"}, "it")
	if err := jobs.Add(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	for n := range job.MaxAttempts {
		if log.Len() > 0 {
			t.Errorf("after %d attempts: %s", n, log)
		}
		if err := s.Run(t.Context(), job.Message{ID: j.ID, Attempt: n}); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "it did not come") {
		t.Errorf("given up: %s", log)
	}
}

// TestKinds: a message tells which queue it is for.
func TestKinds(t *testing.T) {
	for _, kind := range []job.Kind{job.Fetch, job.Delete, job.Announce, job.Deliver} {
		j := job.New(kind, account.Principal{}, "a-b/c")
		if got := (job.Message{ID: j.ID}).Kind(); got != kind {
			t.Errorf("%s: %s", kind, got)
		}
	}
}
