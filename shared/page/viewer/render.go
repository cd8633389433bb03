package viewer

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

//go:embed assets
var assets embed.FS

//go:embed viewer.html
var source string

// hash names the assets as they are now, all together: modules import each
// other by their names alone.
var hash = func() string {
	sum := sha256.New()
	entries, err := assets.ReadDir("assets")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, e := range entries {
		body, err := assets.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(sum, "%s\x00%d\x00%s", e.Name(), len(body), body)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}()

// pages are the templates "reading", "attempt" and "notice".
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"asset": func(name string) string { return "/shared/assets/" + hash + "/" + name },
}).Parse(source))

var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

// asset serves what the page loads. A page of the version before asks for
// another hash: it gets what there is, and does not keep it.
func asset(r *http.Request) (dialect.Response, error) {
	name := r.PathValue("name")
	body, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return dialect.Response{}, fault.New(fault.NotFound, "asset not found")
	}
	h := http.Header{
		"Content-Type":                 {contentTypes[path.Ext(name)]},
		"X-Content-Type-Options":       {"nosniff"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	if r.PathValue("hash") == hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return dialect.Response{Status: http.StatusOK, Header: h, Body: body}, nil
}

// policy allows a page its own files and nothing inline. Media and exports
// may be redirected to the bucket, and Chrome holds form-action against
// redirects too.
func policy(form, bucket string) string {
	return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self' " + bucket + "; media-src 'self' " + bucket +
		"; img-src 'self'; form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
}

func (s Service) render(status int, name string, data any) (dialect.Response, error) {
	return render(status, name, data, "'self' "+s.Bucket, s.Bucket)
}

func renderNotice(status int, n notice) dialect.Response {
	return must(render(status, "notice", n, "'none'", ""))
}

func must(res dialect.Response, err error) dialect.Response {
	if err != nil {
		panic(err) // strings always render
	}
	return res
}

func render(status int, name string, data any, form, bucket string) (dialect.Response, error) {
	var buf bytes.Buffer
	if err := pages.ExecuteTemplate(&buf, name, data); err != nil {
		return dialect.Response{}, fmt.Errorf("render %s: %w", name, err)
	}
	h := http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {policy(form, bucket)},
		"X-Content-Type-Options":  {"nosniff"},
	}
	dialect.Capability(h)
	return dialect.Response{Status: status, Header: h, Body: buf.Bytes()}, nil
}
