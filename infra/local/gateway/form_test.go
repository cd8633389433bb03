package gateway

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
)

// forms answers with what a handler behind the gateway reads of a form.
func forms(t *testing.T) *httptest.Server {
	h := lambdahttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := dialect.ReadForm(r, dialect.MaxBody)
		if err != nil {
			if fault.Is(err, fault.TooLarge) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			io.WriteString(w, "ours: "+err.Error())
			return
		}
		name, _, err := f.String("name")
		file, ferr := f.File("file")
		if err != nil || ferr != nil {
			t.Error(err, ferr)
		}
		if file != nil {
			name += fmt.Sprintf(" %s %d %.4q", file.Name, len(file.Body), file.Body)
		}
		fmt.Fprintf(w, "%s %s", r.Method, name)
	}))
	srv := httptest.NewServer(serve(t, h.Invoke))
	t.Cleanup(srv.Close)
	return srv
}

// form is a multipart body with a name, and a file of so many bytes that are
// no text if there are any.
func form(t *testing.T, size int) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("name", "Ä"); err != nil {
		t.Fatal(err)
	}
	if size > 0 {
		p, err := w.CreateFormFile("file", "a.mp3")
		if err != nil {
			t.Fatal(err)
		}
		p.Write(bytes.Repeat([]byte{0xff}, size)) // a buffer does not fail
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// A form arrives with every method, GET and DELETE too, in every encoding,
// with its length or in chunks.
//
// contract: FF-30, SX-098, SX-189
func TestFormsArrive(t *testing.T) {
	srv := forms(t)
	multi, multiBody := form(t, 0)
	withFile, withFileBody := form(t, 5)
	bodies := []struct{ name, query, contentType, body, want string }{
		{"query", "?name=%C3%84", "", "", "Ä"},
		{"urlencoded", "", "application/x-www-form-urlencoded", url.Values{"name": {"Ä"}}.Encode(), "Ä"},
		{"multipart", "", multi, multiBody, "Ä"},
		{"multipart over query", "?name=b", multi, multiBody, "Ä"},
		{"file", "", withFile, withFileBody, `Ä a.mp3 5 "\xff\xff\xff\xff"`},
		{"json", "", "application/json", `{"name":"Ä"}`, "Ä"},
		{"json without a type", "", "", `{"name":"Ä"}`, "Ä"},
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, b := range bodies {
			for _, chunked := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s chunked=%v", method, b.name, chunked), func(t *testing.T) {
					r, err := http.NewRequest(method, srv.URL+"/files/x"+b.query, strings.NewReader(b.body))
					if err != nil {
						t.Fatal(err)
					}
					if r.Header.Set("Content-Type", b.contentType); b.contentType == "" {
						r.Header.Del("Content-Type")
					}
					if chunked {
						r.ContentLength = -1
					}
					if got, want := ask(t, r), "200 "+method+" "+b.want; got != want {
						t.Errorf("%s, want %s", got, want)
					}
				})
			}
		}
	}
}

// A file may have 4 MB. Above that our own words are the answer, up to what
// Lambda takes of an event in base64, and then API Gateway's.
func TestFormLimits(t *testing.T) {
	srv := forms(t)
	const theirs = `413 {"message":"Request Entity Too Large"}`
	for size, want := range map[int]string{
		4_000_000:  "200 POST Ä a.mp3 4000000",
		4_000_001:  "413 ours: file: is larger than 4000000 bytes",
		4_700_000:  "413 ours: file: is larger than 4000000 bytes",
		4_720_000:  theirs,
		10_500_000: theirs,
	} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			contentType, body := form(t, size)
			r, err := http.NewRequest("POST", srv.URL+"/files/x", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", contentType)
			if got := ask(t, r); !strings.HasPrefix(got, want) {
				t.Errorf("%.200s, want %s", got, want)
			}
		})
	}
}

func ask(t *testing.T, r *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", res.StatusCode, body)
}
