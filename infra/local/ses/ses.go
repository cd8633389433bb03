// Package ses is an SES v2 endpoint good enough for the AWS SDK: SendEmail
// and SendBulkEmail with inline templates, per-destination results, the
// mailbox simulator. What it accepts goes to an inbox; nothing leaves this
// machine. It refuses every other operation and does not check signatures or
// whether a sender was verified.
//
// Addresses that make failures testable:
//
//	success@simulator.amazonses.com          delivered
//	bounce@simulator.amazonses.com           accepted, state "bounced"
//	complaint@simulator.amazonses.com        accepted, state "complained"
//	suppressionlist@simulator.amazonses.com  accepted, state "suppressed" (SES says SUCCESS, too)
//	anyone@reject.localhost                  MESSAGE_REJECTED, MessageRejected
//	anyone@throttle.localhost                ACCOUNT_THROTTLED, TooManyRequestsException
//	once@throttle.localhost                  ACCOUNT_THROTTLED, and delivered when SendBulkEmail is asked again
//
// These take labels, as on AWS: bounce+label@simulator.amazonses.com.
package ses

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"latchkey/infra/local/inbox"
)

// Limits of SES (Developer Guide, "Service quotas in Amazon SES").
const (
	maxDestinations = 50
	maxMessage      = 40 << 20
	maxTemplateData = 262_144
)

// Config says where mails go.
type Config struct {
	Deliver func(inbox.Message) error // keeps a mail durably; an error is the caller's TRANSIENT_FAILURE
	Now     func() time.Time          // time.Now if nil
	Log     *slog.Logger              // failures of Deliver; slog.Default() if nil
}

type endpoint struct {
	Config

	mu   sync.Mutex
	last int64
	seen map[string]bool // addresses that were throttled once
}

// Handler returns the endpoint, to be served at the root of the address that
// AWS_ENDPOINT_URL_SESV2 names.
func Handler(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	e := &endpoint{Config: c, seen: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/email/outbound-emails", serve(e.sendEmail))
	mux.HandleFunc("POST /v2/email/outbound-bulk-emails", serve(e.sendBulkEmail))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, &fault{http.StatusNotFound, "UnknownOperationException", "this endpoint has only SendEmail and SendBulkEmail"})
	})
	return mux
}

// fault is an error as the SDK reads it: a status, the exception's name and
// its message.
type fault struct {
	status  int
	name    string
	message string
}

func (f *fault) Error() string { return f.name + ": " + f.message }

func badRequest(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "BadRequestException", fmt.Sprintf(format, args...)}
}

// words is what an error says to the caller.
func words(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.message
	}
	return err.Error()
}

// serve reads a request, does it and writes the answer, in restJson1.
func serve[In, Out any](do func(In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxMessage)).Decode(&in); err != nil {
			refuse(w, &fault{http.StatusBadRequest, "SerializationException", err.Error()})
			return
		}
		out, err := do(in)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // the client may be gone
	}
}

func refuse(w http.ResponseWriter, err error) {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		f = &fault{http.StatusInternalServerError, "InternalFailure", "the mail could not be kept"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", f.name)
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": f.message})
}

// deliver keeps a mail and returns its id. Ids grow with time, so that mails
// of one call keep their order.
func (e *endpoint) deliver(m inbox.Message) (string, error) {
	m.At = e.Now().UTC()
	m.ID = fmt.Sprintf("%016x-local-000000", e.tick(m.At.UnixNano()))
	if err := e.Deliver(m); err != nil {
		e.Log.Error("mail not kept", "error", err)
		return "", err
	}
	return m.ID, nil
}

func (e *endpoint) tick(now int64) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = max(e.last+1, now)
	return e.last
}
