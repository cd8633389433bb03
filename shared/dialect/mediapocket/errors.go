package mediapocket

import (
	"errors"
	"net/http"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

// badReference is a body that names a file that is not there, which this API
// answers with 400 rather than 404.
const badReference fault.Kind = "bad reference"

// statuses is this API's status for each kind of fault; 500 for the rest.
var statuses = map[fault.Kind]int{
	fault.Missing:         http.StatusUnprocessableEntity,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Malformed:       http.StatusBadRequest,
	badReference:          http.StatusBadRequest,
	fault.Conflict:        http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Throttled:       http.StatusTooManyRequests,
	dialect.InAdvance:     http.StatusForbidden,
}

// refusal is this API's body of every error: one string.
type refusal struct {
	Error string `json:"error"`
}

// Face is how this API says that something failed.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	status, text := statuses[e.Kind], e.Message
	allow := dialect.Allowed(e)
	switch {
	case allow != "":
		status = http.StatusMethodNotAllowed
	case e.Kind == fault.Unavailable:
		status = http.StatusInternalServerError
	case status == 0:
		status, text = http.StatusInternalServerError, "Internal Server Error"
	case e.Kind == fault.Unauthenticated:
		text = "Unauthorized"
	case e.Kind == fault.NotFound && isLink(r):
		text = "Link not found or has expired"
	case e.Field != "":
		text = e.Field + " " + text
	}
	res, err := dialect.JSON(status, refusal{text})
	if err != nil {
		panic(err) // a string always encodes
	}
	if allow != "" {
		res.Header.Set("Allow", allow)
	}
	if isLink(r) {
		dialect.Capability(res.Header)
	}
	return res
}

// isLink reports whether the path is a followed link.
func isLink(r *http.Request) bool {
	key, ok := strings.CutPrefix(r.URL.Path, linksPath)
	return ok && key != "share"
}

// renamed gives the domain's fields their names in this API.
func renamed(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Field {
	case "expires_at":
		return fault.Field(e.Kind, "expiry_date", "%s", e.Message)
	case "filename":
		return fault.Field(e.Kind, "payload.filename", "%s", e.Message)
	}
	return err
}
