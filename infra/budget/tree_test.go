package budget

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lines(text string) int { return strings.Count(text, "\n") }

func TestMakefileStaysShort(t *testing.T) {
	ours, _, ok := strings.Cut(readFile(t, "Makefile"), "# SAM calls this")
	if n := lines(ours); n > 80 || !ok {
		t.Errorf("Makefile has %d lines before SAM's rule, at most 80", n)
	}
}

func TestGoFilesStayShort(t *testing.T) {
	seen := 0
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		seen++
		if n := lines(readFile(t, name)); n > 400 {
			t.Errorf("%s has %d lines, at most 400", name, n)
		}
	})
	if seen == 0 {
		t.Error("found no Go file")
	}
}

// TestTopLevel allows what DESIGN names and nothing else; dot files are free,
// and bin is where builds go.
func TestTopLevel(t *testing.T) {
	want := []string{"LICENSE", "Makefile", "README.md", "functions", "go.mod", "go.sum", "infra", "samconfig.toml", "shared", "template.yaml"}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && e.Name() != "bin" {
			got = append(got, e.Name())
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("top level (-want +got):\n%s", diff)
	}
}

// TestEnvironmentIsReadInOnePlace: main packages pass os.Getenv to config,
// and nothing under shared reads the environment by itself.
func TestEnvironmentIsReadInOnePlace(t *testing.T) {
	walk(t, func(name string) {
		if !strings.HasPrefix(name, "shared/") || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "shared/config/") {
			return
		}
		for _, used := range environmentReads(t, name) {
			t.Errorf("%s: only main packages and shared/config read the environment", used)
		}
	})
}

// environmentReads returns where a file mentions a function of os that reads
// the environment.
func environmentReads(t *testing.T, name string) (found []string) {
	t.Helper()
	readers := []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, filepath.Join(root, name), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains(readers, s.Sel.Name) {
				found = append(found, files.Position(s.Pos()).String())
			}
		}
		return true
	})
	return found
}
