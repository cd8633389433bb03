package recording

import (
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// Service is what can be done with recordings. A function sets only what its
// routes use.
type Service struct {
	Store    Store
	Contents Contents
	Files    Files
	Shares   Shares
	Player   Player
	IDs      ident.Source
	Now      func() time.Time
}

// NewRecording describes a recording to be made.
type NewRecording struct {
	Name, Language                        string // both required but for Name, which becomes the source's or the day's
	Source                                string // URL to fetch the media from, or ""
	Align                                 bool
	FolderID                              string
	KeepSource, Diarization, Multichannel bool
	Punctuation                           bool
	Document                              *NewDocument // the first document, made when the recording is transcribed; nil: none named
	Once                                  account.Once
}

// Create makes a recording.
func (s *Service) Create(ctx context.Context, who account.Principal, n NewRecording) (Recording, error) {
	panic("to be built")
}

// Query selects and sorts recordings.
type Query struct {
	Search     string // in names, whatever the case
	Sort       string // "created_at", "updated_at", "name", "duration", "status"; "" is created_at
	Ascending  bool
	Offset     int
	Limit      int // 1 to 100
	FolderID   string
	OnlyStatus Status
}

// List returns a page of recordings and how many match in all. It reads
// consistently: what is deleted is in no list.
func (s *Service) List(ctx context.Context, who account.Principal, q Query) (page []Recording, total int, err error) {
	panic("to be built")
}

// Change changes a recording: nil fields stay.
type Change struct {
	Name, Language, FolderID      *string
	Share, Edit, Export, Comments *bool
	LinkLife                      *time.Duration // 0: for ever
}

// Update changes a recording.
func (s *Service) Update(ctx context.Context, a Access, c Change) (Recording, error) {
	panic("to be built")
}

// Delete removes a recording for good: its documents with all versions of
// their content, their comments, links, its media. It goes on where it
// stopped when it is repeated; NotFound when there is nothing left.
func (s *Service) Delete(ctx context.Context, who account.Principal, recordingID string) error {
	panic("to be built")
}

// UploadURL returns a presigned PUT for a recording's media, of at most
// MaxMediaBytes. Conflict if it has media already.
func (s *Service) UploadURL(ctx context.Context, a Access) (url string, expires time.Time, err error) {
	panic("to be built")
}

// NewDocument describes a document to be made: from Transcript, as a copy of
// CopyOf, or, with neither, from the recording's first document.
type NewDocument struct {
	Filename   string
	Type       Type
	Language   string // "" for the recording's
	Transcript *transcript.Transcript
	CopyOf     string             // id of a document of the same recording
	Split      *transcript.Limits // of a caption made from the recording
	Once       account.Once
}

// AddDocument makes a document of the recording that a opens. Conflict if it
// is to be made from the recording, and that has no transcript yet.
func (s *Service) AddDocument(ctx context.Context, a Access, n NewDocument) (Read, error) {
	panic("to be built")
}

// Documents lists a recording's documents, oldest first, consistently.
func (s *Service) Documents(ctx context.Context, a Access) ([]Document, error) {
	panic("to be built")
}

// Read returns the document with its content, and notes who opened it if a
// link did.
func (s *Service) Read(ctx context.Context, a Access) (Read, error) { panic("to be built") }

// Edit changes a document: nil fields stay. Version is what If-Match said, or
// 0 for whatever it is now; Stale if it is another meanwhile.
type Edit struct {
	Version        int64
	Filename       *string
	Transcript     *transcript.Transcript // segments without words keep the words that are still there, with their times
	TimecodeOffset *string                // "HH:MM:SS:FF"
	Plain          *bool
	NoSharing      *bool // owners only
}

// UpdateDocument changes a document. Forbidden without the right; Conflict if
// it is finished, but for NoSharing.
func (s *Service) UpdateDocument(ctx context.Context, a Access, e Edit) (Read, error) {
	panic("to be built")
}

// ClearText removes all words and keeps the segments.
func (s *Service) ClearText(ctx context.Context, a Access, version int64) (Read, error) {
	panic("to be built")
}

// Reset puts a document back to the content that it was made with.
func (s *Service) Reset(ctx context.Context, a Access, version int64) (Read, error) {
	panic("to be built")
}

// Finish marks a document as finished, or not. Conflict if it is that
// already: finished twice. A link can finish and not take it back.
func (s *Service) Finish(ctx context.Context, a Access, finished bool, version int64) (Document, error) {
	panic("to be built")
}

// DeleteDocument removes a document for good, like Delete.
func (s *Service) DeleteDocument(ctx context.Context, who account.Principal, recordingID, documentID string) error {
	panic("to be built")
}

// Exported notes that a document was exported in a format; Forbidden without
// the right. It is asked before a byte of the export is made.
func (s *Service) Exported(ctx context.Context, a Access, format string) error {
	panic("to be built")
}

// Play returns a URL from which the recording's media can be played, for
// PlaybackLife; NotFound if it has none that is ready.
func (s *Service) Play(ctx context.Context, a Access) (string, error) { panic("to be built") }

// HasMedia reports whether Play would find something, and its media type.
func (s *Service) HasMedia(ctx context.Context, a Access) (contentType string, err error) {
	panic("to be built")
}

// ShareDocument makes a link to a document and returns its token. It never
// ends an older one. Forbidden (ErrSharingOff) where sharing is off.
func (s *Service) ShareDocument(ctx context.Context, a Access) (share.Share, string, error) {
	panic("to be built")
}

// Mailing is what became of a mailed link.
type Mailing struct {
	Token string // of the document's general link, which is nobody's own
	share.MailResult
}

// MailDocument makes a link and mails each address one of its own under it.
// base is the origin of the links. Addresses are checked and unique already.
func (s *Service) MailDocument(ctx context.Context, a Access, addresses []string, message, base string) (Mailing, error) {
	panic("to be built")
}

// PagePath is the path of the page that a token opens a document on.
func PagePath(documentID, token string) string {
	return "/shared/transcript/" + documentID + "?token=" + token
}

// Comments lists a document's comments by their times, oldest first.
func (s *Service) Comments(ctx context.Context, a Access) ([]Comment, error) { panic("to be built") }

// CommentChange changes a comment: nil fields stay.
type CommentChange struct {
	At       *int64 // ms; -1 for none
	Text     *string
	Author   *string // of a link's comment; an owner's is their name
	Resolved *bool
}

// AddComment adds a comment.
func (s *Service) AddComment(ctx context.Context, a Access, c CommentChange, once account.Once) (Comment, error) {
	panic("to be built")
}

// ChangeComment changes a comment: its text only by who made it, the rest by
// whoever may comment.
func (s *Service) ChangeComment(ctx context.Context, a Access, id string, c CommentChange) (Comment, error) {
	panic("to be built")
}

// DeleteComment deletes a comment: one's own, or with Moderate anyone's.
func (s *Service) DeleteComment(ctx context.Context, a Access, id string) error {
	panic("to be built")
}

// Files is what this needs of files: a recording's media.
type Files interface {
	Get(ctx context.Context, who account.Principal, id string) (file.File, error)
	Delete(ctx context.Context, who account.Principal, id string) error
}
