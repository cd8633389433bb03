// Package job is work that outlives a request. A job is written in the same
// commit as what asks for it; a message about it is a hint that may come
// twice or never, and the job itself says who may work on it. It refuses to
// know what the work is: each kind has a worker.
package job

import (
	"context"
	"errors"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
)

// Kind says what is to be done.
type Kind string

// The kinds. The first are what somebody asks for: when they end they are kept
// for KeepFor, so that it can be read what became of them.
const (
	Fetch      Kind = "fetch"      // gets a recording's media from its source
	Transcribe Kind = "transcribe" // makes a recording's transcript, or aligns a given one
	Translate  Kind = "translate"
	Summarize  Kind = "summarize"
	BurnIn     Kind = "burn_in"
	Export     Kind = "export"
	Batch      Kind = "batch" // asks for the summaries of a folder

	Inspect  Kind = "inspect"  // looks into a recording's media
	Delete   Kind = "delete"   // removes what a recording or a document that was deleted leaves, or a file that was replaced
	Announce Kind = "announce" // makes the deliveries of an event
	Deliver  Kind = "deliver"  // posts one to where it is wanted
)

// Asked are the kinds that somebody asks for.
func Asked() []Kind { return []Kind{Fetch, Transcribe, Translate, Summarize, BurnIn, Export, Batch} }

// Lane is a queue that tells of jobs.
type Lane string

// The lanes.
const (
	Jobs   Lane = "jobs"
	Render Lane = "render" // what takes a processor for minutes
	Hooks  Lane = "hooks"  // what is announced and delivered, which must not wait for media
)

// Lane is the queue for a kind.
func (k Kind) Lane() Lane {
	switch k {
	case Transcribe, BurnIn, Export, Inspect:
		return Render
	case Announce, Deliver:
		return Hooks
	}
	return Jobs
}

// State is what has become of a job.
type State string

// The states. The last three are ends.
const (
	Queued    State = "queued"  // waits for its first attempt, or for another
	Running   State = "running" // somebody works on it, or it goes on elsewhere
	Completed State = "completed"
	Failed    State = "failed" // given up, for its Reason
	Cancelled State = "cancelled"
)

// Ended reports whether a job in that state will not change any more.
func (s State) Ended() bool { return s == Completed || s == Failed || s == Cancelled }

// Limits.
const (
	// Lease is how long whoever began a job has it for, and has again with each
	// Beat.
	Lease = time.Minute
	Beat  = 15 * time.Second
	// FirstDue is when a job that nobody has begun is told of again.
	FirstDue = 2 * time.Minute
	// MaxAttempts bounds how often a job fails, or its worker dies.
	MaxAttempts = 5
	// MaxAge is when a job is given up that has not ended.
	MaxAge = 24 * time.Hour
	// KeepFor is how long a job is kept after its end.
	KeepFor = 7 * 24 * time.Hour
	// MaxDelay is how long a queue can keep a message back (SQS, DelaySeconds).
	MaxDelay = 15 * time.Minute
	maxDue   = 500 // jobs told of again at a time
)

// Job is one piece of work.
type Job struct {
	ID           string // of the kind and its subject: "fetch-" and the recording's id, for one
	Kind         Kind
	Organization string
	User         string // who asked for it, or ""
	Subject      string // id of the recording, with "/" and the document's, the run's or a file's, or that of a product or batch
	Recording    string // id of the one that it is about, or "" for several
	State        State
	Begun        int    // how often, which is the number of its messages
	Attempts     int    // begun, without those that ended with Later
	Progress     int    // percent
	Reason       string // for a person: why it failed, or was cancelled
	CreatedAt    time.Time
	EndedAt      time.Time
}

// New returns a job that is yet to be written. The id of one that somebody asked
// for is part of a path.
func New(kind Kind, who account.Principal, subject string) Job {
	j := Job{ID: string(kind) + "-" + subject, Kind: kind, Organization: who.Organization, User: who.User, Subject: subject, State: Queued}
	if kind == Fetch || kind == Transcribe {
		j.ID = strings.ReplaceAll(j.ID, "/", "-")
		j.Recording, _, _ = strings.Cut(subject, "/")
	}
	return j
}

// About returns a job that is about a recording.
func (j Job) About(recordingID string) Job {
	j.Recording = recordingID
	return j
}

