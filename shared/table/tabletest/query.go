package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/shared/table"
)

func queries() contract {
	return contract{
		"Query returns the partition in byte order, either way": queryOrder,
		"Query takes a prefix":                                     queryPrefix,
		"pages show every item once":                               pagesOnce,
		"Limit bounds a page":                                      limitBounds,
		"a page of an index ends at 1 MB of what it projects":      shortIndexPages,
		"a page ends at 1 MB":                                      shortPages,
		"a page goes on behind an item that is gone":               pageBehindGone,
		"Query of an empty partition is the end":                   queryEmpty,
		"a query that DynamoDB would refuse is invalid":            invalidQueries,
		"partitions whose keys begin alike stay apart":             partitionsApart,
		"a consistent Query sees what was written just before":     queryConsistent,
		"a page's items are whole, with their key and their marks": queryWhole,
	}
}

// walk returns all pages of a query, and fails if they do not end.
func walk(t *testing.T, h Harness, q table.Query) []table.Item {
	t.Helper()
	q.Consistent = q.Index == ""
	var all []table.Item
	for range 1000 {
		page, err := h.Engine.Query(t.Context(), q)
		must(t, err)
		if q.Limit > 0 && len(page.Items) > q.Limit {
			t.Errorf("a page of %d items, limit %d", len(page.Items), q.Limit)
		}
		all = append(all, page.Items...)
		if q.Token = page.Next; q.Token == "" {
			return all
		}
	}
	t.Fatal("a query without an end")
	return nil
}

func sks(items []table.Item) []string {
	s := make([]string, len(items))
	for i, it := range items {
		s[i] = it.String(table.SK)
	}
	return s
}

// ordered are sort keys in the order of their UTF-8 bytes, which is neither
// that of UTF-16 (the last two would change places) nor of any language.
var ordered = [...]string{"\x00", "\x00\x00", "\x01", "A", "Z", "a", "a\x00", "a\x00b", "a\x01", "a#1", "a#10", "a#2", "ab", "b", "ä", "\uffee", "\U0001F600"}

