package latchkey

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// unknown returns a fault that names all fields of o that are not among
// names, or nil. path is how the caller wrote o, with a final dot, or "".
func unknown(o dialect.Object, path string, names ...string) error {
	var bad fieldsError
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			bad = append(bad, fieldError{path + dialect.Clip(name), "is not known here"})
		}
	}
	return bad.fault("unknown fields: ")
}

func (e fieldsError) fault(words string) error {
	if len(e) == 0 {
		return nil
	}
	e = e[:min(len(e), 20)] // as many as anyone corrects at once
	return fault.Wrap(fault.Invalid, e, "%s%s", words, e.Error())
}

// boolean returns a boolean field; false when it is absent or null.
func boolean(o dialect.Object, name, path string) (bool, error) {
	switch v := o[name].(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	}
	return false, fault.Field(fault.Invalid, path, "must be true or false")
}

// query returns the query's parameters. One that is not among names, or is
// given twice, is a fault that names it: a filter misspelled must not list
// everything.
func query(r *http.Request, names ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "the query could not be read")
	}
	var bad fieldsError
	for _, name := range slices.Sorted(maps.Keys(q)) {
		switch {
		case !slices.Contains(names, name):
			bad = append(bad, fieldError{dialect.Clip(name), "is not known here"})
		case len(q[name]) > 1:
			bad = append(bad, fieldError{name, "is given more than once"})
		}
	}
	return q, bad.fault("query parameters: ")
}

// oneOf returns a parameter that has one of a few values, or "".
func oneOf[T ~string](q url.Values, name string, values ...T) (T, error) {
	v := T(q.Get(name))
	if !q.Has(name) || slices.Contains(values, v) {
		return v, nil
	}
	words := make([]string, len(values))
	for i, w := range values {
		words[i] = string(w)
	}
	return "", fault.Field(fault.Invalid, name, "must be one of: %s", strings.Join(words, ", "))
}

// number returns an integer parameter, or def if it is absent.
func number(q url.Values, name string, def, least, most int) (int, error) {
	if !q.Has(name) {
		return def, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < least || n > most {
		return 0, fault.Field(fault.Invalid, name, "must be an integer from %d to %d", least, most)
	}
	return n, nil
}

// Sizes of a page.
const (
	defaultLimit = 25
	maxLimit     = 100
	maxCursor    = 2048 // characters; ours are far shorter
)

// page reads ?limit= and ?cursor=.
func page(q url.Values) (file.Page, error) {
	limit, err := number(q, "limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return file.Page{}, err
	}
	cursor := q.Get("cursor")
	if len(cursor) > maxCursor || q.Has("cursor") && cursor == "" {
		return file.Page{}, fault.Field(fault.Invalid, "cursor", "is not one that a page before this one gave")
	}
	return file.Page{Limit: limit, Cursor: cursor}, nil
}

func readPage(r *http.Request) (file.Page, error) {
	q, err := query(r, "limit", "cursor")
	if err != nil {
		return file.Page{}, err
	}
	return page(q)
}

// nextPage puts the address of the next page into a Link header (RFC 8288),
// if there is one.
func nextPage(h http.Header, r *http.Request, cursor string) {
	if cursor == "" {
		return
	}
	q := r.URL.Query()
	q.Set("cursor", cursor)
	h.Set("Link", "<"+r.URL.EscapedPath()+"?"+q.Encode()+`>; rel="next"`)
}

func readID(r *http.Request) (string, error) {
	_, err := query(r)
	return r.PathValue("id"), err
}

func readNoQuery(r *http.Request) (struct{}, error) {
	_, err := query(r)
	return struct{}{}, err
}

func writeNothing(*http.Request, struct{}) (dialect.Response, error) {
	return dialect.Response{Status: http.StatusNoContent}, nil
}

// readPost reads a POST of JSON.
func readPost(r *http.Request) (dialect.Object, dialect.Once, error) {
	if _, err := query(r); err != nil {
		return nil, dialect.Once{}, err
	}
	return dialect.ReadPost(r, file.MaxBodyBytes)
}
