package budget

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// plan is template.yaml as the rules read it. A tag such as !Ref or !GetAtt is
// read as the value it stands before: "Table", "Table.Arn".
type plan struct {
	Globals    map[string]any   `yaml:"Globals"`
	Parameters map[string]any   `yaml:"Parameters"`
	Resources  map[string]piece `yaml:"Resources"`
	Outputs    map[string]any   `yaml:"Outputs"`
	readme     string
}

// piece is one resource.
type piece struct {
	Type       string         `yaml:"Type"`
	Condition  string         `yaml:"Condition"`
	Deletion   string         `yaml:"DeletionPolicy"`
	Replace    string         `yaml:"UpdateReplacePolicy"`
	Properties map[string]any `yaml:"Properties"`
}

const (
	functionType = "AWS::Serverless::Function"
	queueType    = "AWS::SQS::Queue"
	alarmType    = "AWS::CloudWatch::Alarm"
)

// rule tells by say what in a plan it does not allow.
type rule func(p plan, say func(format string, args ...any))

// breaches returns what rules say of a template, sorted.
func breaches(t *testing.T, rules []rule, template, readme string) (said []string) {
	t.Helper()
	p := plan{readme: readme}
	if err := yaml.Unmarshal([]byte(template), &p); err != nil {
		t.Fatal(err)
	}
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	for _, r := range rules {
		r(p, say)
	}
	slices.Sort(said)
	return slices.Compact(said)
}

// of goes through the resources of a type, by name.
func (p plan) of(kind string) iter.Seq2[string, piece] {
	return func(yield func(string, piece) bool) {
		for _, id := range slices.Sorted(maps.Keys(p.Resources)) {
			if r := p.Resources[id]; r.Type == kind && !yield(id, r) {
				return
			}
		}
	}
}

// events goes through a function's events of a type, by name.
func (r piece) events(kind string) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		all := fields(r.at("Events"))
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if e := fields(all[name]); e["Type"] == kind && !yield(name, fields(e["Properties"])) {
				return
			}
		}
	}
}

// setting returns a function's own property, or else the one for all.
func (p plan) setting(r piece, path ...string) any {
	if v := r.at(path...); v != nil {
		return v
	}
	return at(p.Globals, append([]string{"Function"}, path...)...)
}

func (r piece) at(path ...string) any { return at(r.Properties, path...) }

// at follows member names; nil if one is missing.
func at(v any, path ...string) any {
	for _, name := range path {
		v = fields(v)[name]
	}
	return v
}

func fields(v any) map[string]any { m, _ := v.(map[string]any); return m }

// list returns a list's elements, and anything else as a list of one.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// words is list for strings.
func words(v any) (out []string) {
	for _, w := range list(v) {
		out = append(out, fmt.Sprint(w))
	}
	return out
}

// number returns a number, or -1 for anything else.
func number(v any) float64 {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return -1
	}
	return n
}

// target returns the logical id that "Queue" and "Queue.Arn" stand for.
func target(v any) string {
	id, _, _ := strings.Cut(fmt.Sprint(v), ".")
	return id
}
