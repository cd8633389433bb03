package grant

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/template"
)

func TestCompare(t *testing.T) {
	granted := func(actions ...string) map[string]template.Function {
		return map[string]template.Function{"F": {Statements: []template.Statement{{Actions: actions, Resources: []string{"arn:t", "arn:b/a/*"}}}}}
	}
	both := []Use{{"F", "x:Get", "arn:t"}, {"F", "x:Get", "arn:b/a/1"}}
	logs := Exception{Actions: []string{"x:Log"}, Why: "not ours"}
	tests := []struct {
		name    string
		granted map[string]template.Function
		uses    []Use
		except  []Exception
		want    Report
	}{
		{"the same", granted("x:Get"), both, nil, Report{}},
		{"another action", granted("x:Get"), append(both, Use{"F", "x:Put", "arn:t"}), nil,
			Report{Missing: []string{"F: x:Put on arn:t"}}},
		{"another resource", granted("x:Get"), append(both, Use{"F", "x:Get", "arn:b/b/1"}), nil,
			Report{Missing: []string{"F: x:Get on arn:b/b/1"}}},
		{"another function", granted("x:Get"), append(both, Use{"G", "x:Get", "arn:t"}), nil,
			Report{Missing: []string{"G: x:Get on arn:t"}}},
		{"one resource of two", granted("x:Get"), both[:1], nil, Report{Unused: []string{"F: x:Get on arn:b/a/*"}}},
		{"excepted", granted("x:Get", "x:Log"), both, []Exception{logs}, Report{}},
		{"excepted for another", granted("x:Get", "x:Log"), both, []Exception{{Function: "G", Actions: []string{"x:Log"}}}, Report{
			Unused: []string{"F: x:Log on arn:b/a/*", "F: x:Log on arn:t"}, Stale: []string{"G: x:Log is excepted in vain"}}},
		{"excepted and not granted", granted("x:Get"), both, []Exception{logs}, Report{Stale: []string{"every function: x:Log is excepted in vain"}}},
		{"excepted on one resource", granted("x:Get", "x:Log"), both, []Exception{{Resource: "/a/", Actions: []string{"x:Log"}}},
			Report{Unused: []string{"F: x:Log on arn:t"}}},
		{"excepted and used", granted("x:Get"), both, []Exception{{Function: "F", Actions: []string{"x:Get"}}}, Report{}},
		{"every action", granted("x:*"), both, nil, Report{Wide: []string{"F: x:* on arn:b/a/*", "F: x:* on arn:t"}}},
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
	every := map[string]template.Function{"F": {Statements: []template.Statement{{Actions: []string{"x:Get"}, Resources: []string{"*"}}}}}
	if diff := cmp.Diff([]string{"F: x:Get on *"}, Compare(every, both, nil).Wide); diff != "" {
		t.Errorf("every resource (-want +got):\n%s", diff)
	}
}

func TestUnion(t *testing.T) {
	a, b, c := Use{"F", "a", "r"}, Use{"F", "b", "r"}, Use{"G", "a", "r"}
	if diff := cmp.Diff([]Use{a, b, c}, Union([]Use{c, a}, []Use{b, a})); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}
