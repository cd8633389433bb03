package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/inbox"
)

const evil = `</iframe></pre></title></style><script>alert(1)</script>"'><img src=x onerror=alert(1)>`

func message(id string, at time.Time) inbox.Message {
	return inbox.Message{
		ID: id, At: at, State: inbox.Delivered, From: "Ann <ann@example.com>", To: []string{"bob@example.com"},
		ReplyTo: []string{"ann@example.com"}, Subject: "Your files", Text: "https://links.example/l/1", HTML: `<p>Hello <a href="https://links.example/l/1">Bob</a></p>`,
		Tags: map[string]string{"share": "1"},
	}
}

func at(minute int) time.Time { return time.Date(2023, 11, 27, 9, minute, 0, 0, time.UTC) }

func open(t *testing.T, dir string, messages ...inbox.Message) *inbox.Store {
	t.Helper()
	s, err := inbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := s.Put(m); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func get(s *inbox.Store, method, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	inbox.Handler(s).ServeHTTP(w, r)
	return w
}

func TestKeptOverRestarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	want := []inbox.Message{message("c", at(3)), message("b", at(2)), message("a", at(2))}
	open(t, dir, want[2], want[0], want[1])
	if diff := cmp.Diff(want, open(t, dir).List()); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
}

func TestPutRefuses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, message("a", at(1)))
	for _, id := range []string{"a", "", "../up", "a/b", "a.b", strings.Repeat("x", 129)} {
		if err := s.Put(message(id, at(1))); err == nil {
			t.Errorf("Put took id %q", id)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files, want 1", len(files))
	}
}

func TestJSON(t *testing.T) {
	bare := inbox.Message{ID: "b", At: at(2), State: inbox.Delivered, From: "a@b.c"}
	s := open(t, t.TempDir(), message("a", at(1)), bare)
	var got struct{ Messages []map[string]any }
	if err := json.Unmarshal(get(s, "GET", inbox.Path, "application/json").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"id": "b", "at": "2023-11-27T09:02:00Z", "state": "delivered", "from": "a@b.c", "to": []any{}, "reply_to": []any{}, "subject": "", "text": "", "html": "", "tags": map[string]any{}},
		{
			"id": "a", "at": "2023-11-27T09:01:00Z", "state": "delivered", "from": "Ann <ann@example.com>", "to": []any{"bob@example.com"},
			"reply_to": []any{"ann@example.com"}, "subject": "Your files", "text": "https://links.example/l/1",
			"html": `<p>Hello <a href="https://links.example/l/1">Bob</a></p>`, "tags": map[string]any{"share": "1"},
		},
	}
	if diff := cmp.Diff(want, got.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	var single map[string]any
	if err := json.Unmarshal(get(s, "GET", inbox.Path+"/a", "text/html;q=0.1, application/json").Body.Bytes(), &single); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[1], single); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if empty := get(open(t, t.TempDir()), "GET", inbox.Path, "application/json").Body.String(); !strings.Contains(empty, `"messages": []`) {
		t.Errorf("empty inbox = %s", empty)
	}
}

func TestAnswers(t *testing.T) {
	s := open(t, t.TempDir(), message("a", at(1)))
	tests := []struct {
		method, path, accept string
		status               int
		contentType          string
		contains             string
	}{
		{"GET", "", "text/html", 200, "text/html; charset=utf-8", `href="/_local/inbox/a"`},
		{"GET", "/a", "text/html", 200, "text/html; charset=utf-8", `<pre tabindex="0">https://links.example/l/1</pre>`},
		{"GET", "/a", "text/html", 200, "text/html; charset=utf-8", `sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;!doctype html&gt;`},
		{"HEAD", "", "text/html", 200, "text/html; charset=utf-8", ""},
		{"GET", "/none", "text/html", 404, "text/html; charset=utf-8", "No such message"},
		{"GET", "/none", "application/json", 404, "application/json", `"error": "no such message"`},
		{"POST", "", "text/html", 405, "text/plain; charset=utf-8", ""},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.method, tt.path, tt.accept, tt.contains), func(t *testing.T) {
			w := get(s, tt.method, inbox.Path+tt.path, tt.accept)
			if w.Code != tt.status || w.Header().Get("Content-Type") != tt.contentType || !strings.Contains(w.Body.String(), tt.contains) {
				t.Errorf("answer = %d %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if csp := w.Header().Get("Content-Security-Policy"); tt.status != 405 && !strings.HasPrefix(csp, "default-src 'none';") {
				t.Errorf("Content-Security-Policy = %q", csp)
			}
		})
	}
}

// A mail's own text must not become markup of the page, in any field.
func TestNoInjection(t *testing.T) {
	m := inbox.Message{
		ID: "a", At: at(1), State: evil, Error: evil, From: evil, To: []string{evil}, CC: []string{evil}, BCC: []string{evil}, ReplyTo: []string{evil},
		Subject: evil, Text: evil, HTML: evil, Headers: map[string]string{evil: evil}, Tags: map[string]string{evil: evil},
	}
	s := open(t, t.TempDir(), m)
	for _, path := range []string{"", "/a"} {
		w := get(s, http.MethodGet, inbox.Path+path, "text/html")
		body := strings.ToLower(w.Body.String())
		if w.Code != 200 || !strings.Contains(body, "&lt;script") {
			t.Errorf("%s = %d %s", path, w.Code, body)
		}
		for _, bad := range []string{"<script", "<img", "onerror=alert(1)>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}
	}
	if raw := get(s, "GET", inbox.Path, "application/json").Body.String(); strings.Contains(raw, "<script") {
		t.Errorf("JSON holds markup: %s", raw)
	}
}
