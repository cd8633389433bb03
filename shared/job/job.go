// Package job is work that outlives a request. A job is written in the same
// commit as what asks for it; a message about it is a hint that may come
// twice or never, and the job itself says who may work on it. It refuses to
// know what the work is: each kind has a worker.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// Kind says what is to be done.
type Kind string

// The kinds.
const (
	Fetch  Kind = "fetch"  // gets a recording's media from its source
	Delete Kind = "delete" // removes what a recording or a document that was deleted leaves, or a file that was replaced

	Transcribe Kind = "transcribe" // makes a recording's transcript, or aligns a given one
	Translate  Kind = "translate"
	Summarize  Kind = "summarize"
	BurnIn     Kind = "burn_in"
	Export     Kind = "export"
	Batch      Kind = "batch" // asks for the summaries of a folder

	Announce Kind = "announce" // makes the deliveries of an event
	Deliver  Kind = "deliver"  // posts one to where it is wanted
)

// Limits.
const (
	// Lease is how long whoever began a job has it for: a little more than a
	// function may run.
	Lease = 16 * time.Minute
	// FirstDue is when a job that nobody has begun is told of again.
	FirstDue = 2 * time.Minute
	// MaxAttempts bounds how often a job is begun.
	MaxAttempts = 5
	// MaxDelay is how long a queue can keep a message back (SQS, DelaySeconds).
	MaxDelay = 15 * time.Minute
	maxDue   = 500 // jobs told of again at a time
)

// Job is one piece of work.
type Job struct {
	ID           string // of the kind and its subject: "fetch-" and the recording's id
	Kind         Kind
	Organization string
	User         string // who asked for it, or ""
	Subject      string // id of the recording, with "/" and the document's, the run's or a file's, or that of a product
	Attempts     int    // begun so far
}

// New returns a job that is yet to be written.
func New(kind Kind, who account.Principal, subject string) Job {
	return Job{ID: string(kind) + "-" + subject, Kind: kind, Organization: who.Organization, User: who.User, Subject: subject}
}

// Principal is who a job acts as: they could do all of it when they asked.
func (j Job) Principal() account.Principal {
	return account.Principal{Organization: j.Organization, User: j.User, Role: account.Admin}
}

// Message tells of a job. It is for the attempt that it names and for no
// other, so that a message that comes twice does nothing the second time.
type Message struct {
	ID      string `json:"id"`
	Attempt int    `json:"attempt"` // Job.Attempts when it was sent
}

// Kind is that of its job, which its id begins with.
func (m Message) Kind() Kind {
	kind, _, _ := strings.Cut(m.ID, "-")
	return Kind(kind)
}

// Store keeps jobs. Its errors are *fault.Error or internal.
type Store interface {
	// Begin takes a job until a moment, and counts an attempt. NotFound if it
	// is done; Conflict if it is not at the message's attempt any more.
	Begin(ctx context.Context, m Message, until time.Time) (Job, error)
	// Postpone has a job told of again at a moment, unless another attempt has
	// begun meanwhile.
	Postpone(ctx context.Context, j Job, at time.Time) error
	// Done removes a job. Repeating it is no error.
	Done(ctx context.Context, j Job) error
	// Due returns jobs that were due at a moment, as an index shows them.
	Due(ctx context.Context, at time.Time, limit int) ([]Job, error)
}

// Queue carries messages to those who work, at once or after at most MaxDelay.
// When Send returns nil the message is kept.
type Queue interface {
	Send(ctx context.Context, m Message, after time.Duration) error
}

// Worker does one kind of job. Work must be as good as undone until it
// returns nil: it may be stopped at any point and begun again. A fault that
// is Invalid or TooLarge is for ever, everything else may pass.
type Worker interface {
	Work(ctx context.Context, j Job) error
	// GiveUp notes that a job will not be done, and why.
	GiveUp(ctx context.Context, j Job, reason string) error
}

// ErrWaits is the cause of a fault that says that nothing is wrong yet: the job
// comes again like one that failed, and is logged only when it is given up.
var ErrWaits = errors.New("what the job waits for is not there")

// Scheduled is a Worker with a schedule of its own.
type Scheduled interface {
	Worker
	// Backoff returns how long after its nth attempt, which failed for err or
	// whose worker died (nil), a job is begun again; false if that was the last.
	Backoff(attempt int, err error) (time.Duration, bool)
}

// backoff is the schedule of the others: 1, 4, 16, 64 minutes.
func backoff(attempt int) (time.Duration, bool) {
	return time.Minute << (2*attempt - 2), attempt < MaxAttempts
}

// Service is what can be done with jobs. A function sets only what it uses.
type Service struct {
	Store   Store
	Queue   Queue // who runs jobs may do without: then sweep tells of all that failed
	Workers map[Kind]Worker
	Log     *slog.Logger
	Now     func() time.Time
}

// Tell sends messages about new jobs.
func (s *Service) Tell(ctx context.Context, jobs []Job) error {
	for _, j := range jobs {
		if err := s.Queue.Send(ctx, Message{j.ID, j.Attempts}, 0); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
	}
	return nil
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
		errs = append(errs, err)
	}
	return len(due), errors.Join(errs...)
}

// Run does the job that a message tells of, unless it is done or somebody
// else has it. An error means that the message should come again.
func (s *Service) Run(ctx context.Context, m Message) error {
	j, err := s.Store.Begin(ctx, m, s.Now().Add(Lease))
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
	if last := j.Attempts - 1; last > 0 {
		if _, more := again(worker, last, nil); !more { // its worker died
			return s.giveUp(ctx, worker, j, ourSide)
		}
	}
	if err := worker.Work(ctx, j); err != nil {
		return s.failed(context.WithoutCancel(ctx), worker, j, err)
	}
	return s.Store.Done(ctx, j)
}

// again returns when a job is begun again after an attempt.
func again(worker Worker, attempt int, err error) (time.Duration, bool) {
	if w, ok := worker.(Scheduled); ok {
		return w.Backoff(attempt, err)
	}
	return backoff(attempt)
}

// failed puts a job off, or gives it up.
func (s *Service) failed(ctx context.Context, worker Worker, j Job, err error) error {
	wait, more := again(worker, j.Attempts, err)
	hopeless := fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge)
	final := hopeless || !more
	if final || !errors.Is(err, ErrWaits) {
		s.Log.WarnContext(ctx, "job failed", "job", j.ID, "attempt", j.Attempts, "final", final, "cause", err.Error())
	}
	if !final {
		return s.postpone(ctx, j, wait)
	}
	reason := ourSide
	if hopeless || fault.Is(err, fault.Unavailable) {
		reason = fault.As(err).Message
	}
	return s.giveUp(ctx, worker, j, reason)
}

// postpone has a job told of again: by a message that is kept back that long,
// or else by sweep, which looks once a minute.
func (s *Service) postpone(ctx context.Context, j Job, wait time.Duration) error {
	if err := s.Store.Postpone(ctx, j, s.Now().Add(wait)); err != nil || s.Queue == nil || wait > MaxDelay {
		return err
	}
	if err := s.Queue.Send(ctx, Message{j.ID, j.Attempts}, wait); err != nil {
		s.Log.WarnContext(ctx, "job told of late", "job", j.ID, "cause", err.Error())
	}
	return nil
}

// ourSide is a reason that leaks nothing.
const ourSide = "it failed on our side"

func (s *Service) giveUp(ctx context.Context, worker Worker, j Job, reason string) error {
	if err := worker.GiveUp(ctx, j, reason); err != nil {
		return err
	}
	return s.Store.Done(ctx, j)
}
