package job_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table/mem"
)

// shop is a service with one job, whose worker does what it is told.
type shop struct {
	*job.Service
	clock   *fake.Clock
	queue   *fake.Queue
	delays  []time.Duration
	beats   chan time.Time
	work    func(context.Context, job.Job) error
	gaveUp  []string
	refuses int // to give up
	id      string
}

func newShop(t *testing.T, kind job.Kind) *shop {
	t.Helper()
	s := &shop{clock: fake.NewClock(fake.Start), queue: new(fake.Queue), beats: make(chan time.Time)}
	jobs := store.Jobs{Table: mem.New(store.Schema(), nil), Now: s.clock.Now}
	s.Service = &job.Service{
		Store: jobs, Queue: s, Log: slog.New(slog.DiscardHandler), Now: s.clock.Now, Workers: map[job.Kind]job.Worker{kind: s},
		Beats: func() (<-chan time.Time, func()) { return s.beats, func() {} },
		Seen:  func(_ context.Context, _ account.Principal, all []job.Job) ([]job.Job, error) { return all, nil },
	}
	j := job.New(kind, modelAdmin, "it").About("r")
	s.id = j.ID
	if err := jobs.Add(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) Send(ctx context.Context, m job.Message, after time.Duration) error {
	s.delays = append(s.delays, after)
	return s.queue.Send(ctx, m, after)
}

func (s *shop) Bury(ctx context.Context, l job.Letter) error { return s.queue.Bury(ctx, l) }

func (s *shop) Work(ctx context.Context, j job.Job) error { return s.work(ctx, j) }

func (s *shop) GiveUp(_ context.Context, _ job.Job, reason string) error {
	if s.refuses--; s.refuses >= 0 {
		return errors.New("table: connection reset")
	}
	s.gaveUp = append(s.gaveUp, reason)
	return nil
}

func (s *shop) is(t *testing.T) job.Job {
	t.Helper()
	j, err := s.Store.Job(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// run does the job as it is.
func (s *shop) run(t *testing.T) job.Job {
	t.Helper()
	if err := s.Run(t.Context(), s.is(t).Message()); err != nil {
		t.Fatal(err)
	}
	return s.is(t)
}

// TestLater: what goes on elsewhere is looked at again, costs no attempt, and
// may be there before its time.
func TestLater(t *testing.T) {
	s := newShop(t, job.Transcribe)
	s.work = func(ctx context.Context, _ job.Job) error {
		job.Report(ctx, 30)
		return job.Later{After: 10 * time.Minute, Progress: 20}
	}
	for n := range 3 * job.MaxAttempts {
		j := s.run(t)
		if j.State != job.Running || j.Progress != 30 || j.Attempts != 0 || j.Begun != n+1 {
			t.Fatalf("after %d times: %+v", n+1, j)
		}
	}
	if slices.ContainsFunc(s.delays, func(d time.Duration) bool { return d != 10*time.Minute }) || len(s.delays) != 3*job.MaxAttempts {
		t.Errorf("told after %v", s.delays)
	}
	due, err := s.Store.Due(t.Context(), s.clock.Now().Add(10*time.Minute), 10)
	if sooner, _ := s.Store.Due(t.Context(), s.clock.Now().Add(9*time.Minute), 10); err != nil || len(due) != 1 || len(sooner) != 0 {
		t.Errorf("due: %v, sooner %v, %v", due, sooner, err)
	}
	s.work = func(_ context.Context, j job.Job) error {
		if j.Attempts != 1 {
			t.Errorf("attempt %d", j.Attempts)
		}
		return nil
	}
	for _, told := range []int{1, 0} { // what it waited for is there; and again, when it is done
		if err := s.Wake(t.Context(), s.id); err != nil {
			t.Fatal(err)
		}
		woken := s.queue.Take()
		if len(woken) != told {
			t.Errorf("told of %v", woken)
		}
		for _, m := range woken {
			if err := s.Run(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Wake(t.Context(), "transcribe-nothing"); err != nil {
		t.Error(err)
	}
	if j := s.is(t); j.State != job.Completed || j.Progress != 100 || !j.EndedAt.Equal(s.clock.Now()) {
		t.Errorf("%+v", j)
	}
}

// TestPoison: what fails or kills its workers MaxAttempts times is given up, and
// operators get a letter; what can never be done, or is not to be, is no poison.
func TestPoison(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		runs   int
		reason string
		letter bool
	}{
		"fails":           {errors.New("10.1.2.3 refused"), job.MaxAttempts, "it failed on our side", true},
		"is down":         {fault.New(fault.Unavailable, "the engine is down"), job.MaxAttempts, "the engine is down", true},
		"kills":           {nil, job.MaxAttempts + 1, "it failed on our side", true},
		"can not be done": {fault.New(fault.Invalid, "it is no video"), 1, "it is no video", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, job.Export)
			runs := 0
			s.work = func(context.Context, job.Job) error {
				if tt.err == nil {
					panic("out of memory")
				}
				return tt.err
			}
			for range 20 {
				if s.is(t).State.Ended() {
					break
				}
				runs++
				func() {
					defer func() { _ = recover() }()
					s.run(t)
				}()
				s.clock.Advance(65 * time.Minute)
			}
			j := s.is(t)
			if j.State != job.Failed || j.Reason != tt.reason || runs != tt.runs || !slices.Equal(s.gaveUp, []string{tt.reason}) {
				t.Errorf("after %d runs: %+v, given up for %q", runs, j, s.gaveUp)
			}
			if want := []job.Letter{{ID: s.id, Reason: tt.reason}}; tt.letter != slices.Equal(s.queue.Buried(), want) {
				t.Errorf("letters: %v", s.queue.Buried())
			}
		})
	}
}

// TestGivenUpForCertain: that a job failed is noted first, and shows where it
// should as soon as that can be.
func TestGivenUpForCertain(t *testing.T) {
	s := newShop(t, job.Export)
	s.work, s.refuses = func(context.Context, job.Job) error { return fault.New(fault.Invalid, "no") }, 2
	for i := range 3 {
		s.clock.Advance(16 * time.Minute)
		if j := s.run(t); j.State != job.Failed || (len(s.gaveUp) == 1) != (i == 2) {
			t.Errorf("%d: %+v, given up for %q", i, j, s.gaveUp)
		}
		due, err := s.Store.Due(t.Context(), s.clock.Now().Add(time.Hour), 10)
		if err != nil || (len(due) == 0) != (i == 2) {
			t.Errorf("%d: due %v, %v", i, due, err)
		}
	}
}

// TestDeadline: a job that took too long is given up, and who works on it stops.
func TestDeadline(t *testing.T) {
	for name, working := range map[string]bool{"waiting": false, "working": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, job.BurnIn)
				s.work = func(ctx context.Context, _ job.Job) error {
					if !working {
						t.Error("it is begun")
					}
					<-ctx.Done()
					return ctx.Err()
				}
				m := s.is(t).Message()
				if !working {
					s.clock.Advance(job.MaxAge)
				}
				over := make(chan error)
				go func() { over <- s.Run(t.Context(), m) }()
				if working {
					for range int(job.MaxAge / job.Beat) {
						s.clock.Advance(job.Beat)
						s.beats <- s.clock.Now()
					}
				}
				if err := <-over; err != nil {
					t.Fatal(err)
				}
				if j := s.is(t); j.State != job.Failed || j.Reason != "it took too long" || len(s.queue.Buried()) > 0 {
					t.Errorf("%+v", j)
				}
			})
		})
	}
	for _, kind := range []job.Kind{job.Announce, job.Deliver, job.Delete} {
		if d := (job.Job{Kind: kind, CreatedAt: fake.Start}).Deadline(); !d.IsZero() {
			t.Errorf("%s: %v", kind, d)
		}
	}
}

