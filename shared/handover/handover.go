// Package handover hands a file to one named person of the organization, who
// may be new to it: who may hand over what to whom, what their link opens
// while they have not registered and after it, and who decides whether they
// stay. It refuses to know passwords, which package account keeps, and HTTP.
package handover

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
	"latchkey/shared/share"
)

// Limits.
const (
	MaxMessageLength = share.MaxMessageLength // characters
	// MaxElsewhere is how often within ElsewhereFor one sender is told that
	// an address is another organization's; then they share with nobody
	// new until it is over.
	MaxElsewhere = 20
	ElsewhereFor = time.Hour
)

// Handover is a file handed to one user of the organization.
type Handover struct {
	ID           string // UUID, no secret
	Organization string
	Target       share.Target // the file, under the name it is downloaded by
	Title        string       // what its owner calls the document
	AssetID      string       // UUID, or "" of a maintenance file
	// Who handed it over, as they were then.
	SenderID, SenderName, SenderEmail string
	Recipient                         string // user id
	RecipientEmail                    string
	Message                           string // plain text, or ""
	CreatedAt                         time.Time
	RevokedAt                         time.Time // zero: not revoked
	Mail                              share.MailState
	Ref                               Ref    // where the store finds it
	Sealed                            string // the token, sealed with the ID
}

// Ref is the SHA-256 of a token, in base64url. It finds a handover and cannot
// be turned back into the token.
type Ref string

// hint begins every token of a handover, so that none is taken for a share's.
const hint = "h"

func newToken(ids ident.Source) (string, Ref) {
	token := hint + ids.Secret()
	ref, _ := ParseToken(token)
	return token, ref
}

// ParseToken returns the Ref of anything that has the form of a token.
func ParseToken(token string) (Ref, bool) {
	secret, ok := strings.CutPrefix(token, hint)
	if !ok || !ident.IsChars(secret, ident.SecretLength) {
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return Ref(base64.RawURLEncoding.EncodeToString(sum[:])), true
}

// PagePath is the path of the page that a token opens.
func PagePath(token string) string { return "/s/" + token }

// SignInPath is the path of the page where people find all that was handed to
// them.
const SignInPath = "/sign-in"

// New asks for a file to be handed over.
type New struct {
	FileID  string
	AssetID string // that the file belongs to; a maintenance file needs none
	Email   string // of the recipient
	Message string
	Base    string // origin of the link in the mail
}

func (n *New) check() error {
	switch {
	case !ident.IsUUID(n.FileID):
		return fault.Field(fault.Invalid, "fileId", "must be a UUID")
	case n.Email == "":
		return fault.Field(fault.Missing, "recipientEmail", "is missing")
	case n.AssetID != "" && !ident.IsUUID(n.AssetID):
		return fault.Field(fault.Invalid, "assetId", "must be a UUID")
	case utf8.RuneCountInString(n.Message) > MaxMessageLength:
		return fault.Field(fault.Invalid, "message", "is longer than %d characters", MaxMessageLength)
	}
	email, err := address.Parse(n.Email)
	if err != nil {
		return fault.Field(fault.Invalid, "recipientEmail", "is not an email address")
	}
	// Ids are compared as text: one UUID has one spelling.
	n.Email, n.FileID, n.AssetID = email, strings.ToLower(n.FileID), strings.ToLower(n.AssetID)
	n.Message = strings.TrimSpace(n.Message)
	return nil
}

// EntityError is the cause of an Invalid fault about what a thing is, not
// about how it was written: a file that is no document, a user of elsewhere.
type EntityError struct{ Type string } // "Document" or "User"

func (e *EntityError) Error() string { return "not allowed for this " + e.Type }

func entity(t, format string, args ...any) error {
	return fault.Wrap(fault.Invalid, &EntityError{t}, format, args...)
}

// ErrRevoked is the cause of the NotFound fault that the token of a revoked
// handover gets. The APIs say it like an unknown token; a page may tell.
var ErrRevoked = errors.New("handover: revoked")

func errNotFound() error { return fault.New(fault.NotFound, "share not found") }

// Store keeps handovers. Its errors are *fault.Error or internal.
type Store interface {
	// Same returns the handover that was made last of a sender, file, asset
	// and recipient, in whatever state, or NotFound.
	Same(ctx context.Context, h Handover) (Handover, error)
	// Add creates a handover in place of was ("" for none) with its first
	// event, and counts the recipient's Handed up. Stale if that is another now or the recipient is no user any
	// more, Conflict if the file is not ready.
	Add(ctx context.Context, h Handover, was Ref, e share.Event) error
	// Reseal replaces a sealed token. It is no error if the handover is gone
	// or was resealed meanwhile.
	Reseal(ctx context.Context, h Handover, sealed string) error
	// Again writes Message and Mail before a handover is mailed again; Stale
	// if it is revoked or gone.
	Again(ctx context.Context, h Handover) error
	// Mailed writes Mail, unless the handover's is one that Outweighed names,
	// with an event in any case. It is no error if the handover is gone.
	Mailed(ctx context.Context, h Handover, e share.Event) error
	// Revoke writes RevokedAt, unless it is revoked, which is no error.
	Revoke(ctx context.Context, h Handover, e share.Event) error

	// ByRef and ByID return a handover, read consistently, or NotFound.
	ByRef(ctx context.Context, ref Ref) (Handover, error)
	ByID(ctx context.Context, organization, id string) (Handover, error)
	// Sent returns a page, from the first at offset, of what a user handed
	// over, newest first, and how many there are. Received returns all that a
	// user was handed, oldest first, OfFile all of a file. All read
	// consistently.
	Sent(ctx context.Context, organization, user string, offset, limit int) ([]Handover, int, error)
	Received(ctx context.Context, user string) ([]Handover, error)
	OfFile(ctx context.Context, organization, fileID string) ([]Handover, error)
	// Delete removes a handover for good. At least until keep, unless that is
	// zero, Trace finds its ids. Repeating it is no error.
	Delete(ctx context.Context, h Handover, keep time.Time, e share.Event) error
	// Trace returns the ids of a handover and of its recipient, file and
	// asset, also of one that is deleted, or NotFound.
	Trace(ctx context.Context, user, id string) (Handover, error)

	// Count is account.Store's.
	Count(ctx context.Context, name string, until time.Time, by, limit int64) error
	// Suppress and Suppressed are share.Store's.
	Suppress(ctx context.Context, organization, address, reason string) error
	Suppressed(ctx context.Context, organization string, addresses []string) ([]string, error)
}
