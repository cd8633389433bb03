package dialect

import (
	"encoding/json"
	"strconv"
	"strings"

	"latchkey/shared/fault"
)

// The fields of a Form. Each method's second result tells whether the field
// was given. null is not: clients write it for what they say nothing about. "" is
// given and empty, by which a PUT clears a text or a list; there is no empty
// number or boolean, so that these are not given then. An error is a
// fault.Invalid that names the field.

// Has reports whether a field was sent, be it empty, or a file.
func (f Form) Has(name string) bool {
	return f.fields[name] != nil || f.files[name] != nil
}

// String returns a text. Numbers and booleans of JSON
// are no texts.
func (f Form) String(name string) (string, bool, error) {
	v, ok, err := f.scalar(name)
	if err != nil || v == nil {
		return "", ok, err
	}
	s, isString := v.(string)
	if !isString {
		return "", false, fault.Field(fault.Invalid, name, "must be a string")
	}
	return s, true, checkText(name, s)
}

// Bool returns true for true and 1, false for false and 0, whatever their
// case.
func (f Form) Bool(name string) (bool, bool, error) {
	v, _, err := f.scalar(name)
	if err != nil || v == nil || v == "" {
		return false, false, err
	}
	switch v := v.(type) {
	case bool:
		return v, true, nil
	case json.Number, string:
		switch strings.ToLower(literal(v)) {
		case "true", "1":
			return true, true, nil
		case "false", "0":
			return false, true, nil
		}
	}
	return false, false, fault.Field(fault.Invalid, name, "must be true or false")
}

// Int returns an integer. 5.0 and 5e0 are none.
func (f Form) Int(name string) (int64, bool, error) {
	v, _, err := f.scalar(name)
	if err != nil || v == nil || v == "" {
		return 0, false, err
	}
	n, err := strconv.ParseInt(literal(v), 10, 64)
	if err != nil {
		return 0, false, fault.Field(fault.Invalid, name, "must be an integer")
	}
	return n, true, nil
}

// Float returns a finite number in decimal notation.
func (f Form) Float(name string) (float64, bool, error) {
	v, _, err := f.scalar(name)
	if err != nil || v == nil || v == "" {
		return 0, false, err
	}
	s := literal(v)
	n, err := strconv.ParseFloat(s, 64)
	// ParseFloat also takes infinities, hexadecimals and underscores; what is too large is an error.
	if err != nil || strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false, fault.Field(fault.Invalid, name, "must be a number")
	}
	return n, true, nil
}

// Strings returns a list of texts: a list, a text that begins with [ and is
// JSON of one, or any other text, which is a list of one. "" is an empty
// list.
func (f Form) Strings(name string) ([]string, bool, error) {
	v, ok, err := f.get(name)
	if s, isString := v.(string); err == nil && isString && s != "" {
		if v = any([]any{s}); strings.HasPrefix(strings.TrimSpace(s), "[") {
			v, err = parseText(name, s)
		}
	}
	if err != nil {
		return nil, false, err
	}
	items, isList := asList(v)
	if !isList {
		return nil, false, fault.Field(fault.Invalid, name, "must be a list of strings")
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		at := name + "[" + strconv.Itoa(i) + "]"
		s, isString := item.(string)
		if !isString {
			return nil, false, fault.Field(fault.Invalid, at, "must be a string")
		}
		if err := checkText(at, s); err != nil {
			return nil, false, err
		}
		out = append(out, s)
	}
	return out, ok, nil
}

// Object returns an object, or what a text is JSON of; an empty one and true
// for "".
func (f Form) Object(name string) (Object, bool, error) {
	v, ok, err := f.structure(name)
	if err != nil {
		return nil, false, err
	}
	if v == nil || v == "" {
		return Object{}, ok, nil
	}
	o, isObject := v.(Object)
	if !isObject {
		return nil, false, fault.Field(fault.Invalid, name, "must be an object")
	}
	return o, true, nil
}

// Array returns a list of anything, or what a text is JSON of; an empty one
// and true for "".
func (f Form) Array(name string) ([]any, bool, error) {
	v, ok, err := f.structure(name)
	if err != nil {
		return nil, false, err
	}
	items, isList := asList(v)
	if !isList {
		return nil, false, fault.Field(fault.Invalid, name, "must be an array")
	}
	return items, ok, nil
}

// File returns a file, or nil if there is none: a field of this name that is
// empty is none either.
func (f Form) File(name string) (*File, error) {
	if file := f.files[name]; file != nil {
		return file, nil
	}
	if v, _, err := f.get(name); err != nil || v != nil && v != "" {
		return nil, fault.Field(fault.Invalid, name, "must be a part of multipart/form-data with a file name")
	}
	return nil, nil
}

// get returns what was sent, and whether something was.
func (f Form) get(name string) (any, bool, error) {
	if f.files[name] != nil {
		return nil, false, fault.Field(fault.Invalid, name, "must not be a file")
	}
	v := f.fields[name]
	return v, v != nil, nil
}

// scalar is get for what there is one of: repeating the same says the same.
func (f Form) scalar(name string) (any, bool, error) {
	v, ok, err := f.get(name)
	all, isRepeated := v.(repeated)
	if !isRepeated {
		return v, ok, err
	}
	for _, other := range all {
		if other != all[0] {
			return nil, false, fault.Field(fault.Invalid, name, "is sent more than once")
		}
	}
	return all[0], true, nil
}

// structure is get for what a text may be JSON of.
func (f Form) structure(name string) (any, bool, error) {
	v, ok, err := f.get(name)
	if s, isString := v.(string); isString && s != "" {
		v, err = parseText(name, s)
	}
	return v, ok, err
}

// parseText parses JSON in a text.
func parseText(name, s string) (any, error) {
	v, err := ParseValue([]byte(s))
	if err == nil {
		return v, nil
	}
	e := fault.As(inside(name, err))
	if e.Field == "" {
		// ParseValue speaks of the body, and this is but a field of it.
		e = fault.Field(fault.Invalid, name, "%s", strings.TrimPrefix(e.Message, "the request body "))
	}
	return nil, fault.Field(fault.Invalid, e.Field, "%s", e.Message)
}

// asList reports whether a value is a list, as which nothing counts too.
func asList(v any) ([]any, bool) {
	switch v := v.(type) {
	case nil:
		return []any{}, true
	case []any:
		return v, true
	case repeated:
		return list(v), true
	case string:
		return []any{}, v == ""
	}
	return nil, false
}

// literal returns a number or a text as it was written, or "".
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
