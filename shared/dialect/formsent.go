package dialect

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/fault"
)

// maxFields bounds the fields of a query, and of a form.
const maxFields = 1000

// sentFields are fields as a query or a form has them.
type sentFields struct {
	fields map[string]*sentField // by their names without brackets
	count  int
}

// sentField is all that was sent of one field.
type sentField struct {
	style  string   // of the name: "", "[]" or "[key]"
	keys   []string // of style "[key]"
	values []string
}

func newSentFields() *sentFields { return &sentFields{fields: map[string]*sentField{}} }

// repeated are the values of a name that was sent more than once.
type repeated []string

// urlencoded adds the pairs of a query or a urlencoded body. A semicolon is
// a character like any other (url.spec.whatwg.org, section 5.1), which
// url.ParseQuery would drop the pair for.
func (f *sentFields) urlencoded(s, charset string) error {
	for pair := range strings.SplitSeq(strings.TrimRight(s, "\r\n"), "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return fault.Field(fault.Malformed, Clip(printable(rawName)), "has a %% that begins no escape")
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return fault.Field(fault.Malformed, Clip(printable(name)), "has a %% that begins no escape")
		}
		if err := checkText(name, name); err != nil {
			return err
		}
		if err := f.add(name, value, charset); err != nil {
			return err
		}
	}
	return nil
}

// add takes one value of a field whose name is text.
func (f *sentFields) add(name, value, charset string) error {
	if err := f.another(); err != nil {
		return err
	}
	if err := checkText(name, value); err != nil {
		return err
	}
	if !isUTF8(charset) && !isASCII(value) {
		return fault.Field(fault.Invalid, Clip(name), "must be UTF-8")
	}
	base, rest, brackets := strings.Cut(name, "[")
	key, closed := strings.CutSuffix(rest, "]")
	style := ""
	switch {
	case brackets && (!closed || strings.ContainsAny(key, "[]")):
		return fault.Field(fault.Invalid, Clip(name), "is not a name such as %[1]s, %[1]s[] or %[1]s[0]", Clip(base))
	case brackets && key == "":
		style = "[]"
	case brackets:
		style = "[key]"
	}
	s := f.fields[base]
	if s == nil {
		s = &sentField{style: style}
		f.fields[base] = s
	}
	if s.style != style {
		return fault.Field(fault.Invalid, Clip(base), "is sent in two ways")
	}
	s.keys, s.values = append(s.keys, key), append(s.values, value)
	return nil
}

// another counts a field or a file.
func (f *sentFields) another() error {
	if f.count++; f.count > maxFields {
		return fault.New(fault.Malformed, "there are more than %d fields", maxFields)
	}
	return nil
}

// values are the fields as a Form has them.
func (f *sentFields) values() (map[string]any, error) {
	out := make(map[string]any, len(f.fields))
	for name, s := range f.fields {
		v, err := s.value(name)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func (s *sentField) value(name string) (any, error) {
	switch {
	case s.style == "[]":
		return list(s.values), nil
	case s.style == "[key]":
		return s.keyed(name)
	case len(s.values) == 1:
		return s.values[0], nil
	}
	return repeated(s.values), nil
}

func list(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// keyed returns a list in the order of the keys if all are numbers, or else
// an object.
func (s *sentField) keyed(name string) (any, error) {
	o := Object{}
	var at []uint64
	for i, key := range s.keys {
		if was, ok := o[key]; ok && was != s.values[i] {
			return nil, fault.Field(fault.Invalid, Clip(name+"["+key+"]"), "appears twice")
		} else if ok {
			continue
		}
		o[key] = s.values[i]
		if n, err := strconv.ParseUint(key, 10, 64); err == nil && strconv.FormatUint(n, 10) == key {
			at = append(at, n)
		}
	}
	if len(at) != len(o) {
		return o, nil
	}
	slices.Sort(at)
	out := make([]any, len(at))
	for i, n := range at {
		out[i] = o[strconv.FormatUint(n, 10)]
	}
	return out, nil
}
