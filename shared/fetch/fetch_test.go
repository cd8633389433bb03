package fetch

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/shared/fault"
)

// Of every range, the addresses at its ends must be refused, and those just
// outside are public unless another range has them.
func TestAddresses(t *testing.T) {
	refused := []string{
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.255",
		"169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255",
		"192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255",
		"198.51.100.1", "203.0.113.1", "224.0.0.0", "224.0.0.251", "239.255.255.255", "240.0.0.0", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
		"64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "1fff:ffff::1",
		"2001::1", "2001:0:4136:e378::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff::1",
		"2002::1", "2002:7f00:1::", "2002:808:808::", "2620:4f:8000::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fd20:ce::254", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff00::1", "ff02::1", "ffff::1",
		"2606:4700::1111%eth0",
	}
	for _, s := range refused {
		if public(netip.MustParseAddr(s)) {
			t.Errorf("%s passes for public", s)
		}
	}
	allowed := []string{
		"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "2620:4f:8001::1", "3ffe::1", "3fff:1000::1",
	}
	for _, s := range allowed {
		if !public(netip.MustParseAddr(s)) {
			t.Errorf("%s is refused", s)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address passes for public")
	}
	for _, p := range special {
		if public(p.Addr()) {
			t.Errorf("the first address of %s passes for public", p)
		}
	}
}

func TestURLs(t *testing.T) {
	c := New(Options{Trusted: []string{"http://127.0.0.1:8080"}})
	for raw, want := range map[string]string{
		"https://example.com/a.mp3?x=y#z": "", "https://example.com:443/": "", "https://8.8.8.8/": "", "https://[2606:4700::1111]/": "", "http://127.0.0.1:8080/a": "",
		"https://1password.com/": "", "https://a.b.0xyz/": "",
		"":                      "not a URL",
		"a.mp3":                 "not a URL",
		"https:///a":            "not a URL",
		"https:a":               "not a URL",
		"https://a\\@b/":        "not a URL",
		"https://exa mple.com/": "not a URL",
		"https://a/\n":          "not a URL",
		"https://a/" + strings.Repeat("x", MaxURL): "not a URL",
		"http://example.com/":                      "https://",
		"ftp://example.com/":                       "https://",
		"file://localhost/etc":                     "https://",
		"gopher://example.com/":                    "https://",
		"https://me:pw@a.com/":                     "credentials",
		"https://me@a.com/":                        "credentials",
		"http://me@127.0.0.1:8080":                 "credentials",
		"https://example.com:22/":                  "port",
		"https://example.com:80/":                  "port",
		"https://example.com:/":                    "port",
		"https://127.0.0.1/":                       "public", "https://[::1]/": "public", "https://[::ffff:127.0.0.1]/": "public", "https://[fe80::1%25eth0]/": "public",
		"https://169.254.169.254/latest/meta-data": "public", "https://2130706433/": "public", "https://0x7f.1/": "public", "https://127.1/": "public",
		"https://0177.0.0.1/": "public", "https://127.0.0.1./": "public", "https://0x/": "public", "https://[64:ff9b::a00:1]/": "public",
		"http://127.0.0.1:8081/a": "https://", "https://127.0.0.1:8080/": "port",
	} {
		err := c.Check(raw)
		if want == "" && err == nil || want != "" && fault.Is(err, fault.Invalid) && strings.Contains(err.Error(), want) {
			continue
		}
		t.Errorf("%q: got %v, want %q", raw, err, want)
	}
}

// source serves h at an origin that the returned client trusts.
func source(t *testing.T, h http.HandlerFunc) (*Client, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return New(Options{Trusted: []string{s.URL}}), s.URL
}

func TestGet(t *testing.T) {
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/b.wav", http.StatusFound)
			return
		}
		for _, h := range []string{"Referer", "Cookie", "Authorization", "Accept-Encoding"} {
			if v := r.Header.Get(h); v != "" {
				t.Errorf("%s: %s is sent", h, v)
			}
		}
		w.Header().Set("Content-Type", "audio/wav")
		io.WriteString(w, "sound")
	})
	r, err := c.Get(t.Context(), origin+"/?secret=1", 5)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	if err != nil || string(got) != "sound" || r.Size != 5 || r.ContentType != "audio/wav" || r.Path != "/b.wav" {
		t.Errorf("got %q, %+v, %v", got, r, err)
	}
}

