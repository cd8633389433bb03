package sweetconnect

import (
	"net/http"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/handover"
)

// envelope is this API's body of every success that has one.
type envelope struct {
	Data any `json:"data"`
}

func data(status int, v any) (dialect.Response, error) { return dialect.JSON(status, envelope{v}) }

func created(*http.Request, struct{}) (dialect.Response, error) {
	return data(http.StatusCreated, struct{}{})
}

func empty(*http.Request, struct{}) (dialect.Response, error) {
	return dialect.Response{Status: http.StatusNoContent, Header: http.Header{}}, nil
}

// pageJSON is a page of a list.
type pageJSON struct {
	Items      any            `json:"items"`
	Pagination paginationJSON `json:"pagination"`
}

type paginationJSON struct {
	Page       int `json:"page"`
	Limit      int `json:"limit"`
	TotalItems int `json:"totalItems"`
	TotalPages int `json:"totalPages"`
}

// paged is a page of items of which there are total.
func paged[T any](p page, items []T, total int) (dialect.Response, error) {
	return data(http.StatusOK, pageJSON{items, paginationJSON{p.number, p.limit, total, (total + p.limit - 1) / p.limit}})
}

// each is a list that is never null.
func each[In, Out any](in []In, f func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// stamp writes a time as JavaScript does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// sentJSON is a share in the list of its sender. It has not the recipient's
// id, which would show what others share with them: see DIVERGENCES.md.
type sentJSON struct {
	ID             string  `json:"shareId"`
	DocumentID     string  `json:"documentId"`
	DocumentName   string  `json:"documentName"`
	AssetID        *string `json:"assetId"`
	RecipientEmail string  `json:"recipientEmail"`
	Message        string  `json:"message"`
	Mail           string  `json:"mailState"`
	CreatedAt      string  `json:"createdAt"`
	RevokedAt      *string `json:"revokedAt"`
}

func sentOf(h handover.Handover) sentJSON {
	j := sentJSON{
		ID: h.ID, DocumentID: h.Target.FileID, DocumentName: h.Title, AssetID: dialect.OrNull(h.AssetID),
		RecipientEmail: h.RecipientEmail, Message: h.Message, Mail: string(h.Mail), CreatedAt: stamp(h.CreatedAt),
	}
	if !h.RevokedAt.IsZero() {
		j.RevokedAt = dialect.OrNull(stamp(h.RevokedAt))
	}
	return j
}

func writeSent(_ *http.Request, p sentPage) (dialect.Response, error) {
	return paged(p.page, each(p.shares, sentOf), p.total)
}

// pendingJSON is a recipient about whom is to be decided.
type pendingJSON struct {
	ID     string        `json:"recipientId"`
	Shares []requestJSON `json:"shares"`
}

type requestJSON struct {
	ID             string `json:"shareId"`
	DocumentID     string `json:"documentId"`
	DocumentName   string `json:"documentName"`
	SenderEmail    string `json:"senderEmail"`
	SenderName     string `json:"senderName"`
	RecipientEmail string `json:"recipientEmail"`
	RecipientName  string `json:"recipientName"`
	CreatedAt      string `json:"createdAt"`
}

func pendingOf(p handover.Pending) pendingJSON {
	return pendingJSON{p.Recipient.ID, each(p.Handovers, func(h handover.Handover) requestJSON {
		return requestJSON{
			h.ID, h.Target.FileID, h.Title, h.SenderEmail, h.SenderName, p.Recipient.Email, p.Recipient.Name, stamp(h.CreatedAt),
		}
	})}
}

func writePending(_ *http.Request, all []handover.Pending) (dialect.Response, error) {
	return data(http.StatusOK, each(all, pendingOf))
}

// stateJSON is a share as anybody sees it who knows its recipient's id.
type stateJSON struct {
	DocumentID   string `json:"documentId"`
	DocumentName string `json:"documentName"`
	SenderName   string `json:"senderUserName"`
	SenderEmail  string `json:"senderUserEmail"`
	CreatedAt    string `json:"createdAt"`
}

func writeState(_ *http.Request, all []handover.Handover) (dialect.Response, error) {
	res, err := data(http.StatusOK, each(all, func(h handover.Handover) stateJSON {
		return stateJSON{h.Target.FileID, h.Title, h.SenderName, h.SenderEmail, stamp(h.CreatedAt)}
	}))
	return capability(res, err)
}

// oneJSON is where the recipient of a share stands.
type oneJSON struct {
	Status     string  `json:"status"`
	AssetID    *string `json:"assetId"`
	DocumentID string  `json:"documentId"`
}

// statuses are what this API calls where a recipient stands. A user like
// others has nothing left to do, and is accepted.
var statuses = map[account.Joining]string{
	account.Invited: "waiting_for_registration", account.Waiting: "waiting_for_admin_decision",
	account.Accepted: "accepted", account.Declined: "declined", "": "accepted",
}

func writeStateOf(_ *http.Request, s state) (dialect.Response, error) {
	res, err := data(http.StatusOK, oneJSON{statuses[s.joining], dialect.OrNull(s.share.AssetID), s.share.Target.FileID})
	return capability(res, err)
}

// capability is an answer at an address that only some know.
func capability(res dialect.Response, err error) (dialect.Response, error) {
	if err == nil {
		dialect.Capability(res.Header)
	}
	return res, err
}
