package lambdahttp

import (
	"bytes"
	"compress/gzip"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
)

// minCompressed is the smallest body that is compressed: a smaller one saves
// less than one packet.
const minCompressed = 1 << 10

// maxPadding bounds the padding of a compressed answer, see compress.
const maxPadding = 64

// compress makes the body gzip if the client takes it and it is a text.
//
// Compressed length can tell a secret in an answer to whoever writes into the
// same answer and sees its length (BREACH): links stand beside notes, a token
// in its page beside comments of others. It takes thousands of answers, each
// with another guess. Nobody but their holder can call for these: keys travel
// in headers and tokens in addresses, neither of which a browser adds to what
// another site makes it send. A padding of each request's own makes more of
// them needed. An answer whose right is a cookie must say Cache-Control:
// no-transform, which leaves it as it is.
func (f *function) compress(w *writer, r *http.Request) {
	cache := w.sent.Get("Cache-Control")
	if !compressible(w.sent.Get("Content-Type")) || w.sent.Get("Content-Encoding") != "" ||
		w.status == http.StatusPartialContent || strings.Contains(cache, "no-transform") {
		return
	}
	packs := w.body.Len() >= minCompressed && accepts(r.Header.Get("Accept-Encoding"), "gzip")
	if packs || !strings.Contains(cache, "no-store") {
		w.sent.Add("Vary", "Accept-Encoding")
	}
	if !packs {
		return
	}
	z, ok := f.writers.Get().(*gzip.Writer)
	if !ok {
		z = gzip.NewWriter(nil)
	}
	defer f.writers.Put(z)
	plain := w.body
	w.body = bytes.Buffer{}
	w.body.Grow(plain.Len() / 4)
	z.Reset(&w.body)
	z.Name = strings.Repeat("-", int(crc32.ChecksumIEEE([]byte(Request(r.Context()).Invocation))%maxPadding))
	_, _ = z.Write(plain.Bytes()) // a buffer does not fail
	_ = z.Close()
	w.sent.Set("Content-Encoding", "gzip")
	if w.head {
		w.sent.Set("Content-Length", strconv.Itoa(w.body.Len()))
	}
	if tag := w.sent.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		w.sent.Set("ETag", "W/"+tag) // other bytes than those that the tag was made for
	}
}

// compressible reports whether a type is a text.
func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.ToLower(strings.TrimSpace(t))
	switch t {
	case "application/json", "application/javascript", "application/xml", "application/x-subrip", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml")
}

// accepts reports whether an Accept-Encoding takes a coding (RFC 9110,
// section 12.5.3): by its own name, or else by "*".
func accepts(header, coding string) bool {
	all := false
	for item := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		taken := weightOf(weight) > 0
		switch name {
		case coding, "x-" + coding:
			return taken
		case "*":
			all = taken
		}
	}
	return all
}

// weightOf reads "q=0.5"; without it, or without sense in it, 1 or 0.
func weightOf(s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return 1
	}
	name, value, _ := strings.Cut(s, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	return q
}

// strong takes back what compress made of a tag: a client that changes what
// it read names the version by it, in which no encoding differs.
func strong(tags string) string { return strings.ReplaceAll(tags, `W/"`, `"`) }
