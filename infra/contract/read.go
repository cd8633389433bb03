package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// row is one line of a contract.txt.
type row struct{ id, words string }

// dialect is one finished dialect.
type dialect struct {
	name string
	rows []row
}

// findings is what the tree says about itself.
type findings struct {
	dialects []dialect
	named    map[string]bool // row ids that a test names
	faults   []string        // named rows that are unknown, unreadable comments
}

func (f findings) unnamed(d dialect) []row {
	return slices.DeleteFunc(slices.Clone(d.rows), func(r row) bool { return f.named[r.id] })
}

func (f findings) good() bool {
	return len(f.dialects) > 0 && len(f.faults) == 0 &&
		!slices.ContainsFunc(f.dialects, func(d dialect) bool { return len(f.unnamed(d)) > 0 })
}

func read(fsys fs.FS) (findings, error) {
	f := findings{named: map[string]bool{}}
	files, err := fs.Glob(fsys, "shared/dialect/*/testdata/contract.txt")
	if err != nil {
		return f, err
	}
	known := map[string]bool{}
	for _, name := range files {
		d, err := readDialect(fsys, name)
		if err != nil {
			return f, err
		}
		for _, r := range d.rows {
			if known[r.id] {
				return f, fmt.Errorf("%s: %s stands twice", name, r.id)
			}
			known[r.id] = true
		}
		f.dialects = append(f.dialects, d)
	}
	return f, f.readTests(fsys, known)
}

var (
	rowID   = regexp.MustCompile(`^[A-Z]{2}-[0-9]{2,3}$`)
	comment = regexp.MustCompile(`(?://|#)\s*contract:(.*)$`)
	commas  = regexp.MustCompile(`\s*,\s*`)
)

func readDialect(fsys fs.FS, name string) (dialect, error) {
	d := dialect{name: path.Base(path.Dir(path.Dir(name)))}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return d, err
	}
	for line := range strings.Lines(string(text)) {
		id, words, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !rowID.MatchString(id) || words == "" {
			return d, fmt.Errorf("%s: %q is not a row's id and words", name, line)
		}
		d.rows = append(d.rows, row{id, words})
	}
	return d, nil
}

func (f *findings) readTests(fsys fs.FS, known map[string]bool) error {
	return fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (name != "." && strings.HasPrefix(e.Name(), ".") || name == "bin" || name == "infra/contract"):
			return fs.SkipDir // what is not ours, and this command's own examples
		case e.IsDir() || !isTest(name):
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err == nil {
			f.readTest(name, string(text), known)
		}
		return err
	})
}

func isTest(name string) bool {
	script := strings.HasPrefix(name, "infra/e2e/") && (path.Ext(name) == ".txt" || path.Ext(name) == ".txtar")
	return script || strings.HasSuffix(name, "_test.go")
}

func (f *findings) readTest(name, text string, known map[string]bool) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		m := comment.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		for _, id := range commas.Split(strings.TrimSpace(m[1]), -1) {
			switch {
			case !rowID.MatchString(id):
				f.faults = append(f.faults, fmt.Sprintf("%s:%d: %q is not a row's id", name, n, id))
			case !known[id]:
				f.faults = append(f.faults, fmt.Sprintf("%s:%d: %s is in no contract.txt", name, n, id))
			default:
				f.named[id] = true
			}
		}
	}
}
