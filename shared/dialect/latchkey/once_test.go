package latchkey_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/file"
	"latchkey/shared/share"
)

func keyed(key string, r request) request {
	header := map[string]string{"Idempotency-Key": key}
	for name, value := range r.header {
		header[name] = value
	}
	r.header = header
	return r
}

func TestReplay(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	batch := `{"links":[{"file_id":"` + f.ID + `"},{"file_id":"` + f.ID + `","limit":2}]}`
	good := filePart("a.txt", "text/plain", "hello")
	tests := []struct {
		name         string
		status       int
		first, again request
		other        request // another request with the same key
	}{
		{"file", 201, request{target: "/files", body: `{"name":"a"}`}, request{target: "/files", body: `{"name":"a"}`}, request{target: "/files", body: `{"name":"b"}`}},
		{"parts", 201, request{target: "/files", body: `{"name":"a","parts":true}`}, request{target: "/files", body: `{"name":"a","parts":true}`}, request{target: "/files", body: `{"name":"a"}`}},
		{"form", 201, form(t, "one", good), form(t, "another", good), form(t, "one", filePart("a.txt", "text/plain", "hellO"))},
		{"fields", 201, form(t, "one", good, fieldPart("kind", "media")), form(t, "another", fieldPart("kind", "media"), good), form(t, "one", good)},
		{"link", 201, request{target: "/links", body: `{"file_id":"` + f.ID + `"}`}, request{target: "/links", body: `{"file_id":"` + f.ID + `"}`}, request{target: "/links", body: `{"file_id":"` + f.ID + `","limit":1}`}},
		{"batch", 200, request{target: "/links", body: batch}, request{target: "/links", body: batch}, request{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.first.method, tt.again.method, tt.other.method = "POST", "POST", "POST"
			first, again := s.want(t, tt.status, keyed(tt.name, tt.first)), s.want(t, tt.status, keyed(tt.name, tt.again))
			if diff := cmp.Diff(first.whole(t), again.whole(t)); diff != "" {
				t.Errorf("replayed (-first +again):\n%s", diff)
			}
			if second := s.want(t, tt.status, tt.again); second.Body == first.Body {
				t.Error("without the key nothing new was made")
			}
			if tt.other.target == "" {
				return
			}
			refused := s.want(t, 422, keyed(tt.name, tt.other))
			if diff := cmp.Diff([]string{"Idempotency-Key"}, refused.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	if n := s.Objects.Uploads(); n != 2 {
		t.Errorf("%d uploads in parts are open, want the two that were answered", n)
	}
}

func TestReplayOfABatchMakesWhatIsMissing(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	later := s.post(t, "/files", `{"name":"later","content_type":"text/plain"}`)
	batch := keyed("b", request{method: "POST", target: "/links", body: `{"links":[{"file_id":"` + f.ID + `"},{"file_id":"` + later.text(t, "file.id") + `"}]}`})
	first := s.want(t, 200, batch)
	if got := first.field(t, "results.1.status"); got != 409.0 {
		t.Fatalf("a link to what is not uploaded: %v", got)
	}
	if err := s.Objects.Put(t.Context(), later.text(t, "upload.fields.key"), []byte("x"), "text/plain", ""); err != nil {
		t.Fatal(err)
	}
	again := s.want(t, 200, batch)
	if diff := cmp.Diff(first.field(t, "results.0"), again.field(t, "results.0")); diff != "" {
		t.Errorf("the first link (-first +again):\n%s", diff)
	}
	if got := again.field(t, "results.1.status"); got != 201.0 {
		t.Errorf("the second link: %v", got)
	}
	changed := s.want(t, 200, keyed("b", request{method: "POST", target: "/links", body: `{"links":[{"file_id":"` + f.ID + `","limit":1}]}`}))
	if got := changed.text(t, "results.0.error.errors.0.field"); got != "Idempotency-Key" {
		t.Errorf("another batch with the key is refused for %s", got)
	}
}

func TestReplayOfAKeyHidesTheSecret(t *testing.T) {
	s := newSite(t)
	r := keyed("k", request{method: "POST", target: "/keys", body: `{"name":"ci"}`})
	first, again := s.want(t, 201, r), s.want(t, 201, r)
	if diff := cmp.Diff(first.field(t, "key"), again.field(t, "key")); diff != "" {
		t.Errorf("key (-first +again):\n%s", diff)
	}
	if secret := first.text(t, "secret"); strings.Contains(again.Body, secret) || again.field(t, "secret") != nil {
		t.Errorf("the replay repeats the secret: %s", again.Body)
	}
	if first.text(t, "detail") == again.text(t, "detail") {
		t.Error("the replay does not say why there is no secret")
	}
}

func TestIdempotencyKeyIsOnesOwn(t *testing.T) {
	s := newSite(t)
	other, _ := s.Organization(t, "Other", "other@other.test")
	mine := s.want(t, 201, keyed("same", request{method: "POST", target: "/files", body: `{"name":"a"}`}))
	theirs := s.want(t, 201, keyed("same", request{method: "POST", target: "/files", body: `{"name":"a"}`, key: other}))
	if mine.text(t, "file.id") == theirs.text(t, "file.id") {
		t.Error("two organizations got one file")
	}
	s.want(t, 201, keyed("same", request{method: "POST", target: "/keys", body: `{"name":"a"}`}))
}

func TestBadIdempotencyKeys(t *testing.T) {
	s := newSite(t)
	for name, key := range map[string]string{
		"empty": "", "space": "a b", "long": strings.Repeat("a", 256), "not ASCII": "é", "control": "a\x7f",
	} {
		for _, target := range []string{"/files", "/links", "/keys", "/files/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa/complete"} {
			t.Run(name+" "+target, func(t *testing.T) {
				a := s.want(t, 422, keyed(key, request{method: "POST", target: target, body: `{}`}))
				if diff := cmp.Diff([]string{"Idempotency-Key"}, a.fields(t)); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			})
		}
	}
	s.want(t, 201, keyed(strings.Repeat("~", 255), request{method: "POST", target: "/keys", body: `{"name":"a"}`}))
}

func TestSameKeyAtOnce(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	event := s.event(keyed("once", request{method: "POST", target: "/links", body: `{"file_id":"` + f.ID + `","limit":1}`}))
	bodies := make([]string, 16)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			out, err := s.invoke(event)
			var a answer
			if err != nil || json.Unmarshal(out, &a) != nil || a.Status != 201 {
				t.Errorf("%v: %s", err, out)
			}
			bodies[i] = a.Body
		})
	}
	wg.Wait()
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("answers differ:\n%s\n%s", bodies[0], body)
		}
	}
	links, _, err := s.Shares.List(t.Context(), s.Admin, share.Filter{}, file.Page{Limit: 100})
	if err != nil || len(links) != 1 {
		t.Errorf("%d links were made, %v", len(links), err)
	}
}
