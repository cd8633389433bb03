package lambdahttp

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// writer holds a response until it is complete, with net/http's rules: the
// first status counts, the header is what it was at that moment, and some
// responses have no body. It cannot stream, so it is no http.Flusher.
type writer struct {
	header http.Header // the handler's, which it may change after the status
	sent   http.Header // the response's, frozen by the status
	status int         // 0 until the first WriteHeader or Write
	body   bytes.Buffer
	head   bool
}

func newWriter(method string) *writer {
	return &writer{header: make(http.Header, 8), head: method == http.MethodHead}
}

func (w *writer) Header() http.Header { return w.header }

// WriteHeader takes the first status that is not informational, and panics
// as net/http does on a number that is none.
func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("lambdahttp: invalid status %d", status))
	}
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *writer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !w.mayHaveBody() {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(b)
}

func (w *writer) WriteString(s string) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !w.mayHaveBody() {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.WriteString(s)
}

func (w *writer) mayHaveBody() bool {
	return w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// copyTo hands the finished response to the adapter's writer.
func (w *writer) copyTo(out http.ResponseWriter) {
	h := out.Header()
	for name, values := range w.sent {
		switch {
		case !token(name) || hopByHop(name, w.head) || len(values) == 0:
		case name == "Set-Cookie":
			h[name] = sanitizeAll(values)
		default:
			h[name] = []string{sanitize(strings.Join(values, ", "))}
		}
	}
	out.WriteHeader(w.status)
	if w.body.Len() > 0 && !w.head {
		out.Write(w.body.Bytes())
	}
}

// finish adds what net/http's server adds: a status, a sniffed type, and to
// HEAD the length of the body it does not get.
func (w *writer) finish() {
	if w.status == 0 { // an empty handler; its header may have changed until now
		w.status, w.sent = http.StatusOK, w.header
	}
	if w.body.Len() == 0 {
		return
	}
	if _, ok := w.sent["Content-Type"]; !ok {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	if w.head && w.sent.Get("Content-Length") == "" {
		w.sent.Set("Content-Length", strconv.Itoa(w.body.Len()))
	}
}

// hopByHop names the headers that API Gateway sets itself. It also counts the
// body, except where there is none to count.
func hopByHop(name string, head bool) bool {
	switch name {
	case "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade":
		return true
	case "Content-Length":
		return !head
	}
	return false
}

func sanitizeAll(values []string) []string {
	for i, v := range values {
		values[i] = sanitize(v)
	}
	return values
}

// sanitize keeps a value on its line, as net/http does.
func sanitize(v string) string {
	if !strings.ContainsAny(v, "\r\n") {
		return v
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(v)
}

// token reports whether name can be a header's name (RFC 9110, section 5.6.2).
func token(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}