// TestHeartBeat: it writes what was reported, keeps the job from others, and
// learns that it was cancelled or lost.
func TestHeartBeat(t *testing.T) {
	for name, take := range map[string]func(t *testing.T, s *shop){
		"cancelled": func(t *testing.T, s *shop) {
			var first job.Job
			for i := range 2 { // again with its key is no second time
				s.clock.Advance(time.Second)
				j, err := s.Cancel(t.Context(), modelAdmin, s.id, account.Once{Key: "k", Digest: "d"})
				if err != nil || j.State != job.Cancelled || j.Reason != "it was cancelled" || len(s.gaveUp) != 1 || i == 1 && j != first {
					t.Errorf("%d: %+v, %v, %v", i, j, err, s.gaveUp)
				}
				first = j
			}
			if _, err := s.Cancel(t.Context(), modelAdmin, s.id, account.Once{}); !fault.Is(err, fault.Conflict) {
				t.Errorf("a second time: %v", err)
			}
		},
		"lost": func(t *testing.T, s *shop) {
			s.clock.Advance(job.Lease)
			if _, err := s.Store.Begin(t.Context(), s.is(t).Message(), s.clock.Now().Add(job.Lease)); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, job.Summarize)
				reached, goOn := make(chan int), make(chan int)
				s.work = func(ctx context.Context, _ job.Job) error {
					job.Report(ctx, 55)
					reached <- 1
					<-ctx.Done()
					<-goOn
					return nil // and what it made is not kept, by its store
				}
				over := make(chan error)
				go func() { over <- s.Run(t.Context(), s.is(t).Message()) }()
				<-reached
				for range 20 {
					s.clock.Advance(job.Beat)
					s.beats <- s.clock.Now()
					synctest.Wait()
					if _, err := s.Store.Begin(t.Context(), s.is(t).Message(), s.clock.Now().Add(job.Lease)); !fault.Is(err, fault.Conflict) {
						t.Fatalf("another has it: %v", err)
					}
				}
				if j := s.is(t); j.State != job.Running || j.Progress != 55 {
					t.Errorf("%+v", j)
				}
				take(t, s)
				was := s.is(t)
				s.beats <- s.clock.Now()
				goOn <- 1 // it has stopped
				if err := <-over; err != nil {
					t.Fatal(err)
				}
				if j := s.is(t); j != was {
					t.Errorf("%+v, it was %+v", j, was)
				}
			})
		})
	}
}

