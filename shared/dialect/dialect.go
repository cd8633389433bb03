// Package dialect is what the APIs have in common: a table of routes, a way
// to call the domain from one, and the answer to everything else. It refuses
// to decide anything: a dialect maps requests to domain calls and results to
// bytes.
package dialect

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
)

// Route is one line of a dialect's table.
type Route struct {
	Pattern string // of http.ServeMux: "METHOD /path/{variable}"
	Handler Handler
}

// Handler answers a request completely, or with an error that the dialect's
// Face turns into an answer.
type Handler func(r *http.Request) (Response, error)

// Response is a whole answer, made before a byte of it is sent.
type Response struct {
	Status  int
	Header  http.Header // may be nil
	Cookies []*http.Cookie
	Body    []byte
}

// Face turns a domain error into a dialect's status and body. It is the only
// place where a dialect writes a status of 400 or above.
type Face func(r *http.Request, e *fault.Error) Response

// Authenticator knows who holds an API key.
type Authenticator interface {
	Authenticate(ctx context.Context, key string) (account.Principal, error)
}

// Call makes a Handler of a public domain call.
func Call[In, Out any](
	read func(*http.Request) (In, error),
	do func(context.Context, In) (Out, error),
	write func(*http.Request, Out) (Response, error),
) Handler {
	return func(r *http.Request) (Response, error) {
		in, err := read(r)
		if err != nil {
			return Response{}, err
		}
		out, err := do(r.Context(), in)
		if err != nil {
			return Response{}, err
		}
		return write(r, out)
	}
}

// CallAs makes a Handler of a domain call that needs to know who calls. The
// key is looked at before the request is read: a stranger learns nothing of
// what a body should look like.
func CallAs[In, Out any](
	accounts Authenticator,
	read func(*http.Request) (In, error),
	do func(context.Context, account.Principal, In) (Out, error),
	write func(*http.Request, Out) (Response, error),
) Handler {
	return func(r *http.Request) (Response, error) {
		who, err := Authenticate(accounts, r)
		if err != nil {
			return Response{}, err
		}
		bound := func(ctx context.Context, in In) (Out, error) { return do(ctx, who, in) }
		return Call(read, bound, write)(r)
	}
}

// Key returns the API key of a request: "Authorization: Bearer", X-API-KEY or
// Scriptix's x-zoom-s2t-key. Every dialect takes all three.
func Key(r *http.Request) string {
	if scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return cmp.Or(r.Header.Get("X-Api-Key"), r.Header.Get("X-Zoom-S2t-Key"))
}

// Authenticate returns who makes the request and notes their organization in
// the journal.
func Authenticate(accounts Authenticator, r *http.Request) (account.Principal, error) {
	who, err := accounts.Authenticate(r.Context(), Key(r))
	if err != nil {
		return account.Principal{}, err
	}
	journal.From(r.Context()).Organization = who.Organization
	return who, nil
}

// JSON is a response with v as its body, encoded without escaping HTML.
func JSON(status int, v any) (Response, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Response{}, fmt.Errorf("encode answer: %w", err)
	}
	return Response{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   buf.Bytes(),
	}, nil
}
