// Package share is the heart: who may follow a link to what, how often and
// until when. Every rule about expiry, limits and revocation is decided
// here; stores make the decision atomic, dialects put it into words. It
// refuses to know about HTTP, AWS or any dialect, and imports nothing but
// the standard library and the domain beside it.
package share

import (
	"cmp"
	"slices"
	"time"

	"latchkey/shared/fault"
)

// Limits.
const (
	MaxLimit      = 1_000_000_000 // uses of one link
	MaxNoteLength = 500           // characters
	// MaxSetLimit is the largest limit that is counted by a set of claims in
	// the share's own item, one write a use. Above it each claim is an item.
	MaxSetLimit = 64
	// RepeatFor is how long a browser that came back with its claim repeats
	// or resumes a download without spending another use.
	RepeatFor = 30 * time.Minute
	// DownloadLife is the life of the presigned URL that a use is worth.
	DownloadLife = 60 * time.Second
	// PlaybackLife is that of one that a document's media is played from.
	PlaybackLife = 15 * time.Minute
)

// Kind says what a share is for.
type Kind string

// The kinds.
const (
	Download  Kind = "download"  // anyone who holds the token downloads a file
	Document  Kind = "document"  // anyone who holds the token opens a document of a recording
	Public    Kind = "public"    // anyone who holds the token reads a recording
	Person    Kind = "person"    // one named person uses a recording, by recipient shares under this one
	Handover  Kind = "handover"  // one user of the organization downloads a file: no Share but package handover's
	Recipient Kind = "recipient" // one named recipient of a share, its parent, whose limit it spends
)

// Counting says how uses are counted. It is stored, because a share whose
// uses are items stays so when its limit is made smaller.
type Counting string

// The ways of counting.
const (
	CountSet   Counting = "set"   // in the share's set of claims
	CountItems Counting = "items" // one item a claim, and a counter
)

// State is what a share is at a moment.
type State string

// The states, in the order in which they are decided.
const (
	Revoked   State = "revoked"
	Expired   State = "expired"
	Exhausted State = "exhausted"
	Active    State = "active"
)

// MailState is what became of a recipient's mail.
type MailState string

// The states of a mail.
const (
	MailQueued   MailState = "queued"   // will be sent, or sent again after a throttle
	MailSent     MailState = "sent"     // SES took it
	MailRejected MailState = "rejected" // SES or our suppression list refused it
	MailUnknown  MailState = "unknown"  // the answer was lost: not repeated, it may have been sent

	// What comes back after a mail was sent.
	MailDelivered  MailState = "delivered"  // the recipient's server took it
	MailBounced    MailState = "bounced"    // the recipient's server refused it
	MailComplained MailState = "complained" // the recipient called it spam
)

// finals are the states that feedback brings, in the order of their weight.
var finals = []MailState{MailDelivered, MailBounced, MailComplained}

// Outweighed returns the states that m does not replace: feedback comes in
// any order, and may come before the sender has noted that it sent.
func (m MailState) Outweighed() []MailState { return finals[slices.Index(finals, m)+1:] }

// Target is what a share leads to: a file, with all that presigning it needs,
// a document of a recording, or a recording whatever its transcript is.
type Target struct {
	FileID      string
	MediaID     int64
	Object      string // key in the bucket
	Name        string // what the downloader's file, or the document, is called
	ContentType string

	RecordingID string // also of a file that is the media of a recording, or made of one
	DocumentID  string
}

// Subject is the id of the file, document or recording.
func (t Target) Subject() string { return cmp.Or(t.FileID, t.DocumentID, t.RecordingID) }

// Spoken reports whether it is a document or a recording, which is read and
// not downloaded.
func (t Target) Spoken() bool { return t.RecordingID != "" && t.FileID == "" }

// Rights are what the share of a document or recording allows at most. A
// document's are narrowed at each use by the settings of its recording, and
// all by the share's parent.
type Rights struct{ Edit, Comment, Export bool }

// Share is who may do what on which resource until when.
type Share struct {
	ID           string // UUID, no secret
	Organization string
	Number       int64 // counts up from 1 in each organization; 0 for recipient shares
	Kind         Kind
	Ref          Ref    // where the store finds it
	Sealed       string // the token, sealed with the share's ID
	Target       Target
	Note         string // the owner's, shown to nobody else

	Rights Rights // of a document's share
	// LinkLife is how long links to the document live by the settings of its
	// recording as they are now; 0: for ever. It is read, not stored here.
	LinkLife time.Duration

	ExpiresAt time.Time // the first moment at which it no longer works; zero: never
	Limit     int64     // uses; 0: unlimited
	Counting  Counting
	Used      int64
	Claims    []string  // the set, of a share that counts by one
	RevokedAt time.Time // zero: not revoked

	CreatedBy string // user id
	CreatedAt time.Time

	// Of a recipient share only.
	Parent    Ref
	ParentID  string
	Mailing   string // id of the mailing that made it
	Recipient string // address
	Mail      MailState
}

// Ref is the SHA-256 of a token, in base64url, behind the token's first
// character. It finds a share and cannot be turned back into the token.
type Ref string

// Counted reports whether the share was made with a limit that a set counts:
// then the claim is tried first, without reading.
func (r Ref) Counted() bool { return len(r) > 0 && r[0] == hintCounted }

// State decides what the share is now. Its parent, if it has one, is asked
// separately.
func (s Share) State(now time.Time) State {
	switch {
	case !s.RevokedAt.IsZero():
		return Revoked
	case !s.EndsAt().IsZero() && !now.Before(s.EndsAt()):
		return Expired
	case s.Limit > 0 && s.Used >= s.Limit:
		return Exhausted
	}
	return Active
}

// EndsAt is the first moment at which the share no longer works, by its own
// expiry or its LinkLife; zero: never.
func (s Share) EndsAt() time.Time {
	if s.LinkLife <= 0 {
		return s.ExpiresAt
	}
	if end := s.CreatedAt.Add(s.LinkLife); s.ExpiresAt.IsZero() || end.Before(s.ExpiresAt) {
		return end
	}
	return s.ExpiresAt
}

// Left is how many uses are left, or -1 for no limit.
func (s Share) Left() int64 {
	if s.Limit == 0 {
		return -1
	}
	return max(0, s.Limit-s.Used)
}

// DeadBy is when the last presigned URL of a share that was revoked is dead.
func (s Share) DeadBy() time.Time {
	if s.Target.Spoken() {
		return s.RevokedAt.Add(PlaybackLife)
	}
	return s.RevokedAt.Add(DownloadLife)
}

// RefusedError says why a share with a good token was not followed. The APIs
// answer it like an unknown token; a page may tell the holder.
type RefusedError struct {
	Share Share
	State State
}

func (e *RefusedError) Error() string { return "share: refused: " + string(e.State) }

// Unwrap makes a refusal the same fault as an unknown token.
func (e *RefusedError) Unwrap() error { return errNotFound() }

func errNotFound() error { return fault.New(fault.NotFound, "link not found or has expired") }

func countingFor(limit int64) Counting {
	if limit > MaxSetLimit {
		return CountItems
	}
	return CountSet
}
