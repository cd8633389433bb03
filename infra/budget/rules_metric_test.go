package budget

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"latchkey/shared/metric"
)

// ours is the namespace of what the functions and the metric filters count.
const ours = "AWS::StackName"

// inCode returns the names of what the functions count.
func inCode() (names []string) {
	for m := range metric.All() {
		names = append(names, m.Name())
	}
	return names
}

// metricsAreShown: what the functions count is on the dashboard, and what the
// dashboard and alarms look at in our namespace is counted: by the functions,
// which have no dimensions, or by a filter.
func metricsAreShown(p plan, say func(string, ...any)) {
	if got := at(p.Globals, "Function", "Environment", "Variables", "LATCHKEY_STACK"); got != ours {
		say("functions count in the namespace %v, not in the stack's", got)
	}
	known := inCode()
	for _, filter := range p.of("AWS::Logs::MetricFilter") {
		for _, m := range list(filter.at("MetricTransformations")) {
			known = append(known, fmt.Sprint(at(m, "MetricName")))
		}
	}
	shown, ok := p.shown(say)
	if !ok {
		return // it is no JSON, which is another rule's
	}
	for _, name := range inCode() {
		if !slices.Contains(shown, name) {
			say("the dashboard does not show %s", name)
		}
	}
	for _, name := range shown {
		if !slices.Contains(known, name) {
			say("the dashboard shows %s, which nothing counts", name)
		}
	}
	for id, alarm := range p.of(alarmType) {
		for _, m := range metrics(alarm) {
			if name := fmt.Sprint(m["MetricName"]); m["Namespace"] == ours && !slices.Contains(known, name) {
				say("%s looks at %s, which nothing counts", id, name)
			}
		}
	}
}

// shown returns the metrics of our namespace on the dashboard. A metric is a
// list: namespace, name, pairs of dimensions, and how to draw it.
func (p plan) shown(say func(string, ...any)) (names []string, ok bool) {
	var body struct {
		Widgets []struct{ Properties struct{ Metrics [][]any } }
	}
	if json.Unmarshal([]byte(fmt.Sprint(p.Resources["Dashboard"].at("DashboardBody"))), &body) != nil {
		return nil, false
	}
	for _, w := range body.Widgets {
		for _, m := range w.Properties.Metrics {
			if len(m) < 2 || m[0] != "${"+ours+"}" {
				continue
			}
			name := fmt.Sprint(m[1])
			if len(m) > 2 && fields(m[2]) == nil {
				say("the dashboard shows %s by a dimension", name)
			}
			names = append(names, name)
		}
	}
	return names, true
}

// metricsAreExplained: each in a row of a table, with how many they are and
// what they cost, $0.30 a month each (CloudWatch pricing, custom metrics).
func metricsAreExplained(p plan, say func(string, ...any)) {
	for _, name := range inCode() {
		if !p.explains(name) {
			say("README.md does not say what %s means", name)
		}
	}
	n := len(inCode())
	if want := fmt.Sprintf("%d metrics at $0.30 a month each, $%.2f", n, 0.30*float64(n)); !strings.Contains(p.readme, want) {
		say("README.md does not say: %s", want)
	}
}

// explains reports whether the README has a row of a table that begins with
// a name, or with several of which it is one.
func (p plan) explains(name string) bool {
	return regexp.MustCompile("(?m)^\\| [^|]*`" + name + "`[^|]*\\|").MatchString(p.readme)
}

// uncounted returns the metrics that no file uses. In code a metric's constant
// has its name.
func uncounted(files map[string]string) (names []string) {
	for _, name := range inCode() {
		use := regexp.MustCompile(`\bmetric\.` + name + `\b`)
		if !slices.ContainsFunc(slices.Collect(maps.Values(files)), use.MatchString) {
			names = append(names, name)
		}
	}
	return names
}

func TestMetricsAreCounted(t *testing.T) {
	files := map[string]string{}
	walk(t, func(name string) {
		deployed := strings.HasPrefix(name, "shared/") || strings.HasPrefix(name, "functions/")
		if deployed && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files[name] = readFile(t, name)
		}
	})
	if diff := gocmp.Diff([]string(nil), uncounted(files)); diff != "" {
		t.Errorf("metrics that nothing counts (-want +got):\n%s", diff)
	}
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, "metric.MailsBounced", "metric.MailsBouncedAgain")
	}
	if diff := gocmp.Diff([]string{"MailsBounced"}, uncounted(files)); diff != "" {
		t.Errorf("when one is not counted (-want +got):\n%s", diff)
	}
}
