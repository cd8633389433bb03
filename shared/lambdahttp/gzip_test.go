package lambdahttp_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/lambdahttp"
)

var page = strings.Repeat("What was said was said. ", 200)

// accepting is an event of a client that accepts codings.
func accepting(codings string) events.APIGatewayV2HTTPRequest {
	e := event("GET", "/")
	e.Headers = map[string]string{"accept-encoding": codings}
	return e
}

// unpacked returns the body of a compressed answer, or false.
func unpacked(t *testing.T, a events.APIGatewayV2HTTPResponse) (string, bool) {
	t.Helper()
	if a.Headers["Content-Encoding"] == "" {
		return a.Body, false
	}
	raw, err := base64.StdEncoding.DecodeString(a.Body)
	if err != nil || a.Headers["Content-Encoding"] != "gzip" || !a.IsBase64Encoded {
		t.Fatalf("%v in %v", err, a.Headers)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), true
}

func answering(contentType string, status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestAccepted(t *testing.T) {
	for codings, want := range map[string]bool{
		"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=0.5, br": true, " gzip ; q=1 ": true, "*": true, "br, *;q=0.1": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip;q=0.000": false, "*;q=0": false, "gzip;q=0, *": false,
		"*, gzip;q=0": false, "gzip;q=x": false, "gzip;level=9": false, "gzipped": false, ",,;;": false,
	} {
		t.Run(codings, func(t *testing.T) {
			got := invoke(t, answering("text/html", 200, page, "Vary", "Accept"), accepting(codings))
			text, is := unpacked(t, got)
			if is != want || text != page || got.Headers["Vary"] != "Accept, Accept-Encoding" {
				t.Errorf("compressed %v, want %v: %v", is, want, got.Headers)
			}
		})
	}
}

func TestCompressed(t *testing.T) {
	short := strings.Repeat("a", 1023)
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    bool
	}{
		{"json", answering("application/json; charset=utf-8", 200, page), true},
		{"problem", answering("application/problem+json", 422, page), true},
		{"ttml", answering("application/ttml+xml", 200, page), true},
		{"subtitles", answering("application/x-subrip", 200, page), true},
		{"a script", answering("Text/JavaScript", 200, page), true},
		{"just long enough", answering("text/plain", 200, short+"a"), true},
		{"too short", answering("text/plain", 200, short), false},
		{"a sound", answering("audio/mpeg", 200, page), false},
		{"pdf", answering("application/pdf", 200, page), false},
		{"compressed before", answering("text/plain", 200, page, "Content-Encoding", "br"), false},
		{"a part", answering("text/plain", 206, page), false},
		{"not to be changed", answering("text/plain", 200, page, "Cache-Control", "no-store, no-transform"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := invoke(t, tt.handler, accepting("gzip"))
			if got.Headers["Content-Encoding"] == "br" {
				return
			}
			if _, is := unpacked(t, got); is != tt.want {
				t.Errorf("compressed %v, want %v: %v", is, tt.want, got.Headers)
			}
		})
	}
}

// A cache need not be told of what it may not keep.
func TestVary(t *testing.T) {
	for cache, want := range map[string]string{"": "Accept-Encoding", "no-store": ""} {
		got := invoke(t, answering("text/plain", 200, page, "Cache-Control", cache), accepting(""))
		if got.Headers["Vary"] != want {
			t.Errorf("%q: Vary %q, want %q", cache, got.Headers["Vary"], want)
		}
	}
}

func TestTags(t *testing.T) {
	for tag, want := range map[string]string{`"7"`: `W/"7"`, `W/"7"`: `W/"7"`, "": ""} {
		got := invoke(t, answering("text/plain", 200, page, "ETag", tag), accepting("gzip"))
		if got.Headers["Etag"] != want {
			t.Errorf("%s became %s, want %s", tag, got.Headers["Etag"], want)
		}
	}
	got := invoke(t, answering("text/plain", 200, page, "ETag", `"7"`), accepting(""))
	if got.Headers["Etag"] != `"7"` {
		t.Errorf("plain: %v", got.Headers)
	}
	for sent, want := range map[string]string{`W/"7"`: `"7"`, `"7"`: `"7"`, `W/"7", "8" , W/"9"`: `"7", "8" , "9"`, "*": "*"} {
		e := event("PUT", "/")
		e.Headers = map[string]string{"if-match": sent}
		got := invoke(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("If-Match")) }, e)
		if got.Body != want {
			t.Errorf("If-Match: %s arrives as %s, want %s", sent, got.Body, want)
		}
	}
}

func TestCompressedHead(t *testing.T) {
	e := accepting("gzip")
	whole := invoke(t, answering("text/plain", 200, page, "Content-Length", fmt.Sprint(len(page))), e)
	e.RequestContext.HTTP.Method = "HEAD"
	got := invoke(t, answering("text/plain", 200, page, "Content-Length", fmt.Sprint(len(page))), e)
	raw, _ := base64.StdEncoding.DecodeString(whole.Body)
	if got.Body != "" || got.Headers["Content-Encoding"] != "gzip" || got.Headers["Content-Length"] != fmt.Sprint(len(raw)) {
		t.Errorf("%q %v, GET has %d bytes", got.Body, got.Headers, len(raw))
	}
}

// The length of one answer differs from request to request.
func TestPadding(t *testing.T) {
	h := lambdahttp.Handler(answering("text/plain", 200, page))
	lengths := map[int]bool{}
	for i := range 200 {
		e := fmt.Sprintf(`{"rawPath":"/","headers":{"accept-encoding":"gzip"},"requestContext":{"requestId":"request-%d","http":{"method":"GET"}}}`, i)
		out, err := h.Invoke(t.Context(), []byte(e))
		if err != nil {
			t.Fatal(err)
		}
		lengths[len(out)] = true
	}
	if len(lengths) < 15 { // base64 hides two of three
		t.Errorf("%d lengths", len(lengths))
	}
}

func BenchmarkCompress(b *testing.B) {
	body := strings.Repeat(page, 1000)
	h := lambdahttp.Handler(answering("text/plain", 200, body))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := h.Invoke(b.Context(), []byte(`{"rawPath":"/","headers":{"accept-encoding":"gzip"},"requestContext":{"http":{"method":"GET"}}}`)); err != nil {
			b.Fatal(err)
		}
	}
}
