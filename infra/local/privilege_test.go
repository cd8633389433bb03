package main

import (
	"os"
	"testing"

	"latchkey/infra/local/grant"
	"latchkey/infra/local/template"
)

// TestExceptions: each is for what template.yaml grants, and nothing there is
// granted on everything without one.
func TestExceptions(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	functions, err := template.Functions(text, cloud{}.values())
	if err != nil {
		t.Fatal(err)
	}
	r := grant.Compare(functions, nil, unreachable)
	for _, line := range append(r.Wide, r.Stale...) {
		t.Error(line)
	}
}
