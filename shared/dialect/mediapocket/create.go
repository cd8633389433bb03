package mediapocket

import (
	"context"
	"net/http"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/share"
)

const linksPath = "/api/v2/shareable_links/"

// createRequest is the body of POST /api/v2/shareable_links.
type createRequest struct {
	expires  time.Time
	limit    int64
	mediaID  int64
	assetID  string
	hasAsset bool
	filename string
}

// created is the answer: exactly these three.
type created struct {
	ID       int64  `json:"id"`
	URL      string `json:"url"`
	Filename string `json:"filename"`
}

func (a API) readCreate(r *http.Request) (createRequest, error) {
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return createRequest{}, err
	}
	var in createRequest
	if in.expires, err = readExpiry(o); err != nil {
		return createRequest{}, err
	}
	if in.limit, err = need(o.Int("limit", "limit"))("limit"); err != nil {
		return createRequest{}, err
	}
	payload, err := need(o.Object("payload", "payload"))("payload")
	if err != nil {
		return createRequest{}, err
	}
	if in.mediaID, err = need(payload.Int("media_id", "payload.media_id"))("payload.media_id"); err != nil {
		return createRequest{}, err
	}
	if in.filename, err = need(payload.String("filename", "payload.filename"))("payload.filename"); err != nil {
		return createRequest{}, err
	}
	in.assetID, in.hasAsset, err = payload.String("asset_id", "payload.asset_id")
	return in, err
}

// need turns an absent field into the fault of a missing one.
func need[T any](v T, present bool, err error) func(path string) (T, error) {
	return func(path string) (T, error) {
		if err == nil && !present {
			err = dialect.Missing(path)
		}
		return v, err
	}
}

func readExpiry(o dialect.Object) (time.Time, error) {
	s, err := need(o.String("expiry_date", "expiry_date"))("expiry_date")
	if err != nil {
		return time.Time{}, err
	}
	if strings.TrimSpace(s) == "" {
		return time.Time{}, dialect.Missing("expiry_date")
	}
	return dialect.ParseExpiry(s, "expiry_date")
}

func (a API) create(ctx context.Context, who account.Principal, in createRequest) (createdLink, error) {
	if strings.TrimSpace(in.filename) == "" {
		return createdLink{}, dialect.Missing("payload.filename")
	}
	f, err := a.Files.ByMediaID(ctx, who, in.mediaID)
	if fault.Is(err, fault.NotFound) {
		text := "media not found"
		if in.hasAsset {
			text = "asset not found"
		}
		return createdLink{}, fault.New(badReference, "%s", text)
	}
	if err != nil {
		return createdLink{}, err
	}
	if in.hasAsset && in.assetID != f.AssetID {
		return createdLink{}, fault.New(badReference, "asset not found")
	}
	sh, token, err := a.Shares.CreateFor(ctx, who, f, share.New{
		Name: withExtension(in.filename, f.Name), ExpiresAt: in.expires, Limit: in.limit,
	})
	return createdLink{number: sh.Number, token: token, filename: in.filename}, renamed(err)
}

type createdLink struct {
	number   int64
	token    string
	filename string
}

func (a API) writeCreated(r *http.Request, l createdLink) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, created{
		ID: l.number, URL: dialect.Origin(a.Origin, r) + linksPath + l.token, Filename: l.filename,
	})
}

// withExtension gives a link's file name the stored file's extension when it
// has none of its own, so that the recipient's computer knows what it is.
func withExtension(name, stored string) string {
	if extension(name) != "" {
		return name
	}
	return strings.TrimRight(name, ".") + extension(stored)
}

// extension returns the part of a name from its last dot on, if that looks
// like an extension rather than the end of a sentence.
func extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || i == len(name)-1 || len(name)-i > 12 || strings.ContainsAny(name[i:], " /\\") {
		return ""
	}
	return name[i:]
}
