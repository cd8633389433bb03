package recording

import (
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/job"
	"latchkey/shared/share"
)

// Store keeps recordings, documents and comments, read consistently. What is
// being deleted is returned too, with Deleting set; it takes no change and
// nothing new. Its errors are *fault.Error, *account.ReplayedError or internal.
type Store interface {
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once account.Once) (string, error)
	// AddRecording creates a recording, the share that publishes it if there is
	// one, and the job of fetching its media if it has a source;
	// *account.ReplayedError if once was done before, Conflict at
	// MaxRecordings, NotFound if its folder is not there.
	AddRecording(ctx context.Context, r Recording, public *share.Issued, once account.Once) error
	// Find returns a recording, and a document of it unless documentID is "",
	// in one read; NotFound unless all are there.
	Find(ctx context.Context, organization, recordingID, documentID string) (Found, error)
	// Behind does the same for what a share opens, and its parent if it has one.
	Behind(ctx context.Context, sh share.Share) (Found, error)
	// Recordings returns all of an organization, in no order.
	Recordings(ctx context.Context, organization string) ([]Recording, error)
	// ChangeRecording writes the fields of a change that are not nil, and
	// UpdatedAt, and jobs; Stale if it is in another folder than was, NotFound
	// if the folder that it comes into is not there.
	ChangeRecording(ctx context.Context, was Recording, c Change, at time.Time, jobs ...job.Job) (Recording, error)
	// ChangeMedia writes Status, Reason, FileID, NextFile, MediaType and Run of
	// a recording, Source, NextSource, Fetching, with other media what NoteFacts
	// does, Language if it is another, with another Run what its engine is told,
	// UpdatedAt, and jobs; Stale if one of the first six or Documents is not that
	// of was any more, or it is being deleted.
	ChangeMedia(ctx context.Context, was, now Recording, at time.Time, jobs ...job.Job) error
	// NoteFacts writes Duration, Video, Channels, Peaks and Thumbnail of a
	// recording, and UpdatedAt; Stale if its media is not in FileID any more, or
	// it is being deleted or gone.
	NoteFacts(ctx context.Context, r Recording, at time.Time) error
	// FinishRun makes a recording Completed, with the Reason of r, and creates
	// the document that its Run made, or changes the one that it takes the place
	// of. Stale if the Run is over or the document has another version, NotFound
	// if one of them is gone, Conflict at MaxDocuments.
	FinishRun(ctx context.Context, r Recording, was, d Document, jobs ...job.Job) error
	// BeginDelete hides a recording, which is counted no more, and writes the
	// job of removing it; NotFound if that was done before, Stale if it is in
	// another folder now. FinishDelete removes it when nothing of it is left;
	// repeating it is no error. writer names the work: of two who delete at
	// once, one is told that it is gone.
	BeginDelete(ctx context.Context, writer string, r Recording, j job.Job) error
	FinishDelete(ctx context.Context, r Recording) error

	// Tree returns the folders of an organization, read consistently.
	Tree(ctx context.Context, organization string) (Tree, error)
	// PutFolder writes a folder, and DeleteFolder removes one that no recording
	// is in (else Conflict); Stale if the tree has another version.
	PutFolder(ctx context.Context, f Folder, version int64) error
	DeleteFolder(ctx context.Context, organization, id string, version int64) error

	// AddDocument creates a document with jobs and makes its recording Completed;
	// Conflict at MaxDocuments, *account.ReplayedError if once was done before.
	AddDocument(ctx context.Context, d Document, once account.Once, jobs ...job.Job) error
	// Documents returns all of a recording, in no order.
	Documents(ctx context.Context, organization, recordingID string) ([]Document, error)
	// ChangeDocument writes what can change of a document, with events in the
	// same commit; Stale if its version is not that of was any more.
	ChangeDocument(ctx context.Context, was, d Document, events []share.Event) error
	// BeginDeleteDocument and FinishDeleteDocument are like BeginDelete and
	// FinishDelete; the recording's last document leaves it Emptied. Stale if
	// its Status is another than that of r then, or d was not the last in r and
	// is now. There is no job of a document that goes with its recording.
	BeginDeleteDocument(ctx context.Context, writer string, r Recording, d Document, jobs ...job.Job) error
	FinishDeleteDocument(ctx context.Context, d Document) error

	ProductStore

	// AddComment creates a comment, with events in the same commit; Conflict
	// at MaxComments, *account.ReplayedError if once was done before.
	AddComment(ctx context.Context, d Document, c Comment, events []share.Event, once account.Once) error
	// Comment returns a comment, or NotFound.
	Comment(ctx context.Context, d Document, id string) (Comment, error)
	// Comments returns all of a document, in no order.
	Comments(ctx context.Context, d Document) ([]Comment, error)
	// ChangeComment writes what differs between was and c, and DeleteComment
	// removes a comment, with events in the same commit; NotFound if it is gone. writer names the work.
	ChangeComment(ctx context.Context, d Document, writer string, was, c Comment, events []share.Event) error
	DeleteComment(ctx context.Context, d Document, writer, id string, events []share.Event) error
	// ClearComments removes all comments of a document that is being deleted.
	ClearComments(ctx context.Context, d Document) error
}

