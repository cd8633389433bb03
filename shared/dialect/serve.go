package dialect

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
)

// Service serves routes.
type Service struct {
	Face Face
	Log  *slog.Logger
	Now  func() time.Time
}

// Handler returns a handler of routes. What no route takes, panics and
// failures wear the dialect's face; every request leaves one log line.
func (s Service) Handler(routes ...Route) http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.Handle(route.Pattern, entry{route.Handler})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		note := new(journal.Request)
		r = r.WithContext(journal.With(r.Context(), note))
		res := s.answer(mux, r, note)
		s.send(w, r, res)
		end := s.Now()
		journal.Write(s.Log, note, lambdahttp.Request(r.Context()).RequestID, res.Status, end, end.Sub(start))
	})
}

// entry carries a Handler through the mux, which only routes: answer calls
// it, so that an error can still become a whole answer.
type entry struct{ handler Handler }

func (e entry) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.(*routed).handler = e.handler }

// routed takes what the mux says: a Handler, or an answer of its own.
type routed struct {
	handler Handler
	header  http.Header
	status  int
}

func (r *routed) Header() http.Header {
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}
func (r *routed) Write(p []byte) (int, error) { return len(p), nil }
func (r *routed) WriteHeader(status int)      { r.status = status }

func (s Service) answer(mux *http.ServeMux, r *http.Request, note *journal.Request) (res Response) {
	defer func() {
		if p := recover(); p != nil {
			note.Cause = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			res = s.Face(r, fault.New(fault.Internal, "internal error"))
		}
	}()
	to := new(routed)
	mux.ServeHTTP(to, r)
	handler := to.handler
	if note.Route = r.Pattern; handler == nil {
		note.Route, handler = "none", to.unrouted
	}
	res, err := handler(r)
	if err == nil {
		return res
	}
	e := fault.As(err)
	if e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		note.Cause = err
	}
	return s.Face(r, e)
}

// unrouted is for what the mux would answer itself: 405 with the methods
// there are, a redirect to a clean path (never taken: it would repeat a
// token), or 404.
func (r *routed) unrouted(*http.Request) (Response, error) {
	e := fault.New(fault.NotFound, "not found")
	if r.status == http.StatusMethodNotAllowed {
		e = fault.Wrap(fault.NotFound, &MethodError{Allow: r.header.Get("Allow")}, "method not allowed")
	}
	return Response{}, e
}

// MethodError is the cause of a NotFound fault for a path that exists with
// other methods. A Face makes it a 405.
type MethodError struct{ Allow string }

func (e *MethodError) Error() string { return "allowed: " + e.Allow }

// Allowed returns the methods of a MethodError in e, or "".
func Allowed(e *fault.Error) string {
	var m *MethodError
	if errors.As(e.Cause, &m) {
		return m.Allow
	}
	return ""
}

func (s Service) send(w http.ResponseWriter, r *http.Request, res Response) {
	h := w.Header()
	for name, values := range res.Header {
		h[name] = values
	}
	for _, c := range res.Cookies {
		http.SetCookie(w, c)
	}
	if h.Get("X-Content-Type-Options") == "" {
		h.Set("X-Content-Type-Options", "nosniff")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(res.Status)
	if r.Method != http.MethodHead && len(res.Body) > 0 {
		// The body is in memory and the writer buffers: a failure here has
		// nobody left to be told.
		_, _ = w.Write(res.Body)
	}
}

// Capability sets the headers of every answer on a URL that is itself a
// secret: nothing may remember it, index it or tell others where a reader
// came from.
func Capability(h http.Header) {
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
}

// Origin returns the scheme and host that this request's public URLs have:
// the configured one, or the API's own. Never the Host header, which the
// client chooses.
func Origin(configured string, r *http.Request) string {
	if configured != "" {
		return configured
	}
	return (&url.URL{Scheme: "https", Host: lambdahttp.Request(r.Context()).DomainName}).String()
}

// Prefetch reports whether a browser asks only in advance. Such a request
// must not spend anything.
func Prefetch(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		v := strings.ToLower(r.Header.Get(name))
		if strings.Contains(v, "prefetch") || strings.Contains(v, "prerender") || strings.Contains(v, "preview") {
			return true
		}
	}
	return false
}
