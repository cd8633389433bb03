package runtime

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// meeting returns the URL of a server that calls f for each request.
func meeting(t *testing.T, f func()) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { f() }))
	t.Cleanup(s.Close)
	return s.URL
}

// TestAPIRefuses: what a process may not do while it has an invocation.
func TestAPIRefuses(t *testing.T) {
	p := &process{next: make(chan *invocation, 2), ready: make(chan struct{})}
	inv := &invocation{id: "one", done: make(chan outcome, 1)}
	p.next <- inv
	h := p.api()
	steps := []struct {
		name, method, path string
		want               int
	}{
		{"an answer to nothing", "POST", "/invocation/one/response", http.StatusBadRequest},
		{"work", "GET", "/invocation/next", http.StatusOK},
		{"more work", "GET", "/invocation/next", http.StatusForbidden},
		{"an answer to another", "POST", "/invocation/two/response", http.StatusBadRequest},
		{"an error of another", "POST", "/invocation/two/error", http.StatusBadRequest},
		{"an answer", "POST", "/invocation/one/response", http.StatusAccepted},
		{"a second answer", "POST", "/invocation/one/response", http.StatusBadRequest},
		{"another path", "GET", "/invocation", http.StatusNotFound},
	}
	for _, s := range steps {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(s.method, version+s.path, strings.NewReader(`"ok"`)))
		if w.Code != s.want {
			t.Errorf("%s: %d, want %d", s.name, w.Code, s.want)
		}
	}
	if o := <-inv.done; string(o.answer) != `"ok"` {
		t.Errorf("answer %q, %v", o.answer, o.err)
	}
}
