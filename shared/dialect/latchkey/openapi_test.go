package latchkey_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/fake/openapi"
)

func loadSpec(t *testing.T) *openapi.Document {
	t.Helper()
	return openapi.Load(t, "Problem")
}

func TestRoutesAreDescribed(t *testing.T) {
	s := newSite(t)
	var want, got []string
	for _, route := range (latchkey.API{Accounts: s.Accounts, Files: s.Files, Links: s.Shares, Webhooks: s.Webhooks, Jobs: s.Jobs}).Routes() {
		want = append(want, route.Pattern)
	}
	paths, _ := s.spec.Find("paths")
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
			s.Schema(t, append(at, "schema")...)
		}
		named, _ := m["examples"].(map[string]any)
		for name, e := range named {
			examples++
			body, err := json.Marshal(e.(map[string]any)["value"])
			if err != nil {
				t.Fatal(err)
			}
			t.Run(strings.Join(append(at, name), " "), func(t *testing.T) {
				s.Validate(t, string(body), append(at, "schema")...)
			})
		}
		for name, inner := range m {
			walk(inner, append(slices.Clip(at), name))
		}
	}
	for _, part := range []string{"paths", "components"} {
		v, _ := s.Find(part)
		walk(v, []string{part})
	}
	schemas, _ := s.Find("components", "schemas")
	for name := range schemas.(map[string]any) {
		s.Schema(t, "components", "schemas", name)
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
			err = s.Schema(t, "components", "schemas", "Keys").Validate(v)
			if got := err == nil; got != tt.want {
				t.Errorf("valid = %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}
