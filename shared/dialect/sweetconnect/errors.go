package sweetconnect

import (
	"errors"
	"net/http"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/lambdahttp"
)

// refusal is this API's body of every error.
type refusal struct {
	Errors []failure `json:"errors"`
}

type failure struct {
	Code      string         `json:"errorCode"`
	Message   string         `json:"message"`
	Extension map[string]any `json:"extension"` // never null
}

// look is how a kind of fault looks. The messages are the published ones,
// where there is one.
type look struct {
	status        int
	code, message string
}

var (
	badRequest   = look{http.StatusBadRequest, "BadRequest", "The request payload is invalid."}
	unauthorized = look{http.StatusUnauthorized, "Unauthorized", "Authentication is required to access this resource."}
	conflict     = look{http.StatusConflict, "Conflict", "The request conflicts with the current state of the resource."}
	// What the published text has no body for.
	invalidToken  = look{http.StatusUnauthorized, "InvalidToken", "The access token is invalid or has expired."}
	unprocessable = look{http.StatusUnprocessableEntity, "UnprocessableEntity", "Operation not allowed for this entity type."}
	badLanguage   = look{http.StatusBadRequest, "InvalidLanguageCode", "The language code is invalid."}
	notAllowed    = look{http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not have this method."}
	internal      = look{http.StatusInternalServerError, "InternalServerError", "An unexpected error occurred. See logs for further details or create a support ticket."}
)

// looks is how each kind looks; internal otherwise.
var looks = map[fault.Kind]look{
	fault.Missing:         badRequest,
	fault.Invalid:         badRequest,
	fault.Malformed:       badRequest,
	fault.TooLarge:        {http.StatusBadRequest, "FileTooLarge", "The file is too large."},
	fault.Unauthenticated: unauthorized,
	fault.Forbidden:       {http.StatusForbidden, "NoPermission", "You do not have permission to access this resource."},
	fault.NotFound:        {http.StatusNotFound, "NotFound", "The requested resource was not found."},
	fault.Conflict:        conflict,
	fault.Stale:           conflict,
	fault.Throttled:       {http.StatusTooManyRequests, "TooManyRequests", "Too many requests. Try again later."},
}

// ownError is the cause of a fault that looks in its own way.
type ownError struct {
	look
	extension map[string]any
}

func (e *ownError) Error() string { return e.code }

// own400 is a bad request with a code of its own.
func own400(code, message string, extension map[string]any) error {
	return fault.Wrap(fault.Invalid, &ownError{look{http.StatusBadRequest, code, message}, extension}, "%s", message)
}

// Face is how this API says that something failed.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	l, ok := looks[e.Kind]
	if !ok {
		l = internal
	}
	extension := map[string]any{}
	var entity *handover.EntityError
	var own *ownError
	switch {
	case dialect.Allowed(e) != "":
		l = notAllowed
	case errors.As(e.Cause, &own):
		l, extension = own.look, own.extension
	case errors.Is(e.Cause, file.ErrKind):
		l = unprocessable
		extension["entityType"] = "Document"
	case errors.As(e.Cause, &entity):
		l = unprocessable
		extension["entityType"] = entity.Type
	case e.Kind == fault.Unauthenticated && dialect.Key(r) != "":
		l = invalidToken
	case l == internal:
		extension["requestId"] = lambdahttp.Request(r.Context()).RequestID
	case errors.Is(e.Cause, file.ErrLanguage):
		l = badLanguage
		fallthrough
	case e.Field != "":
		extension["field"], extension["reason"] = fieldOf(e.Field), e.Message
	}
	res, err := dialect.JSON(l.status, refusal{[]failure{{l.code, l.message, extension}}})
	if err != nil {
		panic(err) // strings always encode
	}
	switch l.status {
	case http.StatusUnauthorized:
		res.Header.Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		res.Header.Set("Allow", dialect.Allowed(e))
	}
	if strings.HasPrefix(strings.TrimPrefix(r.URL.Path, storage), "/v1/shares/state/") {
		dialect.Capability(res.Header)
	}
	return res
}

// Fail is the face of what never reached a route. It implements
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

// fieldOf is what this API calls a field of the domain.
func fieldOf(field string) string {
	if field == "role" {
		return "marketplaceRole"
	}
	return field
}
