package lambdahttp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/lambdahttp"
)

// invoke sends an event through Handler.
func invoke(t *testing.T, h http.HandlerFunc, e events.APIGatewayV2HTTPRequest, o ...lambdahttp.Option) events.APIGatewayV2HTTPResponse {
	t.Helper()
	in, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambdahttp.Handler(h, o...).Invoke(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var resp events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &resp); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return resp
}

// event returns a small event.
func event(method, path string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.HTTP.SourceIP = "203.0.113.7"
	e.RequestContext.RequestID, e.RequestContext.DomainName = "req-1", "api.example.com"
	return e
}

// seen is what a handler can see of a request, written as its response.
func seen(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	info := lambdahttp.Request(r.Context())
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "%s %s\nuri %s\nquery %q\nhost %s\nfrom %s\nlength %d\nbody %q\ninfo %+v\n",
		r.Method, r.URL.Path, r.RequestURI, r.URL.Query(), r.Host, r.RemoteAddr, r.ContentLength, body, info)
	r.Header.Write(w)
	for _, c := range r.Cookies() {
		fmt.Fprintf(w, "cookie %s=%s\n", c.Name, c.Value)
	}
}

func TestRecordedEvent(t *testing.T) {
	in, err := os.ReadFile("testdata/event.json")
	if err != nil {
		t.Fatal(err)
	}
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Mon, 27 Nov 2023 09:43:39 GMT")
		w.Header().Add("Vary", "Cookie")
		w.Header().Add("Vary", "Accept")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", Path: "/"})
		seen(w, r)
	}
	out, err := lambdahttp.Handler(http.HandlerFunc(h)).Invoke(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	fake.Golden(t, "response.golden.json", fake.Readable(t, out))
}

// API Gateway hands over a body of every method: text as it is for text/*
// and JSON, and all else, forms too, in base64.
func TestBodies(t *testing.T) {
	const binary = "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n\x00\xff\r\n--b--\r\n"
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		for _, tt := range []struct{ kind, body string }{
			{"application/json", `{"name":"Ä \u0000"}`},
			{"application/x-www-form-urlencoded", "name=%C3%84&b="},
			{"multipart/form-data; boundary=b", binary},
			{"", "\xef\xbb\xbf"},
			{"application/json", ""},
		} {
			e := event(method, "/v1/media")
			e.Headers = map[string]string{"content-type": tt.kind}
			if e.Body = tt.body; tt.kind != "application/json" {
				e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(tt.body)), true
			}
			var body []byte
			var length int64
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				var err error
				if body, err = io.ReadAll(r.Body); err != nil {
					t.Error(err)
				}
				length = r.ContentLength
			}, e)
			if string(body) != tt.body || length != int64(len(tt.body)) {
				t.Errorf("%s %s: %q of length %d, want %q", method, tt.kind, body, length, tt.body)
			}
		}
	}
}

func TestPanicIsLoggedAndAnswered(t *testing.T) {
	var log bytes.Buffer
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Half", "done")
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "half an answer")
		panic("boom")
	}
	got := invoke(t, h, event("GET", "/l/s3cr3t-t0ken"), lambdahttp.WithLog(slog.New(slog.NewJSONHandler(&log, nil))))
	want := events.APIGatewayV2HTTPResponse{
		StatusCode: 500, Body: `{"error":"internal error"}`, Cookies: []string{},
		Headers: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("(-want +got)\n" + d)
	}
	for _, s := range []string{`"panic":"boom"`, `"request_id":"req-1"`, "lambdahttp_test.go"} {
		if !strings.Contains(log.String(), s) {
			t.Errorf("log lacks %s: %s", s, log.String())
		}
	}
	if strings.Contains(log.String(), "t0ken") {
		t.Errorf("log names the path: %s", log.String())
	}
}

// http.ErrAbortHandler is how a handler gives up without a word in the log.
func TestAbortIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	h := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	got := invoke(t, h, event("GET", "/"), lambdahttp.WithLog(slog.New(slog.NewJSONHandler(&log, nil))))
	if got.StatusCode != 500 || log.Len() != 0 {
		t.Errorf("status %d, log %s", got.StatusCode, log.String())
	}
}

