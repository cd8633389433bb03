package lambdahttp_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/google/go-cmp/cmp"
)

// text is a handler that answers with one line about the request.
func text(line func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, line(r)) }
}

func header(name string) http.HandlerFunc {
	return text(func(r *http.Request) string { return fmt.Sprintf("%q", r.Header[name]) })
}

// repair is one thing that the adapter gets wrong.
type repair struct {
	name    string
	handler http.HandlerFunc
	change  func(e *events.APIGatewayV2HTTPRequest)
	want    string // "status body"
}

var repairs = []repair{
	{"a date is one value", header("Date"), withHeader("date", "Mon, 27 Nov 2023 09:43:39 GMT"), `200 ["Mon, 27 Nov 2023 09:43:39 GMT"]`},
	{"a list is one value", header("Accept"), withHeader("accept", "text/html,*/*;q=0.8"), `200 ["text/html,*/*;q=0.8"]`},
	{"a comma in a key", header("X-Api-Key"), withHeader("x-api-key", "a,b"), `200 ["a,b"]`},
	{"percent in a path", path, withPath("/a/100%"), "200 /a/100%"},
	{"percent and digits in a path", path, withPath("/a/%41"), "200 /a/%41"},
	{"question mark in a path", path, withPath("/a/b?c=d"), "200 /a/b?c=d"},
	{"hash in a path", path, withPath("/a/b#c"), "200 /a/b#c"},
	{"control character in a path", path, withPath("/a/\x01\x7f"), "200 /a/\x01\x7f"},
	{"query after a hash", query, withQuery("a=1#b&c=2"), "200 a=1#b&c=2 2"},
	{"control character in a query", query, withQuery("a=\x01&c=2"), "200 a=\x01&c=2 2"},
	{"an empty handler", func(http.ResponseWriter, *http.Request) {}, nil, "200 "},
	{"the first status counts", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.WriteHeader(http.StatusOK)
	}, nil, "404 "},
	{"a status after the body is late", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "body")
		w.WriteHeader(http.StatusTeapot)
	}, nil, "200 body"},
	{"an informational status is not the answer", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
	}, nil, "200 "},
	{"a panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, `500 {"error":"internal error"}`},
	{"an invalid status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) }, nil, `500 {"error":"internal error"}`},
	{"HEAD has no body", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "body") },
		func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "HEAD" }, "200 "},
	{"204 has no body", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		io.WriteString(w, "body")
	}, nil, "204 "},
	{"the host is the called domain", text(func(r *http.Request) string { return r.Host + r.Header.Get("Host") }),
		withHeader("host", "evil.example"), "200 api.example.com"},
	{"the gateway's hop is not the request's", header("Transfer-Encoding"), withHeader("transfer-encoding", "chunked"), "200 []"},
	{"the peer is host and port", text(func(r *http.Request) string { return r.RemoteAddr }), nil, "200 203.0.113.7:0"},
}

var (
	path  = text(func(r *http.Request) string { return r.URL.Path })
	query = text(func(r *http.Request) string { return r.URL.RawQuery + " " + r.URL.Query().Get("c") })
)

func withHeader(name, value string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.Headers = map[string]string{name: value} }
}

func withPath(p string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = p }
}

func withQuery(q string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.RawQueryString = q }
}

func (r repair) event() events.APIGatewayV2HTTPRequest {
	e := event("GET", "/a")
	if r.change != nil {
		r.change(&e)
	}
	return e
}

func TestRepairs(t *testing.T) {
	for _, r := range repairs {
		t.Run(r.name, func(t *testing.T) {
			got := invoke(t, r.handler, r.event())
			if d := cmp.Diff(r.want, fmt.Sprintf("%d %s", got.StatusCode, got.Body)); d != "" {
				t.Error("(-want +got)\n" + d)
			}
		})
	}
}

// TestRepairsAreNeeded fails when the bare adapter gets one of the cases
// right: then its repair can go, or its case shows nothing.
func TestRepairsAreNeeded(t *testing.T) {
	for _, r := range repairs {
		t.Run(r.name, func(t *testing.T) {
			if got := bare(r); got == r.want {
				t.Errorf("the bare adapter answers %s too", got)
			}
		})
	}
}

func bare(r repair) (answer string) {
	defer func() {
		if p := recover(); p != nil {
			answer = fmt.Sprint("panic: ", p)
		}
	}()
	resp, err := httpadapter.NewV2(r.handler).Proxy(r.event())
	return strings.TrimSuffix(fmt.Sprintf("%d %s %v", resp.StatusCode, resp.Body, err), " <nil>")
}

