package latchkey

import (
	"context"
	"net/http"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
	"latchkey/shared/share"
)

// newLink reads what a link is to be; path is how the caller wrote o, with a
// final dot, or "".
func newLink(o dialect.Object, path string) (n share.New, err error) {
	if err := unknown(o, path, "file_id", "expires_at", "limit", "filename", "note"); err != nil {
		return n, err
	}
	var ok bool
	if n.FileID, ok, err = o.String("file_id", path+"file_id"); err != nil {
		return n, err
	}
	if !ok {
		return n, dialect.Missing(path + "file_id")
	}
	if n.ExpiresAt, err = expiry(o, path+"expires_at"); err != nil {
		return n, err
	}
	if n.Limit, _, err = o.Int("limit", path+"limit"); err != nil {
		return n, err
	}
	if n.Name, err = filename(o, path+"filename"); err != nil {
		return n, err
	}
	n.Note, _, err = o.String("note", path+"note")
	return n, err
}

// expiry reads "expires_at": a date, a time, or null for never.
func expiry(o dialect.Object, path string) (time.Time, error) {
	s, ok, err := o.String("expires_at", path)
	if err != nil || !ok {
		return time.Time{}, err
	}
	return dialect.ParseExpiry(s, path)
}

// filename reads what the download is to be called, by the rules of a file's name.
func filename(o dialect.Object, path string) (string, error) {
	s, ok, err := o.String("filename", path)
	switch {
	case err != nil || !ok:
		return "", err
	case strings.TrimSpace(s) == "":
		return "", fault.Field(fault.Invalid, path, "is blank; leave it out for the file's own name")
	case len(s) > file.MaxNameLength:
		return "", fault.Field(fault.Invalid, path, "is longer than %d bytes", file.MaxNameLength)
	}
	return s, nil
}

// createLink makes a link. That its file is not there, or not ready, is a
// fault of the field: the URL itself is right.
func (a API) createLink(ctx context.Context, who account.Principal, n share.New) (share.Listed, error) {
	sh, token, err := a.Links.Create(ctx, who, n)
	switch e := fault.As(err); {
	case fault.Is(err, fault.NotFound):
		err = fault.Field(fault.Invalid, "file_id", "is not the id of a file")
	case fault.Is(err, fault.Conflict) && e.Field == "":
		err = fault.Field(fault.Conflict, "file_id", "cannot be linked to: %s", e.Message)
	}
	return share.Listed{Share: sh, Token: token}, err
}

func (a API) link(ctx context.Context, who account.Principal, id string) (share.Listed, error) {
	sh, token, err := a.Links.Get(ctx, who, id)
	return share.Listed{Share: sh, Token: token}, err
}

func (a API) shown(r *http.Request, l share.Listed) linkJSON {
	return linkOf(l, dialect.Origin(a.Origin, r), a.Links.Now())
}

func (a API) writeLink(r *http.Request, l share.Listed) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, a.shown(r, l))
}

// linkQuery asks for a page of links.
type linkQuery struct {
	filter share.Filter
	page   file.Page
}

func readLinkQuery(r *http.Request) (out linkQuery, err error) {
	q, err := query(r, "limit", "cursor", "file_id", "state", "kind", "recipient")
	if err != nil {
		return out, err
	}
	if out.page, err = page(q); err != nil {
		return out, err
	}
	f := &out.filter
	if f.State, err = oneOf(q, "state", share.Active, share.Expired, share.Exhausted, share.Revoked); err != nil {
		return out, err
	}
	if f.Kind, err = oneOf(q, "kind", share.Download, share.Document, share.Public, share.Person, share.Recipient); err != nil {
		return out, err
	}
	if f.File = q.Get("file_id"); q.Has("file_id") && !ident.IsUUID(f.File) {
		return out, fault.Field(fault.Invalid, "file_id", "is not the id of a file")
	}
	if q.Has("recipient") {
		if f.Recipient, err = address.Parse(q.Get("recipient")); err != nil {
			return out, fault.Field(fault.Invalid, "recipient", "is not an email address")
		}
	}
	return out, nil
}

func (a API) listLinks(ctx context.Context, who account.Principal, q linkQuery) (paged[share.Listed], error) {
	links, next, err := a.Links.List(ctx, who, q.filter, q.page)
	return paged[share.Listed]{links, next}, err
}

func (a API) writeLinks(r *http.Request, p paged[share.Listed]) (dialect.Response, error) {
	res, err := dialect.JSON(http.StatusOK, struct {
		Links []linkJSON `json:"links"`
		Next  *string    `json:"next_cursor"`
	}{each(p.items, func(l share.Listed) linkJSON { return a.shown(r, l) }), dialect.OrNull(p.next)})
	nextPage(res.Header, r, p.next)
	return res, err
}

// patch is a change of a link.
type patch struct {
	id string
	share.Patch
}

func readPatch(r *http.Request) (patch, error) {
	p := patch{id: r.PathValue("id")}
	if _, err := query(r); err != nil {
		return p, err
	}
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return p, err
	}
	p.Patch, err = parsePatch(o)
	return p, err
}

// parsePatch takes null for expires_at only: for a limit it could be meant
// as "as it is" or as "none", and the second opens a link to everyone.
func parsePatch(o dialect.Object) (p share.Patch, err error) {
	if err := unknown(o, "", "expires_at", "limit", "note"); err != nil {
		return p, err
	}
	if len(o) == 0 {
		return p, fault.New(fault.Missing, "nothing to change: give expires_at, limit or note")
	}
	if _, ok := o["expires_at"]; ok {
		t, err := expiry(o, "expires_at")
		if err != nil {
			return p, err
		}
		p.ExpiresAt = &t
	}
	if _, ok := o["limit"]; ok {
		n, ok, err := o.Int("limit", "limit")
		if err != nil || !ok {
			return p, fault.Field(fault.Invalid, "limit", "must be an integer; 0 means unlimited")
		}
		p.Limit = &n
	}
	if _, ok := o["note"]; ok {
		s, ok, err := o.String("note", "note")
		if err == nil && !ok {
			err = fault.Field(fault.Invalid, "note", "must be a string")
		}
		p.Note = &s
		return p, err
	}
	return p, nil
}

func (a API) changeLink(ctx context.Context, who account.Principal, p patch) (share.Listed, error) {
	sh, token, err := a.Links.Change(ctx, who, p.id, p.Patch)
	return share.Listed{Share: sh, Token: token}, err
}

// revokeLink reads first, for the token: revoking does not return it.
func (a API) revokeLink(ctx context.Context, who account.Principal, id string) (share.Listed, error) {
	_, token, err := a.Links.Get(ctx, who, id)
	if err != nil {
		return share.Listed{}, err
	}
	sh, err := a.Links.Revoke(ctx, who, id)
	return share.Listed{Share: sh, Token: token}, err
}

func (a API) writeRevoked(r *http.Request, l share.Listed) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, struct {
		linkJSON
		DeadBy *stamp `json:"urls_dead_by"`
	}{a.shown(r, l), stampOf(l.DeadBy())})
}
