package tabletest

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/shared/table"
)

func limits() contract {
	return contract{
		"an item has at most 400 KB, attribute names included": itemLimit,
		"an item of exactly 400 KB fits":                       itemFits,
		"an update may not make an item larger": func(t *testing.T, h Harness) {
			updateLimit(t, h, table.Update{Set: table.Item{"b": strings.Repeat("y", 101<<10)}})
		},
		"nor may an insert": func(t *testing.T, h Harness) {
			updateLimit(t, h, table.Update{Insert: map[string]table.Set{"set": members(1100, 100)}})
		},
		"a commit has at most 4 MB":         commitLimit,
		"keys may be as long as DynamoDB's": keyLimit,
	}
}

// sized returns an item of exactly n bytes once its writer "w" is marked.
func sized(sk string, n int) table.Item {
	it := at("p", sk, table.Item{"text": ""})
	used := len(table.PK) + 1 + len(table.SK) + len(sk) + len("text") + len(table.Writer) + 1
	it["text"] = strings.Repeat("x", n-used)
	return it
}

func itemFits(t *testing.T, h Harness) {
	it := sized("1", table.MaxItemBytes)
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: it}}))
	diff(t, "bytes", len(get(t, h, it.Key()).String("text")), len(it.String("text")))
}

func itemLimit(t *testing.T, h Harness) {
	tests := map[string]table.Item{
		"a byte more":         sized("2", table.MaxItemBytes+1),
		"a long name":         at("p", "2", table.Item{strings.Repeat("n", 60<<10): sized("2", 350<<10)["text"]}),
		"many set members":    at("p", "2", table.Item{"set": members(4100, 100)}),
		"bytes":               at("p", "2", table.Item{"b": make([]byte, table.MaxItemBytes)}),
		"several that add up": at("p", "2", table.Item{"a": strings.Repeat("x", 200<<10), "b": strings.Repeat("x", 200<<10)}),
	}
	for name, it := range tests {
		wantError(t, name, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: it}}), table.ErrTooLarge)
	}
	diff(t, "item", get(t, h, key("p", "2")), table.Item(nil))
}

func members(n, size int) table.Set {
	set := make(table.Set, n)
	for i := range set {
		set[i] = fmt.Sprintf("%0*d", size, i)
	}
	return set
}

func updateLimit(t *testing.T, h Harness, u table.Update) {
	was := at("p", "s", table.Item{"a": strings.Repeat("x", 300<<10), "set": table.Set{"x"}})
	put(t, h, was)
	u.Key = was.Key()
	_, err := h.Engine.Update(t.Context(), u)
	wantError(t, "update", err, table.ErrTooLarge)
	wantError(t, "in a commit", h.Engine.Commit(t.Context(), "w", table.Op{Update: &u}), table.ErrTooLarge)
	diff(t, "item", get(t, h, was.Key()), was)
}

func commitLimit(t *testing.T, h Harness) {
	var ops []table.Op
	for i := range 11 {
		ops = append(ops, table.Op{Put: &table.Put{Item: sized(fmt.Sprint(i), 390<<10)}})
	}
	wantError(t, "11 × 390 KB", h.Engine.Commit(t.Context(), "w", ops...), table.ErrTooLarge)
	diff(t, "items", len(walk(t, h, table.Query{PK: "p"})), 0)
	must(t, h.Engine.Commit(t.Context(), "w", ops[:10]...))
	diff(t, "items", len(walk(t, h, table.Query{PK: "p"})), 10)
}

func keyLimit(t *testing.T, h Harness) {
	k := key(strings.Repeat("p", 2048), strings.Repeat("s", 1024))
	want := at(k.PK, k.SK, table.Item{"state": k.PK, "owner": k.SK})
	put(t, h, want)
	diff(t, "item", get(t, h, k), want)
	h.CatchUp(t)
	diff(t, "in an index", walk(t, h, table.Query{Index: byState, PK: k.PK, Prefix: k.SK}), []table.Item{want})
	_, err := h.Engine.Get(t.Context(), key(k.PK+"p", "s"), true)
	wantError(t, "a longer one", err, table.ErrInvalid)
	_, err = h.Engine.Get(t.Context(), key("", "s"), true)
	wantError(t, "an empty one", err, table.ErrInvalid)
}
