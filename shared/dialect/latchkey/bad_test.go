package latchkey_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/share"
)

// refused is a call that must be a 4xx which names its fields.
type refused struct {
	name   string
	method string
	target string
	body   string
	status int
	fields []string
}

// fields returns the names that a problem's errors have.
func (a answer) fields(t *testing.T) (names []string) {
	t.Helper()
	list, _ := a.field(t, "errors").([]any)
	for _, e := range list {
		names = append(names, e.(map[string]any)["field"].(string))
	}
	return names
}

func (s *site) refuse(t *testing.T, tests []refused) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target+" "+tt.name, func(t *testing.T) {
			s.Memory.Changes()
			a := s.want(t, tt.status, request{method: tt.method, target: tt.target, body: tt.body})
			if diff := cmp.Diff(tt.fields, a.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%s", diff, a.Body)
			}
			if len(a.Body) > 4000 {
				t.Errorf("%d bytes of problem", len(a.Body))
			}
			if changes := s.Memory.Changes(); len(changes) > 0 {
				t.Errorf("bad input reached the store: %v", changes)
			}
		})
	}
}

func TestBadJSON(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	var tests []refused
	for _, target := range []string{"/files", "/links", "/keys"} {
		for _, bad := range []refused{
			{name: "an array", body: `[]`, status: 400},
			{name: "half", body: `{"name":`, status: 400},
			{name: "two values", body: `{} {}`, status: 400},
			{name: "trailing bytes", body: `{"name":"a"}x`, status: 400},
			{name: "a depth bomb", body: deep, status: 400},
			{name: "bad UTF-8", body: "{\"name\":\"\xff\"}", status: 400},
			{name: "half a surrogate pair", body: `{"name":"\ud800"}`, status: 400},
			{name: "twice", body: `{"name":"a","name":"b"}`, status: 400, fields: []string{"name"}},
			{name: "unknown fields", body: `{"zz":1,"Name":"a"}`, status: 422, fields: []string{"Name", "zz"}},
			{name: "a thousand unknown fields", body: manyFields(1000), status: 422, fields: manyNames(20)},
			{name: "one with a long name", body: `{"` + strings.Repeat("n", 5000) + `":1}`, status: 422, fields: []string{strings.Repeat("n", 100) + "…"}},
		} {
			bad.method, bad.target = "POST", target
			tests = append(tests, bad)
		}
	}
	large := `{"name":"` + strings.Repeat("a", 4_000_000) + `"}`
	newSite(t).refuse(t, append(tests, refused{"4 MB", "POST", "/links", large, 413, nil}))
}

func manyNames(n int) (names []string) {
	for i := range n {
		names = append(names, "f"+string(rune('a'+i/26/26%26))+string(rune('a'+i/26%26))+string(rune('a'+i%26)))
	}
	return names
}

func manyFields(n int) string {
	return `{"` + strings.Join(manyNames(n), `":1,"`) + `":1}`
}

func TestBadFiles(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	open := "/files/" + s.post(t, "/files", `{"name":"a","parts":true}`).text(t, "file.id") + "/complete"
	post := func(name, body string, fields ...string) refused {
		return refused{name, "POST", "/files", body, 422, fields}
	}
	complete := func(name, body string, fields ...string) refused {
		return refused{name, "POST", open, body, 422, fields}
	}
	s.refuse(t, []refused{
		post("nothing", ``, "name"),
		post("no name", `{}`, "name"),
		post("blank name", `{"name":" "}`, "name"),
		post("null name", `{"name":null}`, "name"),
		post("NUL", `{"name":"a\u0000b"}`, "name"),
		post("long name", `{"name":"`+strings.Repeat("é", 513)+`"}`, "name"),
		post("number", `{"name":1}`, "name"),
		post("type", `{"name":"a","content_type":"text"}`, "content_type"),
		post("header in the type", `{"name":"a","content_type":"text/plain\r\nX-A: b"}`, "content_type"),
		post("negative", `{"name":"a","size":-1}`, "size"),
		post("6 TB", `{"name":"a","size":6000000000000}`, "size"),
		post("over int64", `{"name":"a","size":99999999999999999999}`, "size"),
		post("fraction", `{"name":"a","size":1.5}`, "size"),
		post("numeral", `{"name":"a","size":"1"}`, "size"),
		post("checksum", `{"name":"a","sha256":"abc"}`, "sha256"),
		post("half a checksum", `{"name":"a","sha256":"`+strings.Repeat("0", 32)+`"}`, "sha256"),
		post("kind", `{"name":"a","kind":"movie"}`, "kind"),
		post("assets of no document", `{"name":"a","assets":["018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"]}`, "kind"),
		post("an asset that is none", `{"name":"a","kind":"asset_document","assets":["7"]}`, "assets"),
		post("one asset", `{"name":"a","kind":"asset_document","assets":"018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"}`, "assets"),
		post("a number of assets", `{"name":"a","kind":"asset_document","assets":[1]}`, "assets[0]"),
		post("parts", `{"name":"a","parts":"yes"}`, "parts"),
		{"a filter", "POST", "/files?dry_run=1", `{"name":"a"}`, 422, []string{"dry_run"}},

		complete("no parts", `{}`, "parts"),
		complete("empty", `{"parts":[]}`, "parts"),
		complete("an object", `{"parts":{}}`, "parts"),
		complete("a number", `{"parts":[1]}`, "parts[0]"),
		complete("no number", `{"parts":[{"etag":"x"}]}`, "parts[0].number"),
		complete("number 0", `{"parts":[{"number":0,"etag":"x"}]}`, "parts[0].number"),
		complete("number 10001", `{"parts":[{"number":10001,"etag":"x"}]}`, "parts[0].number"),
		complete("no etag", `{"parts":[{"number":1}]}`, "parts[0].etag"),
		complete("etag with a line", `{"parts":[{"number":1,"etag":"x\n"}]}`, "parts[0].etag"),
		complete("unknown", `{"parts":[{"number":1,"etag":"x","size":3}]}`, "parts[0].size"),
		complete("twice", `{"parts":[{"number":1,"etag":"x"},{"number":1,"etag":"x"}]}`, "parts"),
		complete("not uploaded", `{"parts":[{"number":1,"etag":"x"}]}`, "parts"),
		{"of a ready file", "GET", "/files/" + f.ID + "/parts", "", 409, nil},
		{"after", "GET", "/files/" + f.ID + "/parts?after=-1", "", 422, []string{"after"}},
		{"after", "GET", "/files/" + f.ID + "/parts?after=10000", "", 422, []string{"after"}},
		{"after", "GET", "/files/" + f.ID + "/parts?after=x", "", 422, []string{"after"}},
		{"no UUID", "GET", "/files/1", "", 404, nil},
		{"no such", "DELETE", "/files/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa", "", 404, nil},
		{"parameter", "GET", "/files/" + f.ID + "?a=b", "", 422, []string{"a"}},
	})
}

