// Package template reads from template.yaml what Lambda needs to run its
// functions: time-outs, variables and the statements of their roles, with
// references resolved. It refuses what it does not understand there, and
// looks at nothing else.
package template

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Function is one function as it is deployed.
type Function struct {
	Timeout    time.Duration
	Memory     int // MB
	Variables  map[string]string
	Statements []Statement
}

// Statement is what a role may do: each action on each resource. Resources are
// ARNs in which * stands for anything.
type Statement struct {
	Actions, Resources []string
}

type (
	document struct {
		Globals struct {
			Function function `yaml:"Function"`
		} `yaml:"Globals"`
		Parameters map[string]struct {
			Default any `yaml:"Default"`
		} `yaml:"Parameters"`
		Resources map[string]struct {
			Type       string   `yaml:"Type"`
			Properties ast.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	function struct {
		Timeout     int      `yaml:"Timeout"`
		Memory      int      `yaml:"MemorySize"`
		Role        ast.Node `yaml:"Role"`
		Environment struct {
			Variables map[string]ast.Node `yaml:"Variables"`
		} `yaml:"Environment"`
	}
	role struct {
		Policies []struct {
			Document struct {
				Statement []statement `yaml:"Statement"`
			} `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	statement struct {
		Effect   string   `yaml:"Effect"`
		Action   ast.Node `yaml:"Action"`
		Resource ast.Node `yaml:"Resource"`
	}
)

// Functions returns a template's functions by logical id. Values stand for
// parameters ("DomainName"), resources ("Table"), their attributes
// ("Table.Arn") and pseudo parameters ("AWS::Region"); a parameter without a
// value has its default. In a variable everything must have a value; in a
// policy a resource without one is itself, such as "<LinksLog.Arn>".
func Functions(text []byte, values map[string]string) (map[string]Function, error) {
	var d document
	if err := yaml.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	v := d.values(values)
	functions := map[string]Function{}
	for id, r := range d.Resources {
		if r.Type != "AWS::Serverless::Function" || r.Properties == nil {
			continue
		}
		var own function
		err := yaml.NodeToValue(r.Properties, &own)
		if err == nil {
			functions[id], err = d.function(own, v)
		}
		if err != nil {
			return nil, fmt.Errorf("template: %s: %w", id, err)
		}
	}
	return functions, nil
}

func (d document) values(given map[string]string) values {
	v := values{}
	for name, p := range d.Parameters {
		if p.Default != nil {
			v[name] = fmt.Sprint(p.Default)
		}
	}
	maps.Copy(v, given)
	return v
}

func (d document) function(own function, v values) (Function, error) {
	all := d.Globals.Function
	f := Function{
		Timeout:   time.Duration(cmp.Or(own.Timeout, all.Timeout, 3)) * time.Second, // 3 is Lambda's default
		Memory:    cmp.Or(own.Memory, all.Memory, 128),
		Variables: map[string]string{},
	}
	for _, variables := range []map[string]ast.Node{all.Environment.Variables, own.Environment.Variables} {
		for name, node := range variables {
			text, err := v.text(node)
			if err != nil {
				return Function{}, fmt.Errorf("%s: %w", name, err)
			}
			if at := strings.Index(text, "<"); at >= 0 {
				return Function{}, fmt.Errorf("%s: nothing is given for %s", name, text[at:])
			}
			f.Variables[name] = text
		}
	}
	var err error
	f.Statements, err = d.statements(own.Role, v)
	return f, err
}

// statements are those of the role of the template that a function names.
func (d document) statements(named ast.Node, v values) (all []Statement, err error) {
	tag, ok := named.(*ast.TagNode)
	if !ok {
		return nil, fmt.Errorf("the role is not one of the template's")
	}
	id, _, _ := strings.Cut(tag.Value.String(), ".")
	r, ok := d.Resources[id]
	if !ok || r.Properties == nil {
		return nil, fmt.Errorf("no role %s", id)
	}
	var is role
	if err := yaml.NodeToValue(r.Properties, &is); err != nil {
		return nil, err
	}
	for _, p := range is.Policies {
		for _, s := range p.Document.Statement {
			if s.Effect != "Allow" {
				return nil, fmt.Errorf("effect %q", s.Effect)
			}
			var one Statement
			if one.Actions, err = v.list(s.Action); err != nil {
				return nil, err
			}
			if one.Resources, err = v.list(s.Resource); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return slices.Clip(all), nil
}
