package e2e

import (
	"bytes"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// request is what a story sends.
type request struct {
	method, url string
	header      http.Header
	body        []byte
	until       func(*testscript.TestScript, answer) bool // or nil
}

// parseRequest reads METHOD URL and what follows them, see commands.
func parseRequest(ts *testscript.TestScript, args []string) request {
	if len(args) < 2 {
		ts.Fatalf("want METHOD URL")
	}
	r := request{method: args[0], url: args[1], header: http.Header{}}
	var form []string
	for args = args[2:]; len(args) > 0; {
		if len(args) < 2 {
			ts.Fatalf("%s: a value is missing", args[0])
		}
		n := 2
		switch value := args[1]; args[0] {
		case "-H":
			name, value, _ := strings.Cut(expand(ts, value), ": ")
			r.header.Add(name, value)
		case "-json":
			r.text("application/json", expand(ts, value))
		case "-bytes":
			r.text("application/json", unescape(ts, value))
		case "-file":
			r.body = []byte(ts.ReadFile(value))
		case "-form":
			form = append(form, expand(ts, value))
		case "-until":
			n = 3
			r.until = parseUntil(ts, args[1:])
		default:
			ts.Fatalf("unknown flag %s", args[0])
		}
		args = args[n:]
	}
	if form != nil {
		r.form(ts, form)
	}
	return r
}

func (r *request) text(contentType, text string) {
	r.body = []byte(text)
	if r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", contentType)
	}
}

// unescape makes bytes of a text with Go's escapes in it.
func unescape(ts *testscript.TestScript, text string) string {
	s, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	ts.Check(err)
	return s
}

func parseUntil(ts *testscript.TestScript, args []string) func(*testscript.TestScript, answer) bool {
	if len(args) < 2 {
		ts.Fatalf("want -until PATH VALUE")
	}
	path, value := expand(ts, args[0]), expand(ts, args[1])
	if path == "status" {
		return func(_ *testscript.TestScript, a answer) bool { return strconv.Itoa(a.status) == value }
	}
	return func(ts *testscript.TestScript, a answer) bool {
		v, ok, err := a.json(path)
		ts.Check(err)
		return ok && text(v) == value
	}
}

// form makes the body of fields as a browser would send them.
func (r *request) form(ts *testscript.TestScript, fields []string) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		file, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			ts.Check(w.WriteField(name, value))
			continue
		}
		file, contentType, _ := strings.Cut(file, ";type=")
		addFile(ts, w, name, file, contentType)
	}
	ts.Check(w.Close())
	r.text(w.FormDataContentType(), buf.String())
}

func addFile(ts *testscript.TestScript, w *multipart.Writer, name, file, contentType string) {
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": name, "filename": filepath.Base(file)}))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	h.Set("Content-Type", contentType)
	part, err := w.CreatePart(h)
	ts.Check(err)
	_, err = part.Write([]byte(ts.ReadFile(file)))
	ts.Check(err)
}
