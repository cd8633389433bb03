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
type delays struct {
	after  []time.Duration
	buried []job.Letter
}

func (d *delays) Send(_ context.Context, _ job.Message, after time.Duration) error {
	d.after = append(d.after, after)
	return nil
}

// Bury implements job.Queue.
func (d *delays) Bury(_ context.Context, l job.Letter) error {
	d.buried = append(d.buried, l)
	return nil
}

// TestSchedule: a worker's own schedule counts, attempts that died with their
// worker too, and a message comes for what is due before a sweep is needed.
func TestSchedule(t *testing.T) {
	clock := fake.NewClock(fake.Start)
	jobs := store.Jobs{Table: mem.New(store.Schema(), nil), Now: clock.Now}
	worker, queue := &slow{}, &delays{}
	s := &job.Service{
		Store: jobs, Queue: queue, Log: slog.New(slog.DiscardHandler), Now: clock.Now, Beats: fake.Still,
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
			m := due[0].Message()
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
	// The fourth attempt's lease ends after a minute, and is looked for after six.
	if want := minutes(6, 12, 24, 42, 48, 78, 114); !slices.Equal(begun, want) {
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

// TestWaits: what only waits is no failure in the log before it is given up,
// and no matter for operators then.
func TestWaits(t *testing.T) {
	clock, log, queue := fake.NewClock(fake.Start), &strings.Builder{}, &delays{}
	jobs := store.Jobs{Table: mem.New(store.Schema(), nil), Now: clock.Now}
	s := &job.Service{
		Store: jobs, Queue: queue, Log: slog.New(slog.NewTextHandler(log, nil)), Now: clock.Now, Beats: fake.Still,
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
		clock.Advance(2 * time.Hour)
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "it did not come") {
		t.Errorf("given up: %s", log)
	}
	if len(queue.buried) > 0 {
		t.Errorf("dead letters: %v", queue.buried)
	}
}

// TestIDs tell what a job is, and which queue it is for; those that are in paths
// have no slash.
func TestIDs(t *testing.T) {
	for _, tt := range []struct {
		kind            job.Kind
		lane            job.Lane
		subject, id, of string
	}{
		{job.Fetch, job.Jobs, "rec", "fetch-rec", "rec"},
		{job.Fetch, job.Jobs, "rec/run", "fetch-rec-run", "rec"},
		{job.Transcribe, job.Render, "rec/run", "transcribe-rec-run", "rec"},
		{job.Inspect, job.Render, "rec", "inspect-rec", ""},
		{job.BurnIn, job.Render, "p", "burn_in-p", ""},
		{job.Export, job.Render, "p", "export-p", ""},
		{job.Translate, job.Jobs, "p", "translate-p", ""},
		{job.Summarize, job.Jobs, "p", "summarize-p", ""},
		{job.Batch, job.Jobs, "b", "batch-b", ""},
		{job.Delete, job.Jobs, "rec/doc", "delete-rec/doc", ""},
		{job.Announce, job.Hooks, "a-b/c", "announce-a-b/c", ""},
		{job.Deliver, job.Hooks, "a-b/c", "deliver-a-b/c", ""},
	} {
		j := job.New(tt.kind, account.Principal{}, tt.subject)
		if k := j.Message().Kind(); j.ID != tt.id || j.Recording != tt.of || j.Subject != tt.subject || k != tt.kind || k.Lane() != tt.lane {
			t.Errorf("%s: %+v, of kind %s for %s", tt.id, j, k, k.Lane())
		}
	}
}
