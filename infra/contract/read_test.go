package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const rows = "shared/dialect/soup/testdata/contract.txt"

func TestReport(t *testing.T) {
	two := "SO-01 soup is hot\nSO-02 soup has a spoon\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string
		good  bool
	}{
		{"all named", map[string]string{
			rows: two, "a/a_test.go": "// contract: SO-01, SO-02\n",
		}, "soup: 2 rows, 2 named by tests\n", true},
		{"named behind code and in a script", map[string]string{
			rows: two, "a/a_test.go": "{\"hot\", 1}, // contract: SO-01\n", "infra/e2e/testdata/x.txtar": "# contract: SO-02\r\n",
		}, "soup: 2 rows, 2 named by tests\n", true},
		{"one unnamed", map[string]string{
			rows: two, "a/a_test.go": "// contract: SO-01\n",
		}, "soup: 2 rows, 1 named by tests\n  no test names SO-02 soup has a spoon\n", false},
		{"code and other folders do not count", map[string]string{
			rows: two, "a/a.go": "// contract: SO-01\n", ".x/a_test.go": "// contract: SO-01\n",
			"infra/contract/x_test.go": "// contract: SO-01\n", "docs/x.txt": "# contract: SO-01\n", "a/b_test.go": "// contract: SO-02\n",
		}, "soup: 2 rows, 1 named by tests\n  no test names SO-01 soup is hot\n", false},
		{"unknown row", map[string]string{
			rows: two, "a/a_test.go": "// contract: SO-01, SO-02\n\n// contract: SO-03\n",
		}, "soup: 2 rows, 2 named by tests\n  a/a_test.go:3: SO-03 is in no contract.txt\n", false},
		{"not an id", map[string]string{
			rows: two, "a/a_test.go": "// contract: SO-01, SO-02\n// contract: SO-01 and more\n",
		}, "soup: 2 rows, 2 named by tests\n  a/a_test.go:2: \"SO-01 and more\" is not a row's id\n", false},
		{"no dialect at all", map[string]string{"a/a_test.go": ""}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := read(tree(tt.files))
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			good := report(&out, f)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if good != tt.good {
				t.Errorf("good = %v, want %v", good, tt.good)
			}
		})
	}
}

func TestReadRefusesBadRows(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no id", "soup is hot\n", `is not a row's id and words`},
		{"no words", "SO-01\n", `is not a row's id and words`},
		{"blank line", "SO-01 hot\n\n", `is not a row's id and words`},
		{"twice", "SO-01 hot\nSO-01 cold\n", `SO-01 stands twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(tree(map[string]string{rows: tt.text}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}
