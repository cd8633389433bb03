package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// answer is what came back last.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request. Its secrets, and those of the answer, are noticed.
func (s *stack) do(method, url string, header http.Header, body []byte) (answer, error) {
	if strings.HasPrefix(url, "/") {
		url = s.base + url
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = header
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return answer{}, fmt.Errorf("answer: %w", err)
	}
	s.secrets.notice(res.Header.Get("Location"))
	if len(a.body) < 1<<20 { // more is a file
		s.secrets.notice(string(a.body))
	}
	return a, nil
}

// json returns what is at a path of the body, see lookup.
func (a answer) json(path string) (any, bool, error) {
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, false, fmt.Errorf("the body is not JSON: %w: %.300s", err, a.body)
	}
	return lookup(doc, path)
}

// many are the values that a path with a choice in it leads to.
type many []any

var step = regexp.MustCompile(`^(?:\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[(\*)\]|\[(count)\]|\[([\w-]+)=([^\]]*)\])`)

// lookup follows a path such as ".links[0].url" into a JSON value; false if
// there is nothing. "[*]" leads on from every element of an array,
// "[name=value]" from those objects with such a field, and "[count]" is how
// many there are.
func lookup(v any, path string) (any, bool, error) {
	if path == "" {
		return v, true, nil
	}
	m := step.FindStringSubmatch(path)
	if m == nil {
		return nil, false, fmt.Errorf("no path: %q", path)
	}
	rest := path[len(m[0]):]
	list, isList := v.([]any)
	if all, ok := v.(many); ok {
		list, isList = all, true
	}
	switch {
	case m[1] != "":
		o, _ := v.(map[string]any)
		field, ok := o[m[1]]
		if !ok {
			return nil, false, nil
		}
		return lookup(field, rest)
	case !isList:
		return nil, false, nil
	case m[4] != "":
		return json.Number(strconv.Itoa(len(list))), true, nil
	case m[2] != "":
		i, err := strconv.Atoi(m[2])
		if err != nil || i >= len(list) {
			return nil, false, err
		}
		return lookup(list[i], rest)
	}
	return choose(list, m[5], m[6], rest)
}

// choose follows rest from the elements that have a field with a value, or
// from all if the field is "".
func choose(list []any, field, value, rest string) (any, bool, error) {
	var found many
	for _, v := range list {
		o, _ := v.(map[string]any)
		if field == "" || o[field] != nil && text(o[field]) == value {
			found = append(found, v)
		}
	}
	if rest == "" || strings.HasPrefix(rest, "[") { // of those found, not of each
		return lookup(found, rest)
	}
	var out many
	for _, v := range found {
		v, ok, err := lookup(v, rest)
		if err != nil {
			return nil, false, err
		}
		if ok {
			out = append(out, v)
		}
	}
	return out, len(out) > 0, nil
}

// text is a JSON value as a story writes it: a string without quotes, and
// several values with spaces between them.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case many:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = text(w)
		}
		return strings.Join(words, " ")
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return string(b)
}

func TestLookup(t *testing.T) {
	const doc = `{"a":{"b":"x"},"n":null,"list":[{"k":"u","v":1,"w":[]},{"k":"d","v":2.50,"only":true},{"k":"d"}]}`
	tests := []struct {
		path, want string
		ok         bool
	}{
		{".a.b", "x", true},
		{".a", `{"b":"x"}`, true},
		{".a.c", "", false},
		{".a.b.c", "", false},
		{".n", "null", true},
		{".list[1].v", "2.50", true},
		{".list[3]", "", false},
		{".list[0].w", "[]", true},
		{".list[count]", "3", true},
		{".list[*].v", "1 2.50", true},
		{".list[*].none", "", false},
		{".list[k=d][count]", "2", true},
		{".list[k=z][count]", "0", true},
		{".list[k=d].only", "true", true},
		{".list[k=d][0].v", "2.50", true},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			v, ok, err := answer{body: []byte(doc)}.json(tt.path)
			if err != nil || ok != tt.ok || ok && text(v) != tt.want {
				t.Errorf("got %v, %t, %v, want %q, %t", v, ok, err, tt.want, tt.ok)
			}
		})
	}
	if _, _, err := (answer{body: []byte(doc)}).json("a.b"); err == nil {
		t.Error("a path without its dot was taken")
	}
}
