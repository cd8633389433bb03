package latchkey_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"latchkey/shared/dialect/latchkey"
)

// spec is openapi.yaml. Its objects are closed: what the API answers and the
// document does not mention is an error here, though not for clients.
type spec struct {
	doc     map[string]any
	schemas *jsonschema.Compiler
	made    map[string]*jsonschema.Schema
}

func loadSpec(t *testing.T) *spec {
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
	s := &spec{doc: doc.(map[string]any), schemas: jsonschema.NewCompiler(), made: map[string]*jsonschema.Schema{}}
	s.schemas.AssertFormat()
	if err := s.schemas.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return s
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

// find follows names, and references on the way. It returns nil when there is
// nothing, and the names that lead there without references.
func (s *spec) find(names ...string) (v any, at []string) {
	v = s.doc
	for _, name := range names {
		m, _ := v.(map[string]any)
		v, at = m[name], append(slices.Clip(at), name)
		if m, _ := v.(map[string]any); m["$ref"] != nil {
			v, at = s.find(strings.Split(strings.TrimPrefix(m["$ref"].(string), "#/"), "/")...)
		}
	}
	return v, at
}

// schema compiles the schema that names lead to.
func (s *spec) schema(t *testing.T, names ...string) *jsonschema.Schema {
	t.Helper()
	_, at := s.find(names...)
	where := "openapi.json#"
	for _, name := range at {
		where += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	if s.made[where] == nil {
		made, err := s.schemas.Compile(where)
		if err != nil {
			t.Fatal(err)
		}
		s.made[where] = made
	}
	return s.made[where]
}

// operation returns the names that lead to the operation of a call.
func (s *spec) operation(method, target string) []string {
	if method == "HEAD" {
		method = "GET"
	}
	target, _, _ = strings.Cut(target, "?")
	paths, _ := s.find("paths")
	for p := range paths.(map[string]any) {
		if covers(p, target) {
			return []string{"paths", p, strings.ToLower(method)}
		}
	}
	return []string{"paths", target, strings.ToLower(method)}
}

func covers(pattern, target string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(target, "/"), func(p, s string) bool {
		return p == s || strings.HasPrefix(p, "{") && s != ""
	})
}

// check holds a call against the document: the operation, the status, the
// type and the body of the answer, and the body of a request that was taken.
func (s *spec) check(t *testing.T, r request, a answer) {
	t.Helper()
	op := s.operation(r.method, r.target)
	response := []string{"components", "responses", "Problem"} // of what is no operation
	if v, _ := s.find(op...); v != nil {
		response = append(op, "responses", fmt.Sprint(a.Status))
		if v, _ := s.find(response...); v == nil && a.Status >= 400 {
			response = append(op, "responses", "default")
		}
	}
	if v, _ := s.find(response...); v == nil {
		t.Errorf("%s %s: openapi.yaml has no %d", r.method, r.target, a.Status)
		return
	}
	if r.method != "HEAD" {
		s.checkBody(t, response, a)
	}
	if a.Status < 300 && !r.partly && strings.HasPrefix(r.body, "{") {
		s.validate(t, r.body, append(op, "requestBody", "content", "application/json", "schema")...)
	}
}

func (s *spec) checkBody(t *testing.T, response []string, a answer) {
	t.Helper()
	content, _ := s.find(append(response, "content")...)
	if content == nil {
		if a.Body != "" {
			t.Errorf("%d with a body: %s", a.Status, a.Body)
		}
		return
	}
	mt, _, err := mime.ParseMediaType(a.header("Content-Type"))
	if err != nil || content.(map[string]any)[mt] == nil {
		t.Errorf("openapi.yaml has no %q for %d", a.header("Content-Type"), a.Status)
		return
	}
	if strings.HasSuffix(mt, "json") {
		s.validate(t, a.Body, append(response, "content", mt, "schema")...)
	}
}

func (s *spec) validate(t *testing.T, body string, schema ...string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Errorf("%v in %s", err, body)
		return
	}
	if err := s.schema(t, schema...).Validate(v); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

func TestRoutesAreDescribed(t *testing.T) {
	s := newSite(t)
	var want, got []string
	for _, route := range (latchkey.API{Accounts: s.Accounts, Files: s.Files, Links: s.Shares}).Routes() {
		want = append(want, route.Pattern)
	}
	paths, _ := s.spec.find("paths")
	for p, item := range paths.(map[string]any) {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				got = append(got, strings.ToUpper(method)+" /api/v1"+p)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("openapi.yaml and routes (-routes +openapi):\n%s", diff)
	}
}

// TestExamples: every schema compiles, and every example is what its schema
// says.
func TestExamples(t *testing.T) {
	s := loadSpec(t)
	examples := 0
	var walk func(v any, at []string)
	walk = func(v any, at []string) {
		m, _ := v.(map[string]any)
		if m["schema"] != nil {
			s.schema(t, append(at, "schema")...)
		}
		named, _ := m["examples"].(map[string]any)
		for name, e := range named {
			examples++
			body, err := json.Marshal(e.(map[string]any)["value"])
			if err != nil {
				t.Fatal(err)
			}
			t.Run(strings.Join(append(at, name), " "), func(t *testing.T) {
				s.validate(t, string(body), append(at, "schema")...)
			})
		}
		for name, inner := range m {
			walk(inner, append(slices.Clip(at), name))
		}
	}
	for _, part := range []string{"paths", "components"} {
		v, _ := s.find(part)
		walk(v, []string{part})
	}
	schemas, _ := s.find("components", "schemas")
	for name := range schemas.(map[string]any) {
		s.schema(t, "components", "schemas", name)
	}
	if examples < 20 {
		t.Errorf("%d examples: not all were found", examples)
	}
}

// TestCheckNotices: a validator that takes everything proves nothing.
func TestCheckNotices(t *testing.T) {
	s := loadSpec(t)
	key := `"id":"aB3dE6gH9jK2mN5p","name":"n","user_id":"018c0f00-0000-7000-8000-0123456789ab","created_at":`
	tests := []struct {
		name, body string
		want       bool
	}{
		{"right", `{"keys":[{` + key + `"2023-11-27T09:43:39Z"}]}`, true},
		{"a field too many", `{"keys":[{"secret":"s",` + key + `"2023-11-27T09:43:39Z"}]}`, false},
		{"a field too few", `{"keys":[{"id":"aB3dE6gH9jK2mN5p"}]}`, false},
		{"a time with an offset", `{"keys":[{` + key + `"2023-11-27T09:43:39+01:00"}]}`, false},
		{"a null list", `{"keys":null}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			err = s.schema(t, "components", "schemas", "Keys").Validate(v)
			if got := err == nil; got != tt.want {
				t.Errorf("valid = %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}
