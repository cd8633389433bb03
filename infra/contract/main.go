// Command contract lists the rows of finished dialects that no test names.
//
// A dialect is finished when it has testdata/contract.txt: one row per line,
// an id and a few words. A test names the rows it proves in a comment,
//
//	// contract: MP-13, MP-14
//
// in a Go test, or with # in a script of the end-to-end tests. The command
// fails when a row is named by no test, or a test names a row that is not.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	found, err := read(os.DirFS("."))
	if err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
	if !report(os.Stdout, found) {
		os.Exit(1)
	}
}

// report writes what is missing and says whether nothing is.
func report(w io.Writer, f findings) bool {
	for _, d := range f.dialects {
		unnamed := f.unnamed(d)
		fmt.Fprintf(w, "%s: %d rows, %d named by tests\n", d.name, len(d.rows), len(d.rows)-len(unnamed))
		for _, r := range unnamed {
			fmt.Fprintf(w, "  no test names %s %s\n", r.id, r.words)
		}
	}
	for _, m := range f.faults {
		fmt.Fprintln(w, " ", m)
	}
	return f.good()
}
