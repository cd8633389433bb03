package mediapocket

import (
	"html"
	"net/http"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
)

// follow is GET /api/v2/shareable_links/{key}: a capability that needs no
// key, but refuses a wrong one.
func (a API) follow(r *http.Request) (dialect.Response, error) {
	if dialect.Key(r) != "" {
		if _, err := dialect.Authenticate(a.Accounts, r); err != nil {
			return dialect.Response{}, err
		}
	}
	token := r.PathValue("key")
	if r.Method == http.MethodHead {
		return a.head(r, token)
	}
	if dialect.Prefetch(r) {
		return dialect.Response{}, fault.New(dialect.InAdvance, "not available in advance")
	}
	g, err := a.Shares.Follow(r.Context(), token, dialect.Visit(r))
	if err != nil {
		return dialect.Response{}, err
	}
	note := journal.From(r.Context())
	note.Organization, note.Share = g.Share.Organization, g.Share.ID
	res := dialect.Response{
		Status:  http.StatusFound,
		Header:  http.Header{"Location": {g.URL}, "Content-Type": {"text/html; charset=utf-8"}},
		Cookies: dialect.ClaimCookies(r, g, strings.HasPrefix(dialect.Origin(a.Origin, r), "https:")),
		Body:    []byte(`<html><body>You are being <a href="` + html.EscapeString(g.URL) + `">redirected</a>.</body></html>`),
	}
	dialect.Capability(res.Header)
	return res, nil
}

// head says whether a GET would lead anywhere, and spends nothing.
func (a API) head(r *http.Request, token string) (dialect.Response, error) {
	v, err := a.Shares.Look(r.Context(), token, "")
	if err != nil {
		return dialect.Response{}, err
	}
	if err := v.Refused(); err != nil {
		return dialect.Response{}, err
	}
	res := dialect.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {v.Share.Target.ContentType}}}
	dialect.Capability(res.Header)
	return res, nil
}
