// Package lambdahttp runs an http.Handler as a Lambda function behind an API
// Gateway HTTP API (payload format 2.0). It is the only importer of
// aws-lambda-go-api-proxy and repairs what that adapter gets wrong, so that a
// handler behaves as it does under net/http: header values keep their commas,
// any path and query arrives, an empty handler is a 200, the first
// WriteHeader counts, and a panic is a 500.
//
// It refuses to route, to authenticate and to know any dialect: the few
// answers it must give itself have a body that the caller can choose.
package lambdahttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// MaxResponse is the most bytes a function may return, envelope included.
// (Lambda quotas: invocation payload, synchronous, 6 MB each way.)
const MaxResponse = 6 << 20

// Failure writes the answer to a request that never reached the handler or
// that the handler could not finish: 400 (not a request), 404 (a path that is
// not clean), 500 (a panic, or a response over MaxResponse). The request's
// body must not be read.
type Failure func(w http.ResponseWriter, r *http.Request, status int)

// Direct answers a payload that is no HTTP event. Its result is encoded as JSON.
type Direct func(ctx context.Context, payload json.RawMessage) (any, error)

// Option changes what Handler does.
type Option func(*function)

// WithLog sets where panics and oversized responses are logged. Default: slog.Default.
func WithLog(l *slog.Logger) Option { return func(f *function) { f.log = l } }

// WithFailure sets the body of the answers that this package gives itself.
// Default: {"error":"…"} with the status in words.
func WithFailure(fail Failure) Option { return func(f *function) { f.fail = fail } }

// WithDirect lets callers with IAM rights invoke the function without HTTP.
// Nothing that comes through API Gateway can reach d. Without it such
// payloads are errors.
func WithDirect(d Direct) Option { return func(f *function) { f.direct = d } }

// Handler returns h as a Lambda handler.
//
// The request has the decoded path in URL.Path, the sender's header values
// unsplit, domainName as Host and "ip:0" as RemoteAddr; see Request for the
// rest. A path with empty, "." or ".." segments is a 404: ServeMux would
// answer it with a redirect whose Location repeats the path, token and all.
// A response body that is not UTF-8 is sent in base64. A text is compressed if
// the client takes that, and its ETag is weak then; in If-Match it is strong
// again.
func Handler(h http.Handler, options ...Option) lambda.Handler {
	f := &function{handler: h, log: slog.Default(), fail: failJSON}
	for _, o := range options {
		o(f)
	}
	f.adapter = httpadapter.NewV2(http.HandlerFunc(f.serve))
	return f
}

// Start serves h until the Lambda environment ends. It does not return.
func Start(h http.Handler, options ...Option) { lambda.Start(Handler(h, options...)) }

type function struct {
	handler http.Handler
	adapter *httpadapter.HandlerAdapterV2
	log     *slog.Logger
	fail    Failure
	direct  Direct
	spill   Spill
	writers sync.Pool // of *gzip.Writer, whose tables are a megabyte
}

// Invoke answers one event. An error means that the payload was no HTTP event.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	c, err := decode(payload)
	if errors.Is(err, errNotHTTP) && f.direct != nil {
		return f.invokeDirect(ctx, payload)
	}
	if err != nil {
		return nil, err
	}
	c.info.Invocation = c.info.RequestID
	if l, ok := lambdacontext.FromContext(ctx); ok {
		c.info.Invocation = l.AwsRequestID
	}
	ctx = context.WithValue(ctx, callKey{}, c)
	resp, err := f.adapter.ProxyWithContext(ctx, c.event())
	if err != nil { // a method that is no token, or a body that is not base64
		resp = f.refuse(ctx, c, http.StatusBadRequest)
	}
	out, err := encode(resp)
	if err == nil && f.spill != nil && large(resp, out) {
		if resp, err = f.redirect(ctx, c.method, resp); err != nil {
			f.log.ErrorContext(ctx, "large answer not kept", "request_id", c.info.RequestID, "cause", err.Error())
			return encode(f.refuse(ctx, c, http.StatusInternalServerError))
		}
		return encode(resp)
	}
	if err == nil && len(out) > MaxResponse {
		f.log.ErrorContext(ctx, "response too large", "request_id", c.info.RequestID, "bytes", len(out))
		return encode(f.refuse(ctx, c, http.StatusInternalServerError))
	}
	return out, err
}

func (f *function) invokeDirect(ctx context.Context, payload []byte) ([]byte, error) {
	v, err := f.direct(ctx, payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// serve stands between the adapter and the handler: the adapter was given an
// event it cannot misread, and gets a finished response it cannot spoil.
func (f *function) serve(out http.ResponseWriter, r *http.Request) {
	r.Context().Value(callKey{}).(*call).fill(r)
	w := newWriter(r.Method)
	if clean(r.URL.Path) {
		w = f.run(w, r)
	} else {
		f.fail(w, r, http.StatusNotFound)
	}
	w.finish()
	f.compress(w, r)
	w.copyTo(out)
}

// run calls the handler and returns its response, or a fresh one if it panicked.
func (f *function) run(w *writer, r *http.Request) (done *writer) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p != http.ErrAbortHandler {
			f.log.ErrorContext(r.Context(), "panic", "request_id", Request(r.Context()).RequestID,
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
		done = newWriter(r.Method)
		f.fail(done, r, http.StatusInternalServerError)
	}()
	f.handler.ServeHTTP(w, r)
	return w
}

// refuse returns a failure for a request that the adapter could not make, or
// whose response cannot be returned.
func (f *function) refuse(ctx context.Context, c *call, status int) events.APIGatewayV2HTTPResponse {
	r := (&http.Request{Method: c.method, URL: &url.URL{}, Body: http.NoBody}).WithContext(ctx)
	c.fill(r)
	w := newWriter(r.Method)
	f.fail(w, r, status)
	w.finish()
	out := core.NewProxyResponseWriterV2()
	w.copyTo(out)
	resp, _ := out.GetProxyResponse() // fails only without a status, and copyTo sets one
	return resp
}

func encode(resp events.APIGatewayV2HTTPResponse) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(len(resp.Body) + len(resp.Body)/8 + 1024)
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false) // a page would grow sixfold at every bracket
	if err := e.Encode(resp); err != nil {
		return nil, fmt.Errorf("response: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// clean reports whether ServeMux would take the path as it is.
func clean(p string) bool {
	if p == "" || p[0] != '/' {
		return false
	}
	if p != "/" && p[len(p)-1] == '/' {
		p = p[:len(p)-1]
	}
	return path.Clean(p) == p
}

func failJSON(w http.ResponseWriter, _ *http.Request, status int) {
	text := map[int]string{400: "bad request", 404: "not found"}[status]
	if text == "" {
		text = "internal error"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":%q}`, text)
}
