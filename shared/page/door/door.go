// Package door is the pages before a document that was handed to somebody:
// the one that their link opens, where they download it or sign in to, the
// one where they register, and the one where they sign in to see all that
// they were handed.
//
// It speaks HTML as a dialect speaks its API, and refuses to decide who may
// have what: packages handover and account do. Who signs in on a link's page
// downloads, and that is all; on the page of all there is a session, in a
// cookie that no other page gets. Looking spends nothing and sends nothing,
// because mail scanners follow every link.
package door

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
)

// Handovers is what the pages need of handovers.
type Handovers interface {
	Follow(ctx context.Context, token string) (handover.View, error)
	Opened(ctx context.Context, v handover.View, visit share.Visit, err error)
	Download(ctx context.Context, token string, who account.Principal, visit share.Visit) (string, error)
	Received(ctx context.Context, who account.Principal) ([]handover.Handover, error)
	Mine(ctx context.Context, who account.Principal, id string) (handover.Handover, error)
	DownloadMine(ctx context.Context, who account.Principal, id string, visit share.Visit) (string, error)
	State(ctx context.Context, userID string) ([]handover.Handover, error)
}

// Accounts is what the pages need of accounts.
type Accounts interface {
	Prove(ctx context.Context, email, password string, v account.Visitor) (account.User, error)
	SignIn(ctx context.Context, email, password string, v account.Visitor) (account.Session, error)
	Authenticate(ctx context.Context, access string) (account.Principal, error)
	Leave(ctx context.Context, access string) error
	InviteToRegister(ctx context.Context, userID string) (token string, err error)
	Registering(ctx context.Context, token string) (account.User, error)
	Register(ctx context.Context, token, name, password string, v account.Visitor) (account.User, error)
	User(ctx context.Context, organization, id string) (account.User, error)
}

var (
	_ Handovers = (*handover.Service)(nil)
	_ Accounts  = (*account.Service)(nil)
)

// Post mails the links that people register with. It tries each once, and
// writes down what was not sent and why.
type Post interface {
	Register(ctx context.Context, r account.Registration)
}

// Service is the pages over the domain.
type Service struct {
	Handovers Handovers
	Accounts  Accounts
	Post      Post
	Origin    string // of public URLs; "" for the API's own
	Bucket    string // origin of presigned URLs, which a form may be redirected to
}

// Routes are the pages and their forms; HEAD goes with GET.
func Routes(s Service) []dialect.Route {
	return []dialect.Route{
		{Pattern: "GET /s/{token}", Handler: s.show},
		{Pattern: "POST /s/{token}", Handler: s.download},
		{Pattern: "GET /s/{token}/register", Handler: s.show}, // what a browser asks for that is opened again
		{Pattern: "POST /s/{token}/register", Handler: s.invite},
		{Pattern: "GET /register/{token}", Handler: s.registering},
		{Pattern: "POST /register/{token}", Handler: s.register},
		{Pattern: "GET /sign-in", Handler: s.received},
		{Pattern: "POST /sign-in", Handler: s.signIn},
		{Pattern: "GET /sign-in/{share}", Handler: s.mine},
		{Pattern: "POST /sign-in/{share}", Handler: s.downloadMine},
		{Pattern: "GET /sign-in/out", Handler: s.received}, // what a browser asks for that is opened again
		{Pattern: "POST /sign-in/out", Handler: s.signOut},
	}
}

// maxForm bounds a form: its longest are a name and a password of 200
// characters each, of four bytes that are encoded as twelve.
const maxForm = 8 << 10

// read reads a form of the page, unless it comes from another site.
func read(r *http.Request) (url.Values, error) {
	switch {
	case dialect.Prefetch(r):
		return nil, fault.New(dialect.InAdvance, "not available in advance")
	case dialect.OtherSite(r):
		return nil, fault.New(fault.Forbidden, "the form was sent from another site")
	}
	body, err := dialect.ReadBody(r, maxForm)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "the form could not be read")
	}
	for _, values := range form {
		for _, v := range values {
			if !utf8.ValidString(v) {
				return nil, fault.New(fault.Malformed, "the form is not UTF-8")
			}
		}
	}
	return form, nil
}

// visitor is whom attempts are counted of.
func visitor(r *http.Request) account.Visitor {
	return account.Visitor(lambdahttp.Request(r.Context()).SourceIP)
}

// follow reads what the path's token opens and names it in the journal.
func (s Service) follow(r *http.Request) (handover.View, error) {
	v, err := s.Handovers.Follow(r.Context(), r.PathValue("token"))
	return noted(r, v, err)
}

// noted names what was asked for in the journal, and lets a page tell what was
// revoked.
func noted(r *http.Request, v handover.View, err error) (handover.View, error) {
	note := journal.From(r.Context())
	note.Organization, note.Share = v.Handover.Organization, v.Handover.ID
	if errors.Is(err, handover.ErrRevoked) {
		err = fault.Wrap(fault.NotFound, &goneError{v.Handover}, "share not found")
	}
	return v, err
}
