// Package account is organizations, their users and the users' API keys. It
// refuses to keep a key: only its hash is stored, and the key is shown once,
// when it is made.
package account

import (
	"context"
	"time"
)

// Limits.
const (
	MaxNameLength = 200 // characters of an organization's, user's or key's name
	MaxKeys       = 100 // keys of one organization
	// CacheFor bounds how long a deleted key may still work in a function
	// that has seen it.
	CacheFor = 60 * time.Second
	// OnceFor is how long an Idempotency-Key is remembered.
	OnceFor = 24 * time.Hour
)

// State of a user.
type State string

// The states of a user.
const (
	Active      State = "active"
	Deactivated State = "deactivated" // until they register
)

// Key is an API key, which acts as its user. "lk_<ID>_<secret>" is shown once.
type Key struct {
	ID           string // 16 characters of base62, no secret
	Organization string
	User         string
	Name         string
	Hash         []byte // SHA-256 of the secret part
	CreatedAt    time.Time

	// Of an access token, which is a key that a session has for AccessFor and
	// that no list shows.
	Session   string    // or "" for a key
	Passwords int64     // of its user when they signed in
	Until     time.Time // when it ends
}

// Once makes a request idempotent: the first request with a key does its
// work, and every later one with the same digest is answered with what the
// first one made. The zero Once does nothing.
type Once struct {
	Key    string // the caller's Idempotency-Key, and what tells its route and user apart
	Digest string // of the request
}

// ReplayedError says that a Once has already done its work.
type ReplayedError struct {
	Ref string // what it made: the id of the resource
}

func (e *ReplayedError) Error() string { return "already done: " + e.Ref }

// Store keeps accounts. Its errors are *fault.Error, *ReplayedError or
// internal.
type Store interface {
	// Found creates an organization with its first user and key, all or
	// nothing; Conflict if an organization of that name or a user with that
	// address exists.
	Found(ctx context.Context, o Organization, u User, k Key) error
	// Key returns a key by its id with its user and their organization, or
	// NotFound, in one read and a batch after it; also an access token, unless
	// its session has ended.
	Key(ctx context.Context, id string) (Key, User, Organization, error)
	// Organization returns an organization, or NotFound.
	Organization(ctx context.Context, id string) (Organization, error)
	// ChangeOrganization writes the fields of a change that are not nil;
	// Conflict if another organization has the name, Stale if it is not
	// that of was any more. writer names the work.
	ChangeOrganization(ctx context.Context, writer string, was Organization, c OrganizationChange) error
	// Users returns all users of an organization, in no order, consistently.
	Users(ctx context.Context, organization string) ([]User, error)
	// AddUser creates a user, and ChangeRole writes a role; both count the
	// organization's Roster up, and are Stale if it is not roster any more.
	// Invalid (email) for an address that a user has, of whatever
	// organization. writer names the work.
	AddUser(ctx context.Context, u User, roster int64) error
	ChangeRole(ctx context.Context, writer string, was User, role Role, roster int64) error
	Joins
	Sessions
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once Once) (string, error)
	// AddKey creates a key; *ReplayedError if once was done before.
	AddKey(ctx context.Context, k Key, once Once) error
	// Keys returns all keys of an organization, oldest first, consistently.
	Keys(ctx context.Context, organization string) ([]Key, error)
	// DeleteKey deletes a key of an organization, or NotFound.
	DeleteKey(ctx context.Context, organization, id string) error
}

// Joins keeps how users join and what they prove themselves with. Its errors
// are those of Store.
type Joins interface {
	// UserAt returns the user with an address, of whatever organization, with
	// what is kept of their password, or "". NotFound, after as many reads. One from before has nothing but an ID.
	UserAt(ctx context.Context, email string) (u User, password string, err error)
	// User returns a user of an organization, or NotFound.
	User(ctx context.Context, organization, id string) (User, error)
	// Known returns a user by their id alone, or NotFound. Who was declined
	// has an ID, an Organization and that Joining, until a time.
	Known(ctx context.Context, id string) (u User, until time.Time, err error)
	// OfferRegistration notes the hash of a user's one-time token and counts
	// Offered up; Stale if they are not as they were. writer names the work.
	OfferRegistration(ctx context.Context, writer string, was User, hash string, until time.Time) error
	// Registration returns the token that has a hash, or NotFound.
	Registration(ctx context.Context, hash string) (Offer, error)
	// Register spends a token and writes the name, the state, where they
	// stand and the password of the user it is of, and counts Passwords up.
	// Stale if the user, or how many Passwords they had, is another.
	Register(ctx context.Context, writer, hash string, u User, password string) error
	// ReplacePassword writes a password in place of one; Stale if that is
	// not the user's any more.
	ReplacePassword(ctx context.Context, u User, was, password string) error
	// Accept makes a user active, with a role, and Decline deletes them;
	// Stale if they do not wait any more, or have another role. writer names
	// the work.
	Accept(ctx context.Context, writer string, was User, role Role) error
	Decline(ctx context.Context, writer string, was User, knownUntil time.Time) error
	// Release deletes a user with all that is known of their id; Stale if
	// they do not stand where they did, have another role or were handed
	// something since. writer names the work.
	Release(ctx context.Context, writer string, was User) error
}

// Sessions keeps who is signed in, and counts attempts. Its errors are those
// of Store.
type Sessions interface {
	// StartSession keeps a session with its first tokens.
	StartSession(ctx context.Context, s SignedIn, refresh Refreshing, access Key) error
	// SessionOf returns the session of a refresh token with the token and
	// the user; NotFound if one of them is gone.
	SessionOf(ctx context.Context, id, hash string) (SignedIn, Refreshing, User, error)
	// Refresh spends a refresh token and keeps the next ones. Conflict if it
	// is spent, NotFound if the session has ended. writer names the work.
	Refresh(ctx context.Context, writer string, s SignedIn, spent, next Refreshing, access Key) error
	// EndSession ends a session with all its tokens; there being none is
	// no failure.
	EndSession(ctx context.Context, id string) error
	// Count adds by to what is counted under a name before until, unless
	// that has reached limit; then it is Throttled.
	Count(ctx context.Context, name string, until time.Time, by, limit int64) error
	// Remember keeps a name until a time, unless it is kept until enough
	// anyway, and Remembered returns until when; zero if it is not kept.
	Remember(ctx context.Context, name string, until, enough time.Time) error
	Remembered(ctx context.Context, name string) (until time.Time, err error)
}
