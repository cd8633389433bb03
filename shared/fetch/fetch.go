// Package fetch gets what a URL given by a user leads to, or posts to it, and
// refuses to be used to reach what that user could not: it speaks https on its
// own port to public addresses, which it checks at the moment of connecting, so
// that a name that resolves differently a second time gains nothing; it follows
// few redirects and checks each like the first; it uses no proxy, sends no
// credentials, cookies or referrer, and ends at a number of bytes and a time.
//
// Errors are faults whose message tells the URL's owner what is wrong without
// a word about addresses: Invalid and TooLarge stay, Unavailable may pass.
package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"latchkey/shared/fault"
)

// Limits.
const (
	MaxURL       = 2048 // bytes
	MaxRedirects = 5
	maxHeader    = 64 << 10
)

// Options says what a Client may do beyond the rules. The zero value is the
// one for everywhere but a developer's machine and the tests.
type Options struct {
	Trusted []string      // origins ("http://127.0.0.1:8080") that the rules do not hold for
	Timeout time.Duration // of a whole answer, its body included; 0: 14 minutes
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	trusted map[string]bool // by origin
	hosts   map[string]bool // the trusted origins' "host:port"
	lookup  func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// New returns a Client.
func New(o Options) *Client {
	c := &Client{trusted: map[string]bool{}, hosts: map[string]bool{}, lookup: net.DefaultResolver.LookupNetIP}
	for _, origin := range o.Trusted {
		c.trusted[origin] = true
		_, host, _ := strings.Cut(origin, "://")
		c.hosts[host] = true
	}
	if o.Timeout == 0 {
		o.Timeout = 14 * time.Minute
	}
	c.http = &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: c.redirect,
		Transport: &http.Transport{
			DialContext:            c.dial,
			DisableKeepAlives:      true, // a kept connection would pass by the check of addresses
			DisableCompression:     true, // bytes are counted as they come
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  30 * time.Second,
			MaxResponseHeaderBytes: maxHeader,
		},
	}
	return c
}

// Response is what a URL leads to.
type Response struct {
	Body        io.ReadCloser // fails with a fault: TooLarge beyond the limit, Unavailable when it breaks off
	Size        int64         // bytes, as announced; -1: unknown
	ContentType string        // as sent
	Path        string        // of the last URL, whose end may be a file's name
}

// Check refuses a URL that Get would refuse before it connects.
func (c *Client) Check(raw string) error {
	_, err := c.parse(raw)
	return err
}

// Get opens a URL for reading of at most max bytes. The caller closes the body.
func (c *Client) Get(ctx context.Context, raw string, max int64) (*Response, error) {
	u, err := c.parse(raw)
	if err != nil {
		return nil, err
	}
	r := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
		"User-Agent": {"Latchkey"}, "Accept": {"*/*"},
	}}).WithContext(ctx)
	resp, err := c.http.Do(r)
	if err != nil {
		err = explain(err)
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound { // most likely a slip of who waits for what is there
			err = fault.Wrap(fault.Invalid, dns, errNoHost)
		}
		return nil, err
	}
	if err := judge(resp, max); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return &Response{
		Body: &body{from: resp.Body, left: max, want: resp.ContentLength}, Size: resp.ContentLength,
		ContentType: resp.Header.Get("Content-Type"), Path: resp.Request.URL.Path,
	}, nil
}

// Open is Get for who wants nothing but the bytes.
func (c *Client) Open(ctx context.Context, raw string, most int64) (io.ReadCloser, error) {
	r, err := c.Get(ctx, raw, most)
	if err != nil {
		return nil, err
	}
	return r.Body, nil
}

// judge refuses an answer that is not what was asked for.
func judge(resp *http.Response, max int64) error {
	switch s := resp.StatusCode; {
	case s == http.StatusRequestTimeout || s == http.StatusTooManyRequests || s >= 500:
		return fault.New(fault.Unavailable, "the server answered %d", s)
	case s != http.StatusOK:
		return fault.New(fault.Invalid, "the server answered %d", s)
	case resp.ContentLength > max:
		return tooLarge(max)
	}
	return nil
}

