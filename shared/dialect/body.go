package dialect

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"latchkey/shared/fault"
)

// Limits of a JSON body.
const (
	MaxBody  = 4_000_000 // bytes; API Gateway and Lambda take little more
	maxDepth = 32        // objects and arrays inside each other
)

// Object is a JSON object as a client sent it: values are nil, bool, string,
// json.Number, []any or Object.
type Object map[string]any

// ReadJSON reads a request's body as one JSON object, whatever its
// Content-Type says. An empty body is an empty object. Duplicate names, bytes
// after the object, bad UTF-8, lone surrogates and depth beyond reason are
// Malformed faults.
func ReadJSON(r *http.Request) (Object, error) {
	body, err := ReadBody(r, MaxBody)
	if err != nil {
		return nil, err
	}
	return ParseObject(body)
}

// ReadBody reads a body of at most limit bytes.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "the request body could not be read")
	}
	if int64(len(body)) > limit {
		return nil, fault.New(fault.TooLarge, "the request body is larger than %d bytes", limit)
	}
	return body, nil
}

// ParseObject is ReadJSON for bytes.
func ParseObject(body []byte) (Object, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Object{}, nil
	}
	v, err := ParseValue(body)
	if err != nil {
		return nil, err
	}
	o, ok := v.(Object)
	if !ok {
		return nil, fault.New(fault.Malformed, "the request body is not a JSON object")
	}
	return o, nil
}

// ParseValue is ParseObject for any JSON value.
func ParseValue(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, fault.New(fault.Malformed, "the request body is not valid UTF-8")
	}
	if loneSurrogate(body) {
		return nil, fault.New(fault.Malformed, "the request body has half of a surrogate pair")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := value(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault.New(fault.Malformed, "the request body has more than one JSON value")
	}
	return v, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, fault.New(fault.Malformed, "the request body is not valid JSON")
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == maxDepth {
		return nil, fault.New(fault.Malformed, "the request body is nested deeper than %d levels", maxDepth)
	}
	if delim == '[' {
		return array(d, depth+1)
	}
	return object(d, depth+1)
}

func array(d *json.Decoder, depth int) (any, error) {
	out := []any{}
	for d.More() {
		v, err := value(d, depth)
		if err != nil {
			return nil, inside("["+strconv.Itoa(len(out))+"]", err)
		}
		out = append(out, v)
	}
	return out, closing(d)
}

func object(d *json.Decoder, depth int) (any, error) {
	out := Object{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, fault.New(fault.Malformed, "the request body is not valid JSON")
		}
		if _, ok := out[name]; ok {
			return nil, fault.Field(fault.Malformed, Clip(name), "appears twice")
		}
		v, err := value(d, depth)
		if err != nil {
			return nil, inside(name, err)
		}
		out[name] = v
	}
	return out, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fault.New(fault.Malformed, "the request body is not valid JSON")
	}
	return nil
}

// inside puts where an error was found before its field, on the way out: the
// path of a good value is never built.
func inside(at string, err error) error {
	e := fault.As(err)
	if e.Field == "" {
		return err
	}
	field := Clip(at) + "." + e.Field
	if e.Field[0] == '[' {
		field = Clip(at) + e.Field
	}
	return fault.Field(e.Kind, field, "%s", e.Message)
}

// Clip keeps a name that a client made up from filling the answer.
func Clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}

// loneSurrogate finds \uD800 to \uDFFF escapes that are not a pair: Go's
// decoder would silently replace them.
func loneSurrogate(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		r, ok := escape(b[i:])
		switch {
		case ok && r >= 0xdc00 && r <= 0xdfff:
			return true
		case ok && r >= 0xd800 && r <= 0xdbff:
			low, ok := escape(b[min(i+6, len(b)):])
			if !ok || low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 11
		default:
			i++ // whatever is escaped, a backslash too
		}
	}
	return false
}

func escape(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return r, err == nil
}