func TestBadLinks(t *testing.T) {
	s := newSite(t)
	sh, _ := s.linked(t, share.New{})
	pending := s.post(t, "/files", `{"name":"a"}`).text(t, "file.id")
	post := func(name, fields string, field string) refused {
		return refused{name, "POST", "/links", `{"file_id":"` + sh.Target.FileID + `",` + fields + `}`, 422, []string{field}}
	}
	patch := func(name, body string, fields ...string) refused {
		return refused{name, "PATCH", "/links/" + sh.ID, body, 422, fields}
	}
	list := func(query string, field string) refused {
		return refused{"", "GET", "/links?" + query, "", 422, []string{field}}
	}
	s.refuse(t, []refused{
		{"nothing", "POST", "/links", ``, 422, []string{"file_id"}},
		{"no file", "POST", "/links", `{"limit":1}`, 422, []string{"file_id"}},
		{"no such file", "POST", "/links", `{"file_id":"018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"}`, 422, []string{"file_id"}},
		{"no id at all", "POST", "/links", `{"file_id":"../x"}`, 422, []string{"file_id"}},
		{"media id", "POST", "/links", `{"file_id":1}`, 422, []string{"file_id"}},
		{"file not uploaded", "POST", "/links", `{"file_id":"` + pending + `"}`, 409, []string{"file_id"}},
		post("past", `"expires_at":"2023-11-27T09:43:39Z"`, "expires_at"),
		post("yesterday", `"expires_at":"2023-11-26"`, "expires_at"),
		post("no offset", `"expires_at":"2030-01-01T00:00:00"`, "expires_at"),
		post("no day", `"expires_at":"2030-02-30"`, "expires_at"),
		post("Unix time", `"expires_at":1893456000`, "expires_at"),
		post("empty", `"expires_at":""`, "expires_at"),
		post("negative", `"limit":-1`, "limit"),
		post("too many", `"limit":1000000001`, "limit"),
		post("fraction", `"limit":1.0`, "limit"),
		post("NaN", `"limit":"NaN"`, "limit"),
		post("blank name", `"filename":" "`, "filename"),
		post("long name", `"filename":"`+strings.Repeat("é", 513)+`"`, "filename"),
		post("NUL", `"filename":"a\u0000"`, "filename"),
		post("long note", `"note":"`+strings.Repeat("é", 501)+`"`, "note"),
		post("typing error", `"expire_at":"2030-01-01"`, "expire_at"),
		post("a batch and more", `"links":[]`, "file_id"),
		{"empty batch", "POST", "/links", `{"links":[]}`, 422, []string{"links"}},
		{"null batch", "POST", "/links", `{"links":null}`, 422, []string{"links"}},
		{"101", "POST", "/links", `{"links":[{}` + strings.Repeat(`,{}`, 100) + `]}`, 422, []string{"links"}},

		patch("nothing", ``),
		patch("typing error", `{"expires":null}`, "expires"),
		patch("file", `{"file_id":"`+sh.Target.FileID+`","note":"a"}`, "file_id"),
		patch("null limit", `{"limit":null}`, "limit"),
		patch("null note", `{"note":null}`, "note"),
		patch("negative", `{"limit":-1}`, "limit"),
		patch("past", `{"expires_at":"2001-01-01"}`, "expires_at"),
		patch("not a string", `{"note":{}}`, "note"),
		{"half", "PATCH", "/links/" + sh.ID, `{`, 400, nil},
		{"no such", "PATCH", "/links/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa", `{"note":"a"}`, 404, nil},
		{"no such", "DELETE", "/links/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa", ``, 404, nil},
		{"number", "GET", "/links/1", ``, 404, nil},

		list("limit=0", "limit"), list("limit=101", "limit"), list("limit=", "limit"), list("limit=1e1", "limit"),
		list("cursor=x", "cursor"), list("cursor=", "cursor"), list("cursor="+strings.Repeat("x", 3000), "cursor"),
		list("state=open", "state"), list("state=", "state"), list("kind=magic", "kind"),
		list("file_id=1", "file_id"), list("recipient=Bob+<b@example.com>", "recipient"),
		list("recipient=a@b.example%0D%0ABcc:c@d.example", "recipient"),
		list("states=active", "states"), list("state=active&state=expired", "state"),
		{"", "GET", "/links?state=%zz", "", 400, nil},
		{"", "GET", "/events?format=xml", "", 422, []string{"format"}},
		{"", "GET", "/events?page=2", "", 422, []string{"page"}},
		{"", "GET", "/links/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa/events", "", 404, nil},
	})
}

