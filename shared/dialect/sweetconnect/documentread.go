package sweetconnect

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
)

// Limits of a search among documents.
const (
	minSearch = 3
	maxSearch = 255
	maxValues = 50 // of one filter
)

func readDocuments(r *http.Request) (q file.DocumentQuery, err error) {
	p, err := readPage(r)
	if err != nil {
		return q, err
	}
	q.Page, q.Limit = p.number, p.limit
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, fault.Wrap(fault.Malformed, err, "the query could not be read")
	}
	if q.Assets, err = assets(values); err != nil {
		return q, err
	}
	for _, f := range []struct {
		name string
		to   *[]string
	}{{"filterByCategory", &q.Categories}, {"filterByFileType", &q.Types}, {"filterByLanguage", &q.Languages}} {
		if *f.to, err = several(values, f.name, true); err != nil {
			return q, err
		}
	}
	// A supplier's name may have a comma: several are several parameters.
	if q.Suppliers, err = several(values, "filterBySupplier", false); err != nil {
		return q, err
	}
	if err := checkFilters(q); err != nil {
		return q, err
	}
	if q.Supplier, err = flag(values, "supplier"); err != nil {
		return q, err
	}
	if q.Search, err = search(values); err != nil {
		return q, err
	}
	q.Sort, err = sorting(values)
	return q, err
}

func assets(values url.Values) ([]string, error) {
	ids, err := several(values, "assetId", true)
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, dialect.Missing("assetId")
	case len(ids) > file.MaxAssets:
		return nil, fault.Field(fault.Invalid, "assetId", "must be at most %d", file.MaxAssets)
	}
	for _, id := range ids {
		if !ident.IsUUID(id) {
			return nil, fault.Field(fault.Invalid, "assetId", "must be UUIDs, with commas between them")
		}
	}
	return ids, nil
}

// several returns the values of a parameter that may be repeated, and has
// commas between its values too if split.
func several(values url.Values, name string, split bool) ([]string, error) {
	var out []string
	for _, v := range values[name] {
		all := []string{v}
		if split {
			all = strings.Split(v, ",")
		}
		for _, v := range all {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, v)
			}
		}
	}
	if len(out) > maxValues {
		return nil, fault.Field(fault.Invalid, name, "must be at most %d", maxValues)
	}
	return out, nil
}

// checkFilters refuses what no document could have.
func checkFilters(q file.DocumentQuery) error {
	for _, id := range q.Categories {
		if !strings.EqualFold(id, file.None) && !ident.IsUUID(id) {
			return fault.Field(fault.Invalid, "filterByCategory", "must be UUIDs or %q", file.None)
		}
	}
	for _, code := range q.Languages {
		if strings.EqualFold(code, file.None) {
			continue
		}
		if _, err := file.Language(code); err != nil {
			return inField(err, "filterByLanguage")
		}
	}
	return nil
}

// single returns a parameter that must not be repeated, "" if it is absent.
func single(values url.Values, name string) (string, error) {
	if len(values[name]) > 1 {
		return "", fault.Field(fault.Invalid, name, "is given more than once")
	}
	return strings.TrimSpace(values.Get(name)), nil
}

func flag(values url.Values, name string) (*bool, error) {
	s, err := single(values, name)
	if err != nil || s == "" {
		return nil, err
	}
	b, err := strconv.ParseBool(strings.ToLower(s))
	if err != nil {
		return nil, fault.Field(fault.Invalid, name, "must be true or false")
	}
	return &b, nil
}

func search(values url.Values) (string, error) {
	s, err := single(values, "searchByName")
	if err != nil || !values.Has("searchByName") {
		return "", err
	}
	if n := utf8.RuneCountInString(s); n < minSearch || n > maxSearch || !utf8.ValidString(s) {
		return "", fault.Field(fault.Invalid, "searchByName", "must have %d to %d characters", minSearch, maxSearch)
	}
	return s, nil
}

// sorting reads the parameters that sort, wherever they are in the query: a
// category counts before a name, and that before a time, or what comes later
// would hardly ever count.
func sorting(values url.Values) (orders []file.Order, err error) {
	for _, by := range []struct {
		name string
		by   file.Sorting
	}{{"sortByCategory", file.ByCategory}, {"sortByName", file.ByTitle}, {"sortByUpdatedAt", file.ByUpdated}} {
		s, err := single(values, by.name)
		switch {
		case err != nil:
			return nil, err
		case s == "":
			continue
		case !strings.EqualFold(s, "asc") && !strings.EqualFold(s, "desc"):
			return nil, fault.Field(fault.Invalid, by.name, "must be asc or desc")
		}
		orders = append(orders, file.Order{By: by.by, Descending: strings.EqualFold(s, "desc")})
	}
	return orders, nil
}

// inField is a fault of what has another name here.
func inField(err error, name string) error {
	e := *fault.As(err)
	e.Field = name
	return &e
}
