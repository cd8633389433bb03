package scriptix

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

// query returns the query's parameters; one given twice is a fault.
func query(r *http.Request) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "the query could not be read")
	}
	for name, values := range q {
		if len(values) > 1 {
			return nil, fault.Field(badParameter, dialect.Clip(name), "is given more than once")
		}
	}
	return q, nil
}

// choice returns a parameter that has one of a few values, or the first of
// them if it is absent.
func choice(q url.Values, name string, values ...string) (string, error) {
	if !q.Has(name) {
		return values[0], nil
	}
	if v := q.Get(name); slices.Contains(values, v) {
		return v, nil
	}
	return "", fault.Field(badParameter, name, "must be one of: %s", strings.Join(values, ", "))
}

// page is the part of a list that is asked for.
type page struct{ offset, limit int }

// readPage reads ?offset= and ?limit=.
func readPage(r *http.Request) (page, error) {
	q, err := query(r)
	if err != nil {
		return page{}, err
	}
	return pageOf(q)
}

func pageOf(q url.Values) (p page, err error) {
	if p.offset, err = number(q, "offset", 0, 0, 1_000_000); err == nil {
		p.limit, err = number(q, "limit", 25, 1, 100)
	}
	return p, err
}

// number returns a parameter from least to most, or what it is if absent.
func number(q url.Values, name string, absent, least, most int) (int, error) {
	if !q.Has(name) {
		return absent, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < least || n > most {
		return 0, fault.Field(badParameter, name, "must be a number from %d to %d", least, most)
	}
	return n, nil
}

// ifMatch returns the version that If-Match names, or 0 without one. A tag
// that no version can have matches none.
func ifMatch(r *http.Request) (int64, error) {
	tag := strings.TrimSpace(r.Header.Get("If-Match"))
	if tag == "" || tag == "*" {
		return 0, nil
	}
	if inner, ok := strings.CutPrefix(tag, `"`); ok {
		if n, err := strconv.ParseInt(strings.TrimSuffix(inner, `"`), 10, 64); err == nil && n > 0 && tag == etag(n) {
			return n, nil
		}
	}
	return 0, fault.New(fault.Stale, "If-Match names a version that this is not")
}

// unchanged reports whether a client has this version already.
func unchanged(r *http.Request, version int64) bool {
	for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag(version) {
			return true
		}
	}
	return false
}

// etag is the tag of a version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func nothing(*http.Request) (struct{}, error) { return struct{}{}, nil }