func TestBadKeys(t *testing.T) {
	s := newSite(t)
	s.refuse(t, []refused{
		{"nothing", "POST", "/keys", ``, 422, []string{"name"}},
		{"blank", "POST", "/keys", `{"name":" "}`, 422, []string{"name"}},
		{"a line", "POST", "/keys", `{"name":"a\nb"}`, 422, []string{"name"}},
		{"long", "POST", "/keys", `{"name":"` + strings.Repeat("é", 201) + `"}`, 422, []string{"name"}},
		{"for another", "POST", "/keys", `{"name":"a","user_id":"u"}`, 422, []string{"user_id"}},
		{"page", "GET", "/keys?limit=5", ``, 422, []string{"limit"}},
		{"itself", "DELETE", "/keys/" + s.Admin.Key, ``, 409, nil},
		{"no such", "DELETE", "/keys/0123456789abcdef", ``, 404, nil},
		{"no id", "DELETE", "/keys/a%23b", ``, 404, nil},
		{"endless", "DELETE", "/keys/" + strings.Repeat("a", 5000), ``, 404, nil},
	})
}

func TestBadForms(t *testing.T) {
	good := filePart("a.txt", "text/plain", "hello")
	tests := []struct {
		name   string
		parts  []part
		status int
		fields []string
	}{
		{"no file", []part{fieldPart("name", "a")}, 422, []string{"file"}},
		{"two files", []part{good, good}, 422, []string{"file"}},
		{"a field twice", []part{fieldPart("kind", "media"), fieldPart("kind", "media"), good}, 422, []string{"kind"}},
		{"unknown field", []part{fieldPart("limit", "1"), good}, 422, []string{"limit"}},
		{"field without a name", []part{{"form-data", "", "x"}, good}, 400, nil},
		{"not form-data", []part{{`attachment; name="file"; filename="a"`, "", "x"}}, 400, nil},
		{"no file name", []part{{`form-data; name="file"`, "", "x"}}, 422, []string{"name"}},
		{"long field", []part{fieldPart("name", strings.Repeat("a", 3000)), good}, 422, []string{"name"}},
		{"bad UTF-8", []part{fieldPart("name", "\xff"), good}, 422, []string{"name"}},
		{"bad UTF-8 in the file's name", []part{filePart("\xff", "", "x")}, 422, []string{"name"}},
		{"kind", []part{fieldPart("kind", "movie"), good}, 422, []string{"kind"}},
		{"type", []part{filePart("a", "text", "x")}, 422, []string{"content_type"}},
		{"checksum", []part{fieldPart("sha256", strings.Repeat("0", 64)), good}, 422, []string{"sha256"}},
	}
	s := newSite(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Memory.Changes()
			a := s.want(t, tt.status, form(t, "b", tt.parts...))
			if diff := cmp.Diff(tt.fields, a.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%s", diff, a.Body)
			}
			if changes := s.Memory.Changes(); len(changes) > 0 {
				t.Errorf("bad input reached the store: %v", changes)
			}
		})
	}
	cut := form(t, "b", good)
	cut.body = cut.body[:len(cut.body)-10]
	s.want(t, 400, cut)
	for _, ct := range []string{"multipart/form-data", "multipart/form-data; boundary=", `multipart/form-data; boundary="x`} {
		s.want(t, 400, request{method: "POST", target: "/files", body: "x", header: map[string]string{"Content-Type": ct}})
	}
}
