package ses

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// rendered is a mail's content.
type rendered struct{ subject, text, html string }

// render fills an inline template: {{name}} or {{a.b}} is replaced by the
// value as it is, without escaping, as SES does. Anything that has no value is
// an error, as is everything of a stored template's language (blocks,
// partials) that inline content does not have.
func (t *template) render(data map[string]any) (rendered, error) {
	var r rendered
	for _, part := range []struct {
		to   *string
		text string
	}{{&r.subject, t.TemplateContent.Subject}, {&r.text, t.TemplateContent.Text}, {&r.html, t.TemplateContent.Html}} {
		s, err := substitute(part.text, data)
		if err != nil {
			return rendered{}, err
		}
		*part.to = s
	}
	if strings.ContainsAny(r.subject, "\r\n") {
		return rendered{}, badRequest("Subject contains a line break")
	}
	return r, nil
}

// tagOf matches {{name}} and {{{name}}}.
var tagOf = regexp.MustCompile(`\{\{\{?([^{}]*)\}?\}\}`)

func substitute(text string, data map[string]any) (string, error) {
	var failed error
	out := tagOf.ReplaceAllStringFunc(text, func(tag string) string {
		name := strings.TrimSpace(strings.Trim(tag, "{}"))
		value, ok := lookup(data, name)
		if !ok && failed == nil {
			failed = badRequest("Attribute '%s' is not present in the rendering data.", name)
		}
		return value
	})
	return out, failed
}

func lookup(data map[string]any, name string) (string, bool) {
	first, rest, nested := strings.Cut(name, ".")
	v, ok := data[first]
	if !ok {
		return "", false
	}
	if nested {
		inner, ok := v.(map[string]any)
		if !ok {
			return "", false
		}
		return lookup(inner, rest)
	}
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number, bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

// templateData reads a JSON object; "" counts as one without members.
func templateData(s string) (map[string]any, error) {
	if s == "" {
		return map[string]any{}, nil
	}
	if len(s) > maxTemplateData {
		return nil, badRequest("Template data is longer than %d bytes", maxTemplateData)
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil || m == nil || d.More() {
		return nil, badRequest("Invalid template data: not a JSON object")
	}
	return m, nil
}

// merged lets replacements win over defaults, name by name.
func merged(defaults, replacements map[string]any) map[string]any {
	m := maps.Clone(defaults)
	maps.Copy(m, replacements)
	return m
}

// check refuses a template that no destination could be sent.
func (t *template) check() error {
	switch {
	case t == nil:
		return badRequest("Missing template")
	case t.TemplateContent == nil && t.TemplateName == "" && t.TemplateArn == "":
		return badRequest("Template content or name is missing")
	case t.TemplateContent != nil && (t.TemplateName != "" || t.TemplateArn != ""):
		return badRequest("Template content and name exclude each other")
	case t.TemplateContent != nil && t.TemplateContent.Text == "" && t.TemplateContent.Html == "":
		return badRequest("Template has neither text nor HTML")
	}
	return nil
}
