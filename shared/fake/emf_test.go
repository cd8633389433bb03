package fake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// goodLine is the example of the specification, with two dimensions.
const goodLine = `{"_aws":{"Timestamp":1574109732004,"CloudWatchMetrics":[{"Namespace":"lambda-function-metrics","Dimensions":[["functionVersion"],[]],` +
	`"Metrics":[{"Name":"time","Unit":"Milliseconds"},{"Name":"sizes","Unit":"Kilobytes/Second"}]}]},"functionVersion":"$LATEST","time":100,"sizes":[1,2.5],"requestId":"989ffbf8"}`

func TestCountsOfTheFormat(t *testing.T) {
	got := Counts(t, goodLine+"\n{\"msg\":\"counts nothing\"}\n"+goodLine+"\n")
	if diff := cmp.Diff(map[string]float64{"time": 200, "sizes": 7}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestCountsSeesWhatCloudWatchPassesOver: each is the good line broken in one
// place.
func TestCountsSeesWhatCloudWatchPassesOver(t *testing.T) {
	tests := []struct{ name, old, new string }{
		{"no object", goodLine, `[]`},
		{"not alone", `{"_aws"`, `x {"_aws"`},
		{"no time", `"Timestamp":1574109732004,`, ``},
		{"time in seconds", `1574109732004`, `1574109732`},
		{"time as text", `1574109732004`, `"1574109732004"`},
		{"no directive", `"CloudWatchMetrics":[{`, `"Other":[{`},
		{"member that is unknown", `"Namespace"`, `"More":1,"Namespace"`},
		{"no namespace", `"lambda-function-metrics"`, `""`},
		{"namespace of AWS", `"lambda-function-metrics"`, `"AWS/Lambda"`},
		{"no set of dimensions", `[["functionVersion"],[]]`, `[]`},
		{"dimensions without a set", `[["functionVersion"],[]]`, `["functionVersion"]`},
		{"too many dimensions", `["functionVersion"]`, `[` + strings.Repeat(`"functionVersion",`, 30) + `"functionVersion"]`},
		{"dimension without a value", `"functionVersion":"$LATEST"`, `"other":"$LATEST"`},
		{"dimension that is a number", `"$LATEST"`, `7`},
		{"long dimension", `$LATEST`, strings.Repeat("x", 1025)},
		{"no metric", `{"Name":"time","Unit":"Milliseconds"},{"Name":"sizes","Unit":"Kilobytes/Second"}`, ``},
		{"too many metrics", `{"Name":"time","Unit":"Milliseconds"}`, strings.Repeat(`{"Name":"time","Unit":"Milliseconds"},`, 100) + `{"Name":"time","Unit":"Milliseconds"}`},
		{"metric without a member", `"time":100`, `"other":100`},
		{"metric that is text", `"time":100`, `"time":"100"`},
		{"metric that is null", `"time":100`, `"time":null`},
		{"metric twice", `"time":100`, `"time":100,"time":100`},
		{"too many values", `[1,2.5]`, `[` + strings.Repeat("1,", 100) + `1]`},
		{"unknown unit", `"Milliseconds"`, `"ms"`},
		{"too long", `"989ffbf8"`, `"` + strings.Repeat("x", 256<<10) + `"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := strings.Replace(goodLine, tt.old, tt.new, 1)
			if line == goodLine {
				t.Fatal("nothing is broken")
			}
			if err := readEMF([]byte(line), map[string]float64{}); err == nil {
				t.Errorf("no error: %.300s", line)
			}
		})
	}
}
