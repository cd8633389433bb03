package viewer

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
	base "latchkey/shared/page"
	"latchkey/shared/page/wording"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// notice is a page that says why there is nothing to read.
type notice struct {
	Heading, Text string
	Until         string // when it ended, or ""
	Resume        bool   // a script may know the token
	Again         int    // seconds until it is looked whether there is something else; 0: never
	Reference     string // of a failure, for whoever looks into it
}

// goneError is a link that was good once. A Face makes it a 410.
type goneError share.RefusedError

func (e goneError) fault() error {
	refused := share.RefusedError(e)
	return fault.Wrap(fault.NotFound, &refused, "link not found or has expired")
}

func goneNotice(e *share.RefusedError) notice {
	if e.State == share.Revoked {
		return notice{
			Heading: "This link was withdrawn",
			Text:    "Whoever shared the transcript has ended this link. If you still need it, ask them for a new one.",
		}
	}
	n := notice{
		Heading: "This link has expired",
		Text:    "Its time is over, and the transcript can no longer be read with it. If you still need it, ask whoever sent it to you for a new one.",
	}
	if end := e.Share.EndsAt(); !end.IsZero() {
		n.Until = wording.Moment(wording.Last(end))
	}
	return n
}

// attempt is an edit that was not made, so that nothing written is lost.
type attempt struct {
	Token, Path   string
	Problem       string // what is wrong with it, or "" where the document changed meanwhile
	Version       int64
	Index         int
	At            moment
	Speaker, Text string // as it was sent
	TheirSpeaker  string
	TheirText     string
	Lost          bool // the segment is not there any more
}

// attemptError is the cause of the fault that an attempt ends with.
type attemptError struct{ attempt }

func (e *attemptError) Error() string { return "the edit was not made" }

// against is the fault of an edit of a document that is another now.
func (m attempt) against(now recording.Read, index int) error {
	m.Version, m.Index = now.Version, index
	if m.Lost = index >= len(now.Transcript.Segments); !m.Lost {
		m = m.beside(now, index)
	}
	return fault.Wrap(fault.Stale, &attemptError{m}, "the document was changed meanwhile")
}

// wrong is the fault of an edit that cannot be stored as it is.
func (m attempt) wrong(now recording.Read, index int, err error) error {
	m.Version, m.Index, m.Problem = now.Version, index, fault.As(err).Message
	return fault.Wrap(fault.Invalid, &attemptError{m.beside(now, index)}, "the text cannot be stored")
}

func (m attempt) beside(now recording.Read, index int) attempt {
	s := now.Transcript.Segments[index]
	m.At, m.TheirSpeaker, m.TheirText = momentOf(s.Start), wording.Line(s.Speaker), strings.TrimSpace(s.Text())
	return m
}

// statuses is the page's status for each kind of fault; 500 for the rest.
var statuses = map[fault.Kind]int{
	fault.Missing:         http.StatusUnprocessableEntity,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Malformed:       http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusConflict,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// Face is page.Face, but for the paths of this page's routes.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(r.URL.Path, p) }) {
		return base.Face(r, e)
	}
	status, ok := statuses[e.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	var refused *share.RefusedError
	var tried *attemptError
	allow := dialect.Allowed(e)
	switch {
	case allow != "":
		res := renderNotice(http.StatusMethodNotAllowed, failures[http.StatusMethodNotAllowed])
		res.Header.Set("Allow", allow)
		return res
	case e.Kind == dialect.InAdvance:
		return renderNotice(http.StatusForbidden, failures[http.StatusServiceUnavailable])
	case errors.As(e.Cause, &refused):
		return renderNotice(http.StatusGone, goneNotice(refused))
	case errors.As(e.Cause, &tried):
		return must(render(status, "attempt", tried.attempt, "'self'", ""))
	case errors.Is(e, recording.ErrSharingOff):
		return renderNotice(status, sharingOff)
	case errors.Is(e, recording.ErrNoTranscript):
		return renderWaiting()
	}
	n, ok := failures[status]
	if !ok {
		n = failures[http.StatusBadRequest]
	}
	if status == http.StatusUnprocessableEntity {
		n.Text = "The " + e.Field + " " + e.Message + ". Go back: your browser still has what you wrote."
	}
	if status >= 500 {
		n.Reference = lambdahttp.Request(r.Context()).RequestID
	}
	return renderNotice(status, n)
}

// lookAgain is how long the page of a recording without a transcript waits
// before it looks again, in seconds.
const lookAgain = 30

// renderWaiting is what a good link shows before there is something to read.
// It is the page that the link has now, so its status is 200: with a 503 each
// reader who waits would ring the alarm about servers that fail.
func renderWaiting() dialect.Response {
	res := renderNotice(http.StatusOK, waiting)
	res.Header.Set("Retry-After", strconv.Itoa(lookAgain))
	return res
}

var waiting = notice{
	Heading: "The transcript is not there yet",
	Text:    "Your link is good, but there is nothing to read so far. This page looks again by itself. You can also close it and open the same link later.",
	Again:   lookAgain,
}

var sharingOff = notice{
	Heading: "Not shared at the moment",
	Text:    "Your link is good, but whoever shared the transcript has switched sharing off. Ask them to switch it on again; the same link then works.",
}

// failures are what the page says instead of what it is for.
var failures = map[int]notice{
	http.StatusBadRequest: {
		Heading: "That did not work",
		Text:    "Your browser sent something that cannot be understood here. Open the link that you were sent again.",
	},
	http.StatusUnauthorized: {
		Heading: "Please open the link again",
		Text:    "This address lacks the part that opens the transcript. Open the whole link that you were sent.",
		Resume:  true,
	},
	http.StatusForbidden: {
		Heading: "That is not allowed with this link",
		Text:    "Whoever shared the transcript has not allowed this, or not any more. You can go back and read on.",
	},
	http.StatusNotFound: {
		Heading: "There is nothing here",
		Text:    "This link does not exist, or the transcript was deleted. Check that the whole address was copied, or ask whoever sent it to you for a new one.",
	},
	http.StatusMethodNotAllowed: {
		Heading: "That cannot be done here",
		Text:    "Open the link that you were sent in a browser.",
	},
	http.StatusConflict: {
		Heading: "The transcript is finished",
		Text:    "Somebody has marked it as finished, so it can be read and not changed. You can go back and read on.",
	},
	http.StatusRequestEntityTooLarge: {
		Heading: "That is too long",
		Text:    "What you wrote is longer than one passage can be. Go back and divide it.",
	},
	http.StatusUnprocessableEntity: {Heading: "That cannot be stored"},
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
