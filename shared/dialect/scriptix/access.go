package scriptix

import (
	"net/http"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
)

// What ids look like on the wire, and how long they are without their prefix.
const (
	sessionPrefix, sessionLength   = "sess_", 8
	documentPrefix, documentLength = "doc_", 12
	commentPrefix, commentLength   = "comment_", 12
)

// bare returns an id of the wire without its prefix. One of another form is
// the id of nothing.
func bare(id, prefix string, length int) (string, error) {
	s, ok := strings.CutPrefix(id, prefix)
	if !ok || !ident.IsChars(s, length) {
		return "", fault.New(fault.NotFound, "%s not found", named[prefix])
	}
	return s, nil
}

var named = map[string]string{sessionPrefix: "session", documentPrefix: "document", commentPrefix: "comment"}

// pathIDs returns the ids of the path's session and document, "" for one that
// the route does not have.
func pathIDs(r *http.Request) (session, document string, err error) {
	if session, err = bare(r.PathValue("session"), sessionPrefix, sessionLength); err != nil {
		return "", "", err
	}
	if id := r.PathValue("document"); id != "" {
		document, err = bare(id, documentPrefix, documentLength)
	}
	return session, document, err
}

// door says how a request gets at what its path names.
type door func(r *http.Request) (recording.Access, error)

// enter makes a handler of what can be done behind a door. Whether somebody
// may pass is decided before the body is read.
func enter[In any](d door, read func(*http.Request) (In, error), do func(*http.Request, recording.Access, In) (dialect.Response, error)) dialect.Handler {
	return func(r *http.Request) (dialect.Response, error) {
		a, err := d(r)
		if err != nil {
			return dialect.Response{}, err
		}
		in, err := read(r)
		if err != nil {
			return dialect.Response{}, err
		}
		res, err := do(r, a, in)
		if err == nil && isShared(r) {
			dialect.Capability(res.Header)
		}
		return res, err
	}
}

// notByLink answers what no link allows, whatever the token.
func notByLink(*http.Request) (dialect.Response, error) {
	return dialect.Response{}, fault.New(fault.Forbidden, "a link does not allow this")
}

// who knows the holder of a key. A link alone opens none of the routes that
// ask.
func (a API) who(r *http.Request) (account.Principal, error) {
	if dialect.Key(r) == "" && r.URL.Query().Has("token") {
		return account.Principal{}, fault.New(fault.Forbidden, "a link does not allow this")
	}
	return dialect.Authenticate(a.Accounts, r)
}

// owner is the door of those who hold a key.
func (a API) owner(op account.Operation) door {
	return func(r *http.Request) (recording.Access, error) {
		who, err := a.who(r)
		if err != nil {
			return recording.Access{}, err
		}
		session, document, err := pathIDs(r)
		if err != nil {
			return recording.Access{}, err
		}
		return a.Recordings.Own(r.Context(), who, op, session, document)
	}
}

// link is the door of those who hold a token. Any other credential is
// ignored. A token comes first: without one, nothing is said of the path.
func (a API) link(r *http.Request) (recording.Access, error) {
	token := r.URL.Query().Get("token")
	if token == "" {
		return recording.Access{}, fault.New(fault.Unauthenticated, "the token is missing")
	}
	if dialect.Prefetch(r) {
		return recording.Access{}, fault.New(dialect.InAdvance, "not available in advance")
	}
	session, document, err := pathIDs(r)
	if err != nil {
		return recording.Access{}, err
	}
	to, err := a.Recordings.Open(r.Context(), token, session, document, dialect.Visit(r))
	if err != nil {
		return recording.Access{}, err
	}
	note := journal.From(r.Context())
	note.Organization, note.Share = to.Share.Organization, to.Share.ID
	return to, nil
}

// either is the door of a document that owners read, and recipients of a link
// download from.
func (a API) either(r *http.Request) (recording.Access, error) {
	if dialect.Key(r) == "" && r.URL.Query().Has("token") {
		return a.link(r)
	}
	return a.owner(account.ReadRecordings)(r)
}
