package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// receiver is a server on this machine that webhooks lead to. Its paths begin
// with what it answers: /503,204/x is busy once and then content. ?body= is
// what comes with it.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string][]answer // requests, by path
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string][]answer{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got[q.URL.Path] = append(r.got[q.URL.Path], answer{header: q.Header, body: body})
	first, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	words := strings.Split(first, ",")
	status, bad := strconv.Atoi(words[min(len(r.got[q.URL.Path]), len(words))-1])
	if err != nil || bad != nil {
		status = http.StatusBadRequest
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, q.URL.Query().Get("body")) // a webhook's sender may not read it
}

// cmdReceived waits for a path's nth request whose body has a pattern, and
// takes it for an answer.
func cmdReceived(ts *testscript.TestScript, args []string) {
	want(ts, args, 1, 3)
	n, pattern := 1, ""
	if len(args) > 1 {
		var err error
		n, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	if len(args) > 2 {
		pattern = expand(ts, args[2])
	}
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	st, path := of(ts), expand(ts, args[0])
	came := func() bool {
		r := st.stack.receiver
		r.mu.Lock()
		defer r.mu.Unlock()
		list := slices.DeleteFunc(slices.Clone(r.got[path]), func(a answer) bool { return !re.Match(a.body) })
		if len(list) < n {
			return false
		}
		st.last = list[n-1]
		return true
	}
	if !eventually(came) {
		ts.Fatalf("request %d to %s with %s never came", n, path, pattern)
	}
}

// cmdSigned checks what was received last against a secret: one that begins
// with whsec_ as Standard Webhooks does it, another one as Sonix does.
func cmdSigned(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, args, 1, 1)
	secret, got := expand(ts, args[0]), of(ts).last
	var list []string
	var mine string
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		key, err := base64.StdEncoding.DecodeString(text)
		ts.Check(err)
		signed := got.header.Get("webhook-id") + "." + got.header.Get("webhook-timestamp") + "." + string(got.body)
		list, mine = strings.Fields(got.header.Get("webhook-signature")), "v1,"+base64.StdEncoding.EncodeToString(mac(key, signed))
	} else {
		list, mine = got.header.Values("X-Webhook-Signature"), hex.EncodeToString(mac([]byte(secret), string(got.body)))
	}
	if found := slices.Contains(list, mine); found == neg {
		ts.Fatalf("signed is %t by %v", found, list)
	}
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
