package budget

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// pattern is a ServeMux pattern with a method, as the route tables hold it.
var pattern = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/\S*)$`)

// rest matches a variable that takes the rest of a path, and the mark that
// ends one: {name...}, {$}.
var rest = regexp.MustCompile(`\.\.\.}|\{\$}`)

// origin is the part of a server's URL before its path, variables included.
var origin = regexp.MustCompile(`^[a-z]+://[^/]*`)

// patterns returns every "METHOD /path" that a package's source spells out,
// sorted: the lines of its route table.
func patterns(t *testing.T, folder string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			found = append(found, filePatterns(t, path.Join(folder, e.Name()))...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func filePatterns(t *testing.T, name string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && pattern.MatchString(s) {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}

// dialects returns the folders that hold a route table.
func dialects(t *testing.T) []string {
	t.Helper()
	found, err := fs.Glob(os.DirFS(root), "shared/dialect/*/routes.go")
	if err != nil || len(found) == 0 {
		t.Fatalf("no route tables: %v", err)
	}
	for i, f := range found {
		found[i] = path.Dir(f)
	}
	return found
}

// described returns the "METHOD /path" of every operation of an OpenAPI
// document, sorted, with the path of its first server before it.
func described(t *testing.T, text string) (found []string) {
	t.Helper()
	var doc struct {
		Servers []struct {
			URL string `yaml:"url"`
		} `yaml:"servers"`
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	base := ""
	if len(doc.Servers) > 0 {
		base = strings.TrimSuffix(origin.ReplaceAllString(doc.Servers[0].URL, ""), "/")
	}
	for p, operations := range doc.Paths {
		for method := range operations {
			if s := strings.ToUpper(method) + " " + base + p; pattern.MatchString(s) {
				found = append(found, s)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestDescribed(t *testing.T) {
	got := described(t, `
servers: [{url: "https://{host}/api/v1"}]
paths:
  /files/{id}:
    parameters: []
    get: {}
    delete: {}
  /files: {post: {}}
`)
	want := []string{"DELETE /api/v1/files/{id}", "GET /api/v1/files/{id}", "POST /api/v1/files"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

// TestRoutesAreDescribed: each dialect's table and its openapi.yaml name the
// same operations, variables included.
func TestRoutesAreDescribed(t *testing.T) {
	for _, folder := range dialects(t) {
		t.Run(path.Base(folder), func(t *testing.T) {
			routes := patterns(t, folder)
			if len(routes) == 0 {
				t.Fatal("the table has no routes")
			}
			for i, r := range routes {
				routes[i] = strings.TrimSuffix(r, "{$}") // of ServeMux's
			}
			slices.Sort(routes)
			if diff := cmp.Diff(described(t, readFile(t, folder+"/openapi.yaml")), routes); diff != "" {
				t.Errorf("openapi.yaml and routes (-openapi +routes):\n%s", diff)
			}
		})
	}
}

// everywhere returns the patterns of a package, below each of the servers that
// its openapi.yaml, if it has one, names after the first.
func everywhere(t *testing.T, folder string) []string {
	t.Helper()
	found := patterns(t, folder)
	text, err := os.ReadFile(filepath.Join(root, folder, "openapi.yaml"))
	if err != nil {
		return found // pages
	}
	var doc struct {
		Servers []struct {
			URL string `yaml:"url"`
		} `yaml:"servers"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, server := range doc.Servers[min(1, len(doc.Servers)):] {
		for _, p := range patterns(t, folder) {
			found = append(found, strings.Replace(p, " /", " "+origin.ReplaceAllString(server.URL, "")+"/", 1))
		}
	}
	return found
}

// TestRoutesAreReached: the route that API Gateway chooses for each operation
// leads to a function that links the operation's package, and no route of the
// template leads to nothing.
//
// contract: FF-38
func TestRoutesAreReached(t *testing.T) {
	all, routes := mustPackages(t), readStack(t).routes()
	used := map[templateRoute]bool{}
	for _, folder := range append(dialects(t), "shared/page", "shared/page/viewer", "shared/page/door") {
		for _, p := range everywhere(t, folder) {
			_, path, _ := strings.Cut(rest.ReplaceAllString(p, "}"), " ")
			r, ok := match(routes, path)
			if !ok {
				t.Errorf("%s of %s is not reached by any route of template.yaml", p, folder)
				continue
			}
			used[r] = true
			if !slices.Contains(all["latchkey/functions/"+r.function].Deps, "latchkey/"+folder) {
				t.Errorf("%s of %s is routed to %s, which does not link it", p, folder, r.function)
			}
		}
	}
	for _, r := range routes {
		if !used[r] {
			t.Errorf("%s %s of template.yaml leads to %s, where no pattern answers", r.method, r.path, r.function)
		}
	}
}