// Principal is who a job acts as: they could do all of it when they asked.
func (j Job) Principal() account.Principal {
	return account.Principal{Organization: j.Organization, User: j.User, Role: account.Admin}
}

// Deadline is when a job is given up, zero for never: what is delivered has a
// schedule of its own, and what is deleted goes.
func (j Job) Deadline() time.Time {
	if j.CreatedAt.IsZero() || j.Kind.Lane() == Hooks || j.Kind == Delete {
		return time.Time{}
	}
	return j.CreatedAt.Add(MaxAge)
}

func (j Job) late(now time.Time) bool {
	end := j.Deadline()
	return !end.IsZero() && !now.Before(end)
}

// Message tells of a job. It is for the time of beginning that it names and
// for no other, so that a message that comes twice does nothing the second
// time.
type Message struct {
	ID      string `json:"id"`
	Attempt int    `json:"attempt"` // Job.Begun when it was sent
}

// Message tells of the job as it is.
func (j Job) Message() Message { return Message{j.ID, j.Begun} }

// Kind is that of its job, which its id begins with.
func (m Message) Kind() Kind {
	kind, _, _ := strings.Cut(m.ID, "-")
	return Kind(kind)
}

// Letter is a dead one: it tells operators of a job that used up its attempts.
type Letter struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Query selects jobs that somebody asked for.
type Query struct {
	Kind  Kind  // or ""
	State State // or ""
	file.Page
}

// Store keeps jobs. Its errors are *fault.Error or internal. What it says of
// who has a job is: whoever began it last, until the moment they said last.
type Store interface {
	// Begin takes a job until a moment: it is Running, and begun once more.
	// NotFound if it is gone; Conflict if it is not at the message's number any
	// more, if somebody has it, or if it has ended. One that is doomed is
	// returned as it is, and stays nobody's.
	Begin(ctx context.Context, m Message, until time.Time) (Job, error)
	// Hold keeps a job until a moment and notes its Progress. Conflict if
	// another has begun it, or it is Cancelled, or gone.
	Hold(ctx context.Context, j Job, until time.Time) error
	// Release lets go of a job, with its State, Progress and Attempts: it is told
	// of again at a moment, and not begun before if it is Queued. It does nothing
	// to a job that is not the caller's any more.
	Release(ctx context.Context, j Job, at time.Time) error
	// Doom notes that a job is j's State, Failed or Cancelled, for its Reason
	// since EndedAt, and nobody's. It stays due, when whoever had it knows, until
	// End. Conflict if it has ended, or Failed and another has begun it; a
	// *account.ReplayedError if it was done once.
	Doom(ctx context.Context, j Job, once account.Once) error
	// End notes that a job is Completed since EndedAt, or that it shows where it
	// should that j is doomed. It is kept for KeepFor, or removed if nobody asked
	// for it. It does nothing to a job that another has begun, or that has ended.
	End(ctx context.Context, j Job) error
	// Postpone has a job that was due at a moment told of again later. Conflict
	// if somebody has it.
	Postpone(ctx context.Context, j Job, at time.Time) error
	// Due returns jobs that were due at a moment, as an index shows them: no
	// more than their ids and how often they were begun.
	Due(ctx context.Context, at time.Time, limit int) ([]Job, error)

	// Job returns a job; NotFound if there is none.
	Job(ctx context.Context, id string) (Job, error)
	// Jobs returns jobs that somebody asked for, the newest first.
	Jobs(ctx context.Context, organization string, q Query) ([]Job, string, error)
}

// Queue carries messages to those who work, at once or after at most MaxDelay.
// When Send returns nil the message is kept.
type Queue interface {
	Send(ctx context.Context, m Message, after time.Duration) error
	// Bury keeps a dead letter.
	Bury(ctx context.Context, l Letter) error
}

// Worker does one kind of job. Work must be as good as undone until it
// returns nil: it may be stopped at any point and begun again. A fault that
// is Invalid or TooLarge is for ever, everything else may pass; Later is none.
// Its context ends when the job is cancelled, late, or somebody else's.
type Worker interface {
	Work(ctx context.Context, j Job) error
	// GiveUp notes that a job will not be done, and why. Repeating it is no
	// error, and what is done stays done.
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
