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

//go:embed page.html
var source string

// pages are the templates "link" and "notice". Style and script are put in
// as they are: the policy allows them by their hash, to the byte.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"style":  func() template.HTML { return template.HTML("<style>" + style + "</style>") },
	"script": func() template.HTML { return template.HTML("<script>" + script + "</script>") },
}).Parse(source))

// policy allows a page its own style, its own script and, in form, what its
// form may lead to: Chrome holds form-action against redirects too.
func policy(form string) string {
	return "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script) + "'; connect-src 'self'; " +
		"form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
}

func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (s Service) render(l link) (dialect.Response, error) {
	return render(http.StatusOK, "link", l, "'self' "+s.Bucket)
}

func renderNotice(status int, n notice) dialect.Response {
	res, err := render(status, "notice", n, "'none'")
	if err != nil {
		panic(err) // strings always render
	}
	return res
}

func render(status int, name string, data any, form string) (dialect.Response, error) {
	var buf bytes.Buffer
	if err := pages.ExecuteTemplate(&buf, name, data); err != nil {
		return dialect.Response{}, fmt.Errorf("render %s: %w", name, err)
	}
	h := http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {policy(form)},
		"X-Content-Type-Options":  {"nosniff"},
	}
	dialect.Capability(h)
	return dialect.Response{Status: status, Header: h, Body: buf.Bytes()}, nil
}
