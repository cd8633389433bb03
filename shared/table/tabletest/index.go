package tabletest

import (
	"fmt"
	"testing"

	"latchkey/shared/table"
)

func indexes() contract {
	return contract{
		"an item is in an index while it has both attributes":        indexSparse,
		"an index returns keys and what it projects, nothing else":   indexProjects,
		"an index follows every change":                              indexFollows,
		"an index is in order of its sort key, takes prefixes":       indexOrder,
		"items that share an index key are all there, once":          indexTies,
		"an attribute may serve two indexes":                         indexShared,
		"an index follows puts and deletes of a commit, or its none": indexCommit,
	}
}

func inIndex(t *testing.T, h Harness, index, pk string) []table.Item {
	t.Helper()
	h.CatchUp(t)
	return walk(t, h, table.Query{Index: index, PK: pk})
}

func indexSparse(t *testing.T, h Harness) {
	put(t, h, at("p", "1", nil), at("p", "2", table.Item{"owner": "o"}), at("p", "3", table.Item{"made": "m"}),
		at("p", "4", table.Item{"owner": "o", "made": "m"}))
	diff(t, "items", inIndex(t, h, byOwner, "o"), []table.Item{at("p", "4", table.Item{"owner": "o", "made": "m"})})
}

func indexProjects(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: at("p", "s", table.Item{"owner": "o", "made": "m", "state": "x",
		"note": "n", "used": int64(3), "ttl": int64(4), "claims": table.Set{"c"}})}}))
	diff(t, "by owner", inIndex(t, h, byOwner, "o"), []table.Item{at("p", "s", table.Item{"owner": "o", "made": "m", "note": "n"})})
	diff(t, "by state", inIndex(t, h, byState, "x"), []table.Item{at("p", "s", table.Item{"owner": "o", "state": "x"})})
}

func indexFollows(t *testing.T, h Harness) {
	base := table.Item{"owner": "o", "made": "m1"}
	put(t, h, at("p", "s", base))
	steps := []struct {
		name string
		u    table.Update
		want map[string]table.Item // by partition
	}{
		{"a projected attribute", table.Update{Set: table.Item{"note": "n"}},
			map[string]table.Item{"o": {"owner": "o", "made": "m1", "note": "n"}}},
		{"one that is not", table.Update{Add: map[string]int64{"used": 1}},
			map[string]table.Item{"o": {"owner": "o", "made": "m1", "note": "n"}}},
		{"the sort key", table.Update{Set: table.Item{"made": "m2"}},
			map[string]table.Item{"o": {"owner": "o", "made": "m2", "note": "n"}}},
		{"the partition", table.Update{Set: table.Item{"owner": "o2"}},
			map[string]table.Item{"o2": {"owner": "o2", "made": "m2", "note": "n"}}},
		{"out of it", table.Update{Remove: []string{"made"}}, nil},
		{"and in again", table.Update{Set: table.Item{"made": "m3"}, Remove: []string{"note"}},
			map[string]table.Item{"o2": {"owner": "o2", "made": "m3"}}},
	}
	for _, step := range steps {
		step.u.Key = key("p", "s")
		_, err := h.Engine.Update(t.Context(), step.u)
		must(t, err)
		for _, pk := range []string{"o", "o2"} {
			var want []table.Item
			if attrs, ok := step.want[pk]; ok {
				want = []table.Item{at("p", "s", attrs)}
			}
			diff(t, step.name+" in "+pk, inIndex(t, h, byOwner, pk), want)
		}
	}
}

func indexOrder(t *testing.T, h Harness) {
	for i := range ordered {
		j := (i * 7) % len(ordered)
		put(t, h, at("p", fmt.Sprint(j), table.Item{"owner": "o", "made": ordered[j]}))
	}
	h.CatchUp(t)
	mades := func(q table.Query) (s []string) {
		for _, it := range walk(t, h, q) {
			s = append(s, it.String("made"))
		}
		return s
	}
	for limit := range 4 {
		diff(t, "ascending", mades(table.Query{Index: byOwner, PK: "o", Limit: limit}), ordered[:])
		diff(t, "descending", mades(table.Query{Index: byOwner, PK: "o", Limit: limit, Descending: true}), reversed(ordered[:]))
		diff(t, "prefix", mades(table.Query{Index: byOwner, PK: "o", Limit: limit, Prefix: "a#"}), []string{"a#1", "a#10", "a#2"})
		diff(t, "prefix of NUL", mades(table.Query{Index: byOwner, PK: "o", Limit: limit, Prefix: "a\x00", Descending: true}), []string{"a\x00b", "a\x00"})
	}
}

func indexTies(t *testing.T, h Harness) {
	want := map[table.Key]int{}
	for _, pk := range []string{"p", "q"} {
		for i := range 5 {
			k := key(pk, fmt.Sprint(i))
			put(t, h, at(k.PK, k.SK, table.Item{"owner": "o", "made": "same"}))
			want[k] = 1
		}
	}
	h.CatchUp(t)
	for limit := range 4 {
		for _, descending := range []bool{false, true} {
			got := map[table.Key]int{}
			for _, it := range walk(t, h, table.Query{Index: byOwner, PK: "o", Limit: limit, Descending: descending}) {
				got[it.Key()]++
			}
			diff(t, fmt.Sprintf("by %d, descending %v", limit, descending), got, want)
		}
	}
}

func indexShared(t *testing.T, h Harness) {
	put(t, h, at("p", "s", table.Item{"owner": "o", "made": "m", "state": "x"}))
	_, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Set: table.Item{"owner": "o2"}})
	must(t, err)
	diff(t, "by owner before", inIndex(t, h, byOwner, "o"), []table.Item(nil))
	diff(t, "by owner", inIndex(t, h, byOwner, "o2"), []table.Item{at("p", "s", table.Item{"owner": "o2", "made": "m"})})
	diff(t, "by state", inIndex(t, h, byState, "x"), []table.Item{at("p", "s", table.Item{"owner": "o2", "state": "x"})})
}

func indexCommit(t *testing.T, h Harness) {
	in := func(sk string) table.Item { return at("p", sk, table.Item{"owner": "o", "made": sk}) }
	must(t, h.Engine.Commit(t.Context(), "w1", table.Op{Put: &table.Put{Item: in("1")}}, table.Op{Put: &table.Put{Item: in("2")}}))
	diff(t, "put", sks(inIndex(t, h, byOwner, "o")), []string{"1", "2"})
	err := h.Engine.Commit(t.Context(), "w2", table.Op{Put: &table.Put{Item: in("3")}}, table.Op{Delete: &table.Delete{Key: key("p", "1")}},
		table.Op{Check: &table.Check{Key: key("p", "x"), If: table.Exists(table.PK)}})
	if table.Refused(err) == nil {
		t.Fatalf("error %v, want a refusal", err)
	}
	diff(t, "refused", sks(inIndex(t, h, byOwner, "o")), []string{"1", "2"})
	must(t, h.Engine.Commit(t.Context(), "w3", table.Op{Put: &table.Put{Item: in("3")}}, table.Op{Delete: &table.Delete{Key: key("p", "1")}}))
	diff(t, "deleted", sks(inIndex(t, h, byOwner, "o")), []string{"2", "3"})
	must(t, h.Engine.Commit(t.Context(), "w4", table.Op{Put: &table.Put{Item: at("p", "2", nil)}}))
	diff(t, "replaced", sks(inIndex(t, h, byOwner, "o")), []string{"3"})
}