func tooLarge(max int64) error {
	return fault.New(fault.TooLarge, "it is larger than %d bytes", max)
}

// parse checks all of a URL that can be checked without a network.
func (c *Client) parse(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > MaxURL || u.Hostname() == "" || strings.ContainsAny(raw, " \\") {
		return nil, fault.New(fault.Invalid, "it is not a URL of at most %d bytes", MaxURL)
	}
	return u, c.allow(u)
}

func (c *Client) allow(u *url.URL) error {
	if u.User != nil {
		return fault.New(fault.Invalid, "credentials in a URL are not allowed")
	}
	if c.trusted[u.Scheme+"://"+u.Host] {
		return nil
	}
	if u.Scheme != "https" {
		return fault.New(fault.Invalid, "it must begin with https://")
	}
	if p := u.Port(); strings.HasSuffix(u.Host, ":") || p != "" && p != "443" {
		return fault.New(fault.Invalid, "no port but 443 is allowed")
	}
	a, err := netip.ParseAddr(u.Hostname())
	if err == nil && !public(a) || err != nil && numeric(u.Hostname()) {
		return errNotPublic
	}
	return nil
}

// errNotPublic is the same for a name and an address: it tells nothing of
// what a name resolves to here.
var errNotPublic = fault.New(fault.Invalid, "its host is not on the public internet")

// numeric reports whether a host ends in a number and so is an IPv4 address,
// in one of the forms that only some resolvers know (2130706433, 0x7f.1).
// (WHATWG URL, "ends in a number checker".)
func numeric(host string) bool {
	last := strings.TrimSuffix(host, ".")
	last = strings.ToLower(last[strings.LastIndexByte(last, '.')+1:])
	digits, hex := strings.CutPrefix(last, "0x")
	set := "0123456789"
	if hex {
		set += "abcdef"
	}
	return hex && digits == "" || digits != "" && strings.Trim(digits, set) == ""
}

// redirect checks where an answer sends us, as if it had been asked for. What
// was posted is for its URL alone.
func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	if via[0].Method == http.MethodPost {
		return http.ErrUseLastResponse
	}
	r.Header.Del("Referer") // the URL before may hold a secret
	if len(via) > MaxRedirects {
		return fault.New(fault.Invalid, "it redirects more than %d times", MaxRedirects)
	}
	if len(r.URL.String()) > MaxURL {
		return fault.New(fault.Invalid, "it redirects to what is not allowed: a URL of more than %d bytes", MaxURL)
	}
	if err := c.allow(r.URL); err != nil {
		return fault.New(fault.Invalid, "it redirects to what is not allowed: %s", fault.As(err).Message)
	}
	return nil
}

// dial connects to a host and lets no address pass that is not public. The
// check comes after the name is resolved, for each address that is tried.
func (c *Client) dial(ctx context.Context, network, host string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, ControlContext: checkAddress}
	if c.hosts[host] {
		d.ControlContext = nil
	}
	return d.DialContext(ctx, network, host)
}

func checkAddress(_ context.Context, _, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !public(a.Addr()) {
		return errNotPublic
	}
	return nil
}

const errNoHost = "its host does not exist"

// explain turns what a request failed with into a fault. The cause is without
// the URL, whose query may hold a secret.
func explain(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fault.Wrap(fault.Unavailable, err, errNoHost)
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return fault.Wrap(fault.Unavailable, err, "the server took too long")
	}
	return fault.Wrap(fault.Unavailable, err, "the server could not be reached, or its certificate is not good")
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// body counts.
type body struct {
	from io.ReadCloser
	left int64 // bytes that may still come
	read int64
	want int64 // bytes announced, or -1
}

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more, to tell the end from an excess
	}
	n, err := b.from.Read(p)
	b.left, b.read = b.left-int64(n), b.read+int64(n)
	switch {
	case b.left < 0:
		return 0, tooLarge(b.read - 1)
	case err == nil || err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, fault.Wrap(fault.Unavailable, err, "the server broke off after %d of %d bytes", b.read, b.want)
	}
	return n, explain(err)
}

func (b *body) Close() error { return b.from.Close() }
