package dialect_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"latchkey/shared/fault"
)

// Whatever is sent becomes texts that can be kept, or a fault that can be
// shown: of these kinds, and in valid UTF-8.
func FuzzReadForm(f *testing.F) {
	for _, s := range []struct{ query, contentType, body string }{
		{"a=1&u[]=x&u[]=y&d[k]=v&a=2", "", `{"a":{"b":["c"]}}`},
		{"a[0]=%ff;&%00=1", urlencoded, "a=%zz&b=+%2B"},
		{"", multiform, parts("name=a\r\n\r\n1", "name=\"u[]\"; filename=\"../x\\\"y\"\r\nContent-Type: audio/mpeg\r\n\r\n\x00")},
		{"", "multipart/form-data; boundary=b; charset=x", "--b\nContent-Disposition: form-data; name*=UTF-8''a\n\n--b--"},
		{"a", "application/json; charset=latin1", `[{"a":"\ud83d\ude00"}]`},
	} {
		f.Add(s.query, s.contentType, s.body)
	}
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		form, err := readForm("GET", query, contentType, body)
		if err != nil {
			refused(t, err)
			return
		}
		for _, name := range []string{"a", "u", "d", "name"} {
			s, ok, err := form.String(name)
			refused(t, err)
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || ok && !form.Has(name) {
				t.Errorf("String(%q) = %q, %v", name, s, ok)
			}
			list, _, err := form.Strings(name)
			refused(t, err)
			if text := strings.Join(list, ""); !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("Strings(%q) = %q", name, list)
			}
			file, err := form.File(name)
			refused(t, err)
			if file != nil && (file.Name == "" || !utf8.ValidString(file.Name) || strings.ContainsAny(file.Name, "/\\\r\n\x00")) {
				t.Errorf("File(%q) has the name %q", name, file.Name)
			}
			_, _, boolErr := form.Bool(name)
			_, _, intErr := form.Int(name)
			_, _, floatErr := form.Float(name)
			_, _, objectErr := form.Object(name)
			_, _, arrayErr := form.Array(name)
			for _, err := range []error{boolErr, intErr, floatErr, objectErr, arrayErr} {
				refused(t, err)
			}
		}
	})
}

// refused checks a fault of the client's own making.
func refused(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e := fault.As(err)
	switch e.Kind {
	case fault.Malformed, fault.Invalid, fault.TooLarge:
	default:
		t.Errorf("%s fault: %v", e.Kind, err)
	}
	if shown := e.Field + e.Message; !utf8.ValidString(shown) || len(shown) > 4000 || strings.ContainsRune(shown, 0) {
		t.Errorf("shown: %q", shown)
	}
}
