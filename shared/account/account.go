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

// User is a person of an organization.
type User struct {
	ID           string // UUID
	Organization string
	Email        string
	Name         string
	Role         Role
	State        State
	CreatedAt    time.Time
}

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
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once Once) (string, error)
	// AddKey creates a key; *ReplayedError if once was done before.
	AddKey(ctx context.Context, k Key, once Once) error
	// Keys returns all keys of an organization, oldest first, consistently.
	Keys(ctx context.Context, organization string) ([]Key, error)
	// DeleteKey deletes a key of an organization, or NotFound.
	DeleteKey(ctx context.Context, organization, id string) error
}
