// Package webhook tells an organization's servers what has happened. An
// event is announced by a job that is written in the commit of its cause; out
// of it comes one delivery for each webhook that wants the event, and a job
// that posts it until the server takes it or the schedule ends. A delivery
// has its id and its exact body for good, over all attempts and replays.
//
// It refuses to keep a secret unsealed, to follow redirects, and to know what
// an event says of a recording: a dialect's Bodies do.
package webhook

import (
	"context"
	"slices"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/job"
)

// Limits.
const (
	MaxWebhooks = 50        // of an organization
	MaxSecret   = 256       // bytes of a caller's secret
	MaxBody     = 200 << 10 // bytes of a delivery
	MaxAttempts = 20        // of a delivery that are remembered, the newest
	MaxPrevious = 3         // secrets that rotations left valid
	// Timeout is how long a server has to answer.
	Timeout = 20 * time.Second
	// RotateFor is how long a rotated secret goes on to sign beside its successor.
	RotateFor = 24 * time.Hour
	// KeepFor is how long a delivery is kept after it was made or replayed.
	KeepFor = 30 * 24 * time.Hour

	idLength = 16
)

// Event is what can happen.
type Event string

// The events. Those after Test are no webhook's to choose.
const (
	TranscriptionFinished Event = "transcription.finished"
	TranslationFinished   Event = "translation.finished"
	LabelChanged          Event = "label.changed"
	FolderChanged         Event = "folder.changed"

	Test                Event = "webhook.test"         // asked for by an admin
	TranscriptionFailed Event = "transcription.failed" // for a recording's callback only
)

// Events are those that a webhook can choose.
func Events() []Event {
	return []Event{TranscriptionFinished, TranslationFinished, LabelChanged, FolderChanged}
}

// Callbacks stands for a webhook's id in the deliveries to the callback URLs
// of recordings.
const Callbacks = "callbacks"

// Webhook is where events of an organization are posted to.
type Webhook struct {
	ID           string // 16 characters of base62
	Organization string
	URL          string
	Events       []Event    // at least one
	Secret       string     // the caller's, sealed, or ""
	Signing      string     // ours, sealed
	Previous     []Previous // ours before, as long as they sign too
	Disabled     bool
	Reason       string // why we disabled it, or ""
	CreatedBy    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Revision     string // another one after each change
}

// Previous is a secret that was rotated.
type Previous struct {
	Sealed string    `json:"sealed"`
	Until  time.Time `json:"until"`
}

// Wants reports whether an event is posted there.
func (w Webhook) Wants(e Event) bool { return !w.Disabled && slices.Contains(w.Events, e) }

// State of a delivery.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"
	Delivered State = "delivered" // a server took it
	Failed    State = "failed"    // for good, unless it is replayed
	Disabled  State = "disabled"  // the webhook was disabled or deleted
)

// Delivery is one event on its way to one webhook or callback URL.
type Delivery struct {
	ID           string // the event's, a UUID: the same for each webhook
	Organization string
	Webhook      string // id, or Callbacks
	URL          string // of a callback; a webhook's is looked up at each attempt
	Event        Event
	Body         string // exactly what is sent, sealed: it may have the address that opens a recording
	State        State
	Round        int64 // how often it was replayed
	Tries        int64 // attempts of this round
	Attempts     []Attempt
	NextAt       time.Time // of the next attempt while it is pending
	CreatedAt    time.Time
	KeepUntil    time.Time
	Revision     string // another one after each change
}

// Attempt is one try to deliver.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status,omitempty"` // HTTP's, or 0: there was no answer
	Reason string    `json:"reason,omitempty"` // it failed for, or ""
}

// add remembers an attempt, and forgets the oldest beyond the limit.
func (d *Delivery) add(a Attempt) {
	d.Attempts = append(d.Attempts, a)
	d.Attempts = d.Attempts[max(0, len(d.Attempts)-MaxAttempts):]
}

// Store keeps webhooks and deliveries. Its errors are *fault.Error,
// *account.ReplayedError or internal.
type Store interface {
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once account.Once) (string, error)
	AddWebhook(ctx context.Context, w Webhook, once account.Once) error
	// Webhooks returns all of an organization, oldest first, consistently.
	Webhooks(ctx context.Context, organization string) ([]Webhook, error)
	// Webhook returns one, or NotFound.
	Webhook(ctx context.Context, organization, id string) (Webhook, error)
	// ChangeWebhook writes what a webhook is now; Stale unless it is at was.
	ChangeWebhook(ctx context.Context, was string, now Webhook, once account.Once) error
	DeleteWebhook(ctx context.Context, organization, id string) error

	// AddDelivery writes a delivery and its job, unless there is such a one.
	AddDelivery(ctx context.Context, d Delivery, once account.Once) error
	// Delivery returns one, or NotFound.
	Delivery(ctx context.Context, organization, webhook, id string) (Delivery, error)
	// Deliveries returns a page, newest first, without bodies.
	Deliveries(ctx context.Context, organization, webhook string, p file.Page) ([]Delivery, string, error)
	// ChangeDelivery writes what a delivery is now; Stale unless it is at was.
	ChangeDelivery(ctx context.Context, was string, now Delivery) error
	// ReplayDelivery is ChangeDelivery with the job of the delivery's new round.
	ReplayDelivery(ctx context.Context, was string, now Delivery, once account.Once) error
}

// Job is the job of a delivery's round.
func (d Delivery) Job() job.Job {
	return job.New(job.Deliver, account.Principal{Organization: d.Organization}, subject(d.Webhook, d.ID, d.Round))
}

// seal keeps a delivery's body.
func (d *Delivery) seal(ctx context.Context, s Sealer, body []byte) (err error) {
	d.Body, err = s.Seal(ctx, string(body), d.sealedFor())
	return err
}

// open returns it.
func (d Delivery) open(ctx context.Context, s Sealer) ([]byte, error) {
	body, _, err := s.Open(ctx, d.Body, d.sealedFor())
	return []byte(body), err
}

func (d Delivery) sealedFor() string { return "delivery/" + d.Webhook + "/" + d.ID }

// Sealer keeps secrets that must be read again, each bound to an id. It is
// share.Sealer.
type Sealer interface {
	Seal(ctx context.Context, secret, id string) (string, error)
	Open(ctx context.Context, sealed, id string) (secret string, stale bool, err error)
}

func errWebhook() error  { return fault.New(fault.NotFound, "webhook not found") }
func errDelivery() error { return fault.New(fault.NotFound, "delivery not found") }
