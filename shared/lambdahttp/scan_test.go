package lambdahttp

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var exported = cmp.AllowUnexported(call{}, pair{})

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// canonical sorts the headers and lets the last of a name win, as a map does.
func canonical(c *call) *call {
	slices.Reverse(c.headers)
	slices.SortStableFunc(c.headers, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	c.headers = slices.CompactFunc(c.headers, func(a, b pair) bool { return a.name == b.name })
	if len(c.headers) == 0 {
		c.headers = nil
	}
	if len(c.cookies) == 0 {
		c.cookies = nil
	}
	if c.info.Time.IsZero() { // an event without timeEpoch
		c.info.Time = epoch(0)
	}
	return c
}

func TestScanReadsRecordedEvents(t *testing.T) {
	for _, name := range []string{"testdata/event.json", "testdata/small.json"} {
		got, ok := scan(read(t, name))
		if !ok {
			t.Errorf("%s: not read", name)
			continue
		}
		want, err := unmarshal(read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(canonical(want), canonical(got), exported); d != "" {
			t.Errorf("%s: (-want +got)\n%s", name, d)
		}
		if want := time.UnixMilli(1701078219123).UTC(); !got.info.Time.Equal(want) {
			t.Errorf("%s: time %v, want %v", name, got.info.Time, want)
		}
	}
}

func TestScanLeavesTheUnexpected(t *testing.T) {
	for _, in := range []string{
		``, `{`, `{}`, `[]`, `null`, `"x"`,
		`{"requestContext":{}}`,
		`{"requestContext":{"http":{}},}`,
		`{,"requestContext":{"http":{}}}`,
		`{"requestContext":{"http":{}}} x`,
		"{\"requestContext\":{\"http\":{}}}\x00",
		`{"requestContext":{"http":{}},"RawPath":"/"}`,
		`{"requestContext":{"http":{}},"rawPath":null}`,
		`{"requestContext":{"http":{}},"rawPath":1}`,
		`{"requestContext":{"http":{}},"rawPath":"\x"}`,
		`{"requestContext":{"http":{}},"cookies":["a",]}`,
		`{"requestContext":{"http":{}},"headers":{"a":1}}`,
		`{"requestContext":{"http":{},"timeEpoch":-1}}`,
		`{"requestContext":{"http":{},"timeEpoch":01}}`,
		`{"requestContext":{"http":{},"timeEpoch":1.5}}`,
		`{"requestContext":{"http":{},"timeEpoch":99999999999999999999}}`,
		`{"requestContext":{"http":{}},"isBase64Encoded":truee}`,
	} {
		if _, ok := scan([]byte(in)); ok {
			t.Errorf("scan took %s", in)
		}
	}
}

// FuzzScan: what scan reads, encoding/json reads the same.
func FuzzScan(f *testing.F) {
	f.Add(read(f, "testdata/event.json"))
	f.Add([]byte(`{"requestContext":{"http":{}},"headers":{"a":"b","a":"\ud800"},"cookies":["x"],"cookies":[]}`))
	f.Add([]byte("{\"requestContext\":{\"http\":{\"method\":\"\xff\"},\"timeEpoch\":7},\"isBase64Encoded\":true}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := scan(data)
		if !ok {
			return
		}
		want, err := unmarshal(data)
		if err != nil {
			t.Fatalf("scan took what encoding/json does not: %v", err)
		}
		if d := cmp.Diff(canonical(want), canonical(got), exported); d != "" {
			t.Error("(-want +got)\n" + d)
		}
	})
}
