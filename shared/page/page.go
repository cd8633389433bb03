// Package page is what a recipient sees: a page that says what was sent, by
// whom and until when, with a button. Only the button spends, because mail
// scanners follow every link.
//
// It speaks HTML as a dialect speaks its API, and refuses to decide anything
// about a share. A page loads nothing but itself: no font, no picture, no
// script from anywhere else.
package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// Shares is what the page needs of shares.
type Shares interface {
	Look(ctx context.Context, token string, held share.Claim) (share.View, error)
	Opened(ctx context.Context, v share.View, visit share.Visit)
	Follow(ctx context.Context, token string, v share.Visit) (share.Grant, error)
}

// Files finds what a share leads to.
type Files interface {
	// File returns a file, or NotFound.
	File(ctx context.Context, organization, id string) (file.File, error)
}

// Service is the page over the domain.
type Service struct {
	Shares Shares
	Files  Files
	Origin string // of public URLs; "" for the API's own
	Bucket string // origin of presigned URLs, which the form may be redirected to
	IDs    ident.Source
}

// Routes are the pages of links; HEAD goes with GET.
func Routes(s Service) []dialect.Route {
	return []dialect.Route{
		{Pattern: "GET /l/{key}", Handler: s.show},
		{Pattern: "POST /l/{key}", Handler: s.download},
	}
}

// show is GET /l/{key}. It spends nothing.
func (s Service) show(r *http.Request) (dialect.Response, error) {
	v, err := s.look(r)
	if err != nil {
		return dialect.Response{}, err
	}
	if seen(r) {
		s.Shares.Opened(r.Context(), v, visit(r))
	}
	if v.State != share.Active {
		return dialect.Response{}, gone(v)
	}
	f, err := s.Files.File(r.Context(), v.Spends.Organization, v.Spends.Target.FileID)
	if err == nil && f.State != file.Ready {
		err = fault.New(fault.NotFound, "file not found") // it is being deleted
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return sheets.Render(http.StatusOK, "link", linkOf(v, f, s.IDs.Secret()), "'self' "+s.Bucket)
}

// look reads what the token opens and names it in the journal.
func (s Service) look(r *http.Request) (share.View, error) {
	v, err := s.Shares.Look(r.Context(), r.PathValue("key"), dialect.HeldClaim(r))
	if err == nil {
		note := journal.From(r.Context())
		note.Organization, note.Share = v.Share.Organization, v.Share.ID
	}
	return v, err
}

// seen reports whether somebody looks at the page: not its own script that
// asks what is left, nor a request that shows nothing.
func seen(r *http.Request) bool {
	script := r.Header.Get("Sec-Fetch-Site") == "same-origin" && r.Header.Get("Sec-Fetch-Mode") != "navigate"
	return r.Method != http.MethodHead && !dialect.Prefetch(r) && !script
}

// visit is dialect.Visit with the use that this browser was given before,
// which Visit tells of a navigation only. Here it is told always: the button
// is pressed in nothing but a browser, also one too old to say that it
// navigates, and looking spends nothing.
func visit(r *http.Request) share.Visit {
	v := dialect.Visit(r)
	v.Repeat = dialect.HeldClaim(r)
	return v
}

// download is POST /l/{key}: the button.
func (s Service) download(r *http.Request) (dialect.Response, error) {
	switch {
	case dialect.Prefetch(r):
		return dialect.Response{}, fault.New(dialect.InAdvance, "not available in advance")
	case dialect.OtherSite(r):
		return dialect.Response{}, fault.New(fault.Forbidden, "the button was pressed on another site")
	}
	who := visit(r)
	who.Attempt = attempt(r)
	g, err := s.Shares.Follow(r.Context(), r.PathValue("key"), who)
	var refused *share.RefusedError
	if errors.As(err, &refused) {
		return dialect.Response{}, s.refused(r, refused)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	note := journal.From(r.Context())
	note.Organization, note.Share = g.Share.Organization, g.Share.ID
	res := dialect.Response{
		Status:  http.StatusSeeOther,
		Header:  http.Header{"Location": {g.URL}},
		Cookies: dialect.ClaimCookies(r, g, strings.HasPrefix(dialect.Origin(s.Origin, r), "https:")),
	}
	dialect.Capability(res.Header)
	return res, nil
}

// maxForm bounds the button's form, which holds the attempt and no more.
const maxForm = 1024

// attempt is the name of the page's showing whose button was pressed, so that
// a double click is one use; "" if the form does not tell.
func attempt(r *http.Request) string {
	body, err := dialect.ReadBody(r, maxForm)
	if err != nil {
		return ""
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form.Get("attempt")) != ident.SecretLength {
		return ""
	}
	return form.Get("attempt")
}

// refused looks again, for the page says whom to ask for a new link. What it
// was refused for counts, whatever has changed since.
func (s Service) refused(r *http.Request, e *share.RefusedError) error {
	v, err := s.look(r)
	if err != nil {
		return err
	}
	v.State = e.State
	return gone(v)
}
