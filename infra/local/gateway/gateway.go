// Package gateway is API Gateway's HTTP API on this machine. It reads the
// routes from template.yaml, turns each request into the payload 2.0 event
// that API Gateway would build, hands it to the function that the template
// names, and decodes the answer, with the same limits and the same bodies when
// one is crossed. It refuses everything that is not in the template, and does
// not imitate stages, authorizers, throttling or CORS, which the template does
// not use.
package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Limits of API Gateway's HTTP API and of a synchronous Lambda call
// (API Gateway Developer Guide, "Quotas for HTTP API"; Lambda quotas).
const (
	maxBody    = 10 << 20
	maxPayload = 6 << 20
	timeLimit  = 30 * time.Second
)

// maxDrain is what is read of a body that was refused before the connection
// is cut.
const maxDrain = 64 << 20

// Function is a Lambda function: the Invoke of its lambda.Handler.
type Function func(ctx context.Context, payload []byte) ([]byte, error)

// Config says what to serve.
type Config struct {
	Template  []byte              // template.yaml
	Functions map[string]Function // by logical id; each with an HttpApi event in the template must be here
	Domain    string              // requestContext.domainName, with the port unless it is 80
	Now       func() time.Time    // time.Now if nil
	NewID     func() string       // request ids; random if nil
	Log       *slog.Logger        // failures of functions; slog.Default() if nil
}

type gateway struct {
	Config
	routes []route
}

// New returns the API of a template. It reports every route that cannot be
// served at once: unreadable, twice the same, or of a function not given.
func New(c Config) (http.Handler, error) {
	routes, err := readRoutes(c.Template)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if err := c.check(routes); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &gateway{Config: c, routes: routes}, nil
}

func (c Config) check(routes []route) error {
	var errs []error
	missing := map[string]bool{}
	seen := map[string]bool{}
	for _, r := range routes {
		if seen[r.key] {
			errs = append(errs, fmt.Errorf("two functions serve %s", r.key))
		}
		seen[r.key] = true
		if c.Functions[r.function] == nil && !missing[r.function] {
			missing[r.function] = true
			errs = append(errs, fmt.Errorf("no function %s for %s", r.function, r.key))
		}
	}
	return errors.Join(errs...)
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.NewID()
	w.Header().Set("Apigw-Requestid", id)
	rt, vars, ok := match(g.routes, r.Method, r.URL.EscapedPath())
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	payload, ok := g.payload(r, id, rt, vars)
	if !ok {
		// A client that is still sending must get to the answer.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	answer, err := g.call(r.Context(), rt.function, payload)
	if errors.Is(err, context.DeadlineExceeded) {
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	res, derr := decode(answer)
	if err = errors.Join(err, derr); err != nil {
		g.Log.Error("function failed", "function", rt.function, "route", rt.key, "request_id", id, "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	res.write(w)
}

// payload reads the body and builds the event; false means that one of them
// is too large.
func (g *gateway) payload(r *http.Request, id string, rt route, vars map[string]string) ([]byte, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, false
	}
	var payload bytes.Buffer
	enc := json.NewEncoder(&payload)
	enc.SetEscapeHTML(false) // it would count against the limit
	if err := enc.Encode(g.event(r, body, id, rt, vars)); err != nil || payload.Len() > maxPayload {
		return nil, false
	}
	return payload.Bytes(), true
}

type outcome struct {
	answer []byte
	err    error
}

// call runs a function for as long as the integration waits. A function that
// is late goes on by itself, as on Lambda, and its answer is dropped; so it
// does when the client has gone, for an invocation is not cancelled by that.
func (g *gateway) call(ctx context.Context, name string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeLimit)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		answer, err := protect(ctx, g.Functions[name], payload)
		done <- outcome{answer, err}
	}()
	select {
	case o := <-done:
		if o.err == nil && len(o.answer) > maxPayload {
			return nil, fmt.Errorf("answer of %d bytes, Lambda takes %d", len(o.answer), maxPayload)
		}
		return o.answer, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// protect turns a panic into an error: it ends one invocation on Lambda, so it
// must not end all functions here.
func protect(ctx context.Context, f Function, payload []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx, payload)
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":%q}`, message)
}
