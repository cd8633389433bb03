package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// Counts returns what the lines of a log count, as CloudWatch would add it
// up. A line that CloudWatch would pass over, and say nothing, is an error.
func Counts(t testing.TB, log string) map[string]float64 {
	t.Helper()
	sums := map[string]float64{}
	for line := range strings.Lines(log) {
		if err := readEMF([]byte(line), sums); err != nil {
			t.Errorf("%v: %s", err, line)
		}
	}
	return sums
}

// emf is the member _aws of a line (CloudWatch User Guide, "Specification:
// Embedded metric format", which has these rules in words and as a schema).
type emf struct {
	Timestamp         *int64 // milliseconds
	CloudWatchMetrics []struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []struct {
			Name              string
			Unit              string
			StorageResolution int
		}
	}
}

var unit = regexp.MustCompile(`^(Seconds|Microseconds|Milliseconds|Percent|Count|None|` +
	`((Kilo|Mega|Giga|Tera)?(bytes|bits)|Bytes|Bits|Count)(/Second)?)$`)

// readEMF checks one line and adds what it counts.
func readEMF(line []byte, sums map[string]float64) error {
	var root map[string]json.RawMessage
	if err := json.Unmarshal(line, &root); err != nil || len(line) > 256<<10 {
		return fmt.Errorf("not a JSON object of 256 KB at most: %w", err)
	}
	if root["_aws"] == nil {
		return nil
	}
	var e emf
	d := json.NewDecoder(bytes.NewReader(root["_aws"]))
	d.DisallowUnknownFields()
	switch err := d.Decode(&e); {
	case err != nil:
		return fmt.Errorf("_aws: %w", err)
	case e.Timestamp == nil || *e.Timestamp < 1e12 || *e.Timestamp > 1e13:
		return errors.New("_aws: no Timestamp in milliseconds")
	case len(e.CloudWatchMetrics) == 0:
		return errors.New("_aws: nothing is counted")
	}
	for _, c := range e.CloudWatchMetrics {
		if !between(c.Namespace, 255) || strings.HasPrefix(c.Namespace, "AWS/") {
			return fmt.Errorf("namespace %q", c.Namespace)
		}
		if err := dimensions(root, c.Dimensions); err != nil {
			return err
		}
		if n := len(c.Metrics); n == 0 || n > 100 {
			return fmt.Errorf("%d metrics", n)
		}
		for _, m := range c.Metrics {
			n, err := sum(root[m.Name])
			if err != nil || !between(m.Name, 1024) || !unit.MatchString(m.Unit) || m.StorageResolution != 0 {
				return fmt.Errorf("metric %+v: %w", m, err)
			}
			if bytes.Count(line, []byte(`"`+m.Name+`":`)) != 1 {
				return fmt.Errorf("metric %s: more than one member", m.Name)
			}
			sums[m.Name] += n
		}
	}
	return nil
}

// dimensions checks the sets, one at least: each names members that are text.
func dimensions(root map[string]json.RawMessage, sets [][]string) error {
	if len(sets) == 0 {
		return errors.New("no set of dimensions")
	}
	for _, set := range sets {
		if set == nil || len(set) > 30 {
			return fmt.Errorf("a set of %d dimensions", len(set))
		}
		for _, name := range set {
			var value string
			if err := json.Unmarshal(root[name], &value); err != nil || !between(name, 250) || !between(value, 1024) {
				return fmt.Errorf("dimension %q: %w", name, err)
			}
		}
	}
	return nil
}

func between(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= most
}

// sum reads a metric's member: a number, or up to 100 of them.
func sum(value json.RawMessage) (float64, error) {
	var one *float64
	if err := json.Unmarshal(value, &one); err == nil && one != nil {
		return *one, nil
	}
	var many []float64
	if err := json.Unmarshal(value, &many); err != nil || len(many) == 0 || len(many) > 100 {
		return 0, fmt.Errorf("its member is %q, not a number or up to 100", value)
	}
	total := 0.0
	for _, n := range many {
		total += n
	}
	return total, nil
}
