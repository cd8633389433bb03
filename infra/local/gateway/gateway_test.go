package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func sameLines(want, got string) bool {
	trim := func(s string) []string {
		lines := strings.Split(strings.TrimPrefix(s, "gateway: "), "\n")
		slices.Sort(lines)
		return lines
	}
	return slices.Equal(trim(want), trim(got))
}

const one = `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Rest: { Type: HttpApi, Properties: { Method: ANY, Path: '/files/{proxy+}' } }
`

// serve returns a gateway to one function.
func serve(t *testing.T, f Function) http.Handler {
	t.Helper()
	h, err := New(Config{
		Template:  []byte(one),
		Functions: map[string]Function{"Fn": f},
		Domain:    "127.0.0.1:3000",
		Now:       func() time.Time { return time.Date(2023, 11, 27, 9, 30, 0, 5e6, time.UTC) },
		NewID:     func() string { return "req-1" },
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEvent(t *testing.T) {
	tests := []struct {
		name, method, target, body string
		header                     http.Header
	}{
		{"get", "GET", "/files/a%2Fb%20c%3Fd/%C3%A4?x=1&x=2&y=a+b%26c&empty=&flag#ignored", "", http.Header{
			"Accept":          {"text/html", "application/json"},
			"Cookie":          {"a=1; b=2", "c=3"},
			"User-Agent":      {"curl/8"},
			"X-Forwarded-For": {"10.1.2.3"},
			"Date":            {"Tue, 15 Nov 1994 08:12:31 GMT"},
		}},
		{"head", "HEAD", "/files/x?bad=%zz", "", nil},
		{"json", "POST", "/files/x", `{"name":"ä"}`, http.Header{"Content-Type": {"application/json; charset=utf-8"}}},
		{"problem", "POST", "/files/x", `{}`, http.Header{"Content-Type": {"application/problem+json"}}},
		{"form", "POST", "/files/x", "a=1&b=2", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}},
		{"binary", "PUT", "/files/x", "\x00\xff", http.Header{"Content-Type": {"text/plain"}}},
		{"get with a body", "GET", "/files/x", "--b\r\n\r\n--b--", http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var payload []byte
			srv := httptest.NewServer(serve(t, func(_ context.Context, p []byte) ([]byte, error) {
				payload = p
				return []byte(`{"statusCode":204}`), nil
			}))
			defer srv.Close()
			req, err := http.NewRequest(tt.method, srv.URL+tt.target, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Host = "links.example"
			req.Header.Set("User-Agent", "test")
			for k, v := range tt.header {
				req.Header[k] = v
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			golden(t, strings.ReplaceAll(tt.name, " ", "_")+".json", payload)

			// Lambda's own type must know every field.
			dec := json.NewDecoder(bytes.NewReader(payload))
			dec.DisallowUnknownFields()
			if err := dec.Decode(new(events.APIGatewayV2HTTPRequest)); err != nil {
				t.Errorf("as events.APIGatewayV2HTTPRequest: %v", err)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAnswer(t *testing.T) {
	type seen struct {
		Status  int
		Type    string
		Cookies []string
		Body    string
	}
	const (
		asJSON = "application/json"
		asText = "text/plain;charset=UTF-8"
	)
	broken := seen{500, asJSON, nil, `{"message":"Internal Server Error"}`}
	tests := []struct {
		name, answer string
		err          error
		want         seen
	}{
		{"full", `{"statusCode":201,"headers":{"content-type":"text/html","content-length":"99"},"cookies":["a=1; Path=/","b=2"],"body":"<p>"}`, nil,
			seen{201, "text/html", []string{"a=1; Path=/", "b=2"}, "<p>"}},
		{"binary", `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"AP8=","isBase64Encoded":true}`, nil, seen{200, "image/png", nil, "\x00\xff"}},
		{"no type", `{"statusCode":"404","body":"x"}`, nil, seen{404, asText, nil, "x"}},
		{"no body", `{"statusCode":302,"headers":{"location":"/x"}}`, nil, seen{302, "", nil, ""}},
		{"format 1.0 headers are ignored", `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1"]},"body":"x"}`, nil, seen{200, asText, nil, "x"}},
		{"inferred object", `{"ok":true}`, nil, seen{200, asJSON, nil, `{"ok":true}`}},
		{"inferred string", `"Hello"`, nil, seen{200, asJSON, nil, `"Hello"`}},
		{"not JSON", `Hello`, nil, broken},
		{"empty", ``, nil, broken},
		{"bad status", `{"statusCode":99}`, nil, broken},
		{"status of another type", `{"statusCode":{"a":1}}`, nil, broken},
		{"bad base64", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, nil, broken},
		{"body of another type", `{"statusCode":200,"body":{"a":1}}`, nil, broken},
		{"error", ``, errors.New("boom"), broken},
		{"largest", `{"statusCode":200,"body":"` + strings.Repeat("x", maxPayload-28) + `"}`, nil, seen{200, asText, nil, strings.Repeat("x", maxPayload-28)}},
		{"too large", `{"statusCode":200,"body":"` + strings.Repeat("x", maxPayload-27) + `"}`, nil, broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			serve(t, func(context.Context, []byte) ([]byte, error) { return []byte(tt.answer), tt.err }).
				ServeHTTP(w, httptest.NewRequest("GET", "/files/x", nil))
			h := w.Result().Header
			got := seen{w.Code, h.Get("Content-Type"), h.Values("Set-Cookie"), w.Body.String()}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%.2000s", diff)
			}
			if h.Get("Apigw-Requestid") != "req-1" || h.Get("Content-Length") != "" {
				t.Errorf("headers = %v", h)
			}
		})
	}
}

func TestRequestLimits(t *testing.T) {
	tests := []struct {
		name, path, contentType string
		size                    int
		status                  int
		body                    string
	}{
		{"no route", "/other", "", 0, 404, `{"message":"Not Found"}`},
		{"body that fits as text", "/files/x", "text/plain", 5 << 20, 200, "5242880"},
		{"body that fits only as text", "/files/x", "application/zip", 5 << 20, 413, `{"message":"Request Entity Too Large"}`},
		{"body that fits in base64", "/files/x", "application/zip", 4 << 20, 200, "5592408"},
		{"event over 6 MB", "/files/x", "text/plain", 6 << 20, 413, `{"message":"Request Entity Too Large"}`},
		{"body over 10 MB", "/files/x", "text/plain", 10<<20 + 1, 413, `{"message":"Request Entity Too Large"}`},
	}
	srv := httptest.NewServer(serve(t, func(_ context.Context, p []byte) ([]byte, error) {
		var e event
		if err := json.Unmarshal(p, &e); err != nil {
			return nil, err
		}
		return json.Marshal(len(e.Body))
	}))
	defer srv.Close()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := http.Post(srv.URL+tt.path, tt.contentType, bytes.NewReader(bytes.Repeat([]byte("x"), tt.size)))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || string(body) != tt.body {
				t.Errorf("answer = %d %s, want %d %s", res.StatusCode, body, tt.status, tt.body)
			}
		})
	}
}

func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, func(context.Context, []byte) ([]byte, error) {
			time.Sleep(31 * time.Second) // the bubble's time
			return []byte(`{}`), nil
		})
		w := httptest.NewRecorder()
		began := time.Now()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/files/x", nil))
		if w.Code != 503 || w.Body.String() != `{"message":"Service Unavailable"}` || time.Since(began) != 30*time.Second {
			t.Errorf("answer after %v = %d %s", time.Since(began), w.Code, w.Body)
		}
		time.Sleep(time.Minute) // the function ends by itself
	})
}

func TestClientGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	h := serve(t, func(ctx context.Context, _ []byte) ([]byte, error) {
		called = true
		return []byte(`{}`), ctx.Err()
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/files/x", nil))
	if !called || w.Code != 200 {
		t.Errorf("called = %v, status = %d: a client that leaves must not cancel the function", called, w.Code)
	}
}

func TestPanic(t *testing.T) {
	var log bytes.Buffer
	h, err := New(Config{
		Template:  []byte(one),
		Functions: map[string]Function{"Fn": func(context.Context, []byte) ([]byte, error) { panic("boom") }},
		Log:       slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/files/secret", nil))
	if w.Code != 500 || w.Body.String() != `{"message":"Internal Server Error"}` {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
	if s := log.String(); !strings.Contains(s, "panic: boom") || strings.Contains(s, "secret") {
		t.Errorf("log = %s; want the panic, and the route instead of the path", s)
	}
}
