// Package scriptix speaks the part of Scriptix's API that shares transcripts
// by magic link: owners make sessions and documents, share and mail them,
// whoever holds a link reads, edits, comments and finishes one. It refuses to decide what a link may
// do: package recording does.
package scriptix

import (
	"context"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// Recordings is what this dialect needs of recordings.
type Recordings interface {
	Own(ctx context.Context, who account.Principal, op account.Operation, recordingID, documentID string) (recording.Access, error)
	Open(ctx context.Context, token, recordingID, documentID string, v share.Visit) (recording.Access, error)
	Create(ctx context.Context, who account.Principal, n recording.NewRecording) (recording.Recording, error)
	List(ctx context.Context, who account.Principal, q recording.Query) ([]recording.Recording, int, error)
	Update(ctx context.Context, a recording.Access, c recording.Change) (recording.Recording, error)
	AddDocument(ctx context.Context, a recording.Access, n recording.NewDocument) (recording.Read, error)
	UploadURL(ctx context.Context, a recording.Access) (recording.Upload, error)
	Play(ctx context.Context, a recording.Access, download bool) (string, error)
	Documents(ctx context.Context, a recording.Access) ([]recording.Document, error)
	Delete(ctx context.Context, who account.Principal, recordingID string) error
	DeleteDocument(ctx context.Context, who account.Principal, recordingID, documentID string) error
	Read(ctx context.Context, a recording.Access) (recording.Read, error)
	Reread(ctx context.Context, a recording.Access) (recording.Read, error)
	Exported(ctx context.Context, a recording.Access, format string) error
	UpdateDocument(ctx context.Context, a recording.Access, e recording.Edit) (recording.Read, error)
	ClearText(ctx context.Context, a recording.Access, version int64) (recording.Read, error)
	Reset(ctx context.Context, a recording.Access, version int64) (recording.Read, error)
	Finish(ctx context.Context, a recording.Access, finished bool, version int64) (recording.Document, error)
	Translate(ctx context.Context, a recording.Access, t recording.Translation) ([]recording.Product, error)
	ShareDocument(ctx context.Context, a recording.Access) (share.Share, string, error)
	MailDocument(ctx context.Context, a recording.Access, addresses []string, message, base string) (recording.Mailing, error)
	Comments(ctx context.Context, a recording.Access) ([]recording.Comment, error)
	AddComment(ctx context.Context, a recording.Access, c recording.CommentChange, once account.Once) (recording.Comment, error)
	ChangeComment(ctx context.Context, a recording.Access, id string, c recording.CommentChange) (recording.Comment, error)
	DeleteComment(ctx context.Context, a recording.Access, id string) error
	Folders(ctx context.Context, who account.Principal) (recording.Tree, error)
	Folder(ctx context.Context, who account.Principal, id string) (recording.Folder, error)
	AddFolder(ctx context.Context, who account.Principal, c recording.FolderChange) (recording.Folder, error)
	ChangeFolder(ctx context.Context, who account.Principal, id string, c recording.FolderChange) (recording.Folder, error)
	DeleteFolder(ctx context.Context, who account.Principal, id string) error
}

var _ Recordings = (*recording.Service)(nil)

// API is the dialect over the domain.
type API struct {
	Accounts   dialect.Authenticator
	Recordings Recordings
	Origin     string // of public URLs; "" for the API's own
}

// Routes are all of them; the sessions function.
func (a API) Routes() []dialect.Route {
	write := a.owner(account.WriteRecordings)
	edit := a.owner(account.EditRecordings)
	read := a.owner(account.ReadRecordings)
	return []dialect.Route{
		{Pattern: "POST /api/v3/speech-to-text/session", Handler: a.createSession},
		{Pattern: "GET /api/v3/speech-to-text/session", Handler: a.listSessions},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}", Handler: enter(read, nothing, a.getSession)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}", Handler: enter(write, readChangedSession, a.updateSession)},
		{Pattern: "DELETE /api/v3/speech-to-text/session/{session}", Handler: a.deleteSession},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/result", Handler: enter(read, nothing, a.result)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/upload-url", Handler: enter(write, nothing, a.uploadURL)},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/document", Handler: enter(read, readPage, a.documents)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document", Handler: enter(write, readNewDocument, a.addDocument)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{$}", Handler: enter(write, readNewDocument, a.addDocument)},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/document/{document}", Handler: enter(a.either, readWanted, a.get)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}", Handler: enter(edit, readEdit, a.update)},
		{Pattern: "DELETE /api/v3/speech-to-text/session/{session}/document/{document}", Handler: a.deleteDocument},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}/clear_text", Handler: enter(edit, ifMatch, a.clearText)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}/reset_to_original", Handler: enter(edit, ifMatch, a.reset)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}/finish", Handler: enter(edit, ifMatch, a.finish)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/finished_status", Handler: enter(edit, readStatus, a.setFinished)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}/finished_status", Handler: enter(edit, readStatus, a.setFinished)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/share", Handler: enter(write, readShare, a.share)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/share/email", Handler: enter(write, readEmails, a.mail)},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/document/{document}/comments", Handler: enter(read, readPage, a.comments)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/translate", Handler: enter(write, readTranslation, a.translate)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/translate-multiple", Handler: enter(write, readTranslations, a.translateMultiple)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/document/{document}/comments", Handler: enter(edit, readNewComment, a.addComment)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/document/{document}/comments/{comment}", Handler: enter(edit, readChangedComment, a.changeComment)},
		{Pattern: "DELETE /api/v3/speech-to-text/session/{session}/document/{document}/comments/{comment}", Handler: enter(edit, readCommentID, a.deleteComment)},

		{Pattern: "GET /api/v3/folders", Handler: a.listFolders},
		{Pattern: "POST /api/v3/folders", Handler: a.addFolder},
		{Pattern: "GET /api/v3/folders/{folder}", Handler: a.getFolder},
		{Pattern: "PUT /api/v3/folders/{folder}", Handler: a.changeFolder},
		{Pattern: "DELETE /api/v3/folders/{folder}", Handler: a.deleteFolder},

		{Pattern: "GET /api/v3/speech-to-text/session/{session}/shared", Handler: enter(a.link, nothing, a.sharedSession)},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/shared/document/{document}", Handler: enter(a.link, readWanted, a.get)},
		{Pattern: "DELETE /api/v3/speech-to-text/session/{session}/shared/document/{document}", Handler: notByLink},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/shared/document/{document}/media", Handler: enter(a.link, nothing, a.play)},
		{Pattern: "GET /api/v3/shared/{session}/document/{document}", Handler: enter(a.link, readWanted, a.get)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/shared/document/{document}", Handler: enter(a.link, readEdit, a.update)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/shared/document/{document}/clear_text", Handler: enter(a.link, ifMatch, a.clearText)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/shared/document/{document}/reset_to_original", Handler: enter(a.link, ifMatch, a.reset)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/shared/document/{document}/finish", Handler: enter(a.link, ifMatch, a.finish)},
		{Pattern: "GET /api/v3/speech-to-text/session/{session}/shared/document/{document}/comments", Handler: enter(a.link, readPage, a.comments)},
		{Pattern: "POST /api/v3/speech-to-text/session/{session}/shared/document/{document}/comments", Handler: enter(a.link, readNewComment, a.addComment)},
		{Pattern: "PUT /api/v3/speech-to-text/session/{session}/shared/document/{document}/comments/{comment}", Handler: enter(a.link, readChangedComment, a.changeComment)},
		{Pattern: "DELETE /api/v3/speech-to-text/session/{session}/shared/document/{document}/comments/{comment}", Handler: enter(a.link, readCommentID, a.deleteComment)},
	}
}

func deleted() (dialect.Response, error) {
	return dialect.Response{Status: http.StatusNoContent, Header: http.Header{}}, nil
}
