package tabletest

import (
	"encoding/base64"
	"testing"

	"latchkey/shared/table"
)

func tokens() contract {
	return contract{
		"a page token is authenticated":          tokenTampered,
		"a page token is bound to its query":     tokenBound,
		"a page token of another key is no good": tokenOtherKey,
		"a page token holds for other limits, consistent or not": func(t *testing.T, h Harness) {
			q := firstPage(t, h, table.Query{PK: "p", Limit: 2})
			q.Limit, q.Consistent = 1, true
			page, err := h.Engine.Query(t.Context(), q)
			must(t, err)
			diff(t, "items", sks(page.Items), []string{"a3"})
		},
	}
}

// firstPage fills a partition and returns the query for its second page.
func firstPage(t *testing.T, h Harness, q table.Query) table.Query {
	t.Helper()
	for _, sk := range []string{"a1", "a2", "a3", "a4"} {
		for _, pk := range []string{"p", "q"} {
			put(t, h, at(pk, sk, table.Item{"owner": pk, "made": sk, "state": pk}))
		}
	}
	h.CatchUp(t)
	page, err := h.Engine.Query(t.Context(), q)
	must(t, err)
	if page.Next == "" {
		t.Fatal("no second page")
	}
	q.Token = page.Next
	return q
}

func tokenTampered(t *testing.T, h Harness) {
	for _, index := range []string{"", byOwner} {
		q := firstPage(t, h, table.Query{PK: "p", Index: index, Limit: 2})
		raw, err := base64.RawURLEncoding.DecodeString(q.Token)
		must(t, err)
		bad := map[string]string{"cut": q.Token[:len(q.Token)-1], "longer": q.Token + "A", "a line end": q.Token + "\n",
			"padded": q.Token + "=", "no base64": "%%%", "short": "AAAA", "words": "next please"}
		for i := range raw {
			forged := append([]byte{}, raw...)
			forged[i] ^= 1
			bad["bit of byte "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(forged)
		}
		for name, token := range bad {
			q.Token = token
			page, err := h.Engine.Query(t.Context(), q)
			wantError(t, name, err, table.ErrToken)
			diff(t, name, page, table.Page{})
		}
	}
}

func tokenBound(t *testing.T, h Harness) {
	own := firstPage(t, h, table.Query{PK: "p", Limit: 2})
	tests := map[string]func(q *table.Query){
		"partition": func(q *table.Query) { q.PK = "q" },
		"prefix":    func(q *table.Query) { q.Prefix = "a" },
		"order":     func(q *table.Query) { q.Descending = true },
		"index":     func(q *table.Query) { q.Index = byOwner },
	}
	for name, change := range tests {
		q := own
		change(&q)
		_, err := h.Engine.Query(t.Context(), q)
		wantError(t, "another "+name, err, table.ErrToken)
	}
	q := firstPage(t, h, table.Query{PK: "p", Index: byOwner, Limit: 2})
	q.Index = byState
	_, err := h.Engine.Query(t.Context(), q)
	wantError(t, "another index", err, table.ErrToken)
}

func tokenOtherKey(t *testing.T, h Harness) {
	q := table.Query{PK: "p", Limit: 2}
	q.Token = table.SealToken([]byte("another key"), q, table.Position{Key: key("p", "a2")})
	_, err := h.Engine.Query(t.Context(), q)
	wantError(t, "another key", err, table.ErrToken)
	put(t, h, at("p", "a2", nil), at("p", "a3", nil))
	q.Token = table.SealToken(PageKey(), q, table.Position{Key: key("p", "a2")})
	page, err := h.Engine.Query(t.Context(), q)
	must(t, err)
	diff(t, "the suite's own key", sks(page.Items), []string{"a3"})
}
