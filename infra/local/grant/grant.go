// Package grant stands between functions and AWS's services, notes which
// action on which resource each function's requests need, and compares that
// with what the template grants. It decides nothing itself: every request
// goes on as it came.
package grant

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"latchkey/infra/local/template"
)

// Use is one action on one resource, as IAM names them, by one function. What
// a policy may hold it to besides is in With, as "key=value", or "".
type Use struct {
	Function, Action, Resource string
	With                       string `json:",omitempty"`
}

func (u Use) String() string {
	text := u.Function + ": " + u.Action + " on " + u.Resource
	if u.With != "" {
		text += " with " + u.With
	}
	return text
}

func compare(a, b Use) int {
	return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.With, b.With))
}

// Recorder collects uses. Its zero value is ready; it is safe for concurrent
// use.
type Recorder struct {
	mu   sync.Mutex
	seen map[Use]bool
}

// Note adds a use of actions by Lambda in a function's name.
func (r *Recorder) Note(function, resource string, actions ...string) {
	for _, a := range actions {
		r.note(function, []need{{a, resource, ""}})
	}
}

func (r *Recorder) note(function string, needs []need) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[Use]bool{}
	}
	for _, n := range needs {
		r.seen[Use{function, n.action, n.resource, n.with}] = true
	}
}

// Uses returns what was seen, each once, in order.
func (r *Recorder) Uses() []Use {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Keys(r.seen), compare)
}

// Union is all of both, each once, in order.
func Union(a, b []Use) []Use {
	all := slices.Concat(a, b)
	slices.SortFunc(all, compare)
	return slices.Compact(all)
}

// Exception are grants that a run of ours cannot use: actions of one function,
// or of every function if that is "", on the resources with Resource in their
// names. Resource "*" excuses that nothing is named. A chance one is for what
// happens only when things come together: it may be used.
type Exception struct {
	Function, Resource string
	Actions            []string
	Chance             bool
	Why                string
}

func (e Exception) excuses(g Use) bool {
	return (e.Function == "" || e.Function == g.Function) && slices.Contains(e.Actions, g.Action) && strings.Contains(g.Resource, e.Resource)
}

// Report is the difference between what was used and what is granted.
type Report struct {
	Missing []string `json:"missing"` // used, not granted
	Unused  []string `json:"unused"`  // granted, neither used nor excepted
	Wide    []string `json:"wide"`    // granted on everything, or every action
	Stale   []string `json:"stale"`   // excepted, and not granted, or used
}

// Compare holds uses against the functions of a template. Each action of a
// statement on each of its resources is a grant of its own.
func Compare(functions map[string]template.Function, uses []Use, except []Exception) Report {
	grants := grantsOf(functions)
	report := Report{Missing: []string{}, Unused: []string{}, Wide: []string{}, Stale: []string{}}
	for _, u := range uses {
		if !slices.ContainsFunc(grants, func(g Use) bool { return covers(g, u) }) {
			report.Missing = append(report.Missing, u.String())
		}
	}
	used := func(g Use) bool { return slices.ContainsFunc(uses, func(u Use) bool { return covers(g, u) }) }
	for _, g := range grants {
		excepted := slices.IndexFunc(except, func(e Exception) bool { return e.excuses(g) })
		if wide(g) && (excepted < 0 || except[excepted].Resource != "*") {
			report.Wide = append(report.Wide, g.String())
		}
		if !used(g) && excepted < 0 {
			report.Unused = append(report.Unused, g.String())
		}
	}
	for _, e := range except {
		report.Stale = append(report.Stale, e.stale(grants, used)...)
	}
	return report
}

// wide reports whether a grant names no action, or nothing of a service.
func wide(g Use) bool {
	parts := strings.SplitN(g.Resource, ":", 6)
	return strings.Contains(g.Action, "*") || parts[len(parts)-1] == "*"
}

// stale says what an exception is not needed for.
func (e Exception) stale(grants []Use, used func(Use) bool) (lines []string) {
	for _, a := range e.Actions {
		one := Exception{Function: e.Function, Resource: e.Resource, Actions: []string{a}}
		granted := false
		for _, g := range grants {
			if !one.excuses(g) {
				continue
			}
			granted = true
			if used(g) && !e.Chance {
				lines = append(lines, g.String()+" is excepted, and used")
			}
		}
		if !granted {
			lines = append(lines, fmt.Sprintf("%s: %s is excepted, and not granted", cmp.Or(e.Function, "every function"), a))
		}
	}
	return lines
}

func grantsOf(functions map[string]template.Function) (grants []Use) {
	for name, f := range functions {
		for _, s := range f.Statements {
			for _, action := range s.Actions {
				for _, resource := range s.Resources {
					grants = append(grants, Use{name, action, resource, s.If})
				}
			}
		}
	}
	slices.SortFunc(grants, compare)
	return slices.Compact(grants)
}

// covers reports whether a grant allows a use.
func covers(grant, use Use) bool {
	return grant.Function == use.Function && like(grant.Action, use.Action) && like(grant.Resource, use.Resource) &&
		(grant.With == "" || like(grant.With, use.With))
}

// like matches as IAM does: * is any text.
func like(pattern, s string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == s
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("^" + quoted + "$").MatchString(s)
}
