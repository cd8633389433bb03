// Package openapi holds what a dialect answers against its openapi.yaml, in
// tests. Its objects are closed: what an API answers and the document does not
// mention is an error here, though not for clients.
package openapi

import (
	"cmp"
	"fmt"
	"mime"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an openapi.yaml.
type Document struct {
	doc      map[string]any
	unrouted string
	schemas  *jsonschema.Compiler
	made     map[string]*jsonschema.Schema
}

// Load reads openapi.yaml in the folder of the test. Unrouted names the
// response of what is no operation.
func Load(t testing.TB, unrouted string) *Document {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc.(map[string]any)["components"].(map[string]any)["schemas"])
	d := &Document{doc.(map[string]any), unrouted, jsonschema.NewCompiler(), map[string]*jsonschema.Schema{}}
	d.schemas.AssertFormat()
	if err := d.schemas.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return d
}

func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			closeObjects(inner)
		}
	case map[string]any:
		if _, open := v["additionalProperties"]; v["type"] == "object" && v["properties"] != nil && !open {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeObjects(inner)
		}
	}
}

// Find follows names, and references on the way. It returns nil when there is
// nothing, and the names that lead there without references.
func (d *Document) Find(names ...string) (v any, at []string) {
	v = d.doc
	for _, name := range names {
		m, _ := v.(map[string]any)
		v, at = m[name], append(slices.Clip(at), name)
		if m, _ := v.(map[string]any); m["$ref"] != nil {
			v, at = d.Find(strings.Split(strings.TrimPrefix(m["$ref"].(string), "#/"), "/")...)
		}
	}
	return v, at
}

// Schema compiles the schema that names lead to.
func (d *Document) Schema(t testing.TB, names ...string) *jsonschema.Schema {
	t.Helper()
	_, at := d.Find(names...)
	where := "openapi.json#"
	for _, name := range at {
		where += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	if d.made[where] == nil {
		made, err := d.schemas.Compile(where)
		if err != nil {
			t.Fatal(err)
		}
		d.made[where] = made
	}
	return d.made[where]
}

// Operation returns the names that lead to the operation of a call.
func (d *Document) Operation(method, target string) []string {
	if method == "HEAD" {
		method = "GET"
	}
	target, _, _ = strings.Cut(target, "?")
	paths, _ := d.Find("paths")
	best := ""
	for p := range paths.(map[string]any) {
		// As a ServeMux prefers what says more.
		if covers(p, target) && (best == "" || strings.Count(p, "{") < strings.Count(best, "{")) {
			best = p
		}
	}
	return []string{"paths", cmp.Or(best, target), strings.ToLower(method)}
}

func covers(pattern, target string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(target, "/"), func(p, s string) bool {
		return p == s || strings.HasPrefix(p, "{") && s != ""
	})
}

// Answer is what a call got.
type Answer struct {
	Status      int
	ContentType string
	Body        string
}

// Check holds an answer against the document: the operation, the status, the
// type and the body.
func (d *Document) Check(t testing.TB, method, target string, a Answer) {
	t.Helper()
	op := d.Operation(method, target)
	response := []string{"components", "responses", d.unrouted}
	if v, _ := d.Find(op...); v != nil {
		response = append(op, "responses", fmt.Sprint(a.Status))
		if v, _ := d.Find(response...); v == nil && a.Status >= 400 {
			response = append(op, "responses", "default")
		}
	}
	if v, _ := d.Find(response...); v == nil {
		t.Errorf("%s %s: openapi.yaml has no %d", method, target, a.Status)
		return
	}
	if method != "HEAD" {
		d.checkBody(t, response, a)
	}
}

func (d *Document) checkBody(t testing.TB, response []string, a Answer) {
	t.Helper()
	content, _ := d.Find(append(response, "content")...)
	if content == nil {
		if a.Body != "" {
			t.Errorf("%d with a body: %s", a.Status, a.Body)
		}
		return
	}
	mt, _, err := mime.ParseMediaType(a.ContentType)
	if err != nil || content.(map[string]any)[mt] == nil {
		t.Errorf("openapi.yaml has no %q for %d", a.ContentType, a.Status)
		return
	}
	if strings.HasSuffix(mt, "json") {
		d.Validate(t, a.Body, append(response, "content", mt, "schema")...)
	}
}

// CheckRequest holds the body of a request that was taken against the
// document.
func (d *Document) CheckRequest(t testing.TB, method, target, body string) {
	t.Helper()
	d.Validate(t, body, append(d.Operation(method, target), "requestBody", "content", "application/json", "schema")...)
}

// Validate holds a JSON text against the schema that names lead to.
func (d *Document) Validate(t testing.TB, body string, schema ...string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Errorf("%v in %s", err, body)
		return
	}
	if err := d.Schema(t, schema...).Validate(v); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}
