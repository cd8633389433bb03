// Package sweetconnect speaks SweetConnect's storage API: files are handed to
// named persons, who register and are accepted or declined. It refuses to
// decide who may be handed what: package handover does.
package sweetconnect

import (
	"context"
	"net/http"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
)

// Handovers is what this dialect needs of handovers, its shares.
type Handovers interface {
	Share(ctx context.Context, who account.Principal, n handover.New) (handover.Handover, error)
	Sent(ctx context.Context, who account.Principal, page, limit int) ([]handover.Handover, int, error)
	Revoke(ctx context.Context, who account.Principal, id string) error
	Pending(ctx context.Context, who account.Principal, organization string) ([]handover.Pending, error)
	Accept(ctx context.Context, who account.Principal, userID, role, base string) error
	Decline(ctx context.Context, who account.Principal, userID, base string) error
	State(ctx context.Context, userID string) ([]handover.Handover, error)
	StateOf(ctx context.Context, userID, id string) (account.Joining, handover.Handover, error)
}

var _ Handovers = (*handover.Service)(nil)

// API is the dialect over the domain.
type API struct {
	Accounts  dialect.Authenticator
	Handovers Handovers
	Files     Files
	Sessions  Sessions
	Origin    string // of public URLs; "" for the API's own
}

// storage is where the published samples have the routes below /v1 too.
const storage = "/api/storage"

// Routes are all of them; the fileshares function.
func (a API) Routes() []dialect.Route {
	return append(a.table(), mounted(a.table())...)
}

// mounted are routes a second time, below storage.
func mounted(routes []dialect.Route) []dialect.Route {
	for i, r := range routes {
		routes[i].Pattern = strings.Replace(r.Pattern, " /", " "+storage+"/", 1)
	}
	return routes
}

func (a API) table() []dialect.Route {
	return append(append(a.documentRoutes(), tokenRoutes(a.Sessions)...), append([]dialect.Route{
		{Pattern: "POST /v1/shares/{id}", Handler: dialect.CallAs(a.Accounts, a.readShare, a.share, created)},
		{Pattern: "GET /v1/shares", Handler: dialect.CallAs(a.Accounts, readPage, a.sent, writeSent)},
		{Pattern: "DELETE /v1/shares/{id}", Handler: dialect.CallAs(a.Accounts, readID("id", "shareId"), a.revoke, empty)},
		{Pattern: "POST /v1/shares/{userId}/accept", Handler: dialect.CallAs(a.Accounts, a.readAccept, a.accept, empty)},
		{Pattern: "POST /v1/shares/{userId}/decline", Handler: dialect.CallAs(a.Accounts, a.readDecline, a.decline, empty)},
		{Pattern: "GET /v1/shares/state/{userId}/{shareId}", Handler: dialect.Call(readOne, a.stateOf, writeStateOf)},
	}, either(
		dialect.Route{Pattern: "GET /v1/shares/state/{userId}", Handler: dialect.Call(readID("userId", "userId"), a.Handovers.State, writeState)},
		dialect.Route{Pattern: "GET /v1/shares/{organizationId}/pending-requests", Handler: dialect.CallAs(a.Accounts, readID("organizationId", "organizationId"), a.Handovers.Pending, writePending)},
	))...)
}

// either is two routes of which both would take /v1/shares/state/pending-requests,
// which a ServeMux does not allow: one pattern that chooses between them. That
// path goes to the first, which refuses it.
func either(state, pending dialect.Route) dialect.Route {
	return dialect.Route{Pattern: http.MethodGet + " /v1/shares/{first}/{second}", Handler: func(r *http.Request) (dialect.Response, error) {
		first, second := r.PathValue("first"), r.PathValue("second")
		switch {
		case first == "state":
			r.SetPathValue("userId", second)
			return state.Handler(r)
		case second == "pending-requests":
			r.SetPathValue("organizationId", first)
			return pending.Handler(r)
		}
		return dialect.Response{}, fault.New(fault.NotFound, "not found")
	}}
}