// TestStopped: a job whose process is stopped goes on in the next one, at once
// and at no cost.
func TestStopped(t *testing.T) {
	s := newShop(t, job.Export)
	ctx, stop := context.WithCancel(t.Context())
	s.work = func(ctx context.Context, _ job.Job) error { stop(); return ctx.Err() }
	if err := s.Run(ctx, s.is(t).Message()); err != nil {
		t.Fatal(err)
	}
	if j := s.is(t); j.State != job.Queued || j.Attempts != 0 || len(s.queue.Take()) != 1 {
		t.Errorf("%+v", j)
	}
}

// TestCancelledIsClearedUp: by a worker, when nobody can be at it any more.
func TestCancelledIsClearedUp(t *testing.T) {
	s := newShop(t, job.BurnIn)
	if _, err := s.Cancel(t.Context(), modelAdmin, s.id, account.Once{}); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{job.Lease - time.Second, time.Second} {
		s.clock.Advance(wait)
		if _, err := s.TellDue(t.Context(), s.clock.Now()); err != nil {
			t.Fatal(err)
		}
		told := s.queue.Take()
		for _, m := range told {
			if err := s.Run(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		if n := 1 + len(told); len(told) > 0 != (wait == time.Second) || len(s.gaveUp) != n {
			t.Errorf("after %v: %v, given up %d times", wait, told, len(s.gaveUp))
		}
	}
	if due, err := s.Store.Due(t.Context(), s.clock.Now().AddDate(1, 0, 0), 10); err != nil || len(due) > 0 {
		t.Errorf("due: %v, %v", due, err)
	}
}
