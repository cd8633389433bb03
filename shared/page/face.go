package page

import (
	"errors"
	"net/http"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
)

// goneError is a link that was good once. A Face makes it a 410.
type goneError struct{ view share.View }

func (e *goneError) Error() string { return "the link is " + string(e.view.State) }

func gone(v share.View) error {
	return fault.Wrap(fault.NotFound, &goneError{v}, "link not found or has expired")
}

// statuses is the page's status for each kind of fault; 500 for the rest.
var statuses = map[fault.Kind]int{
	fault.Missing:         http.StatusBadRequest,
	fault.Invalid:         http.StatusBadRequest,
	fault.Malformed:       http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusForbidden,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// Face is how the pages say that something failed.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	var g *goneError
	if errors.As(e.Cause, &g) {
		return sheets.Notice(http.StatusGone, goneNotice(g.view))
	}
	if e.Kind == dialect.InAdvance {
		return sheets.Notice(http.StatusForbidden, failures[http.StatusServiceUnavailable])
	}
	status, ok := statuses[e.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	allow := dialect.Allowed(e)
	if allow != "" {
		status = http.StatusMethodNotAllowed
	}
	res := failure(r, status)
	if allow != "" {
		res.Header.Set("Allow", allow)
	}
	return res
}

// Fail is Face for what fails outside of any route. It is a
// lambdahttp.Failure.
func Fail(w http.ResponseWriter, r *http.Request, status int) {
	res := failure(r, status)
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(res.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(res.Body) // the page is whole; nobody is left to be told
	}
}

var _ lambdahttp.Failure = Fail

// failures is what the pages say instead of what they are for.
var failures = map[int]Notice{
	http.StatusBadRequest: {
		Heading: "That did not work",
		Text:    "Your browser sent something that cannot be understood here. Open the link again and press the button.",
	},
	http.StatusForbidden: {
		Heading: "Please press the button yourself",
		Text:    "This request came from another website, so nothing was downloaded. Open the link you were sent, and press Download on its own page.",
	},
	http.StatusNotFound: {
		Heading: "There is nothing here",
		Text:    "This link does not exist. Check that the whole address was copied, or ask whoever sent it to you for a new one.",
	},
	http.StatusMethodNotAllowed: {
		Heading: "That cannot be done here",
		Text:    "Open the link in a browser to see what was sent to you.",
	},
	http.StatusTooManyRequests: {
		Heading: "Too many requests",
		Text:    "Please wait a minute and open the link again.",
	},
	http.StatusServiceUnavailable: {
		Heading: "Not available at the moment",
		Text:    "Please try again in a few minutes.",
	},
	http.StatusInternalServerError: {
		Heading: "Something went wrong",
		Text:    "This is our fault, not yours. Please try again in a few minutes.",
	},
}

func failure(r *http.Request, status int) dialect.Response {
	n, ok := failures[status]
	if !ok {
		n = failures[http.StatusBadRequest]
	}
	if status >= 500 {
		n.Reference = lambdahttp.Request(r.Context()).RequestID
	}
	return sheets.Notice(status, n)
}