// ProductStore is the part of Store that keeps what is made of recordings.
type ProductStore interface {
	// AddProduct creates a product with jobs, in place of the one of the same
	// name whose id is instead, "" for none. Stale if there is another than
	// that; NotFound if the recording is gone; Conflict at MaxProducts, or for
	// one that is Queued, if the recording is not Completed;
	// *account.ReplayedError if once was done before.
	AddProduct(ctx context.Context, p Product, instead string, jobs []job.Job, once account.Once) error
	// Product returns a product, or NotFound.
	Product(ctx context.Context, organization, id string) (Product, error)
	// ProductByRef does the same by its Ref.
	ProductByRef(ctx context.Context, ref string) (Product, error)
	// Products returns all of a recording, in no order.
	Products(ctx context.Context, organization, recordingID string) ([]Product, error)
	// ChangeProduct writes what can change of a product; Stale if its Status or
	// File is not that of was any more, or it is gone.
	ChangeProduct(ctx context.Context, was, now Product) error
	// SealProduct writes Sealed of a product; Stale if it is not what it was any
	// more.
	SealProduct(ctx context.Context, p Product, was string) error
	// FinishTranslation does what ChangeProduct does, and creates the document that it became.
	// Conflict at MaxDocuments, NotFound if the recording is gone.
	FinishTranslation(ctx context.Context, was, now Product, d Document, jobs ...job.Job) error
	// DeleteProduct removes a product; Stale if its File is not that of p any
	// more. Repeating it is no error.
	DeleteProduct(ctx context.Context, p Product) error

	// AddBatch creates a batch with its job; *account.ReplayedError if once was
	// done before.
	AddBatch(ctx context.Context, b Batch, j job.Job, once account.Once) error
	// Batch returns a batch, or NotFound, and Batches all of a folder, in no
	// order.
	Batch(ctx context.Context, organization, id string) (Batch, error)
	Batches(ctx context.Context, organization, folder string) ([]Batch, error)
	// Parts returns the summaries of a batch in its order, zero for those that
	// are not there.
	Parts(ctx context.Context, organization string, parts []Part) ([]Product, error)
	// DeleteBatches removes the batches of a folder. Repeating it is no error.
	DeleteBatches(ctx context.Context, organization, folder string) error
	// ChangeBatch writes Status if it is not Processing, and Asked if it is true.
	ChangeBatch(ctx context.Context, b Batch) error
}

// Found is what one read finds.
type Found struct {
	Recording Recording
	Document  Document    // zero if none was asked for
	Parent    share.Share // of a recipient's share
}

// Contents keeps the documents' contents, one object for each version.
type Contents interface {
	Put(ctx context.Context, key string, body []byte) error // body is gzip
	Get(ctx context.Context, key string) ([]byte, error)    // or NotFound
	Delete(ctx context.Context, key string) error
	// DeleteAll removes every object whose key begins with prefix, and all
	// their versions.
	DeleteAll(ctx context.Context, prefix string) error
}

// Shares is what this needs of shares.
type Shares interface {
	// ByToken returns the share of a document that a token opens, in whatever
	// state it is, or NotFound.
	ByToken(ctx context.Context, token string) (share.Share, error)
	// Refuse notes that a share was not opened, and returns NotFound.
	Refuse(ctx context.Context, sh share.Share, state share.State, v share.Visit) error
	// Act makes the event of what a link was used for, and Note records one
	// that is in no commit.
	Act(sh share.Share, t share.EventType, v share.Visit, reason string) share.Event
	Note(ctx context.Context, e share.Event)
	CreateForDocument(ctx context.Context, who account.Principal, t share.Target, r share.Rights) (share.Share, string, error)
	MailDocument(ctx context.Context, who account.Principal, parent share.Share, recipients []string, message, base string) (share.MailResult, error)
	DeleteSpoken(ctx context.Context, who account.Principal, id string) error
	Publish(ctx context.Context, who account.Principal, t share.Target) (share.Issued, error)
	Tokens(ctx context.Context, refs []share.Ref) (map[share.Ref]string, error)
	Person(ctx context.Context, who account.Principal, t share.Target, email string, r share.Rights) (share.Share, error)
	Persons(ctx context.Context, who account.Principal, recordingID string) ([]share.Share, error)
	DeletePerson(ctx context.Context, who account.Principal, recordingID, email string) error
}

var _ Shares = (*share.Service)(nil)
