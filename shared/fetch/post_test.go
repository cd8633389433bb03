package fetch

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/fetch/fetchtest"
)

func TestPost(t *testing.T) {
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != `{"a":1}` || r.Method != http.MethodPost || r.ContentLength != 7 || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("webhook-id") != "x" {
			t.Errorf("%s %q %v, %v", r.Method, body, r.Header, err)
		}
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
			return
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
		for range 1000 { // more than anybody reads
			if _, err := io.WriteString(w, strings.Repeat("x", 10_000)); err != nil {
				return
			}
		}
	})
	for path, want := range map[string]int{"/busy": 503, "/moved": 303} {
		status, retry, err := c.Post(t.Context(), origin+path, map[string]string{"webhook-id": "x"}, []byte(`{"a":1}`))
		if err != nil || status != want || (retry == "7") != (want == 503) {
			t.Errorf("%s: %d, %q, %v", path, status, retry, err)
		}
	}
}

func TestPostThatIsNeverAnswered(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer s.Close()
	defer close(done)
	_, _, err := New(Options{Trusted: []string{s.URL}, Timeout: 100 * time.Millisecond}).Post(t.Context(), s.URL+"/?token=s3cret", nil, []byte("{}"))
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "too long") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

// TestNobodyInsideIsReached: no such URL leads to a connection, not by itself,
// not as where a trusted server redirects to, and not if all that is known of
// it before a connection were believed.
func TestNobodyInsideIsReached(t *testing.T) {
	inside := fetchtest.Listen(t)
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if len(inside.URLs()) < 60 {
		t.Errorf("only %d URLs", len(inside.URLs()))
	}
	for _, raw := range inside.URLs() {
		if _, _, err := c.Post(t.Context(), raw, nil, []byte("{}")); !fault.Is(err, fault.Invalid) && (err == nil || fault.As(err).Message != errNoHost) {
			t.Errorf("%q: %v", raw, err)
		}
		to := origin + "/?to=" + url.QueryEscape(raw)
		if _, err := c.Get(t.Context(), to, 5); err == nil {
			t.Errorf("%q is redirected to", raw)
		}
		if status, _, err := c.Post(t.Context(), to, nil, []byte("{}")); err == nil && status != http.StatusTemporaryRedirect {
			t.Errorf("%q is posted to by a redirect: %d", raw, status)
		}
		if u, err := url.Parse(raw); err == nil && isLocal(u.Hostname()) {
			if conn, err := c.dial(t.Context(), "tcp", net.JoinHostPort(u.Hostname(), inside.Port)); err == nil {
				conn.Close()
				t.Errorf("%q is connected to", raw)
			}
		}
	}
	inside.Unreached(t)
}

// isLocal keeps the test from asking name servers.
func isLocal(host string) bool {
	return net.ParseIP(host) != nil || strings.EqualFold(host, "localhost")
}

// TestHostThatDoesNotExist: who waits for an answer is told what is wrong with
// the URL; what is posted may be posted later.
func TestHostThatDoesNotExist(t *testing.T) {
	c := New(Options{})
	c.http.Transport = nowhere{}
	_, err := c.Get(t.Context(), "https://example.com/?secret=1", 5)
	if !fault.Is(err, fault.Invalid) || fault.As(err).Message != errNoHost || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	_, _, err = c.Post(t.Context(), "https://example.com/?secret=1", nil, []byte("{}"))
	if !fault.Is(err, fault.Unavailable) || fault.As(err).Message != errNoHost || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// nowhere is a network on which no name is known.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
}
