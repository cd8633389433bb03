package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"

	"latchkey/shared/dialect"
)

//go:embed style.css
var style string

//go:embed script.js
var script string

//go:embed layout.html
var layout string

//go:embed page.html
var source string

// sheets are the template "link".
var sheets = NewSheets(source, "", script)

// Sheets are pages that look alike: a head, a foot and one style that is in
// each of them, and notices.
type Sheets struct {
	templates     *template.Template
	style, script string
}

// NewSheets parses templates that begin with {{template "head" .Title}} and
// end with {{template "foot"}}. The style more, or "", comes after the one
// that all have. It panics on what is no template.
func NewSheets(source, more, script string) *Sheets {
	s := &Sheets{style: style + more, script: script}
	// Style and script are put in as they are: the policy allows them by their
	// hash, to the byte.
	s.templates = template.Must(template.New("").Funcs(template.FuncMap{
		"style":  func() template.HTML { return template.HTML("<style>" + s.style + "</style>") },
		"script": s.element,
	}).Parse(layout))
	template.Must(s.templates.Parse(source))
	return s
}

func (s *Sheets) element() template.HTML {
	if s.script == "" {
		return ""
	}
	return template.HTML("<script>" + s.script + "</script>")
}

// policy allows a page its own style, its own script and, in form, what its
// form may lead to: Chrome holds form-action against redirects too.
func (s *Sheets) policy(form string) string {
	p := "default-src 'none'; style-src '" + hash(s.style) + "'; "
	if s.script != "" {
		p += "script-src '" + hash(s.script) + "'; connect-src 'self'; "
	}
	return p + "form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
}

func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Notice is a page that says why there is nothing to be had, or what was done.
type Notice struct {
	Heading   string
	Text      string
	Name      string  // of a file that was there, or ""
	Until     *moment // when it ended, or nil
	Ask       string  // who can send a new link, or ""
	Reference string  // of a failure, for whoever looks into it
}

// Notice is the response that a notice is.
func (s *Sheets) Notice(status int, n Notice) dialect.Response {
	res, err := s.Render(status, "notice", n, "'none'")
	if err != nil {
		panic(err) // strings always render
	}
	return res
}

// Render is the response that a template makes of data. form is where its
// form may lead, as sources of the policy's form-action.
func (s *Sheets) Render(status int, name string, data any, form string) (dialect.Response, error) {
	var buf bytes.Buffer
	if err := s.templates.ExecuteTemplate(&buf, name, data); err != nil {
		return dialect.Response{}, fmt.Errorf("render %s: %w", name, err)
	}
	h := http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {s.policy(form)},
		"X-Content-Type-Options":  {"nosniff"},
	}
	dialect.Capability(h)
	return dialect.Response{Status: status, Header: h, Body: buf.Bytes()}, nil
}
