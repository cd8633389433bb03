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
	// NotFound, in one read and a batch after it.
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
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once Once) (string, error)
	// AddKey creates a key; *ReplayedError if once was done before.
	AddKey(ctx context.Context, k Key, once Once) error
	// Keys returns all keys of an organization, oldest first, consistently.
	Keys(ctx context.Context, organization string) ([]Key, error)
	// DeleteKey deletes a key of an organization, or NotFound.
	DeleteKey(ctx context.Context, organization, id string) error
}
