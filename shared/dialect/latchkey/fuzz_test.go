package latchkey

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"unicode/utf8"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// expected fails unless err is nil or a fault that a face makes a 4xx.
func expected(t *testing.T, err error) {
	t.Helper()
	if err != nil && faceOf(fault.As(err)).status >= 500 {
		t.Fatalf("bad input is a failure: %v", err)
	}
}

func FuzzForm(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n"), "b")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=kind\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nm=65dia\r\n--b--"), "b")
	f.Add([]byte("--\r\n\r\n"), "")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		form, err := parseForm(body, boundary)
		expected(t, err)
		if err != nil {
			return
		}
		if len(form.content) > len(body) {
			t.Fatalf("%d bytes of content in %d", len(form.content), len(body))
		}
		for name, v := range form.fields {
			if !slices.Contains(formFields[:], name) || !utf8.ValidString(v) {
				t.Fatalf("took the field %q = %q", name, v)
			}
		}
	})
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"url":"https://example.com/","events":["label.changed"],"secret":null,"disabled":true}`))
	f.Add([]byte(`{"url":"\u0000","events":[],"secret":""}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := dialect.ParseObject(body)
		expected(t, err)
		if err != nil {
			return
		}
		c, err := parseWebhook(o)
		expected(t, err)
		if err == nil && (o["url"] != nil) != (c.URL != nil) || err == nil && (o["events"] != nil) != (c.Events != nil) {
			t.Fatalf("%q became %+v", body, c)
		}
	})
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"expires_at":null,"limit":5,"note":"a"}`))
	f.Add([]byte(`{"expires_at":"2030-02-29T00:00:00+24:00","limit":1e400}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := dialect.ParseObject(body)
		expected(t, err)
		if err != nil {
			return
		}
		p, err := parsePatch(o)
		expected(t, err)
		if err == nil && p.ExpiresAt == nil && p.Limit == nil && p.Note == nil {
			t.Fatalf("%q changes nothing", body)
		}
		if err == nil && p.ExpiresAt != nil && p.ExpiresAt.Year() > 9999 {
			t.Fatalf("%q ends in %v", body, p.ExpiresAt)
		}
	})
}

// FuzzPosts gives one body to the readers of all POSTs.
func FuzzPosts(f *testing.F) {
	f.Add([]byte(`{"links":[{"file_id":"x"},3]}`), "key")
	f.Add([]byte(`{"parts":[{"number":1,"etag":"\"x\""}]}`), "")
	f.Add([]byte(`{"name":"a","size":1,"sha256":"00","parts":true}`), "\x7f")
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		post := func() *http.Request {
			r := httptest.NewRequest("POST", "/api/v1/x", bytes.NewReader(body))
			r.Header[dialect.OnceHeader] = []string{key}
			return r
		}
		_, err := readNewFile(post())
		expected(t, err)
		_, err = readNewKey(post())
		expected(t, err)
		c, err := readComplete(post())
		expected(t, err)
		for _, p := range c.parts {
			if p.Number < 1 || p.Number > file.MaxParts || !dialect.Visible(p.ETag) {
				t.Fatalf("took the part %v", p)
			}
		}
		n, err := readNewLinks(post())
		expected(t, err)
		if err == nil && (len(n.items) == 0 || len(n.items) > maxBatch || !dialect.Visible(key)) {
			t.Fatalf("took %d links with the key %q", len(n.items), key)
		}
	})
}

// FuzzQuery gives one query to the readers of all GETs.
func FuzzQuery(f *testing.F) {
	f.Add("limit=5&cursor=x&state=active&kind=recipient&recipient=a%40b.example")
	f.Add("after=9999&format=csv")
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest("GET", "/api/v1/x", nil)
		r.URL.RawQuery = raw
		p, err := readPage(r)
		expected(t, err)
		if err == nil && (p.Limit < 1 || p.Limit > maxLimit) {
			t.Fatalf("%q asks for %d", raw, p.Limit)
		}
		_, err = readLinkQuery(r)
		expected(t, err)
		_, err = readEventQuery(r)
		expected(t, err)
		_, err = readAfter(r)
		expected(t, err)
	})
}
