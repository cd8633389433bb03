package door

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/page"
	"latchkey/shared/page/viewer"
	"latchkey/shared/page/wording"
)

// goneError is a handover that was revoked. A Face makes it a 410.
type goneError struct{ handover handover.Handover }

func (e *goneError) Error() string { return "the handover is revoked" }

func (e *goneError) Unwrap() error { return handover.ErrRevoked }

// Face is viewer.Face, but for the paths of these pages' routes, where a 403,
// a 404 and a 410 have words of their own.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	var gone *goneError
	switch {
	case !ours(r.URL.Path):
		return viewer.Face(r, e)
	case errors.As(e.Cause, &gone):
		sender := wording.Cut(wording.Line(gone.handover.SenderName), maxSender)
		return sheets.Notice(http.StatusGone, page.Notice{
			Heading: "This link was withdrawn", Text: "Whoever shared it has ended it.", Ask: cmp.Or(sender, "whoever sent it to you"),
		})
	case e.Kind == fault.Forbidden:
		return sheets.Notice(http.StatusForbidden, elsewhere)
	case e.Kind == fault.Throttled:
		return sheets.Notice(http.StatusTooManyRequests, throttled)
	case e.Kind == fault.NotFound && dialect.Allowed(e) == "" && strings.HasPrefix(r.URL.Path, registerPath):
		return sheets.Notice(http.StatusNotFound, spent)
	}
	return page.Face(r, e)
}

var elsewhere = page.Notice{
	Heading: "Please press the button yourself",
	Text:    "This request came from another website, so nothing was done. Open the link you were sent, and press the button on its own page.",
}

var throttled = page.Notice{
	Heading: "Too many attempts",
	Text:    "Please wait a quarter of an hour and open the link again.",
}

var spent = page.Notice{
	Heading: "This link does not work any more",
	Text: "A link to register or to set a password works once, and for 24 hours, and ends when another one is used. " +
		"If you have used it, there is nothing left to do here. " +
		"To get another one, open the link to the document that was shared with you, and ask for it there.",
}
