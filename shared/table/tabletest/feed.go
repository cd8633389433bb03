package tabletest

import (
	"testing"
	"time"

	"latchkey/shared/table"
)

func feeds() contract {
	return contract{
		"the feed tells every change with the item before and after":       feedTells,
		"the feed is in order per item":                                    feedOrder,
		"the feed tells nothing of what was refused or changed nothing":    feedSilent,
		"an item past its ttl is deleted, in time, and its change says so": feedExpires,
	}
}

// changes reads the feed and checks what holds for all: an ID of each, a date.
func changes(t *testing.T, h Harness) []table.Change {
	t.Helper()
	if h.Changes == nil {
		t.Logf("proven by %s", h.Elsewhere["Changes"])
		return nil
	}
	got := h.Changes(t)
	seen := map[string]bool{}
	for i, c := range got {
		if c.ID == "" || seen[c.ID] {
			t.Errorf("change %d has ID %q, seen %v", i, c.ID, seen[c.ID])
		}
		if c.At.IsZero() {
			t.Errorf("change %d has no date", i)
		}
		seen[c.ID] = true
		got[i].ID, got[i].At = "", time.Time{}
	}
	return got
}

func wantChanges(t *testing.T, h Harness, want []table.Change) {
	t.Helper()
	if got := changes(t, h); h.Changes != nil {
		diff(t, "changes", got, want)
	}
}

func feedTells(t *testing.T, h Harness) {
	put(t, h, at("p", "s", table.Item{"n": int64(1), "set": table.Set{"x"}, "b": []byte("y")}))
	_, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Set: table.Item{"n": int64(2)}, Remove: []string{"set", "b"}})
	must(t, err)
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: at("p", "s", table.Item{"ok": true})}}))
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Delete: &table.Delete{Key: key("p", "s")}}))
	states := []table.Item{nil, at("p", "s", table.Item{"n": int64(1), "set": table.Set{"x"}, "b": []byte("y")}),
		at("p", "s", table.Item{"n": int64(2)}), at("p", "s", table.Item{"ok": true, table.Writer: "w"}), nil}
	var want []table.Change
	for i := range states[1:] {
		want = append(want, table.Change{Old: states[i], New: states[i+1]})
	}
	wantChanges(t, h, want)
}

func feedOrder(t *testing.T, h Harness) {
	const items, steps = 3, 20
	for range steps {
		for sk := range items {
			_, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", string(rune('a'+sk))), Add: map[string]int64{"n": 1}})
			must(t, err)
		}
	}
	at := map[table.Key]int64{}
	for _, c := range changes(t, h) {
		k := c.New.Key()
		diff(t, "old", c.Old.Int("n"), at[k])
		diff(t, "new", c.New.Int("n"), at[k]+1)
		at[k]++
	}
	if h.Changes != nil {
		diff(t, "changes per item", at, map[table.Key]int64{key("p", "a"): steps, key("p", "b"): steps, key("p", "c"): steps})
	}
}

func feedSilent(t *testing.T, h Harness) {
	it := at("p", "s", table.Item{"a": "x", "set": table.Set{"m"}})
	put(t, h, it)
	_, err := h.Engine.Update(t.Context(), table.Update{Key: it.Key(), Set: table.Item{"a": "x"}, Insert: map[string]table.Set{"set": {"m"}}, Remove: []string{"b"}})
	must(t, err)
	_, err = h.Engine.Update(t.Context(), table.Update{Key: it.Key(), Set: table.Item{"a": "y"}, If: table.Absent("a")})
	if table.Refused(err) == nil {
		t.Errorf("error %v, want a refusal", err)
	}
	err = h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: at("p", "t", nil)}},
		table.Op{Check: &table.Check{Key: it.Key(), If: table.Absent(table.PK)}})
	if table.Refused(err) == nil {
		t.Errorf("error %v, want a refusal", err)
	}
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Delete: &table.Delete{Key: key("p", "nothing")}}))
	wantChanges(t, h, []table.Change{{New: it}})
}

func feedExpires(t *testing.T, h Harness) {
	now := time.Date(2023, 11, 27, 12, 0, 0, 0, time.UTC)
	past := at("p", "past", table.Item{"ttl": now.Unix() - 1})
	moved := at("p", "moved", table.Item{"ttl": now.Unix() - 1})
	keep := []table.Item{at("p", "later", table.Item{"ttl": now.Unix() + 1}), at("p", "never", nil),
		at("p", "now", table.Item{"ttl": now.Unix()})}
	put(t, h, append(keep, past, moved)...)
	put(t, h, at("p", "moved", table.Item{"ttl": now.Unix() + 60}))
	if h.Expire == nil {
		t.Logf("proven by %s", h.Elsewhere["Expire"])
		return
	}
	put(t, h, at("p", "text", table.Item{"ttl": "soon"})) // moto's server breaks on it
	diff(t, "before it is deleted", get(t, h, past.Key()), past)
	changes(t, h)
	h.Expire(t, now)
	wantChanges(t, h, []table.Change{{Old: past, Expired: true}})
	diff(t, "left", sks(walk(t, h, table.Query{PK: "p"})), []string{"later", "moved", "never", "now", "text"})
	h.Expire(t, now)
	wantChanges(t, h, nil)
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Delete: &table.Delete{Key: keep[0].Key()}}))
	wantChanges(t, h, []table.Change{{Old: keep[0]}})
}
