package budget

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// stack is what the budgets need of template.yaml. Tags such as !Ref are read
// as the value they stand before.
type stack struct {
	Globals struct {
		Function struct {
			Timeout int `yaml:"Timeout"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]resource `yaml:"Resources"`
}

type resource struct {
	Type     string `yaml:"Type"`
	Metadata struct {
		BuildMethod string `yaml:"BuildMethod"`
	} `yaml:"Metadata"`
	Properties struct {
		Timeout     int `yaml:"Timeout"`
		Environment struct {
			Variables map[string]any `yaml:"Variables"`
		} `yaml:"Environment"`
		Events map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Path          string `yaml:"Path"`
				Method        string `yaml:"Method"`
				FilterPattern string `yaml:"FilterPattern"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
		Indexes []index `yaml:"GlobalSecondaryIndexes"`
		TTL     struct {
			Attribute string `yaml:"AttributeName"`
		} `yaml:"TimeToLiveSpecification"`
	} `yaml:"Properties"`
}

type index struct {
	Name string `yaml:"IndexName"`
	Keys []struct {
		Attribute string `yaml:"AttributeName"`
	} `yaml:"KeySchema"`
	Projection struct {
		Attributes []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

// templateRoute is one HttpApi event.
type templateRoute struct {
	method, path string
	function     string // logical id without "Function", lower case: the folder's name
}

func readStack(t *testing.T) stack {
	t.Helper()
	var s stack
	if err := yaml.Unmarshal([]byte(readFile(t, "template.yaml")), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.functions()) == 0 || len(s.routes()) == 0 {
		t.Fatal("template.yaml has no functions or no routes")
	}
	return s
}

// functions returns the folder names of the template's functions.
func (s stack) functions() (names []string) {
	for id, r := range s.Resources {
		if r.Type == "AWS::Serverless::Function" {
			names = append(names, folder(id))
		}
	}
	slices.Sort(names)
	return names
}

// apart are the functions that have a template of their own.
func apart(t *testing.T) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "functions", "*", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

func folder(logicalID string) string {
	return strings.ToLower(strings.TrimSuffix(logicalID, "Function"))
}

func (s stack) routes() (routes []templateRoute) {
	for id, r := range s.Resources {
		for _, e := range r.Properties.Events {
			if e.Type == "HttpApi" {
				routes = append(routes, templateRoute{e.Properties.Method, e.Properties.Path, folder(id)})
			}
		}
	}
	return routes
}

// match returns the route that API Gateway would choose for a request: the
// one without a greedy variable first, then the one with the longer prefix.
// The path may itself hold variables, which match only variables.
func match(routes []templateRoute, path string) (best templateRoute, ok bool) {
	for _, r := range routes {
		if covers(r.path, path) && (!ok || before(r.path, best.path)) {
			best, ok = r, true
		}
	}
	return best, ok
}

func covers(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, w := range want {
		switch {
		case i >= len(got):
			return false
		case strings.HasSuffix(w, "+}"):
			return true
		case !strings.HasPrefix(w, "{") && w != got[i]:
			return false
		}
	}
	return len(want) == len(got)
}

// before reports whether a pattern takes precedence over another: fixed words
// before a variable, a variable before a greedy one.
func before(a, b string) bool { return slices.Compare(ranks(a), ranks(b)) < 0 }

func ranks(pattern string) (r []int) {
	for part := range strings.SplitSeq(pattern, "/") {
		switch {
		case strings.HasSuffix(part, "+}"):
			r = append(r, 2)
		case strings.HasPrefix(part, "{"):
			r = append(r, 1)
		default:
			r = append(r, 0)
		}
	}
	return r
}

func TestMatch(t *testing.T) {
	routes := []templateRoute{
		{"ANY", "/a", "one"}, {"ANY", "/a/{key}", "two"}, {"ANY", "/a/share", "three"}, {"ANY", "/v1/{proxy+}", "four"},
	}
	tests := []struct{ path, want string }{
		{"/a", "one"}, {"/a/{id}", "two"}, {"/a/x", "two"}, {"/a/share", "three"},
		{"/v1/files/{id}", "four"}, {"/v1/x", "four"}, {"/v1", ""}, {"/a/x/y", ""}, {"/b", ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got, _ := match(routes, tt.path)
			if diff := cmp.Diff(tt.want, got.function); diff != "" {
				t.Errorf("function (-want +got):\n%s", diff)
			}
		})
	}
}
