// Package viewer is the page of a shared document: what was said, to be read,
// heard, searched and, as far as the link allows, edited, commented and
// exported. It works without a script; assets/ makes it quicker.
//
// It speaks HTML as a dialect speaks its API, and refuses to decide anything
// about a right or a document: package recording does.
package viewer

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// prefixes are what the paths of all routes begin with.
var prefixes = []string{"/shared/", share.RecordingPath("")}

// Recordings is what the page needs of recordings.
type Recordings interface {
	Open(ctx context.Context, token, recordingID, documentID string, v share.Visit) (recording.Access, error)
	Read(ctx context.Context, a recording.Access) (recording.Read, error)
	Reread(ctx context.Context, a recording.Access) (recording.Read, error)
	Waveform(ctx context.Context, a recording.Access) ([]byte, error)
	Thumbnail(ctx context.Context, a recording.Access) ([]byte, error)
	Comments(ctx context.Context, a recording.Access) ([]recording.Comment, error)
	AddComment(ctx context.Context, a recording.Access, c recording.CommentChange, once account.Once) (recording.Comment, error)
	ChangeComment(ctx context.Context, a recording.Access, id string, c recording.CommentChange) (recording.Comment, error)
	DeleteComment(ctx context.Context, a recording.Access, id string) error
	UpdateDocument(ctx context.Context, a recording.Access, e recording.Edit) (recording.Read, error)
	Finish(ctx context.Context, a recording.Access, finished bool, version int64) (recording.Document, error)
}

var _ Recordings = (*recording.Service)(nil)

// Service is the page over the domain.
type Service struct {
	Recordings Recordings
	Bucket     string // origin of presigned URLs, which media and exports may be redirected to
	Now        func() time.Time
}

// Routes are the page, its forms and what it loads; HEAD goes with GET.
func Routes(s Service) []dialect.Route {
	return []dialect.Route{
		{Pattern: "GET /r/{key}", Handler: s.show},
		{Pattern: "GET /r/{key}/share", Handler: s.show}, // as Sonix's links are seen to end, too
		{Pattern: "GET /shared/transcript/{document}", Handler: s.show},
		{Pattern: "GET /shared/transcript/{document}/thumbnail", Handler: s.thumbnail},
		{Pattern: "POST /shared/transcript/{document}/comments", Handler: s.form(s.comment)},
		{Pattern: "POST /shared/transcript/{document}/comments/{comment}", Handler: s.form(s.tend)},
		{Pattern: "POST /shared/transcript/{document}/edit", Handler: s.form(s.edit)},
		{Pattern: "POST /shared/transcript/{document}/finish", Handler: s.form(s.finish)},
		{Pattern: "GET /shared/assets/{hash}/{name}", Handler: asset},
	}
}

// show is the page: of the document that the path names, or of the transcript
// of the recording that the token in the path opens. That one is shown here,
// without a redirect: it is one opening and one request, and the address of a
// public page stays one that can be passed on. HEAD is no reading.
func (s Service) show(r *http.Request) (dialect.Response, error) {
	token := cmp.Or(r.PathValue("key"), r.URL.Query().Get("token"))
	a, err := s.open(r, token)
	if err != nil {
		return dialect.Response{}, err
	}
	if r.Method == http.MethodHead {
		return s.render(http.StatusOK, "reading", page{Title: a.Title()})
	}
	comments, err := s.Recordings.Comments(r.Context(), a)
	if err != nil {
		return dialect.Response{}, err
	}
	read := s.Recordings.Read
	if s.justWritten(r.URL.Query(), a, comments) {
		read = s.Recordings.Reread
	}
	d, err := read(r.Context(), a)
	if err != nil {
		return dialect.Response{}, err
	}
	p := pageOf(a, d, comments, token)
	if peaks, err := s.Recordings.Waveform(r.Context(), a); err == nil { // else it is read without
		p.Peaks = levels(peaks)
	}
	p.edit(r.URL.Query().Get("edit"))
	return s.render(http.StatusOK, "reading", p)
}

// thumbnail is the picture that a video is shown by until it is played.
func (s Service) thumbnail(r *http.Request) (dialect.Response, error) {
	a, err := s.open(r, r.URL.Query().Get("token"))
	if err != nil {
		return dialect.Response{}, err
	}
	picture, err := s.Recordings.Thumbnail(r.Context(), a)
	if err != nil {
		return dialect.Response{}, err
	}
	h := http.Header{
		"Content-Type":                 {"image/jpeg"},
		"X-Content-Type-Options":       {"nosniff"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	dialect.Capability(h)
	return dialect.Response{Status: http.StatusOK, Header: h, Body: picture}, nil
}

// open opens the path's document and names the link in the journal.
func (s Service) open(r *http.Request, token string) (recording.Access, error) {
	if dialect.Prefetch(r) {
		return recording.Access{}, fault.New(dialect.InAdvance, "not available in advance")
	}
	a, err := s.Recordings.Open(r.Context(), token, "", r.PathValue("document"), dialect.Visit(r))
	var refused *share.RefusedError
	switch {
	case errors.As(err, &refused):
		return a, goneError(*refused).fault()
	case err != nil:
		return a, err
	}
	note := journal.From(r.Context())
	note.Organization, note.Share = a.Share.Organization, a.Share.ID
	return a, nil
}

// lately is how long after a form was sent the page that answers it is no
// opening of its own.
const lately = time.Minute

// justWritten reports whether this is the page that a form led to: the trail
// has what the form did. Whoever says so must have written just now.
func (s Service) justWritten(q url.Values, a recording.Access, comments []recording.Comment) bool {
	recent := func(t time.Time) bool { return s.Now().Sub(t) < lately }
	if version := q.Get("saved"); version != "" {
		return a.Edit && version == strconv.FormatInt(a.Document.Version, 10) && recent(a.Document.ModifiedAt)
	}
	for _, c := range comments {
		if c.ID == q.Get("said") && c.By == a.By() && recent(c.UpdatedAt) {
			return true
		}
	}
	return false
}

// pathOf is the path of a document's page.
func pathOf(a recording.Access) string {
	path, _, _ := strings.Cut(share.DocumentPath(a.Document.ID, ""), "?")
	return path
}
