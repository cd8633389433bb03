package sweetconnect

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/ident"
)

// pathUUID reads a UUID, of any version, of a path, where it is called
// variable, and field in the published text. It is looked at before anything
// is looked up.
func pathUUID(r *http.Request, variable, field string) (string, error) {
	id := r.PathValue(variable)
	if !ident.IsUUID(id) {
		return "", fault.Field(fault.Invalid, field, "must be a UUID")
	}
	return strings.ToLower(id), nil
}

func readID(variable, field string) func(*http.Request) (string, error) {
	return func(r *http.Request) (string, error) { return pathUUID(r, variable, field) }
}

func (a API) readShare(r *http.Request) (n handover.New, err error) {
	if n.FileID, err = pathUUID(r, "id", "fileId"); err != nil {
		return n, err
	}
	body, err := dialect.ReadJSON(r)
	if err != nil {
		return n, err
	}
	for name, to := range map[string]*string{"recipientEmail": &n.Email, "assetId": &n.AssetID, "message": &n.Message} {
		if *to, _, err = body.String(name, name); err != nil {
			return n, err
		}
	}
	n.Base = dialect.Origin(a.Origin, r)
	return n, nil
}

func (a API) share(ctx context.Context, who account.Principal, n handover.New) (struct{}, error) {
	_, err := a.Handovers.Share(ctx, who, n)
	return struct{}{}, err
}

// Pages of lists.
const (
	defaultLimit = 10
	maxLimit     = 50
	maxPage      = 1_000_000
)

// page is part of a list; numbers count from 1.
type page struct{ number, limit int }

func readPage(r *http.Request) (p page, err error) {
	p = page{1, defaultLimit}
	for _, q := range []struct {
		name string
		to   *int
		most int
	}{{"page", &p.number, maxPage}, {"limit", &p.limit, maxLimit}} {
		values := r.URL.Query()[q.name]
		if len(values) == 0 {
			continue
		}
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 1 || n > q.most || len(values) > 1 {
			return p, fault.Field(fault.Invalid, q.name, "must be a number from 1 to %d", q.most)
		}
		*q.to = n
	}
	return p, nil
}

// sentPage is a page of what somebody shared.
type sentPage struct {
	page
	shares []handover.Handover
	total  int
}

func (a API) sent(ctx context.Context, who account.Principal, p page) (sentPage, error) {
	shares, total, err := a.Handovers.Sent(ctx, who, p.number, p.limit)
	return sentPage{p, shares, total}, err
}

func (a API) revoke(ctx context.Context, who account.Principal, id string) (struct{}, error) {
	return struct{}{}, a.Handovers.Revoke(ctx, who, id)
}

// decision is about a recipient who waits.
type decision struct{ user, role, base string }

func (a API) readAccept(r *http.Request) (d decision, err error) {
	if d, err = a.readDecline(r); err != nil {
		return d, err
	}
	body, err := dialect.ReadJSON(r)
	if err != nil {
		return d, err
	}
	d.role, _, err = body.String("marketplaceRole", "marketplaceRole")
	if err == nil && d.role == "" {
		err = dialect.Missing("marketplaceRole")
	}
	return d, err
}

// readDecline reads no body: none is published, and clients send {} or none.
func (a API) readDecline(r *http.Request) (d decision, err error) {
	d.user, err = pathUUID(r, "userId", "userId")
	d.base = dialect.Origin(a.Origin, r)
	return d, err
}

func (a API) accept(ctx context.Context, who account.Principal, d decision) (struct{}, error) {
	return struct{}{}, a.Handovers.Accept(ctx, who, d.user, d.role, d.base)
}

func (a API) decline(ctx context.Context, who account.Principal, d decision) (struct{}, error) {
	return struct{}{}, a.Handovers.Decline(ctx, who, d.user, d.base)
}

// one is a share of a user.
type one struct{ user, share string }

func readOne(r *http.Request) (o one, err error) {
	if o.user, err = pathUUID(r, "userId", "userId"); err == nil {
		o.share, err = pathUUID(r, "shareId", "shareId")
	}
	return o, err
}

// state is where the recipient of a share stands.
type state struct {
	joining account.Joining
	share   handover.Handover
}

func (a API) stateOf(ctx context.Context, o one) (state, error) {
	joining, h, err := a.Handovers.StateOf(ctx, o.user, o.share)
	return state{joining, h}, err
}
