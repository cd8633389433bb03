// Package template reads from template.yaml what Lambda needs to run its
// functions: names, time-outs, variables, what follows on a failure, and the
// statements of their roles, with references resolved. It refuses what it does
// not understand there or Lambda would not take, and looks at nothing else.
package template

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Function is one function as it is deployed.
type Function struct {
	Name       string
	Timeout    time.Duration
	Memory     int    // MB
	LogGroup   string // its name
	LogARN     string // as policies name it
	Variables  map[string]string
	Retries    int    // of an asynchronous invocation
	OnFailure  string // ARN of what gets those that fail for good, or ""
	Statements []Statement
}

// Statement is what a role may do: each action on each resource. Resources are
// ARNs in which * stands for anything.
type Statement struct {
	Actions, Resources []string
	If                 string // "key=value" that must hold, with * as above, or ""
}

type (
	document struct {
		Globals struct {
			Function function `yaml:"Function"`
		} `yaml:"Globals"`
		Parameters map[string]struct {
			Default any `yaml:"Default"`
		} `yaml:"Parameters"`
		Conditions map[string]ast.Node `yaml:"Conditions"`
		Resources  map[string]resource `yaml:"Resources"`
	}
	resource struct {
		Type       string   `yaml:"Type"`
		Properties ast.Node `yaml:"Properties"`
	}
	function struct {
		Name        ast.Node `yaml:"FunctionName"`
		Timeout     int      `yaml:"Timeout"`
		Memory      int      `yaml:"MemorySize"`
		Role        ast.Node `yaml:"Role"`
		Policies    ast.Node `yaml:"Policies"`
		Environment struct {
			Variables map[string]ast.Node `yaml:"Variables"`
		} `yaml:"Environment"`
		Logging struct {
			Group ast.Node `yaml:"LogGroup"`
		} `yaml:"LoggingConfig"`
		Invoke struct {
			Retries      *int `yaml:"MaximumRetryAttempts"`
			Destinations struct {
				OnFailure struct {
					Destination ast.Node `yaml:"Destination"`
				} `yaml:"OnFailure"`
			} `yaml:"DestinationConfig"`
		} `yaml:"EventInvokeConfig"`
	}
)

// defaultRetries is how often Lambda repeats an asynchronous invocation
// (Developer Guide, "Asynchronous invocation").
const defaultRetries = 2

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
	if err := d.attached(); err != nil {
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
	for name, n := range d.Conditions {
		v.decide(name, n)
	}
	return v
}

func (d document) function(own function, v values) (f Function, err error) {
	all := d.Globals.Function
	f = Function{
		Timeout: time.Duration(cmp.Or(own.Timeout, all.Timeout, 3)) * time.Second, // 3 is Lambda's default
		Memory:  cmp.Or(own.Memory, all.Memory, 128),
		Retries: defaultRetries,
	}
	if own.Invoke.Retries != nil {
		f.Retries = *own.Invoke.Retries
	}
	if f.OnFailure, err = v.text(own.Invoke.Destinations.OnFailure.Destination); err != nil {
		return Function{}, err
	}
	if f.Name, err = v.text(own.Name); err != nil || f.Name == "" {
		return Function{}, cmp.Or(err, errors.New("FunctionName is missing"))
	}
	if err := d.log(&f, own.Logging.Group, v); err != nil {
		return Function{}, err
	}
	if f.Variables, err = variables(v, all.Environment.Variables, own.Environment.Variables); err != nil {
		return Function{}, err
	}
	f.Statements, err = d.statements(own, v)
	return f, err
}

// log resolves a function's log group, which is one of the template's.
func (d document) log(f *Function, group ast.Node, v values) (err error) {
	id := refs(group)
	if len(id) != 1 || d.Resources[id[0]].Type != "AWS::Logs::LogGroup" {
		return errors.New("LoggingConfig: the log group is not one of the template's")
	}
	var is struct {
		Name ast.Node `yaml:"LogGroupName"`
	}
	if err := yaml.NodeToValue(d.Resources[id[0]].Properties, &is); err != nil {
		return err
	}
	f.LogARN = v.of(id[0] + ".Arn")
	f.LogGroup, err = v.text(is.Name)
	return err
}
