// Package fetchtest is somebody inside, and the URLs by which they might be
// reached, for the tests of those that take URLs from users.
package fetchtest

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// Inside is a server on all addresses of this machine.
type Inside struct {
	Port    string
	reached atomic.Int64
}

// Listen returns a server that lives as long as the test.
func Listen(t testing.TB) *Inside {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := new(Inside)
	_, s.Port, _ = net.SplitHostPort(l.Addr().String())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.reached.Add(1)
			conn.Close()
		}
	}()
	return s
}

// Unreached fails if anybody connected, or nobody can.
func (s *Inside) Unreached(t testing.TB) {
	t.Helper()
	if n := s.reached.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
	conn, err := net.Dial("tcp", "127.0.0.1:"+s.Port)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// URLs are those by which it, or somebody else inside, might be reached.
func (s *Inside) URLs() []string {
	out := make([]string, len(urls))
	for i, raw := range urls {
		out[i] = strings.ReplaceAll(raw, "PORT", s.Port)
	}
	return out
}

// Named reports whether a URL leads inside by a name, which only whoever
// resolves it can tell.
func Named(url string) bool {
	return strings.HasPrefix(strings.ToLower(url), "https://localhost") || strings.ContainsAny(url, "。①")
}

var urls = []string{
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
