package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// mustGrantExactly fails for each action on each resource that a function
// used and template.yaml does not grant, and for each that is granted and was
// never used, less those that the runner lists with a reason. The stack must
// have ended.
func (r *runner) mustGrantExactly(t *testing.T) {
	t.Helper()
	if !asProcesses() || t.Failed() { // what failed did not use all
		return
	}
	b, err := os.ReadFile(filepath.Join(r.data, "privileges.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Uses                         []json.RawMessage
		Missing, Unused, Wide, Stale []string
	}
	if err := json.Unmarshal(b, &p); err != nil || len(p.Uses) == 0 {
		t.Fatalf("privileges.json: %v, %d uses", err, len(p.Uses))
	}
	for what, list := range map[string][]string{
		"used and not granted": p.Missing, "granted and never used": p.Unused, "granted too widely": p.Wide, "excepted for nothing": p.Stale,
	} {
		for _, line := range list {
			t.Errorf("%s: %s", what, line)
		}
	}
}
