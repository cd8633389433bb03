package dialect_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
)

// face is a dialect's that shows everything.
func face(_ *http.Request, e *fault.Error) dialect.Response {
	status := map[fault.Kind]int{fault.NotFound: 404, fault.Invalid: 422}[e.Kind]
	if status == 0 {
		status = 500
	}
	if dialect.Allowed(e) != "" {
		status = 405
	}
	return dialect.Response{Status: status, Body: []byte(string(e.Kind) + "|" + e.Message)}
}

func serve(log *bytes.Buffer, routes ...dialect.Route) *fake.Client {
	s := dialect.Service{Face: face, Log: journal.New(log, "latchkey"), Now: fake.NewClock(fake.Start).Now}
	return &fake.Client{Handler: s.Handler(routes...)}
}

func TestHandlerAnswersEverything(t *testing.T) {
	secret := "c0123456789ABCDEFGHIJKLMNOPQ"
	var log bytes.Buffer
	c := serve(&log,
		dialect.Route{Pattern: "GET /ok/{key}", Handler: func(r *http.Request) (dialect.Response, error) {
			return dialect.Response{Status: 200, Body: []byte("hello " + r.PathValue("key"))}, nil
		}},
		dialect.Route{Pattern: "GET /panic", Handler: func(*http.Request) (dialect.Response, error) { panic("boom") }},
		dialect.Route{Pattern: "GET /fail", Handler: func(*http.Request) (dialect.Response, error) {
			return dialect.Response{}, errors.New("detail of the store")
		}},
	)
	tests := []struct {
		call   string
		status int
		body   string
		route  string
	}{
		{"GET /ok/" + secret, 200, "hello " + secret, "GET /ok/{key}"},
		{"HEAD /ok/" + secret, 200, "", "GET /ok/{key}"},
		{"GET /ok/a%2Fb", 404, "not_found|not found", "none"},
		{"POST /ok/" + secret, 405, "not_found|method not allowed", "none"},
		{"GET /nowhere/" + secret, 404, "not_found|not found", "none"},
		{"GET /panic", 500, "internal|internal error", "GET /panic"},
		{"GET /fail", 500, "internal|internal error", "GET /fail"},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			log.Reset()
			a := c.Do(t, tt.call, "")
			if a.Status != tt.status || a.Body != tt.body {
				t.Errorf("%d %q, want %d %q", a.Status, a.Body, tt.status, tt.body)
			}
			if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", a.Header)
			}
			var line struct {
				Msg, Route, Cause string
				Status            int
			}
			if err := json.Unmarshal(log.Bytes(), &line); err != nil || bytes.Count(log.Bytes(), []byte("\n")) != 1 {
				t.Fatalf("the log is %q", log.String())
			}
			if line.Route != tt.route || line.Status != tt.status || strings.Contains(log.String(), secret) {
				t.Errorf("the log is %s", log.String())
			}
			if (tt.status == 500) != (line.Cause != "") {
				t.Errorf("status %d with the cause %q", tt.status, line.Cause)
			}
		})
	}
}

func TestKey(t *testing.T) {
	for name, tt := range map[string]struct{ authorization, apiKey, zoomKey, want string }{
		"bearer":           {"Bearer k1", "", "", "k1"},
		"bearer, odd case": {"bEARER  k1 ", "", "", "k1"},
		"header":           {"", "k2", "", "k2"},
		"Scriptix's":       {"", "", "k3", "k3"},
		"all":              {"Bearer k1", "k2", "k3", "k1"},
		"another scheme":   {"Basic abc", "k2", "", "k2"},
		"none":             {"", "", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", tt.authorization)
		r.Header.Set("X-API-KEY", tt.apiKey)
		r.Header.Set("x-zoom-s2t-key", tt.zoomKey)
		if got := dialect.Key(r); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// The Host header is the client's to choose, and must not end up in a link.
func TestOriginIsNeverTheHostHeader(t *testing.T) {
	c := serve(new(bytes.Buffer), dialect.Route{Pattern: "GET /", Handler: func(r *http.Request) (dialect.Response, error) {
		return dialect.Response{Status: 200, Body: []byte(dialect.Origin("", r) + " " + dialect.Origin("https://share.test", r))}, nil
	}})
	a := c.Do(t, "GET /", "", "Host", "evil.test", "X-Forwarded-Host", "evil.test")
	if a.Body != "https://"+fake.Domain+" https://share.test" {
		t.Errorf("%q", a.Body)
	}
}

func TestParseExpiry(t *testing.T) {
	for in, want := range map[string]string{
		"2023-11-28": "2023-11-29T00:00:00Z", "2024-02-29": "2024-03-01T00:00:00Z", "2023-12-31": "2024-01-01T00:00:00Z",
		"2023-11-28T10:00:00+02:00": "2023-11-28T08:00:00Z", "2023-11-28T10:00:00.5Z": "2023-11-28T10:00:00.5Z",
		"9999-12-31": "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-01:00": "9999-12-31T23:59:59.999Z",
		"2023-11-28 10:00": "", "28.11.2023": "", "2023-02-29": "", "1700000000": "", "": "",
	} {
		got, err := dialect.ParseExpiry(in, "f")
		if (err == nil) != (want != "") || (want != "" && got.Format(time.RFC3339Nano) != want) {
			t.Errorf("%q: %v, %v, want %q", in, got, err, want)
		}
	}
}

// A long name around many values must not be copied for each of them, nor
// come back whole in an error.
func TestParseObjectIsLinear(t *testing.T) {
	name := strings.Repeat("k", 200_000)
	body := []byte(`{"` + name + `":[` + strings.Repeat("0,", 100_000) + `0]}`)
	var err error
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err = dialect.ParseObject(body)
		}
	}).AllocedBytesPerOp()
	if err != nil || allocated > 100<<20 {
		t.Errorf("%v, %d bytes for %d", err, allocated, len(body))
	}
	_, err = dialect.ParseObject([]byte(`{"` + name + `":1,"` + name + `":2}`))
	if e := fault.As(err); e == nil || e.Kind != fault.Malformed || len(e.Field) > 200 {
		t.Errorf("a name twice: a field of %d bytes, %v", len(fault.As(err).Field), fault.As(err).Kind)
	}
	_, err = dialect.ParseObject([]byte(`{"a":[{"b":{"c":1,"c":2}}]}`))
	if fault.As(err).Field != "a[0].b.c" {
		t.Errorf("the field is %q", fault.As(err).Field)
	}
}

func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[true,null,"x",{"c":-1.5e3}]}`, `{"a":1,"a":2}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud83d"}`, `[`, `{} {}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := dialect.ParseObject(body)
		if err != nil {
			if !fault.Is(err, fault.Malformed) {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		// What passes is what any other JSON reader would have read.
		if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("%q passed", body)
		}
		if _, err := json.Marshal(o); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
	})
}
