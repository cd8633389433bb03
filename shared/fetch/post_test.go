package fetch

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/shared/fault"
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

// inner are URLs by which somebody inside might be reached. PORT is that of a
// server that listens on all addresses of this machine.
var inner = []string{
	"https://127.0.0.1:PORT/", "https://127.0.0.1/", "http://127.0.0.1:PORT/", "http://127.0.0.1/", "https://127.1:PORT/", "https://127.1/",
	"https://127.0.1/", "https://127.255.255.254/", "https://0/", "https://0.0.0.0/", "https://0.0.0.0:PORT/", "https://00.00.00.00/",
	"https://0x7f.1/", "https://0x7f.1:PORT/", "https://0x7f000001/", "https://0x7F.0x0.0x0.0x1/", "https://2130706433/", "https://2130706433:PORT/",
	"https://017700000001/", "https://0177.0.0.1/", "https://0177.1/", "https://127.0.0.1./", "https://0x7f.0.0.1./", "https://3232235521/",
	"https://[::1]/", "https://[::1]:PORT/", "http://[::1]:PORT/", "https://[::]/", "https://[::]:PORT/", "https://[0:0:0:0:0:0:0:1]/",
	"https://[::127.0.0.1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:127.0.0.1]:PORT/", "https://[0:0:0:0:0:ffff:7f00:1]/",
	"https://[64:ff9b::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/",
	"https://[fe80::1%25lo]/", "https://[fe80::1]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fd20:ce::254]/", "https://[ff02::1]/",
	"https://169.254.169.254/latest/meta-data/", "http://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials", "https://0xa9fea9fe/", "https://2852039166/",
	"https://0251.0376.0251.0376/", "https://[::ffff:169.254.169.254]/", "https://[::ffff:a9fe:a9fe]/", "https://100.100.100.200/", "https://192.0.0.192/",
	"https://10.0.0.1/", "https://10.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.0.1/", "https://192.168.1/", "https://100.64.0.1/", "https://198.18.0.1/",
	"https://224.0.0.1/", "https://255.255.255.255/", "https://localhost/", "https://localhost:PORT/", "http://localhost:PORT/", "https://LOCALHOST/", "https://localhost./",
	"https://example.com@127.0.0.1/", "https://127.0.0.1@example.com:PORT/", "https://127.0.0.1%2f@example.com/", "https://example.com:443@127.0.0.1:PORT/", "https://127.0.0.1\\@example.com/",
	"https://127.0.0.1#@example.com/", "https://127.0.0.1?@example.com/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https:127.0.0.1/", "https:///127.0.0.1/", "//127.0.0.1:PORT/",
	"file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "ftp://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "unix:///var/run/docker.sock", "javascript:alert(1)", "data:,x",
	"https://127.0.0.1:PORT\r\nX: y/", "https://127.0.0.1%00.example.com/", "https://127.0.0.1 .example.com/", "https://[127.0.0.1]/", "https://[::1", "http://trusted.invalid:PORT/",
}

// TestNobodyInsideIsReached: no such URL leads to a connection, not by itself,
// not as where a trusted server redirects to, and not if all that is known of
// it before a connection were believed.
func TestNobodyInsideIsReached(t *testing.T) {
	var reached atomic.Int64
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if len(inner) < 60 {
		t.Errorf("only %d URLs", len(inner))
	}
	for _, raw := range inner {
		raw = strings.ReplaceAll(raw, "PORT", port)
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
			if conn, err := c.dial(t.Context(), "tcp", net.JoinHostPort(u.Hostname(), port)); err == nil {
				conn.Close()
				t.Errorf("%q is connected to", raw)
			}
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
	if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err != nil { // it can be reached
		t.Error(err)
	} else {
		conn.Close()
	}
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
