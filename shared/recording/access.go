package recording

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/share"
)

// Rights are what somebody may do with a document.
type Rights struct {
	Edit     bool
	Comment  bool
	Export   bool
	Moderate bool // change and delete the comments of others: owners only
	Manage   bool // delete, share, change settings: owners only
}

// Access is somebody's way to a recording and, unless Document is zero, to one
// document of it: an owner's by their role, or a link's by what the settings
// and the share allow at this moment. Service makes it and its methods ask it.
type Access struct {
	Rights
	Recording Recording
	Document  Document
	Who       account.Principal // of an owner; zero for a link
	Share     share.Share       // of a link: the one that the token opens; zero for an owner
	Visit     share.Visit       // of a link
}

// ByLink reports whether a token was used.
func (a Access) ByLink() bool { return a.Share.ID != "" }

// ErrSharingOff is the cause of a Forbidden fault that says that a token is
// good and sharing is switched off, for its recording or its document.
var ErrSharingOff = fault.New(fault.Forbidden, "sharing is not enabled")

// Own opens a recording, and one document of it unless documentID is "", to
// somebody of its organization. op is account.ReadRecordings or
// account.WriteRecordings. NotFound for what is not there, is another
// organization's or another recording's, or is being deleted.
func (s *Service) Own(ctx context.Context, who account.Principal, op account.Operation, recordingID, documentID string) (Access, error) {
	panic("to be built")
}

// Open opens a document to whoever holds a token. Unauthenticated without a
// token; NotFound (the same for all) for one that is unknown, expired,
// revoked, or another document's; a fault that wraps ErrSharingOff where
// sharing is off. recordingID may be "" where a path does not tell it; so may
// documentID, for what concerns the recording of the token's document.
// It makes one read, and one batch read after it.
func (s *Service) Open(ctx context.Context, token, recordingID, documentID string, v share.Visit) (Access, error) {
	panic("to be built")
}
