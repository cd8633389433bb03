package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// values are what references stand for.
type values map[string]string

// placeholder is a reference inside a !Sub. ${!x} is text, and not used here.
var placeholder = regexp.MustCompile(`\$\{([^}!]+)}`)

func (v values) of(name string) string {
	if value, ok := v[name]; ok {
		return value
	}
	return "<" + name + ">"
}

// text resolves a scalar, !Ref, !GetAtt or !Sub.
func (v values) text(n ast.Node) (string, error) {
	tag, ok := n.(*ast.TagNode)
	if !ok {
		return scalar(n)
	}
	if tag.Start.Value == "!If" {
		return v.choice(tag.Value)
	}
	inner, err := scalar(tag.Value)
	if err != nil {
		return "", err
	}
	switch tag.Start.Value {
	case "!Ref", "!GetAtt":
		return v.of(inner), nil
	case "!Sub":
		return placeholder.ReplaceAllStringFunc(inner, func(s string) string { return v.of(s[2 : len(s)-1]) }), nil
	default:
		return "", fmt.Errorf("%s is not understood here", tag.Start.Value)
	}
}

// choice resolves !If, and a condition that is "!Equals [this, that]".
func (v values) choice(n ast.Node) (string, error) {
	s, ok := n.(*ast.SequenceNode)
	if !ok || len(s.Values) != 3 {
		return "", errors.New("an !If that is not understood here")
	}
	name, err := scalar(s.Values[0])
	if err != nil {
		return "", err
	}
	switch v[condition+name] {
	case "true":
		return v.text(s.Values[1])
	case "false":
		return v.text(s.Values[2])
	}
	return "", fmt.Errorf("the condition %s is not understood here", name)
}

// condition is what the values of conditions are under, by name.
const condition = "Condition "

// decide gives a condition its value, if it compares two texts.
func (v values) decide(name string, n ast.Node) {
	tag, ok := n.(*ast.TagNode)
	if !ok || tag.Start.Value != "!Equals" {
		return
	}
	if both, err := v.list(tag.Value); err == nil && len(both) == 2 {
		v[condition+name] = strconv.FormatBool(both[0] == both[1])
	}
}

// none is what !Ref AWS::NoValue comes to.
const none = "<AWS::NoValue>"

// list resolves one value or a list of them.
func (v values) list(n ast.Node) (texts []string, err error) {
	nodes := []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		nodes = s.Values
	}
	for _, n := range nodes {
		text, err := v.text(n)
		if err != nil {
			return nil, err
		}
		if text != none {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

func scalar(n ast.Node) (string, error) {
	if n == nil {
		return "", nil
	}
	var value any
	if err := yaml.NodeToValue(n, &value); err != nil {
		return "", err
	}
	switch value.(type) {
	case nil, string, bool, uint64, int64, float64:
		return fmt.Sprint(value), nil
	default:
		return "", fmt.Errorf("%T where a text should be", value)
	}
}

// refs are the ids of the template's resources that a value refers to,
// wherever in it.
func refs(n ast.Node) (ids []string) {
	if n == nil {
		return nil
	}
	for _, tag := range ast.Filter(ast.TagType, n) {
		t, ok := tag.(*ast.TagNode)
		if !ok || t.Start.Value != "!Ref" && t.Start.Value != "!GetAtt" {
			continue
		}
		if id, _, _ := strings.Cut(t.Value.String(), "."); !strings.HasPrefix(id, "AWS::") {
			ids = append(ids, id)
		}
	}
	return ids
}

func textOf(n ast.Node) string {
	if n == nil {
		return ""
	}
	return n.String()
}