// A name is checked by what it resolves to, when it is connected to: the name
// itself is no address, and passes every check before.
func TestNameOfAnInnerAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := New(Options{})
	if conn, err := c.dial(t.Context(), "tcp", "localhost:"+port); !fault.Is(explainOrNil(err), fault.Invalid) {
		t.Errorf("got %v, %v", conn, err)
	}
	_, err = c.Get(t.Context(), "https://localhost/?secret=1", 5)
	if !fault.Is(err, fault.Invalid) || err.Error() != errNotPublic.Message {
		t.Errorf("got %v", err)
	}
}

func explainOrNil(err error) error {
	if err == nil {
		return nil
	}
	return explain(err)
}

func TestRedirects(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an inner server was reached") }))
	defer inner.Close()
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		to := r.URL.Query().Get("to")
		if n := len(to); strings.Trim(to, "n") == "" && n > 0 {
			to = "/?to=" + to[1:]
		}
		if to == "" {
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	for to, want := range map[string]string{
		inner.URL: "https://", "https://localhost/": "public", "https://169.254.169.254/": "public", "file:///etc/passwd": "https://",
		"https://a:b@example.com/": "credentials", strings.Repeat("n", 6): "more than 5", "https://example.com:8443/": "port",
		"https://example.com/" + strings.Repeat("x", MaxURL): "bytes",
	} {
		_, err := c.Get(t.Context(), origin+"/?to="+strings.ReplaceAll(to, ":8443", "%3A8443"), 5)
		if !fault.Is(err, fault.Invalid) && !strings.Contains(to, "xxx") || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", to, err, want)
		}
	}
	r, err := c.Get(t.Context(), origin+"/?to=nnnnn", 5)
	if err != nil {
		t.Fatal("five redirects:", err)
	}
	r.Body.Close()
}

func TestBounds(t *testing.T) {
	c, origin := source(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/announced":
			w.Header().Set("Content-Length", "6")
			io.WriteString(w, "sounds")
		case "/endless":
			for range 1000 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		case "/broken":
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "so")
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 2*maxHeader))
		default:
			var status int
			fmt.Sscanf(r.URL.Path, "/%d", &status)
			w.WriteHeader(status)
		}
	})
	for path, want := range map[string]fault.Kind{
		"/announced": fault.TooLarge, "/endless": fault.TooLarge, "/broken": fault.Unavailable, "/header": fault.Unavailable,
		"/404": fault.Invalid, "/403": fault.Invalid, "/204": fault.Invalid, "/206": fault.Invalid, "/429": fault.Unavailable, "/408": fault.Unavailable, "/503": fault.Unavailable,
	} {
		r, err := c.Get(t.Context(), origin+path, 5)
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if !fault.Is(err, want) || strings.Contains(fault.As(err).Message, "127.0.0.1") {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		<-done
	}))
	defer s.Close()
	defer close(done)
	r, err := New(Options{Trusted: []string{s.URL}, Timeout: 100 * time.Millisecond}).Get(t.Context(), s.URL, 5)
	if err == nil {
		_, err = io.ReadAll(r.Body)
		r.Body.Close()
	}
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}

// Nothing that is told to an owner, and no log, has an address or a query.
func TestErrorsKeepSecrets(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	_, err := New(Options{Trusted: []string{s.URL}}).Get(t.Context(), s.URL+"/?token=s3cret", 5) // its certificate is nobody's
	if !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "s3cret") || strings.Contains(fault.As(err).Message, "127.") {
		t.Errorf("got %v", err)
	}
}
