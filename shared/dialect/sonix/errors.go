package sonix

import (
	"errors"
	"net/http"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/recording"
)

// refusal is this API's body of every error, whatever was asked for. Clients
// read error or message.
type refusal struct {
	Code      int    `json:"code"`
	Message   string `json:"message"`
	Error     string `json:"error"`
	RequestID string `json:"request_id,omitempty"` // of a failure of ours
}

// Kinds of fault that only this API has.
const (
	paymentDue fault.Kind = "payment due"   // 402
	tooMuch    fault.Kind = "unprocessable" // 422
)

// standing refuses whoever's organization may use nothing of this API.
func standing(who account.Principal) error {
	switch who.Standing {
	case account.PaymentDue:
		return fault.New(paymentDue, "Payment Error")
	case account.NoAccess:
		return fault.New(fault.Forbidden, "No API access")
	}
	return nil
}

var statuses = map[fault.Kind]int{
	fault.Missing:         http.StatusBadRequest,
	fault.Invalid:         http.StatusBadRequest,
	fault.Malformed:       http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusUnauthorized,
	paymentDue:            http.StatusPaymentRequired,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusConflict,
	tooMuch:               http.StatusUnprocessableEntity,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// Face is how this API says that something failed.
func Face(r *http.Request, e *fault.Error) dialect.Response {
	status, ok := statuses[e.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	if dialect.Allowed(e) != "" {
		status = http.StatusMethodNotAllowed
	}
	body := refusal{Code: status, Message: message(e, status)}
	if body.Error = body.Message; status >= 500 {
		body.RequestID = lambdahttp.Request(r.Context()).RequestID
	}
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
	return res
}

// message is the API's own where its text has one.
func message(e *fault.Error, status int) string {
	switch {
	case status == http.StatusInternalServerError:
		return "Internal error"
	case status == http.StatusUnauthorized:
		return "Invalid API key"
	case status == http.StatusBadRequest && e.Field != "":
		return "Invalid request: " + e.Field + " " + e.Message
	case status == http.StatusBadRequest:
		return "Invalid request: " + e.Message
	case status == http.StatusRequestEntityTooLarge && e.Field != "":
		return e.Field + " " + e.Message
	case errors.Is(e, recording.ErrNoTranscript) && e.Message == recording.ErrNoTranscript.Message:
		return "Media file is being transcribed"
	case e.Kind == fault.NotFound && notMedia[e.Message]:
		return "Media file not found"
	}
	return capital(e.Message)
}

// notMedia are the domain's words for what is a media here.
var notMedia = map[string]bool{"recording or document not found": true, "recording not found": true, "document not found": true}

// capital begins as the messages of this API do.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// named gives the domain's fields their names in this API.
func named(err error) error {
	e := fault.As(err)
	if e == nil || names[e.Field] == "" {
		return err
	}
	return &fault.Error{Kind: e.Kind, Message: e.Message, Field: names[e.Field], Cause: e.Cause}
}

var names = map[string]string{
	"source": "file_url", "script": "transcript_text", "callback": "callback_url", "speakers": "speaker_labels", "label": "custom_label",
	"parent": "parent_folder", "visible": "access_control", "users": "restricted_users", "message": "notes",
}
