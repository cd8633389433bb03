package lambdahttp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/lambdahttp"
)

// kept is what a spill was given.
type kept struct {
	header http.Header
	body   string
	err    error
}

func (k *kept) keep(_ context.Context, header http.Header, body []byte) (string, error) {
	k.header, k.body = header, string(body)
	return "https://bucket.test/answers/x", k.err
}

func TestLargeAnswers(t *testing.T) {
	noise := make([]byte, 4_000_001)
	r := rand.NewChaCha8([32]byte{})
	r.Read(noise)
	for i := range noise {
		noise[i] = 'a' + noise[i]%26 // does compress, but not by much
	}
	binary := make([]byte, 4_000_001)
	r.Read(binary)
	fits := strings.Repeat("a", 4_000_000)
	for _, tt := range []struct {
		name, method, accept string
		handler              http.HandlerFunc
		status               int
		body                 string // kept; "" for an answer that is returned
	}{
		{"plain", "GET", "", answering("text/plain", 200, fits+"a"), 302, fits + "a"},
		{"as large as it may be", "GET", "", answering("text/plain", 200, fits), 200, ""},
		{"small once compressed", "GET", "gzip", answering("text/plain", 200, fits+"a"), 200, ""},
		{"bytes", "GET", "gzip", answering("application/pdf", 200, string(binary)), 302, string(binary)},
		{"larger on its way", "GET", "", answering("text/plain", 200, strings.Repeat(`"`, 3_500_000)), 302, strings.Repeat(`"`, 3_500_000)},
		{"of a change", "PUT", "", answering("text/plain", 200, string(noise)), 303, string(noise)},
		{"a failure", "GET", "", answering("text/plain", 404, fits+"a"), 404, ""},
		{"no body", "HEAD", "", answering("text/plain", 200, fits+"a"), 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var k kept
			e := accepting(tt.accept)
			e.RequestContext.HTTP.Method = tt.method
			got := invoke(t, tt.handler, e, lambdahttp.WithSpill(k.keep))
			if got.StatusCode != tt.status || k.body != tt.body {
				t.Fatalf("%d and %d bytes kept, want %d and %d", got.StatusCode, len(k.body), tt.status, len(tt.body))
			}
			if tt.body != "" && (got.Body != "" || got.Headers["Location"] != "https://bucket.test/answers/x") {
				t.Errorf("%v", got.Headers)
			}
		})
	}
}

func TestKeptHeaders(t *testing.T) {
	var k kept
	e := accepting("gzip")
	long := make([]byte, 9_000_000)
	rand.NewChaCha8([32]byte{}).Read(long)
	for i := range long {
		long[i] = ' ' + long[i]%64
	}
	got := invoke(t, answering("text/plain", 200, string(long), "ETag", `"7"`, "Content-Disposition", "attachment", "Referrer-Policy", "no-referrer"), e,
		lambdahttp.WithSpill(k.keep))
	want := map[string]string{
		"Location": "https://bucket.test/answers/x", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept-Encoding",
	}
	if d := cmp.Diff(want, got.Headers); d != "" || got.IsBase64Encoded {
		t.Error("(-want +got)\n" + d)
	}
	if k.header.Get("Content-Type") != "text/plain" || k.header.Get("Content-Encoding") != "gzip" || k.header.Get("Content-Disposition") != "attachment" || len(k.body) > 8_000_000 {
		t.Errorf("kept %d bytes: %v", len(k.body), k.header)
	}
}

func TestLargeAnswerThatIsNotKept(t *testing.T) {
	var log bytes.Buffer
	k := kept{err: errors.New("no room")}
	got := invoke(t, answering("text/plain", 200, strings.Repeat("a", 5_000_000)), event("GET", "/"),
		lambdahttp.WithSpill(k.keep), lambdahttp.WithLog(slog.New(slog.NewJSONHandler(&log, nil))))
	if got.StatusCode != 500 || got.Body != `{"error":"internal error"}` || !strings.Contains(log.String(), "no room") {
		t.Errorf("%d %.99s, log %s", got.StatusCode, got.Body, log.String())
	}
}
