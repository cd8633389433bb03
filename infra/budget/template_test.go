package budget

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

// TestFunctionsAreFolders: every function of the template has its folder and
// is built by make, and every folder is a function, of this template or of one
// of its own.
func TestFunctionsAreFolders(t *testing.T) {
	var folders []string
	for path, p := range mustPackages(t) {
		if name, ok := strings.CutPrefix(path, "latchkey/functions/"); ok && p.Name == "main" {
			folders = append(folders, name)
		}
	}
	slices.Sort(folders)
	s := readStack(t)
	if diff := gocmp.Diff(slices.Sorted(slices.Values(append(s.functions(), apart(t)...))), folders); diff != "" {
		t.Errorf("functions of template.yaml and folders (-template +folders):\n%s", diff)
	}
	for id, r := range s.Resources {
		if r.Type == "AWS::Serverless::Function" && r.Metadata.BuildMethod != "makefile" {
			t.Errorf("%s is not built by make", id)
		}
	}
}

// TestRoutesTakeAnyMethod: HEAD must reach the function, one permission per
// event keeps its policy small, and its answer must come before the API, which
// waits for 30 seconds, gives up.
func TestRoutesTakeAnyMethod(t *testing.T) {
	s := readStack(t)
	for id, r := range s.Resources {
		timeout := cmp.Or(r.Properties.Timeout, s.Globals.Function.Timeout)
		for _, e := range r.Properties.Events {
			if e.Type != "HttpApi" {
				continue
			}
			if e.Properties.Method != "ANY" {
				t.Errorf("%s %s: want ANY", e.Properties.Method, e.Properties.Path)
			}
			if timeout <= 0 || timeout > 29 {
				t.Errorf("%s may run %d s, want at most 29", id, timeout)
			}
		}
	}
}

// TestTableHasTheStoresIndexes: an index that lacks an attribute loses it
// from answers, and one too many costs a write each time it changes.
func TestTableHasTheStoresIndexes(t *testing.T) {
	properties := readStack(t).Resources["Table"].Properties
	var got table.Schema
	for _, x := range properties.Indexes {
		if len(x.Keys) != 2 {
			t.Fatalf("index %s has %d keys", x.Name, len(x.Keys))
		}
		got.Indexes = append(got.Indexes, table.Index{
			Name: x.Name, PK: x.Keys[0].Attribute, SK: x.Keys[1].Attribute, Project: x.Projection.Attributes,
		})
	}
	if diff := gocmp.Diff(store.Schema(), got); diff != "" {
		t.Errorf("indexes of the store and the template (-store +template):\n%s", diff)
	}
	if properties.TTL.Attribute != table.TTL {
		t.Errorf("ttl attribute %q, want %q", properties.TTL.Attribute, table.TTL)
	}
}

// TestAuditLinesPassTheFilter: the subscription selects a field that every
// audit line has as a string, under that very name.
func TestAuditLinesPassTheFilter(t *testing.T) {
	var line bytes.Buffer
	journal.Auditor{Log: journal.New(&line, "latchkey")}.Record(t.Context(), share.Event{ID: "e1", Share: "s1"})
	filters := 0
	for name, e := range readStack(t).Resources["EventsFunction"].Properties.Events {
		if e.Type != "CloudWatchLogs" {
			continue
		}
		filters++
		m := regexp.MustCompile(`^\{ \$\.([A-Za-z.]+) = "\*" \}$`).FindStringSubmatch(e.Properties.FilterPattern)
		if m == nil {
			t.Fatalf("%s: filter %q is not understood", name, e.Properties.FilterPattern)
		}
		if got := jsonField(t, line.Bytes(), strings.Split(m[1], ".")); got != "e1" {
			t.Errorf("%s: $.%s is %v in %s", name, m[1], got, line.String())
		}
	}
	if filters == 0 {
		t.Error("no subscription")
	}
}

// jsonField follows a path of member names, exactly as they are written.
func jsonField(t *testing.T, text []byte, path []string) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// TestNoSecretInEnvironment: the sealing secret goes to those who show URLs,
// by reference, and no variable is the secret itself.
func TestNoSecretInEnvironment(t *testing.T) {
	s := readStack(t)
	var sealing []string
	for id, r := range s.Resources {
		for name, value := range r.Properties.Environment.Variables {
			if name == "LATCHKEY_SEALING_SECRET" {
				sealing = append(sealing, folder(id))
			}
			if text, _ := value.(string); strings.Contains(text, "resolve:") {
				t.Errorf("%s of %s is resolved to a secret's value", name, id)
			}
		}
	}
	slices.Sort(sealing)
	if diff := gocmp.Diff([]string{"control", "fileshares", "hooks", "links", "media", "sessions", "sweep"}, sealing); diff != "" {
		t.Errorf("functions that can unseal (-want +got):\n%s", diff)
	}
}