func TestFailureChoosesTheBody(t *testing.T) {
	fail := func(w http.ResponseWriter, r *http.Request, status int) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"status":%d,"path":%q}`, status, r.URL.Path)
	}
	badMethod, badBody := event("G T", "/m"), event("POST", "/b")
	badBody.Body, badBody.IsBase64Encoded = "%%%", true
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/big" {
			w.Write(bytes.Repeat([]byte("x"), lambdahttp.MaxResponse))
			return
		}
		panic("boom")
	}
	for _, tt := range []struct {
		name string
		e    events.APIGatewayV2HTTPRequest
		want string
	}{
		{"panic", event("GET", "/p"), `{"status":500,"path":"/p"}`},
		{"bad method", badMethod, `{"status":400,"path":"/m"}`},
		{"bad base64", badBody, `{"status":400,"path":"/b"}`},
		{"unclean path", event("GET", "/a//b"), `{"status":404,"path":"/a//b"}`},
		{"response too large", event("GET", "/big"), `{"status":500,"path":"/big"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			quiet := lambdahttp.WithLog(slog.New(slog.DiscardHandler))
			got := invoke(t, handler, tt.e, lambdahttp.WithFailure(fail), quiet)
			if d := cmp.Diff(tt.want, got.Body); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if got.Headers["Content-Type"] != "application/problem+json" {
				t.Errorf("headers %v", got.Headers)
			}
		})
	}
}

func TestDirect(t *testing.T) {
	noHTTP := func(w http.ResponseWriter, r *http.Request) { t.Error("the HTTP handler was called") }
	direct := lambdahttp.WithDirect(func(_ context.Context, p json.RawMessage) (any, error) {
		if string(p) == `{"fail":true}` {
			return nil, errors.New("refused")
		}
		return map[string]string{"got": string(p)}, nil
	})
	for _, tt := range []struct {
		name, payload, want string
		options             []lambdahttp.Option
		fails               bool
	}{
		{"an object", `{"organization":"acme"}`, `{"got":"{\"organization\":\"acme\"}"}`, []lambdahttp.Option{direct}, false},
		{"a string", `"x"`, `{"got":"\"x\""}`, []lambdahttp.Option{direct}, false},
		{"a context without http", `{"requestContext":{"requestId":"1"}}`, `{"got":"{\"requestContext\":{\"requestId\":\"1\"}}"}`, []lambdahttp.Option{direct}, false},
		{"a context of another type", `{"requestContext":7}`, `{"got":"{\"requestContext\":7}"}`, []lambdahttp.Option{direct}, false},
		{"its error", `{"fail":true}`, "", []lambdahttp.Option{direct}, true},
		{"an HTTP event of a wrong type never reaches it", `{"headers":1,"requestContext":{"http":{"method":"GET"}}}`, "", []lambdahttp.Option{direct}, true},
		{"not JSON", `{`, "", []lambdahttp.Option{direct}, true},
		{"not allowed", `{"organization":"acme"}`, "", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := lambdahttp.Handler(http.HandlerFunc(noHTTP), tt.options...).Invoke(t.Context(), []byte(tt.payload))
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, want one: %v", err, tt.fails)
			}
			if d := cmp.Diff(tt.want, string(out)); d != "" {
				t.Error("(-want +got)\n" + d)
			}
		})
	}
}

func TestRequestOutsideOfOne(t *testing.T) {
	if d := cmp.Diff(lambdahttp.Info{}, lambdahttp.Request(t.Context())); d != "" {
		t.Error("(-want +got)\n" + d)
	}
}

// FuzzInvoke: whatever the payload, the answer is an error or a response that
// API Gateway takes.
func FuzzInvoke(f *testing.F) {
	recorded, err := os.ReadFile("testdata/event.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(recorded)
	f.Add([]byte(`{"requestContext":{"http":{"method":"GET"}},"rawPath":"//%zz?#\u0000"}`))
	f.Add([]byte(`{"requestContext":{"http":{}},"headers":{"":"","a b":"\n"},"isBase64Encoded":true,"body":"="}`))
	h := lambdahttp.Handler(http.HandlerFunc(seen))
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := h.Invoke(t.Context(), payload)
		if err != nil {
			return
		}
		var resp events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(out, &resp); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if resp.StatusCode != 200 && resp.StatusCode != 400 && resp.StatusCode != 404 {
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}

func BenchmarkInvoke(b *testing.B) {
	in, err := os.ReadFile("testdata/small.json")
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/shareable_links/{key}", func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Location", "https://bucket.s3.eu-central-1.amazonaws.com/"+r.PathValue("key"))
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		w.WriteHeader(http.StatusFound)
		io.WriteString(w, "<html><body>redirected</body></html>")
	})
	h := lambdahttp.Handler(mux)
	b.ReportAllocs()
	for b.Loop() {
		if out, err := h.Invoke(b.Context(), in); err != nil || !bytes.Contains(out, []byte(`"statusCode":302`)) {
			b.Fatalf("%s %v", out, err)
		}
	}
}
