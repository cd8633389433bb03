package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// Service is what can be done with jobs. A function sets only what it uses.
type Service struct {
	Store   Store
	Queue   Queue
	Workers map[Kind]Worker
	Log     *slog.Logger
	Now     func() time.Time
	// Beats returns a channel that ticks every Beat, and what stops it; nil is
	// the wall clock's.
	Beats func() (beats <-chan time.Time, stop func())
	// Seen returns those of jobs whose recordings somebody sees. Who lists jobs
	// sets it.
	Seen func(ctx context.Context, who account.Principal, jobs []Job) ([]Job, error)
}

// Reasons that leak nothing.
const (
	ourSide   = "it failed on our side"
	tooLong   = "it took too long"
	cancelled = "it was cancelled"
)

// giveUpAgain is when it is tried again to give a job up.
const giveUpAgain = 16 * time.Minute

// Tell sends messages about jobs that nobody has, each to the queue of its
// kind.
func (s *Service) Tell(ctx context.Context, jobs []Job) error {
	for _, j := range jobs {
		if err := s.Queue.Send(ctx, j.Message(), 0); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
	}
	return nil
}

// Wake tells of a job that goes on elsewhere, before its time.
func (s *Service) Wake(ctx context.Context, id string) error {
	j, err := s.Store.Job(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && j.State.Ended() {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Tell(ctx, []Job{j})
}

// TellDue sends messages about the jobs that were due at a moment, and returns
// how many: those whose message was lost or whose worker was, and those that
// were put off.
func (s *Service) TellDue(ctx context.Context, at time.Time) (int, error) {
	due, err := s.Store.Due(ctx, at, maxDue)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, j := range due {
		// Postponed first: while the queue is long it is not told of every minute.
		err := s.Store.Postpone(ctx, j, at.Add(FirstDue))
		if err == nil {
			err = s.Tell(ctx, []Job{j})
		}
		if !fault.Is(err, fault.Conflict) { // else it is not due: the index was late
			errs = append(errs, err)
		}
	}
	return len(due), errors.Join(errs...)
}

// Run does the job that a message tells of, unless it has ended or somebody
// else has it. An error means that the message should come again.
func (s *Service) Run(ctx context.Context, m Message) error {
	until := s.Now().Add(Lease)
	j, err := s.Store.Begin(ctx, m, until)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	worker, ok := s.Workers[j.Kind]
	if !ok {
		return fmt.Errorf("job %s: nobody does %q", j.ID, j.Kind)
	}
	if j.State.Ended() {
		return s.settle(ctx, worker, j)
	}
	h := s.hold(ctx, j, until)
	defer h.stop() // if the worker panics: nobody has the job then
	if j.late(s.Now()) {
		return s.giveUp(ctx, h, worker, tooLong, false)
	}
	if last := j.Attempts - 1; last > 0 {
		if _, more := again(worker, last, nil); !more { // its worker died
			return s.giveUp(ctx, h, worker, ourSide, true)
		}
	}
	return s.ended(ctx, h, worker, worker.Work(h.ctx, j))
}

// ended does what follows from the end of an attempt.
func (s *Service) ended(ctx context.Context, h *held, worker Worker, err error) error {
	cause := context.Cause(h.ctx)
	stopped := errors.Is(ctx.Err(), context.Canceled)
	ctx = context.WithoutCancel(ctx)
	later, goesOn := errors.AsType[Later](err)
	switch {
	case err == nil:
		j := h.let()
		j.State, j.Progress, j.EndedAt = Completed, 100, s.Now()
		return s.Store.End(ctx, j)
	case cause == errLost:
		return nil // whoever has it, or cancelled it, sees to it
	case cause == errLate:
		return s.giveUp(ctx, h, worker, tooLong, false)
	case goesOn:
		return s.release(ctx, h, Running, later.After, later.Progress)
	case stopped: // with the process, for which the job can do nothing
		return s.release(ctx, h, Queued, 0, 0)
	}
	return s.failed(ctx, h, worker, err)
}

// backoff is the schedule of workers without one: 1, 4, 16, 64 minutes.
func backoff(attempt int) (time.Duration, bool) {
	return time.Minute << (2*attempt - 2), attempt < MaxAttempts
}

// again returns when a job is begun again after an attempt.
func again(worker Worker, attempt int, err error) (time.Duration, bool) {
	if w, ok := worker.(Scheduled); ok {
		return w.Backoff(attempt, err)
	}
	return backoff(attempt)
}

// failed puts a job off, or gives it up.
func (s *Service) failed(ctx context.Context, h *held, worker Worker, err error) error {
	wait, more := again(worker, h.job.Attempts, err)
	hopeless := fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge)
	final := hopeless || !more
	waits := errors.Is(err, ErrWaits)
	if final || !waits {
		s.Log.WarnContext(ctx, "job failed", "job", h.job.ID, "attempt", h.job.Attempts, "final", final, "cause", err.Error())
	}
	if !final {
		j := h.let()
		j.State = Queued
		return s.putOff(ctx, j, wait)
	}
	reason := ourSide
	if hopeless || fault.Is(err, fault.Unavailable) {
		reason = fault.As(err).Message
	}
	return s.giveUp(ctx, h, worker, reason, !hopeless && !waits)
}

// release lets go of a job that goes on after a time, at no cost.
func (s *Service) release(ctx context.Context, h *held, state State, after time.Duration, progress int) error {
	j := h.let()
	j.State, j.Progress = state, max(j.Progress, percent(progress))
	j.Attempts--
	return s.putOff(ctx, j, after)
}

// putOff has a job told of again: by a message that is kept back that long, or
// else by sweep, which looks once a minute.
func (s *Service) putOff(ctx context.Context, j Job, after time.Duration) error {
	if err := s.Store.Release(ctx, j, s.Now().Add(after)); err != nil || after > MaxDelay {
		return err
	}
	if err := s.Queue.Send(ctx, j.Message(), after); err != nil {
		s.Log.WarnContext(ctx, "job told of late", "job", j.ID, "cause", err.Error())
	}
	return nil
}

// giveUp ends a job that will not be done. A poisonous one used up its
// attempts: operators get a letter.
func (s *Service) giveUp(ctx context.Context, h *held, worker Worker, reason string, poison bool) error {
	if poison {
		if err := s.Queue.Bury(ctx, Letter{h.job.ID, reason}); err != nil {
			return fmt.Errorf("job %s: dead letter: %w", h.job.ID, err)
		}
	}
	j := h.let()
	j.State, j.Reason, j.EndedAt = Failed, reason, s.Now()
	err := s.Store.Doom(ctx, j, account.Once{})
	if fault.Is(err, fault.Conflict) {
		return nil // whoever has it, or cancelled it, sees to it
	}
	if err != nil {
		return err
	}
	return s.settle(ctx, worker, j)
}

// settle has what a doomed job was to make show that it will not be. A deletion
// is tried once more instead: it stays for as long as it fails.
func (s *Service) settle(ctx context.Context, worker Worker, j Job) error {
	err := s.Store.Postpone(ctx, j, s.Now().Add(giveUpAgain)) // others are not to be at it meanwhile
	switch {
	case fault.Is(err, fault.Conflict):
		return nil // another has seen to it
	case err == nil:
		err = worker.GiveUp(ctx, j, j.Reason)
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "job not given up", "job", j.ID, "cause", err.Error())
		return nil // it stays due
	}
	return s.Store.End(ctx, j)
}