func putOrdered(t *testing.T, h Harness, pk string) {
	t.Helper()
	for i := range ordered {
		put(t, h, at(pk, ordered[(i*7)%len(ordered)], nil))
	}
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func queryOrder(t *testing.T, h Harness) {
	putOrdered(t, h, "p")
	diff(t, "ascending", sks(walk(t, h, table.Query{PK: "p"})), ordered[:])
	diff(t, "descending", sks(walk(t, h, table.Query{PK: "p", Descending: true})), reversed(ordered[:]))
}

func queryPrefix(t *testing.T, h Harness) {
	putOrdered(t, h, "p")
	putOrdered(t, h, "q")
	for _, prefix := range []string{"a", "a#", "a#1", "a\x00", "\x00", "ab", "\U0001F600", "nope"} {
		want := []string{}
		for _, sk := range ordered {
			if strings.HasPrefix(sk, prefix) {
				want = append(want, sk)
			}
		}
		for limit := range 3 {
			q := table.Query{PK: "p", Prefix: prefix, Limit: limit}
			diff(t, fmt.Sprintf("%q ascending by %d", prefix, limit), sks(walk(t, h, q)), want)
			q.Descending = true
			diff(t, fmt.Sprintf("%q descending by %d", prefix, limit), sks(walk(t, h, q)), reversed(want))
		}
	}
}

func pagesOnce(t *testing.T, h Harness) {
	putOrdered(t, h, "p")
	for limit := 1; limit <= len(ordered)+1; limit++ {
		diff(t, fmt.Sprint("ascending by ", limit), sks(walk(t, h, table.Query{PK: "p", Limit: limit})), ordered[:])
		diff(t, fmt.Sprint("descending by ", limit), sks(walk(t, h, table.Query{PK: "p", Limit: limit, Descending: true})), reversed(ordered[:]))
	}
}

func limitBounds(t *testing.T, h Harness) {
	putOrdered(t, h, "p")
	page, err := h.Engine.Query(t.Context(), table.Query{PK: "p", Limit: 3, Consistent: true})
	must(t, err)
	diff(t, "first page", sks(page.Items), ordered[:3])
	if page.Next == "" {
		t.Error("a page that is not the last has no Next")
	}
	page, err = h.Engine.Query(t.Context(), table.Query{PK: "p", Limit: 5, Consistent: true, Token: page.Next})
	must(t, err)
	diff(t, "second page, of another limit", sks(page.Items), ordered[3:8])
	page, err = h.Engine.Query(t.Context(), table.Query{PK: "p", Limit: 1 << 40})
	must(t, err)
	diff(t, "a limit beyond all", sks(page.Items), ordered[:])
}

func shortPages(t *testing.T, h Harness) {
	var want []string
	for i := range 6 {
		want = append(want, fmt.Sprint(i))
		put(t, h, at("p", want[i], table.Item{"text": strings.Repeat("x", 300<<10), "note": strings.Repeat("y", 90<<10)}))
	}
	page, err := h.Engine.Query(t.Context(), table.Query{PK: "p", Limit: 6, Consistent: true})
	must(t, err)
	if n := len(page.Items); n < 2 || n > 3 || page.Next == "" {
		t.Errorf("first page has %d items of 390 KB, Next %q", n, page.Next)
	}
	diff(t, "all", sks(walk(t, h, table.Query{PK: "p"})), want)
	diff(t, "all, descending", sks(walk(t, h, table.Query{PK: "p", Descending: true})), reversed(want))
}

// Six items of 390 KB are one page of an index that shows 90 KB of each.
func shortIndexPages(t *testing.T, h Harness) {
	for i := range 13 {
		attrs := table.Item{"owner": "o", "made": fmt.Sprintf("%02d", i), "note": strings.Repeat("y", 90<<10)}
		if i < 6 {
			attrs["text"] = strings.Repeat("x", 300<<10)
		}
		put(t, h, at("p", fmt.Sprint(i), attrs))
	}
	h.CatchUp(t)
	page, err := h.Engine.Query(t.Context(), table.Query{PK: "o", Index: byOwner})
	must(t, err)
	if n := len(page.Items); n < 11 || n > 12 || page.Next == "" {
		t.Errorf("first page has %d items of 90 KB, Next %q", n, page.Next)
	}
	diff(t, "all", len(walk(t, h, table.Query{PK: "o", Index: byOwner})), 13)
}

func pageBehindGone(t *testing.T, h Harness) {
	for descending, want := range map[bool][]string{false: {"4", "5"}, true: {"2", "1"}} {
		pk := fmt.Sprint("p", descending)
		for _, sk := range []string{"1", "2", "3", "5"} {
			put(t, h, at(pk, sk, nil))
		}
		q := table.Query{PK: pk, Limit: 3, Descending: descending, Consistent: true}
		if descending {
			q.Limit = 2
		}
		page, err := h.Engine.Query(t.Context(), q)
		must(t, err)
		diff(t, "last of the first page", page.Items[len(page.Items)-1].Key(), key(pk, "3"))
		must(t, h.Engine.Commit(t.Context(), "w", table.Op{Delete: &table.Delete{Key: key(pk, "3")}}))
		put(t, h, at(pk, "4", nil))
		q.Token = page.Next
		diff(t, fmt.Sprint("rest, descending ", descending), sks(walk(t, h, q)), want)
	}
}

func queryEmpty(t *testing.T, h Harness) {
	page, err := h.Engine.Query(t.Context(), table.Query{PK: "p"})
	must(t, err)
	diff(t, "page", page, table.Page{})
}

func invalidQueries(t *testing.T, h Harness) {
	tests := map[string]table.Query{
		"no partition":         {},
		"no such index":        {PK: "p", Index: "by-nothing"},
		"a consistent index":   {PK: "p", Index: byOwner, Consistent: true},
		"a negative limit":     {PK: "p", Limit: -1},
		"a prefix of no text":  {PK: "p", Prefix: "\xff"},
		"a partition too long": {PK: strings.Repeat("p", 2049)},
	}
	for name, q := range tests {
		_, err := h.Engine.Query(t.Context(), q)
		wantError(t, name, err, table.ErrInvalid)
	}
}

func partitionsApart(t *testing.T, h Harness) {
	pks := []string{"a", "a\x00", "a#", "ab", "b", "a\x00\x01b"}
	for _, pk := range pks {
		put(t, h, at(pk, "s"+pk, table.Item{"owner": pk, "made": "m"}))
	}
	h.CatchUp(t)
	for _, pk := range pks {
		for _, descending := range []bool{false, true} {
			diff(t, fmt.Sprintf("%q", pk), sks(walk(t, h, table.Query{PK: pk, Descending: descending})), []string{"s" + pk})
			diff(t, fmt.Sprintf("%q in an index", pk), sks(walk(t, h, table.Query{PK: pk, Index: byOwner, Descending: descending})), []string{"s" + pk})
		}
	}
}

func queryConsistent(t *testing.T, h Harness) {
	for i := range 20 {
		put(t, h, at("p", fmt.Sprint("s", i%4), table.Item{"n": int64(i)}))
		page, err := h.Engine.Query(t.Context(), table.Query{PK: "p", Prefix: fmt.Sprint("s", i%4), Consistent: true})
		must(t, err)
		diff(t, "items", page.Items, []table.Item{at("p", fmt.Sprint("s", i%4), table.Item{"n": int64(i)})})
	}
}

func queryWhole(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: at("p", "s", table.Item{"set": table.Set{"x"}, "b": []byte("y")})}}))
	diff(t, "items", walk(t, h, table.Query{PK: "p"}), []table.Item{at("p", "s", table.Item{"set": table.Set{"x"}, "b": []byte("y"), table.Writer: "w"})})
}
