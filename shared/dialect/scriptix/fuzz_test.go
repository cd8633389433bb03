package scriptix

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// expected fails unless err is nil or a fault that Face makes a 4xx.
func expected(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if status, _ := bodyOf(fault.As(err)); status >= 500 {
		t.Fatalf("bad input is a failure: %v", err)
	}
}

// FuzzBodies gives one body to the readers of all that has one.
func FuzzBodies(f *testing.F) {
	f.Add([]byte(`{"text":"a","timecode":1.5,"author":null,"resolved":"true"}`), "key")
	f.Add([]byte(`{"language":"fr","languages":["fr",7],"filename":"a"}`), "")
	f.Add([]byte(`{"document":[{"start":1,"stop":2,"text":"a"}],"emails":["a@b.test"]}`), "\x7f")
	f.Add([]byte(`{"format":"srt","content":"1\n00:00:01,000 --> 00:00:02,000\na\n","copy_of":"doc_x"}`), "")
	f.Add([]byte(`{"name":"a","parent_id":null,"access_control":"restricted","restricted_users":["a@b.test",7]}`), "")
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		request := func() *http.Request {
			r := httptest.NewRequest("POST", "/api/v3/x", bytes.NewReader(body))
			r.Header["Idempotency-Key"] = []string{key}
			return r
		}
		c, err := readNewComment(request())
		expected(t, err)
		if err == nil && c.At != nil && (*c.At < -1 || *c.At > transcript.MaxTime) {
			t.Fatalf("took the time %d", *c.At)
		}
		_, err = readTranslation(request())
		expected(t, err)
		_, err = readTranslations(request())
		expected(t, err)
		_, err = readEdit(request())
		expected(t, err)
		_, err = readEmails(request())
		expected(t, err)
		_, err = readNewDocument(request())
		expected(t, err)
		_, _, err = readSession(request())
		expected(t, err)
		_, err = readChangedSession(request())
		expected(t, err)
		_, err = readFolderChange(request())
		expected(t, folderOnWire(err))
	})
}

// FuzzWanted: whatever is asked for is one of the formats, or named as wrong.
func FuzzWanted(f *testing.F) {
	f.Add("format=srt&without_speakers=true&direct_download=1&template_id=7&offset=1&limit=5", `W/"1", *`)
	f.Add("format=%zz", `"`)
	f.Fuzz(func(t *testing.T, query, tag string) {
		r := httptest.NewRequest("GET", "/api/v3/x", nil)
		r.URL.RawQuery = query
		r.Header["If-None-Match"], r.Header["If-Match"] = []string{tag}, []string{tag}
		_, err := readFolders(r)
		expected(t, err)
		w, err := readWanted(r)
		expected(t, err)
		if err == nil && !slices.Contains(formats, w.format) {
			t.Fatalf("took the format %q", w.format)
		}
		unchanged(r, 1)
		version, err := ifMatch(r)
		expected(t, err)
		if err == nil && version < 0 {
			t.Fatalf("took the version %d", version)
		}
		p, err := readPage(r)
		expected(t, err)
		if err == nil && (p.offset < 0 || p.limit < 1 || p.limit > 100) {
			t.Fatalf("took the page %+v", p)
		}
	})
}
