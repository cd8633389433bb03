package dialect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

const (
	urlencoded = "application/x-www-form-urlencoded"
	multiform  = "multipart/form-data; boundary=b"
)

// readForm reads a request with a body of a type.
func readForm(method, query, contentType, body string) (dialect.Form, error) {
	r := httptest.NewRequest(method, "/v1/media", strings.NewReader(body))
	r.URL.RawQuery = query
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return dialect.ReadForm(r, 100)
}

// parts makes a multipart body of boundary b from parts without their
// Content-Disposition: form-data.
func parts(ps ...string) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString("--b\r\nContent-Disposition: form-data; " + p + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

// said is a fault in one line.
func said(err error) string {
	e := fault.As(err)
	return string(e.Kind) + ": " + e.Field + " " + e.Message
}

// read says in one line what one accessor of a form says.
func read(f dialect.Form, as, name string) string {
	say := func(v any, ok bool, err error) string {
		if err != nil {
			return said(err)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s %v", bytes.TrimSpace(b.Bytes()), ok)
	}
	switch as {
	case "string":
		v, ok, err := f.String(name)
		return say(v, ok, err)
	case "bool":
		v, ok, err := f.Bool(name)
		return say(v, ok, err)
	case "int":
		v, ok, err := f.Int(name)
		return say(v, ok, err)
	case "float":
		v, ok, err := f.Float(name)
		return say(v, ok, err)
	case "strings":
		v, ok, err := f.Strings(name)
		return say(v, ok, err)
	case "object":
		v, ok, err := f.Object(name)
		return say(v, ok, err)
	case "array":
		v, ok, err := f.Array(name)
		return say(v, ok, err)
	case "file":
		v, err := f.File(name)
		if v != nil {
			return fmt.Sprintf("%q %q %q", v.Name, v.ContentType, v.Body)
		}
		return say(v, v != nil, err)
	case "value":
		return say(f.Value, f.Has(name), nil)
	}
	panic(as)
}

// Clients send the same in three encodings, with every method.
//
// contract: FF-30, SX-098, SX-189
func TestFormIsTheSameInEveryEncoding(t *testing.T) {
	fields := url.Values{
		"name": {"Ärger & Mühe; 100 %"}, "page": {"2"}, "max_duration": {"8.5"}, "can_edit": {"true"},
		"custom_data": {`{"a":[1,{"b":null}]}`}, "list": {`["x","y"]`}, "blank": {""},
	}
	const asJSON = `{"name":"Ärger & Mühe; 100 %","page":2,"max_duration":8.5,"can_edit":true,` +
		`"custom_data":{"a":[1,{"b":null}]},"list":["x","y"],"blank":""}`
	var multi bytes.Buffer
	w := multipart.NewWriter(&multi)
	for name := range fields {
		if err := w.WriteField(name, fields.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`string name "Ärger & Mühe; 100 %" true`, `int page 2 true`, `float max_duration 8.5 true`, `bool can_edit true true`,
		`object custom_data {"a":[1,{"b":null}]} true`, `strings list ["x","y"] true`, `array list ["x","y"] true`,
		`string blank "" true`, `string absent "" false`,
	}
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		for _, tt := range []struct{ name, query, contentType, body string }{
			{"query", fields.Encode(), "", ""},
			{"urlencoded", "", urlencoded, fields.Encode()},
			{"multipart", "", w.FormDataContentType(), multi.String()},
			{"json", "", "application/json; charset=UTF-8", asJSON},
			{"json without a type", "", "", asJSON},
			{"json that curl -d sends", "", urlencoded, asJSON},
			{"text of a script", "", "text/plain;charset=UTF-8", asJSON},
			{"body over query", "page=7&name=other&custom_data=", urlencoded, fields.Encode()},
		} {
			t.Run(method+" "+tt.name, func(t *testing.T) {
				f, err := readForm(method, tt.query, tt.contentType, tt.body)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, line := range want {
					word := strings.Fields(line)
					got = append(got, word[0]+" "+word[1]+" "+read(f, word[0], word[1]))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// contract: SX-105, SX-165
func TestFormFields(t *testing.T) {
	tests := []struct{ name, query, contentType, body, as, field, want string }{
		{"list by brackets", "", urlencoded, "u[]=a&u%5B%5D=b", "strings", "u", `["a","b"] true`},
		{"list by numbers, in their order", "u[10]=c&u[2]=b&u[0]=a", "", "", "strings", "u", `["a","b","c"] true`},
		{"list by repetition", "u=a&u=a", "", "", "strings", "u", `["a","a"] true`},
		{"list in parts", "", multiform, parts("name=\"u[]\"\r\n\r\na", "name=\"u[]\"\r\n\r\nb"), "strings", "u", `["a","b"] true`},
		{"one is a list", "u=a,b", "", "", "strings", "u", `["a,b"] true`},
		{"empty list", "u=", "", "", "strings", "u", `[] true`},
		{"null list", "", "", `{"u":null}`, "strings", "u", `[] false`},
		{"no list", "", "", "", "strings", "u", `[] false`},
		{"list of JSON", "", "", `{"u":["a","b"]}`, "strings", "u", `["a","b"] true`},
		{"list with a number", "", "", `{"u":["a",1]}`, "strings", "u", `invalid: u[1] must be a string`},
		{"list with NUL", "", "", `{"u":["a","\u0000"]}`, "strings", "u", `invalid: u[1] has a NUL character`},
		{"number as a list", "", "", `{"u":1}`, "strings", "u", `invalid: u must be a list of strings`},
		{"body's list replaces the query's", "u[]=a&u[]=b", urlencoded, "u[]=c", "strings", "u", `["c"] true`},
		{"numbers that are none", "u[0]=a&u[00]=b", "", "", "strings", "u", `invalid: u must be a list of strings`},
		{"list as text", "u=+%5B%22a%22]", "", "", "strings", "u", `["a"] true`},
		{"list as text that is no JSON", "u=[a", "", "", "strings", "u", `invalid: u is not valid JSON`},
		{"thousands of nothing", strings.Repeat("&", 2000) + "u=a", "", "", "strings", "u", `["a"] true`},
		{"two ways", "u[]=a&u=b", "", "", "strings", "u", `invalid: u is sent in two ways`},
		{"one index twice", "u[0]=a&u[0]=b", "", "", "strings", "u", `invalid: u[0] appears twice`},
		{"one index twice the same", "u[0]=a&u[0]=a", "", "", "strings", "u", `["a"] true`},
		{"brackets in brackets", "u[a][b]=a", "", "", "strings", "u", `invalid: u[a][b] is not a name such as u, u[] or u[0]`},
		{"open bracket", "u[=a", "", "", "strings", "u", `invalid: u[ is not a name such as u, u[] or u[0]`},

		{"object by keys", "d[a]=1&d[b c]=2", "", "", "object", "d", `{"a":"1","b c":"2"} true`},
		{"object as text", "", urlencoded, `d={"a":1}`, "object", "d", `{"a":1} true`},
		{"empty object", "d=", "", "", "object", "d", `{} true`},
		{"null object", "", "", `{"d":null}`, "object", "d", `{} false`},
		{"list as object", "d[]=1", "", "", "object", "d", `invalid: d must be an object`},
		{"text as object", "d=a%3A1", "", "", "object", "d", `invalid: d is not valid JSON`},
		{"duplicate in an object", `d={"a":{"b":1,"b":2}}`, "", "", "object", "d", `invalid: d.a.b appears twice`},
		{"two objects", `d={}{}`, "", "", "object", "d", `invalid: d has more than one JSON value`},
		{"deep object", "d=" + strings.Repeat("[", 40), "", "", "object", "d", `invalid: d is nested deeper than 32 levels`},
		{"half a surrogate", `d={"a":"\ud800"}`, "", "", "object", "d", `invalid: d has half of a surrogate pair`},

		{"array as text", "", multiform, parts("name=t\r\n\r\n[{\"a\":1}]"), "array", "t", `[{"a":1}] true`},
		{"array in an object", "", "", `{"t":[{"a":1}]}`, "array", "t", `[{"a":1}] true`},
		{"bare array", "page=1", "application/json", `[{"a":1}]`, "value", "page", `[{"a":1}] true`},
		{"bare array without a type", "", "", ` [1]`, "value", "t", `[1] false`},
		{"text as array", "t=%22a%22", "", "", "array", "t", `invalid: t must be an array`},
		{"object as array", "", "", `{"t":{}}`, "array", "t", `invalid: t must be an array`},
		{"scalar body", "", "application/json", `7`, "value", "t", `7 false`},

		{"the same twice", "n=1&n=1", "", "", "string", "n", `"1" true`},
		{"twice", "n=1&n=2", "", "", "string", "n", `invalid: n is sent more than once`},
		{"null", "", "", `{"n":null}`, "string", "n", `"" false`},
		{"number for a text", "", "", `{"n":1}`, "string", "n", `invalid: n must be a string`},
		{"list for a text", "n[]=1", "", "", "string", "n", `invalid: n must be a string`},
		{"NUL in JSON", "", "", `{"n":"\u0000"}`, "string", "n", `invalid: n has a NUL character`},
		{"semicolon", "n=a;m=b", "", "", "string", "n", `"a;m=b" true`},
		{"plus", "n=a+b%2B", "", "", "string", "n", `"a b+" true`},
		{"no equals sign", "n", "", "", "string", "n", `"" true`},
		{"line end of curl -d @file", "", urlencoded, "n=1\r\n", "string", "n", `"1" true`},
		{"lines in a part", "", multiform, parts("name=n\r\n\r\na\r\nb"), "string", "n", `"a\r\nb" true`},
		{"quoted-printable", "", multiform, parts("name=n\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=3D"), "string", "n", `"A=" true`},

		{"header of megabytes", "", multiform, parts("name=n\r\nX: " + strings.Repeat("x", 3_000_000) + "\r\n\r\n1"), "string", "n", `"1" true`},

		{"True of Python", "n=True", "", "", "bool", "n", `true true`},
		{"0", "n=0", "", "", "bool", "n", `false true`},
		{"1 of JSON", "", "", `{"n":1}`, "bool", "n", `true true`},
		{"no boolean", "n=yes", "", "", "bool", "n", `invalid: n must be true or false`},
		{"2", "", "", `{"n":2}`, "bool", "n", `invalid: n must be true or false`},
		{"empty boolean", "n=", "", "", "bool", "n", `false false`},
		{"null boolean", "", "", `{"n":null}`, "bool", "n", `false false`},
		{"object as a boolean", "", "", `{"n":{}}`, "bool", "n", `invalid: n must be true or false`},

		{"negative", "n=-1", "", "", "int", "n", `-1 true`},
		{"text of JSON", "", "", `{"n":"12"}`, "int", "n", `12 true`},
		{"fraction", "n=1.5", "", "", "int", "n", `invalid: n must be an integer`},
		{"huge", "n=99999999999999999999", "", "", "int", "n", `invalid: n must be an integer`},
		{"boolean as integer", "", "", `{"n":true}`, "int", "n", `invalid: n must be an integer`},
		{"empty integer", "n=", "", "", "int", "n", `0 false`},

		{"exponent", "n=1e1", "", "", "float", "n", `10 true`},
		{"infinite", "n=Inf", "", "", "float", "n", `invalid: n must be a number`},
		{"nan", "n=NaN", "", "", "float", "n", `invalid: n must be a number`},
		{"too large", "n=1e999", "", "", "float", "n", `invalid: n must be a number`},
		{"hexadecimal", "n=0x1p4", "", "", "float", "n", `invalid: n must be a number`},
		{"empty number", "n=", "", "", "float", "n", `0 false`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := readForm("GET", tt.query, tt.contentType, tt.body)
			got := ""
			if err != nil {
				got = said(err)
			} else {
				got = read(f, tt.as, tt.field)
			}
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// contract: SX-048
func TestFormFiles(t *testing.T) {
	file := func(header string) string { return parts(header + "\r\n\r\nbytes\x00\xff") }
	tests := []struct{ name, body, as, want string }{
		{"file", file("name=f; filename=\"a b.mp3\"\r\nContent-Type: audio/mpeg"), "file", `"a b.mp3" "audio/mpeg" "bytes\x00\xff"`},
		{"no type", file("name=f; filename=a.mp3"), "file", `"a.mp3" "" "bytes\x00\xff"`},
		{"no media type", file("name=f; filename=a\r\nContent-Type: /;"), "file", `"a" "" "bytes\x00\xff"`},
		{"empty file", parts("name=f; filename=a\r\n\r\n"), "file", `"a" "" ""`},
		{"name in UTF-8", file("name=f; filename=\"=?utf-8?B?w6Q=?=\"; filename*=UTF-8''%C3%A4.mp3"), "file", `"ä.mp3" "" "bytes\x00\xff"`},
		{"name as it is", file("name=f; filename=\"ä💣.mp3\""), "file", `"ä💣.mp3" "" "bytes\x00\xff"`},
		{"name that is not UTF-8", file("name=f; filename=\"\xe4.mp3\""), "file", "\"\uFFFD.mp3\" \"\" \"bytes\\x00\\xff\""},
		{"name with quotation marks", file(`name=f; filename="a%22%2F\"b"`), "file", `"a\"%2F\"b" "" "bytes\x00\xff"`},
		{"path", file(`name=f; filename="../../etc/passwd"`), "file", `"passwd" "" "bytes\x00\xff"`},
		{"path of Windows", file(`name=f; filename="C:\dir\a.mp3"`), "file", `"a.mp3" "" "bytes\x00\xff"`},
		{"control characters", file("name=f; filename*=UTF-8''a%00%0D%0Ab%1B"), "file", `"ab" "" "bytes\x00\xff"`},
		{"dots", file(`name=f; filename=".."`), "file", `"file" "" "bytes\x00\xff"`},
		{"slash", file(`name=f; filename="/"`), "file", `"file" "" "bytes\x00\xff"`},
		{"none chosen in a browser", parts("name=f; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n"), "file", `null false`},
		{"absent", parts("name=g\r\n\r\nx"), "file", `null false`},
		{"text", parts("name=f\r\n\r\nx"), "file", `invalid: f must be a part of multipart/form-data with a file name`},
		{"file for a text", file("name=f; filename=a"), "string", `invalid: f must not be a file`},
		{"file for a list", file("name=f; filename=a"), "strings", `invalid: f must not be a file`},
		{"file for JSON", file("name=f; filename=a"), "array", `invalid: f must not be a file`},
		{"two files", parts("name=f; filename=a\r\n\r\nx", "name=f; filename=b\r\n\r\nx"), "file", `invalid: f appears twice`},
		{"file and text", parts("name=f; filename=a\r\n\r\nx", "name=f\r\n\r\nx"), "file", `invalid: f appears twice`},
		{"largest", parts("name=f; filename=a\r\n\r\n" + strings.Repeat("x", 100)), "file", `"a" "" "` + strings.Repeat("x", 100) + `"`},
		{"too large", parts("name=f; filename=a\r\n\r\n" + strings.Repeat("x", 101)), "file", `too_large: f is larger than 100 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := readForm("POST", "", multiform, tt.body)
			got := ""
			if err != nil {
				got = said(err)
			} else {
				got = read(f, tt.as, "f")
			}
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFormThatCannotBeRead(t *testing.T) {
	one := parts("name=a\r\n\r\n1")
	many := strings.Repeat("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", 10_000) + "--b--\r\n"
	var files strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&files, "--b\r\nContent-Disposition: form-data; name=f%d; filename=f\r\n\r\n1\r\n", i)
	}
	files.WriteString("--b--")
	long := strings.Repeat("x", 4_000_001)
	tests := []struct{ name, query, contentType, body, want string }{
		{"unknown type", "", "text/xml", "<a/>", "malformed:  the Content-Type must be multipart/form-data, application/x-www-form-urlencoded or application/json"},
		{"no type", "", "", "a=1", "malformed:  the Content-Type must be multipart/form-data, application/x-www-form-urlencoded or application/json"},
		{"other multipart", "", "multipart/mixed; boundary=b", one, "malformed:  the Content-Type must be multipart/form-data, application/x-www-form-urlencoded or application/json"},
		{"type that is none", "", "application/json; charset", "{}", "malformed:  the Content-Type could not be read"},
		{"no boundary", "", "multipart/form-data", one, "malformed:  the Content-Type of a form needs a boundary"},
		{"another boundary", "", "multipart/form-data; boundary=c", one, "malformed:  the form was cut off: its last boundary is missing"},
		{"cut in a part", "", multiform, one[:len(one)-10], "malformed:  the form was cut off: its last boundary is missing"},
		{"cut between parts", "", multiform, one[:len(one)-4] + "\r\n", "malformed:  the form was cut off: its last boundary is missing"},
		{"cut after a boundary", "", multiform, one[:len(one)-4], "malformed:  the form was cut off: its last boundary is missing"},
		{"part without a name", "", multiform, parts("nam=a\r\n\r\n1"), "malformed:  a part of the form has no name"},
		{"part of another disposition", "", multiform, "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--\r\n", "malformed:  a part of the form has no name"},
		{"name that is not UTF-8", "", multiform, parts("name=\"\xff\"\r\n\r\n1"), "invalid: \uFFFD is not valid UTF-8"},
		{"parts in a part", "", multiform, parts("name=a\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--"), "invalid: a must not have parts of its own"},
		{"base64", "", multiform, parts("name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ=="), "invalid: a must be sent without a Content-Transfer-Encoding"},
		{"many headers", "", multiform, parts("name=a\r\n" + strings.Repeat("X:1\r\n", 100_000) + "\r\n1"), "malformed:  the form could not be read"},
		{"10,000 parts", "", multiform, many, "malformed:  there are more than 1000 fields"},
		{"10,000 files", "", multiform, strings.ReplaceAll(many, "name=a", "name=f; filename=f"), "invalid: f appears twice"},
		{"10,000 files of their own names", "", multiform, files.String(), "malformed:  there are more than 1000 fields"},
		{"10,000 pairs", "", urlencoded, strings.Repeat("a=1&", 10_000), "malformed:  there are more than 1000 fields"},
		{"10,000 pairs in the query", strings.Repeat("a=1&", 10_000), "", "", "malformed:  there are more than 1000 fields"},
		{"parts too large", "", multiform, parts("name=a\r\n\r\n" + long), "too_large:  the fields of the form are larger than 4000000 bytes"},
		{"form too large", "", multiform, parts("name=a\r\n\r\n" + long + long), "too_large:  the request body is larger than 4000100 bytes"},
		{"pairs too large", "", urlencoded, "a=" + long, "too_large:  the request body is larger than 4000000 bytes"},
		{"JSON too large", "", "application/json", `"` + long + `"`, "too_large:  the request body is larger than 4000000 bytes"},
		{"bad escape", "", urlencoded, "a=100%+sure", "malformed: a has a % that begins no escape"},
		{"bad escape in a name", "%zz=1", "", "", "malformed: %zz has a % that begins no escape"},
		{"not UTF-8", "a=%ff", "", "", "invalid: a is not valid UTF-8"},
		{"NUL", "a=%00", "", "", "invalid: a has a NUL character"},
		{"NUL in a name", "a%00=1", "", "", "invalid: a has a NUL character"},
		{"part that is not UTF-8", "", multiform, parts("name=a\r\n\r\n\xff"), "invalid: a is not valid UTF-8"},
		{"ISO-8859-1", "", urlencoded + "; charset=ISO-8859-1", "a=%E4", "invalid: a is not valid UTF-8"},
		{"ISO-8859-1 that looks like UTF-8", "", urlencoded + "; charset=ISO-8859-1", "a=%C3%A4", "invalid: a must be UTF-8"},
		{"ISO-8859-1 in a part", "", multiform, parts("name=a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\xc3\xa4"), "invalid: a must be UTF-8"},
		{"ISO-8859-1 in JSON", "", "application/json; charset=latin1", `{"a":"ä"}`, "malformed:  the request body must be UTF-8"},
		{"UTF-16", "", "application/json; charset=utf-16", "\xff\xfe{\x00}\x00", "malformed:  the request body must be UTF-8"},
		{"UTF-16 that does not say so", "", "", "{\x00}\x00", "malformed:  the request body is not valid JSON"},
		{"broken JSON", "", "application/json", `{"a"`, "malformed:  the request body is not valid JSON"},
		{"duplicate in JSON", "", "application/json", `{"a":1,"a":2}`, "malformed: a appears twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readForm("DELETE", tt.query, tt.contentType, tt.body)
			if err == nil {
				t.Fatal("it was read")
			}
			if got := said(err); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFormWithoutFiles(t *testing.T) {
	r := httptest.NewRequest("PUT", "/", strings.NewReader(parts("name=f; filename=a\r\n\r\nx")))
	r.Header.Set("Content-Type", multiform)
	if _, err := dialect.ReadForm(r, 0); err == nil || said(err) != "invalid: f must not be a file" {
		t.Errorf("%v, want a fault", err)
	}
}

func TestFormHasFiles(t *testing.T) {
	f, err := readForm("POST", "f=in+the+query&g=1", multiform, parts("name=f; filename=a\r\n\r\nx", "name=k; filename=a\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Has("f") || !f.Has("g") || f.Has("h") || !f.Has("k") {
		t.Errorf("f %v, g %v, h %v, k %v", f.Has("f"), f.Has("g"), f.Has("h"), f.Has("k"))
	}
	if file, err := f.File("f"); err != nil || string(file.Body) != "x" {
		t.Errorf("the body's file is %v, %v", file, err)
	}
}

func TestCompressedForm(t *testing.T) {
	for _, coding := range []string{"gzip", "br", "GZIP, identity"} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(`{}`))
		r.Header.Set("Content-Encoding", coding)
		want := "malformed:  the request body must not be compressed: Content-Encoding is " + coding
		if _, err := dialect.ReadForm(r, 0); err == nil || said(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{}`))
	r.Header.Set("Content-Encoding", "Identity")
	if _, err := dialect.ReadForm(r, 0); err != nil {
		t.Error(err)
	}
}
