// Package mediapocket speaks MediaPocket's v2 shareable links: make a link
// that expires and allows a number of downloads, follow it, mail it. Where
// it differs from the published text, and what it had to choose, is in
// DIVERGENCES.md.
package mediapocket

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

// Shares is what this dialect needs of shares.
type Shares interface {
	CreateFor(ctx context.Context, who account.Principal, f file.File, n share.New) (share.Share, string, error)
	Mail(ctx context.Context, who account.Principal, r share.MailRequest) (share.MailResult, error)
	Follow(ctx context.Context, token string, v share.Visit) (share.Grant, error)
	Look(ctx context.Context, token string, held share.Claim) (share.View, error)
}

// Files is what this dialect needs of files.
type Files interface {
	ByMediaID(ctx context.Context, who account.Principal, mediaID int64) (file.File, error)
}

// API is the dialect over the domain.
type API struct {
	Accounts dialect.Authenticator
	Shares   Shares
	Files    Files
	Origin   string // of public URLs; "" for the API's own
}

// OwnerRoutes are the calls of those who share; the links function.
func (a API) OwnerRoutes() []dialect.Route {
	return []dialect.Route{
		{Pattern: "POST /api/v2/shareable_links", Handler: dialect.CallAs(a.Accounts, a.readCreate, a.create, a.writeCreated)},
		{Pattern: "POST /api/v2/shareable_links/share", Handler: dialect.CallAs(a.Accounts, a.readShare, a.mail, a.writeShared)},
	}
}

// OpenRoutes are the followed links; the open function.
func (a API) OpenRoutes() []dialect.Route {
	return []dialect.Route{
		{Pattern: "GET /api/v2/shareable_links/{key}", Handler: a.follow},
	}
}
