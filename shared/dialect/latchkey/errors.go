package latchkey

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
)

// problem is a problem detail (RFC 9457, section 3).
type problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance,omitempty"` // names the request, never its path
	Errors   []fieldError `json:"errors,omitempty"`
}

// fieldError says what is wrong with one field of the request.
type fieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// fieldsError is the cause of a fault about several fields at once.
type fieldsError []fieldError

func (e fieldsError) Error() string {
	names := make([]string, len(e))
	for i, f := range e {
		names[i] = f.Field
	}
	return strings.Join(names, ", ")
}

// face is how a kind of fault looks.
type face struct {
	status int
	kind   fault.Kind // the end of the problem's type
	title  string
}

func faceOf(e *fault.Error) face {
	if dialect.Allowed(e) != "" {
		return face{405, "method_not_allowed", "Method not allowed"}
	}
	switch e.Kind {
	case fault.Missing:
		return face{422, e.Kind, "Something is missing"}
	case fault.Invalid:
		return face{422, e.Kind, "Something is not valid"}
	case fault.Malformed:
		return face{400, e.Kind, "The request could not be read"}
	case fault.TooLarge:
		return face{413, e.Kind, "The request is too large"}
	case fault.Unauthenticated:
		return face{401, e.Kind, "An API key is needed"}
	case fault.Forbidden:
		return face{403, e.Kind, "This API key may not do that"}
	case fault.NotFound:
		return face{404, e.Kind, "Not found"}
	case fault.Conflict:
		return face{409, e.Kind, "The state does not allow this"}
	case fault.Stale:
		return face{412, e.Kind, "It was changed meanwhile"}
	case fault.Throttled:
		return face{429, e.Kind, "Too many requests"}
	case fault.Unavailable:
		return face{503, e.Kind, "Temporarily unavailable"}
	}
	return face{500, fault.Internal, "Internal error"}
}

// Fixed words: a 5xx says nothing of what happened.
const (
	detailInternal    = "The request failed on our side. When you report it, give the instance."
	detailUnavailable = "The request could not be done just now. Try it again in a moment."
)

// Face turns a domain error into a problem detail. Its type is
// urn:latchkey:problem: and the kind; its instance names the request.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	p := problemOf(r, e)
	res, err := dialect.JSON(p.Status, p)
	if err != nil { // strings and an integer: cannot be
		res = dialect.Response{Status: 500}
	}
	h := http.Header{"Content-Type": {"application/problem+json"}}
	switch p.Status {
	case 401:
		h.Set("WWW-Authenticate", challenge(r))
	case 405:
		h.Set("Allow", dialect.Allowed(e))
	case 429, 503:
		h.Set("Retry-After", "1")
	}
	res.Header = h
	return res
}

// Fail is the face of what never reached a route: it implements
// lambdahttp.Failure.
func Fail(w http.ResponseWriter, r *http.Request, status int) {
	e := fault.New(fault.Internal, "internal error")
	switch status {
	case http.StatusBadRequest:
		e = fault.New(fault.Malformed, "the request could not be read")
	case http.StatusNotFound:
		e = fault.New(fault.NotFound, "not found")
	}
	res := Face(r, e)
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(res.Status)
	_, _ = w.Write(res.Body) // the answer is whole; nobody is left to be told
}

var _ lambdahttp.Failure = Fail

// challenge is RFC 6750's, section 3: an error only for a key that was sent.
func challenge(r *http.Request) string {
	if dialect.Key(r) == "" {
		return `Bearer realm="latchkey"`
	}
	return `Bearer realm="latchkey", error="invalid_token"`
}

func problemOf(r *http.Request, e *fault.Error) problem {
	f := faceOf(e)
	p := problem{Type: "urn:latchkey:problem:" + string(f.kind), Title: f.title, Status: f.status}
	if id := lambdahttp.Request(r.Context()).RequestID; id != "" {
		p.Instance = "urn:latchkey:request:" + id
	}
	var many fieldsError
	switch {
	case f.kind == fault.Internal:
		p.Detail = detailInternal
	case f.kind == fault.Unavailable:
		p.Detail = detailUnavailable
	case errors.As(e.Cause, &many):
		p.Detail, p.Errors = e.Message, many
	case e.Field != "":
		p.Detail = e.Field + " " + e.Message
		p.Errors = []fieldError{{e.Field, e.Message}}
	default:
		p.Detail = e.Message
	}
	return p
}

// blame names the field of a fault of some kinds that names none.
func blame(field string, err error, kinds ...fault.Kind) error {
	if e := fault.As(err); e != nil && e.Field == "" && slices.Contains(kinds, e.Kind) {
		return under(field, err)
	}
	return err
}

// under returns err as a fault about a field inside of path, unless it is
// about the whole request.
func under(path string, err error) *fault.Error {
	e := *fault.As(err)
	switch {
	case e.Field == "":
		e.Field = path
	case e.Field != dialect.OnceHeader && !strings.HasPrefix(e.Field, path):
		e.Field = path + "." + e.Field
	}
	return &e
}
