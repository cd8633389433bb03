package grant

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/template"
)

// TestCompare: each grant below is of one function, F, on a table and the
// objects under a/, both of which F gets from.
func TestCompare(t *testing.T) {
	granted := func(actions ...string) map[string]template.Function {
		return map[string]template.Function{"F": {Statements: []template.Statement{{Actions: actions, Resources: []string{"arn:t", "arn:b/a/*"}}}}}
	}
	on := func(resource, condition string) map[string]template.Function {
		return map[string]template.Function{"F": {Statements: []template.Statement{{Actions: []string{"x:Get"}, Resources: []string{resource}, If: condition}}}}
	}
	both := []Use{{"F", "x:Get", "arn:t", ""}, {"F", "x:Get", "arn:b/a/1", ""}}
	with := func(more Use) []Use { return append(both[:2:2], more) }
	logs := Exception{Actions: []string{"x:Log"}, Why: "not ours"}
	tests := []struct {
		name    string
		granted map[string]template.Function
		uses    []Use
		except  []Exception
		want    Report
	}{
		{"the same", granted("x:Get"), both, nil, Report{}},
		{"another action", granted("x:Get"), with(Use{"F", "x:Put", "arn:t", ""}), nil, Report{Missing: []string{"F: x:Put on arn:t"}}},
		{"another resource", granted("x:Get"), with(Use{"F", "x:Get", "arn:b/b/1", ""}), nil, Report{Missing: []string{"F: x:Get on arn:b/b/1"}}},
		{"another function", granted("x:Get"), with(Use{"G", "x:Get", "arn:t", ""}), nil, Report{Missing: []string{"G: x:Get on arn:t"}}},
		{"an action more", granted("x:Get", "x:Put"), both, nil, Report{Unused: []string{"F: x:Put on arn:b/a/*", "F: x:Put on arn:t"}}},
		{"one resource of two", granted("x:Get"), both[:1], nil, Report{Unused: []string{"F: x:Get on arn:b/a/*"}}},
		{"as the condition says", on("arn:t", "k=a/*"), []Use{{"F", "x:Get", "arn:t", "k=a/1"}}, nil, Report{}},
		{"not as the condition says", on("arn:t", "k=a/*"), []Use{{"F", "x:Get", "arn:t", "k=b/1"}}, nil, Report{
			Missing: []string{"F: x:Get on arn:t with k=b/1"}, Unused: []string{"F: x:Get on arn:t with k=a/*"}}},
		{"excepted", granted("x:Get", "x:Log"), both, []Exception{logs}, Report{}},
		{"excepted for another", granted("x:Get", "x:Log"), both, []Exception{{Function: "G", Actions: []string{"x:Log"}}}, Report{
			Unused: []string{"F: x:Log on arn:b/a/*", "F: x:Log on arn:t"}, Stale: []string{"G: x:Log is excepted, and not granted"}}},
		{"excepted on one resource", granted("x:Get", "x:Log"), both, []Exception{{Resource: "/a/", Actions: []string{"x:Log"}}},
			Report{Unused: []string{"F: x:Log on arn:t"}}},
		{"excepted and not granted", granted("x:Get"), both, []Exception{logs}, Report{Stale: []string{"every function: x:Log is excepted, and not granted"}}},
		{"excepted and used", granted("x:Get"), both, []Exception{{Function: "F", Actions: []string{"x:Get"}, Resource: "arn:t"}},
			Report{Stale: []string{"F: x:Get on arn:t is excepted, and used"}}},
		{"excepted and used by chance", granted("x:Get"), both, []Exception{{Chance: true, Actions: []string{"x:Get"}}}, Report{}},
		{"every action", granted("x:*"), both, nil, Report{Wide: []string{"F: x:* on arn:b/a/*", "F: x:* on arn:t"}}},
		{"every resource", on("*", ""), both, nil, Report{Wide: []string{"F: x:Get on *"}}},
		{"every resource of a service", on("arn:aws:s3:::*", ""), []Use{{"F", "x:Get", "arn:aws:s3:::b", ""}}, nil, Report{Wide: []string{"F: x:Get on arn:aws:s3:::*"}}},
		{"every version of one", on("arn:aws:lambda:r:1:function:f:*", ""), []Use{{"F", "x:Get", "arn:aws:lambda:r:1:function:f:2", ""}}, nil, Report{}},
		{"every resource, excepted", on("*", ""), nil, []Exception{{Resource: "*", Actions: []string{"x:Get"}}}, Report{}},
		{"every resource, excepted as unused", on("*", ""), nil, []Exception{{Actions: []string{"x:Get"}}}, Report{Wide: []string{"F: x:Get on *"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, list := range []*[]string{&tt.want.Missing, &tt.want.Unused, &tt.want.Wide, &tt.want.Stale} {
				if *list == nil {
					*list = []string{}
				}
			}
			if diff := cmp.Diff(tt.want, Compare(tt.granted, tt.uses, tt.except)); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnion(t *testing.T) {
	a, b, c := Use{"F", "a", "r", ""}, Use{"F", "b", "r", ""}, Use{"G", "a", "r", ""}
	if diff := cmp.Diff([]Use{a, b, c}, Union([]Use{c, a}, []Use{b, a})); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}
