package share

import (
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
)

// Store keeps shares. Its errors are *fault.Error, *RefusedError,
// *account.ReplayedError or internal.
type Store interface {
	// LinkLives returns how long links to documents live by the settings of
	// their recordings, by the recordings' ids, read consistently; 0 is for
	// ever.
	LinkLives(ctx context.Context, organization string, recordings []string) (map[string]time.Duration, error)
	// NextNumber returns a number never returned before for the organization.
	NextNumber(ctx context.Context, organization string) (int64, error)
	// Add creates a share with its first event, if its target is there to be
	// shared (else Conflict); *account.ReplayedError with the share's ID if once was
	// done before.
	Add(ctx context.Context, s Share, e Event, once account.Once) error

	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once account.Once) (string, error)

	// ByRef returns a share, read consistently, or NotFound.
	ByRef(ctx context.Context, ref Ref) (Share, error)
	// ByRefs returns those of the shares that there are, read consistently.
	ByRefs(ctx context.Context, refs []Ref) (map[Ref]Share, error)
	// ByID returns a share of an organization, read consistently, or NotFound.
	ByID(ctx context.Context, organization, id string) (Share, error)
	// PersonShare returns the share that an address was given last for a
	// recording, in whatever state, or NotFound. PersonShares returns those of
	// all addresses, in their order. Both read consistently.
	PersonShare(ctx context.Context, organization, recordingID, address string) (Share, error)
	PersonShares(ctx context.Context, organization, recordingID string) ([]Share, error)
	// AddPerson creates an address's share in place of was ("" for none);
	// Stale if that is another now, Conflict if the recording is not there.
	AddPerson(ctx context.Context, s Share, was Ref, e Event) error
	// ByNumbers returns the shares with these numbers, without those there
	// are none for, in the order asked.
	ByNumbers(ctx context.Context, organization string, numbers []int64) ([]Share, error)
	// List returns a page of shares, newest first, read consistently; the
	// filter's fields that never change are applied, its State is not.
	List(ctx context.Context, organization string, f Filter, p file.Page) ([]Share, string, error)

	// Claim spends one use of a share that counts by set, if it allows one
	// now, in one conditional write that may be repeated. It returns the
	// share after it, or *RefusedError with the share as it was and the State
	// that refused it: Active when the share does not count by set.
	Claim(ctx context.Context, ref Ref, u Use) (Share, error)
	// ClaimItem does the same for a share that counts by items, in one
	// transaction; s is the share as it was read.
	ClaimItem(ctx context.Context, s Share, u Use) (Share, error)
	// HasClaim reports whether a claim of the share was made.
	HasClaim(ctx context.Context, s Share, c Claim) (bool, error)

	// Change writes Rights, ExpiresAt, Limit, Counting, Note and RevokedAt, with an
	// event in the same commit; Conflict if the share's uses or revocation
	// changed since was was read.
	Change(ctx context.Context, was, s Share, e Event) error
	// Reseal replaces a share's sealed token. It is no error if the share is
	// gone or was resealed meanwhile.
	Reseal(ctx context.Context, s Share, sealed string) error
	// Delete removes shares for good, with an event each. Repeating it is no
	// error.
	Delete(ctx context.Context, shares []Share, events []Event) error

	// AddMailing records a mailing and creates its recipient shares, in
	// chunks that can be repeated. Conflict if a file is no longer ready.
	AddMailing(ctx context.Context, m Mailing, shares []Share) error
	// Mailing returns a mailing, or NotFound.
	Mailing(ctx context.Context, id string) (Mailing, error)
	// Mailed writes the Mail state of recipient shares, unless theirs is one
	// that Outweighed names, with an event each.
	Mailed(ctx context.Context, shares []Share, events []Event) error
	// Addressed returns the shares in the letter of a mailing to a recipient,
	// none if there is no such letter.
	Addressed(ctx context.Context, mailing, recipient string) ([]Share, error)
	// Suppress makes an organization's mails to an address stop.
	Suppress(ctx context.Context, organization, address, reason string) error
	// Suppressed returns those of the addresses that the organization must
	// not mail.
	Suppressed(ctx context.Context, organization string, addresses []string) ([]string, error)
	// Defer queues mails for a later attempt.
	Defer(ctx context.Context, mails []Deferred) error
	// Due returns deferred mails whose time has come, oldest first, and
	// postpones each to its next time so that no other worker takes it.
	Due(ctx context.Context, now time.Time, limit int, next func(Deferred) time.Time) ([]Deferred, error)
	// Settle forgets a deferred mail.
	Settle(ctx context.Context, d Deferred) error

	// AddEvents records events that were not in a commit of their own.
	// Repeating it is no error: an event's ID tells them apart.
	AddEvents(ctx context.Context, events []Event) error
	// Events returns a page of events of one share, or of the organization if
	// share is "", newest first.
	Events(ctx context.Context, organization, share string, p file.Page) ([]Event, string, error)
}

// Filter selects shares of a list. Zero fields select all.
type Filter struct {
	File      string // file id
	Spoken    string // id of a document or recording
	Kind      Kind
	Recipient string // address, whatever its case
	State     State
}

// Use is one use of a share, with what the audit trail is to know of it.
type Use struct {
	Claim     Claim
	Earlier   Claim // the same attempt's claim if it began before Claim's moment was rounded up, or ""
	At        time.Time
	From      string // IP address
	Agent     string // user agent, cut
	Automatic bool
	Via       string // id of the recipient share that was followed, or ""
	Recipient string // its address
	Repeats   bool   // it was had before, as far as a read has told: nothing is spent
}
