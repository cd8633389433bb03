package mediapocket

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

func (a API) readShare(r *http.Request) (share.MailRequest, error) {
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return share.MailRequest{}, err
	}
	in := share.MailRequest{Base: dialect.Origin(a.Origin, r)}
	if in.Message, _, err = o.String("message", "message"); err != nil {
		return share.MailRequest{}, err
	}
	recipients, err := need(o.Array("recipients", "recipients"))("recipients")
	if err != nil {
		return share.MailRequest{}, err
	}
	for i, v := range recipients {
		s, ok := v.(string)
		if !ok {
			return share.MailRequest{}, fault.Field(fault.Invalid, fmt.Sprintf("recipients[%d]", i), "is not a valid email address")
		}
		in.Recipients = append(in.Recipients, s)
	}
	ids, _, err := o.Array("shareable_link_ids", "shareable_link_ids")
	in.Numbers = linkNumbers(ids)
	return in, err
}

// mail is Shares.Mail; a body that names no link that can be mailed is this
// API's 400.
func (a API) mail(ctx context.Context, who account.Principal, in share.MailRequest) (share.MailResult, error) {
	out, err := a.Shares.Mail(ctx, who, in)
	if fault.Is(err, fault.NotFound) {
		return share.MailResult{}, fault.New(badReference, "No shareable links found")
	}
	return out, err
}

// linkNumbers keeps those ids that can be a link's, as numbers or numerals;
// any other is simply the id of no link.
func linkNumbers(ids []any) []int64 {
	var out []int64
	for _, id := range ids {
		var text string
		switch v := id.(type) {
		case json.Number:
			text = v.String()
		case string:
			text = v
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
			out = append(out, n)
		}
	}
	return out
}

// shared is the answer of /share.
type shared struct {
	Message string    `json:"message"`
	Failed  []failure `json:"failed,omitempty"`
	Queued  []string  `json:"queued,omitempty"`
}

// failure is a recipient that was not mailed.
type failure struct {
	Recipient string `json:"recipient"`
	Reason    string `json:"reason"`
}

func (a API) writeShared(req *http.Request, r share.MailResult) (dialect.Response, error) {
	journal.From(req.Context()).Cause = r.Unrecorded
	if !r.Accepted() {
		return dialect.Response{}, fault.New(fault.Unavailable, "no mail was accepted")
	}
	out := shared{Message: "Shareable links sent"}
	for _, d := range r.Deliveries {
		switch d.State {
		case share.MailSent:
		case share.MailQueued:
			out.Queued = append(out.Queued, d.Recipient)
		default:
			out.Failed = append(out.Failed, failure{d.Recipient, d.Reason})
		}
	}
	return dialect.JSON(http.StatusOK, out)
}
