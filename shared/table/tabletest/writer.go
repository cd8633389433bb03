package tabletest

import (
	"testing"

	"latchkey/shared/table"
)

func writers() contract {
	return contract{
		"a repeated conditional create by the same writer is done, not refused": repeatedCreate,
		"another writer's is refused with the item that is there":               otherWriter,
		"a repeat is recognised whatever its other content":                     repeatedOtherwise,
		"a repeat is recognised when its own effect fails its conditions":       repeatedAgainstItself,
		"a repeat is recognised after the item was updated":                     repeatedAfterUpdate,
		"a commit that was refused may be repeated with another outcome":        refusedThenDone,
		"a put bears the mark of its last writer":                               lastWriter,
	}
}

// create puts an item if there is none and counts it.
func create(sk string, attrs table.Item) []table.Op {
	return []table.Op{
		{Put: &table.Put{Item: at("p", sk, attrs), If: table.Absent(table.PK)}},
		{Update: &table.Update{Key: key("p", "count"), Add: map[string]int64{"n": 1}}},
	}
}

func count(t *testing.T, h Harness, want int64) {
	t.Helper()
	diff(t, "count", get(t, h, key("p", "count")).Int("n"), want)
}

func repeatedCreate(t *testing.T, h Harness) {
	for range 3 {
		must(t, h.Engine.Commit(t.Context(), "w", create("s", nil)...))
	}
	count(t, h, 1)
}

func otherWriter(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w1", create("s", table.Item{"a": "x"})...))
	err := h.Engine.Commit(t.Context(), "w2", create("s", table.Item{"a": "x"})...)
	refused := table.Refused(err)
	if refused == nil {
		t.Fatalf("error %v, want a refusal", err)
	}
	diff(t, "reasons", refused.Reasons, []table.Reason{{Failed: true, Item: at("p", "s", table.Item{"a": "x", table.Writer: "w1"})}, {}})
	count(t, h, 1)
}

func repeatedOtherwise(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w", create("s", table.Item{"at": int64(1)})...))
	must(t, h.Engine.Commit(t.Context(), "w", create("s", table.Item{"at": int64(2)})...))
	count(t, h, 1)
	diff(t, "item", get(t, h, key("p", "s")), at("p", "s", table.Item{"at": int64(1), table.Writer: "w"}))
}

func repeatedAgainstItself(t *testing.T, h Harness) {
	put(t, h, at("p", "limit", table.Item{"left": int64(1)}))
	for i := range 2 {
		// The time makes the second request another one, so that only the
		// mark can tell that it is a repeat; the put by itself never fails.
		must(t, h.Engine.Commit(t.Context(), "w",
			table.Op{Put: &table.Put{Item: at("p", "claim", table.Item{"at": int64(i)})}},
			table.Op{Update: &table.Update{Key: key("p", "limit"), Add: map[string]int64{"left": -1}, If: table.Greater("left", int64(0))}}))
	}
	diff(t, "limit", get(t, h, key("p", "limit")).Int("left"), int64(0))
}

func repeatedAfterUpdate(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w", create("s", table.Item{"at": int64(1)})...))
	_, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Set: table.Item{"a": "changed"}})
	must(t, err)
	must(t, h.Engine.Commit(t.Context(), "w", create("s", table.Item{"at": int64(2)})...))
	count(t, h, 1)
	diff(t, "item", get(t, h, key("p", "s")), at("p", "s", table.Item{"a": "changed", "at": int64(1), table.Writer: "w"}))
}

func refusedThenDone(t *testing.T, h Harness) {
	ops := append(create("s", nil), table.Op{Check: &table.Check{Key: key("p", "door"), If: table.Equal("open", true)}})
	if err := h.Engine.Commit(t.Context(), "w", ops...); table.Refused(err) == nil {
		t.Fatalf("error %v, want a refusal", err)
	}
	put(t, h, at("p", "door", table.Item{"open": true}))
	must(t, h.Engine.Commit(t.Context(), "w", ops...))
	count(t, h, 1)
}

func lastWriter(t *testing.T, h Harness) {
	for _, writer := range []string{"w1", "w2"} {
		must(t, h.Engine.Commit(t.Context(), writer, table.Op{Put: &table.Put{Item: at("p", "s", table.Item{table.Writer: "forged"})}}))
		diff(t, "item", get(t, h, key("p", "s")), at("p", "s", table.Item{table.Writer: writer}))
	}
}
