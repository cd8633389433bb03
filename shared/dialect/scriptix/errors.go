package scriptix

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// refusal is this API's body of most errors.
type refusal struct {
	Error   string `json:"error"`
	Message string `json:"message"`
	Status  int    `json:"status"`
}

// details is the body of a 422, and the cause of a fault about several
// fields at once.
type details []detail

// detail says what is wrong with one field. Loc is where it is: "body", then
// names and indexes; or "header" and its name.
type detail struct {
	Loc  []any  `json:"loc"`
	Msg  string `json:"msg"`
	Type string `json:"type"`
}

func (d details) Error() string { return strconv.Itoa(len(d)) + " fields" }

// badParameter is a query or a repeated id that is not as it should be, which
// this API answers with 400; what a body holds is its 422.
const badParameter fault.Kind = "bad parameter"

// look is the status of a kind of fault and the words of its error.
type look struct {
	status int
	error  string
}

// looks is how each kind looks; a 500 otherwise.
var looks = map[fault.Kind]look{
	fault.Missing:         {http.StatusUnprocessableEntity, ""},
	fault.Invalid:         {http.StatusUnprocessableEntity, ""},
	fault.Malformed:       {http.StatusBadRequest, "Invalid request parameters"},
	badParameter:          {http.StatusBadRequest, "Invalid request parameters"},
	fault.Conflict:        {http.StatusBadRequest, "The state does not allow this"},
	fault.Unauthenticated: {http.StatusUnauthorized, "Unauthorized"},
	fault.Forbidden:       {http.StatusForbidden, "Insufficient permissions"},
	fault.NotFound:        {http.StatusNotFound, "Not found"},
	fault.Stale:           {http.StatusPreconditionFailed, "Changed by somebody else"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	fault.Throttled:       {http.StatusTooManyRequests, "rate_limit_exceeded"},
	dialect.InAdvance:     {http.StatusForbidden, "Not in advance"},
}

// Face is how this API says that something failed.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	status, body := bodyOf(e)
	res, err := dialect.JSON(status, body)
	if err != nil {
		panic(err) // strings and integers always encode
	}
	switch status {
	case http.StatusUnauthorized:
		res.Header.Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		res.Header.Set("Allow", dialect.Allowed(e))
	}
	if isShared(r) {
		dialect.Capability(res.Header)
	}
	return res
}

func bodyOf(e *fault.Error) (status int, body any) {
	l := looks[e.Kind]
	message := e.Message
	var many details
	switch {
	case dialect.Allowed(e) != "":
		l = look{http.StatusMethodNotAllowed, "Method not allowed"}
	case errors.Is(e, recording.ErrSharingOff):
		l.error, message = "Sharing is not enabled for this session", "Contact the session owner to enable sharing"
	case errors.As(e.Cause, &many):
		return l.status, map[string]details{"detail": many}
	case l.status == http.StatusUnprocessableEntity:
		return l.status, map[string]details{"detail": {detailOf(e)}}
	case l.status == 0:
		l = look{http.StatusInternalServerError, "Internal server error"}
		message = "The request failed on our side. Try it again in a moment."
	case e.Field != "":
		message = e.Field + " " + message
	}
	return l.status, refusal{l.error, message, l.status}
}

// detailOf says what is wrong with the one field that a fault names.
func detailOf(e *fault.Error) detail {
	d := detail{Loc: locOf(e.Field), Msg: e.Message, Type: "value_error"}
	if e.Kind == fault.Missing {
		d.Msg, d.Type = "field required", "value_error.missing"
	}
	return d
}

// locOf splits "emails[2].x" into "body", "emails", 2, "x".
func locOf(field string) []any {
	if field == dialect.OnceHeader {
		return []any{"header", field}
	}
	loc := []any{"body"}
	for part := range strings.FieldsFuncSeq(field, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		if n, err := strconv.Atoi(part); err == nil {
			loc = append(loc, n)
			continue
		}
		loc = append(loc, part)
	}
	return loc
}

// isShared reports whether an address is itself a secret.
func isShared(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/shared") || r.URL.Query().Has("token")
}
