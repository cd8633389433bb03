package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// testProcesses calls functions directly, as AWS does, for what no story has
// them do. One after the other: they hold functions back.
func (s *stack) testProcesses(t *testing.T) {
	for _, name := range []string{"deploy", "behind"} {
		t.Run(name, func(t *testing.T) { s.tell(t, "testdata/processes/"+name+".txtar") })
	}
}

// mustGrantExactly fails for each action on each resource that a function
// used and template.yaml does not grant, and for each that is granted and was
// never used, less those that the runner lists with a reason. The stack must
// have ended.
func (r *runner) mustGrantExactly(t *testing.T) {
	t.Helper()
	if !asProcesses() || t.Failed() || flag.Lookup("test.run").Value.String() != "" { // then not all was used
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
	for _, name := range []string{"open", "pages", "links", "sessions", "media", "fileshares", "jobs", "hooks", "control", "events", "feedback", "sweep"} {
		if said := `"deployment":"d-latchkey-` + name + `","status":"Succeeded"`; !bytes.Contains(r.log.Bytes(), []byte(said)) {
			t.Errorf("CheckFunction did not find %s in order", name)
		}
	}
	for what, list := range map[string][]string{
		"used and not granted": p.Missing, "granted and never used": p.Unused, "granted too widely": p.Wide, "excepted and need not be": p.Stale,
	} {
		for _, line := range list {
			t.Errorf("%s: %s", what, line)
		}
	}
}
