package budget

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the repository, seen from this folder.
const root = "../.."

// lambdaEnv is what the functions are built for.
var lambdaEnv = []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64"}

// pkg is what `go list` tells of a package, with its deployed build's tags.
type pkg struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string // direct, without those of tests
	Deps       []string // direct and indirect
	Module     *struct{ Path string }
}

// local returns the path inside the module, or "" for a foreign package.
func (p pkg) local() string { return localPath(p.ImportPath) }

func localPath(importPath string) string {
	rest, ok := strings.CutPrefix(importPath, "latchkey/")
	if !ok {
		return ""
	}
	return rest
}

// packages lists the module's packages and everything they depend on.
var packages = sync.OnceValues(func() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "-json=ImportPath,Name,Standard,Imports,Deps,Module", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), lambdaEnv...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New("go list: " + stderr.String())
	}
	all := map[string]pkg{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

func mustPackages(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// walk calls f with the slash-separated path of every file of the repository
// that git would keep: no dot folders, no bin.
func walk(t *testing.T, f func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "bin" || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.IsDir():
			f(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
