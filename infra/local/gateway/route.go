package gateway

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// route is one HttpApi event of the template.
type route struct {
	key      string // "GET /pets/{id}" or "$default"
	method   string // "ANY" for all
	segments []string
	function string // logical id
}

// The parts of template.yaml that say who serves what. Properties are read
// only where their type is known.
type (
	template struct {
		Resources map[string]typed `yaml:"Resources"`
	}
	typed struct {
		Type       string   `yaml:"Type"`
		Properties ast.Node `yaml:"Properties"`
	}
	function struct {
		Events map[string]typed `yaml:"Events"`
	}
	httpAPI struct {
		Path   string `yaml:"Path"`
		Method string `yaml:"Method"`
	}
)

// readRoutes returns a template's HttpApi routes, best match first.
func readRoutes(text []byte) ([]route, error) {
	var t template
	if err := yaml.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	var routes []route
	for name, r := range t.Resources {
		if r.Type != "AWS::Serverless::Function" || r.Properties == nil {
			continue
		}
		of, err := functionRoutes(name, r.Properties)
		if err != nil {
			return nil, fmt.Errorf("template: %s: %w", name, err)
		}
		routes = append(routes, of...)
	}
	slices.SortFunc(routes, byPriority)
	return routes, nil
}

func functionRoutes(name string, properties ast.Node) ([]route, error) {
	var f function
	if err := yaml.NodeToValue(properties, &f); err != nil {
		return nil, err
	}
	var routes []route
	for _, e := range f.Events {
		if e.Type != "HttpApi" {
			continue
		}
		var on httpAPI
		if e.Properties != nil {
			if err := yaml.NodeToValue(e.Properties, &on); err != nil {
				return nil, err
			}
		}
		r, err := newRoute(name, on.Method, on.Path)
		if err != nil {
			return nil, err
		}
		routes = append(routes, r)
	}
	return routes, nil
}

// newRoute reads an event's method and path. SAM makes an event without
// either the API's $default route.
func newRoute(function, method, path string) (route, error) {
	if path == "" && method == "" || path == "$default" {
		return route{key: "$default", method: "ANY", segments: []string{"{+}"}, function: function}, nil
	}
	method = strings.ToUpper(method)
	if method == "*" || method == "" {
		method = "ANY"
	}
	if !strings.HasPrefix(path, "/") {
		return route{}, fmt.Errorf("path %q does not start with a slash", path)
	}
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		if kind(s) == greedy && i != len(segments)-1 {
			return route{}, fmt.Errorf("path %q: %s must be the last part", path, s)
		}
	}
	return route{key: method + " " + path, method: method, segments: segments, function: function}, nil
}

// The kinds of a path's parts, the most specific first.
const (
	literal = iota
	variable
	greedy
)

func kind(segment string) int {
	switch {
	case !strings.HasPrefix(segment, "{"):
		return literal
	case strings.HasSuffix(segment, "+}"):
		return greedy
	default:
		return variable
	}
}

// byPriority orders as API Gateway selects (Developer Guide, "Routing API
// requests"): full matches before greedy ones, $default last; among equals the
// one that is literal for longer, then the one that names the method.
func byPriority(a, b route) int {
	if a.isDefault() != b.isDefault() {
		return boolCompare(a.isDefault(), b.isDefault())
	}
	if c := boolCompare(a.isGreedy(), b.isGreedy()); c != 0 {
		return c
	}
	if c := slices.CompareFunc(a.segments, b.segments, func(x, y string) int { return cmp.Compare(kind(x), kind(y)) }); c != 0 {
		return c
	}
	return cmp.Or(boolCompare(a.method == "ANY", b.method == "ANY"), cmp.Compare(a.key, b.key))
}

func (r route) isDefault() bool { return r.key == "$default" }
func (r route) isGreedy() bool  { return kind(r.segments[len(r.segments)-1]) == greedy }

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// match finds the route of a request and its path variables, decoded. The
// path is split while still escaped, so that %2F does not make new parts.
func match(routes []route, method, escaped string) (route, map[string]string, bool) {
	parts := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	for _, r := range routes {
		if r.method != "ANY" && r.method != method {
			continue
		}
		if vars, ok := r.capture(parts); ok {
			return r, vars, true
		}
	}
	return route{}, nil, false
}

func (r route) capture(parts []string) (map[string]string, bool) {
	if r.isDefault() {
		return nil, true
	}
	vars := map[string]string{}
	for i, s := range r.segments {
		if i >= len(parts) {
			return nil, false
		}
		switch kind(s) {
		case literal:
			if unescape(parts[i]) != s {
				return nil, false
			}
			continue
		case greedy:
			rest := strings.Join(parts[i:], "/")
			vars[strings.Trim(s, "{+}")] = unescape(rest)
			return vars, rest != ""
		}
		if parts[i] == "" {
			return nil, false
		}
		vars[strings.Trim(s, "{}")] = unescape(parts[i])
	}
	return vars, len(parts) == len(r.segments)
}

// unescape decodes a part of a path that the server has already validated.
func unescape(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}
