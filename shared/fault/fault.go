// Package fault is the one domain error. Every package below the dialects
// reports failures a caller can act on as a *Error; a dialect's face turns
// its Kind into a status and its Message into that API's own body. Anything
// that is not a *Error is an internal failure: it is logged with its cause
// and shown as nothing but the dialect's fixed words.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure this is, for machines.
type Kind string

// The kinds. A dialect maps each to a status of its own API.
const (
	// Missing: a required field or parameter is absent.
	Missing Kind = "missing"
	// Invalid: a field or parameter has a value that is not allowed.
	Invalid Kind = "invalid"
	// Malformed: the request could not be read at all (not JSON, not a form).
	Malformed Kind = "malformed"
	// TooLarge: the body is larger than an endpoint takes.
	TooLarge Kind = "too_large"
	// Unauthenticated: no credential, or one that is not known.
	Unauthenticated Kind = "unauthenticated"
	// Forbidden: the credential is good, its role may not do this.
	Forbidden Kind = "forbidden"
	// NotFound: no such thing, or one of another organization.
	NotFound Kind = "not_found"
	// Conflict: the thing is in a state that does not allow this.
	Conflict Kind = "conflict"
	// Stale: the thing was changed since the version that the caller knows.
	Stale Kind = "stale"
	// Throttled: too many requests; try again later.
	Throttled Kind = "throttled"
	// Unavailable: something outside failed in a way that a retry may cure.
	Unavailable Kind = "unavailable"
	// Internal: everything else. Its message is never shown.
	Internal Kind = "internal"
)

// Error is a failure with a message that is safe for the caller to read.
type Error struct {
	Kind    Kind
	Message string // safe for the caller; never holds a secret or another tenant's data
	Field   string // the offending field as the caller wrote it ("payload.media_id", "recipients[2]"), or ""
	Cause   error  // for the log only, or nil
}

// Error returns the message, the field and the cause, for logs.
func (e *Error) Error() string {
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of a kind with a message for the caller.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Field returns an error of a kind about one field of the request.
func Field(kind Kind, field, format string, args ...any) *Error {
	return &Error{Kind: kind, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error of a kind that keeps cause for the log.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// As returns err as a *Error; an error that is none becomes an Internal one
// that keeps it as its cause. As(nil) is nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "internal error", Cause: err}
}

// Is reports whether err is a *Error of this kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