// A ServeMux answers an unclean path by a redirect that repeats it.
func TestPathsThroughServeMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/l/{token}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("token")) })
	mux.HandleFunc("/tree/{rest...}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("rest")) })
	for _, tt := range []struct{ path, want string }{
		{"/l/abc", "200 abc"},
		{"/l/100%", "200 100%"},
		{"/l/%2F", "200 %2F"},
		{"/l/a b+c", "200 a b+c"},
		{"/l/a?b#c", "200 a?b#c"},
		{"/l/träck-日本-😀", "200 träck-日本-😀"},
		{"/l/...", "200 ..."},
		{"/tree/a/b/", "200 a/b/"},
		{"/tree/", "200 "},
		{"", `404 404 page not found`},
		{"/l/abc/", `404 404 page not found`},
		{"//l/abc", `404 {"error":"not found"}`},
		{"/l//abc", `404 {"error":"not found"}`},
		{"/l/abc//", `404 {"error":"not found"}`},
		{"/x/../l/abc", `404 {"error":"not found"}`},
		{"/l/.", `404 {"error":"not found"}`},
		{"/l/..", `404 {"error":"not found"}`},
		{"/../../l/abc", `404 {"error":"not found"}`},
	} {
		t.Run(tt.path, func(t *testing.T) {
			got := invoke(t, mux.ServeHTTP, event("GET", tt.path))
			if d := cmp.Diff(tt.want, strings.TrimSpace(fmt.Sprintf("%d %s", got.StatusCode, got.Body))+spaceIf(tt.want)); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if l := got.Headers["Location"]; l != "" {
				t.Errorf("redirected to %s", l)
			}
		})
	}
}

// spaceIf restores the space that trimming took from "200 ".
func spaceIf(want string) string {
	if strings.HasSuffix(want, " ") {
		return " "
	}
	return ""
}

func TestResponses(t *testing.T) {
	big := strings.Repeat("<", 2<<20)
	for _, tt := range []struct {
		name    string
		method  string
		handler func(w http.ResponseWriter)
		want    events.APIGatewayV2HTTPResponse
	}{
		{"cookies are a list and values one string", "GET", func(w http.ResponseWriter) {
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2; Expires=Mon, 27 Nov 2023 09:43:39 GMT"}
			w.Header()["Vary"] = []string{"Cookie", "Accept"}
			w.Header().Set("Date", "Mon, 27 Nov 2023 09:43:39 GMT")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200,
			Headers: map[string]string{"Vary": "Cookie, Accept", "Date": "Mon, 27 Nov 2023 09:43:39 GMT"},
			Cookies: []string{"a=1", "b=2; Expires=Mon, 27 Nov 2023 09:43:39 GMT"}}},
		{"bytes are base64", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte{0x89, 'P', 'N', 'G', 0xff})
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "image/png"},
			Body: "iVBOR/8=", IsBase64Encoded: true}},
		{"a type is sniffed", "GET", func(w http.ResponseWriter) { io.WriteString(w, "<html>") },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "text/html; charset=utf-8", "Vary": "Accept-Encoding"}, Body: "<html>"}},
		{"HEAD tells type and length", "HEAD", func(w http.ResponseWriter) { io.WriteString(w, "<html>") },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Length": "6", "Vary": "Accept-Encoding"}}},
		{"HEAD keeps a length", "HEAD", func(w http.ResponseWriter) { w.Header().Set("Content-Length", "123456") },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Length": "123456"}}},
		{"a length is counted by the gateway", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "99")
			w.Header().Set("Content-Type", "a/b")
			io.WriteString(w, "short")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "a/b"}, Body: "short"}},
		{"the header is frozen by the status", "GET", func(w http.ResponseWriter) {
			w.Header().Set("X-A", "early")
			w.WriteHeader(201)
			w.Header().Set("X-A", "late")
			w.Header().Set("X-B", "late")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 201, Headers: map[string]string{"X-A": "early"}}},
		{"a header stays on its line and has a name", "GET", func(w http.ResponseWriter) {
			w.Header().Set("X-A", "a\r\nSet-Cookie: b")
			w.Header()["X B"] = []string{"c"}
			w.Header()["Set-Cookie"] = []string{"a=1\r\nX-C: d"}
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"X-A": "a  Set-Cookie: b"}, Cookies: []string{"a=1  X-C: d"}}},
		{"brackets do not grow", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "a/b")
			io.WriteString(w, big)
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "a/b"}, Body: big}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want.Cookies == nil {
				tt.want.Cookies = []string{}
			}
			if tt.want.Headers == nil {
				tt.want.Headers = map[string]string{}
			}
			got := invoke(t, func(w http.ResponseWriter, _ *http.Request) { tt.handler(w) }, event(tt.method, "/"))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error("(-want +got)\n" + d)
			}
		})
	}
}

func TestPathFallsBackToTheContext(t *testing.T) {
	e := event("GET", "/from/context")
	e.RawPath = ""
	if got := invoke(t, path, e); got.Body != "/from/context" {
		t.Errorf("path %s", got.Body)
	}
}
