package template

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

type (
	role struct {
		Managed  ast.Node `yaml:"ManagedPolicyArns"`
		Policies []struct {
			Document policy `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	managed struct {
		Document policy   `yaml:"PolicyDocument"`
		Roles    ast.Node `yaml:"Roles"`
	}
	policy struct {
		Statement []statement `yaml:"Statement"`
	}
	statement struct {
		Effect    string                         `yaml:"Effect"`
		Action    ast.Node                       `yaml:"Action"`
		Resource  ast.Node                       `yaml:"Resource"`
		Condition map[string]map[string]ast.Node `yaml:"Condition"`
	}
)

// statements are those of the role of the template that a function names, and
// of the template's managed policies that it has, under whatever condition. A
// function without a role of its own would get one from SAM, with rights that
// are written nowhere; with a role SAM adds none to it.
func (d document) statements(own function, v values) (all []Statement, err error) {
	if own.Policies != nil {
		return nil, errors.New("there are Policies, which SAM passes over where there is a role")
	}
	ids := refs(own.Role)
	if len(ids) != 1 {
		return nil, errors.New("the role is not one of the template's")
	}
	var is role
	if err := d.read(ids[0], "AWS::IAM::Role", &is); err != nil {
		return nil, err
	}
	var documents []policy
	for _, p := range is.Policies {
		documents = append(documents, p.Document)
	}
	if strings.Contains(textOf(is.Managed), "arn:") {
		return nil, fmt.Errorf("%s has rights that are written elsewhere", ids[0])
	}
	for _, id := range refs(is.Managed) {
		var p managed
		if err := d.read(id, "AWS::IAM::ManagedPolicy", &p); err != nil {
			return nil, err
		}
		documents = append(documents, p.Document)
	}
	for _, doc := range documents {
		for _, s := range doc.Statement {
			one, err := s.read(v)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// attached refuses policies that name their roles, instead of the roles them.
func (d document) attached() error {
	for id, r := range d.Resources {
		switch r.Type {
		case "AWS::IAM::Policy", "AWS::IAM::RolePolicy":
			return fmt.Errorf("%s: a role's rights belong into the role", id)
		case "AWS::IAM::ManagedPolicy":
			var p managed
			if err := d.read(id, r.Type, &p); err != nil {
				return err
			}
			if p.Roles != nil {
				return fmt.Errorf("%s: a role names its policies, not they the roles", id)
			}
		}
	}
	return nil
}

func (d document) read(id, kind string, into any) error {
	r := d.Resources[id]
	if r.Type != kind || r.Properties == nil {
		return fmt.Errorf("no %s %s", kind, id)
	}
	if err := yaml.NodeToValue(r.Properties, into); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

func (s statement) read(v values) (one Statement, err error) {
	if s.Effect != "Allow" {
		return one, fmt.Errorf("effect %q", s.Effect)
	}
	if one.Actions, err = v.list(s.Action); err != nil {
		return one, err
	}
	if one.Resources, err = v.list(s.Resource); err != nil {
		return one, err
	}
	one.If, err = s.condition(v)
	return one, err
}

// condition reads one comparison of one text. A key without quotes is not read
// rightly within braces, and refused.
func (s statement) condition(v values) (string, error) {
	if len(s.Condition) == 0 {
		return "", nil
	}
	var texts []string
	for operator, keys := range s.Condition {
		for key, value := range keys {
			text, err := v.text(value)
			if err != nil {
				return "", err
			}
			if (operator == "StringEquals" || operator == "StringLike") && strings.Contains(key, ":") {
				texts = append(texts, key+"="+text)
			}
		}
	}
	if len(s.Condition) != 1 || len(texts) != 1 {
		return "", errors.New("a condition that is not understood here")
	}
	return texts[0], nil
}
