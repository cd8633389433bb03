package tabletest

import (
	"context"
	"errors"
	"math"
	"strconv"
	"testing"

	"latchkey/shared/table"
)

func items() contract {
	return contract{
		"Get returns nil where there is no item": func(t *testing.T, h Harness) {
			for _, consistent := range []bool{true, false} {
				it, err := h.Engine.Get(t.Context(), key("p", "s"), consistent)
				must(t, err)
				diff(t, "no item", it, table.Item(nil))
			}
		},
		"every value comes back as it went in":                        valuesComeBack,
		"the caller owns an item it gets and one it gave":             callerOwns,
		"BatchGet returns items in the order of keys":                 batchOrder,
		"BatchGet takes a hundred keys, none twice":                   batchLimits,
		"Update creates an item and returns it":                       updateCreates,
		"Update changes what it names and returns the whole item":     updateChanges,
		"an update without changes is none, or creates the bare item": updateNothing,
		"a refused Update returns the item as it was":                 updateRefused,
		"Update refuses what DynamoDB refuses":                        updateInvalid,
		"a cancelled context does nothing":                            cancelled,
	}
}

func valuesComeBack(t *testing.T, h Harness) {
	want := at("päth#\x00", "\U0001F511", table.Item{
		"string": "words", "empty": "", "nul": "a\x00b", "astral": "\U0001F600",
		"int": int64(42), "zero": int64(0), "max": int64(math.MaxInt64), "min": int64(math.MinInt64),
		"true": true, "false": false,
		"bytes": []byte{0, 1, 255}, "no bytes": []byte{},
		"set": table.Set{"b", "a", ""}, "size": "a reserved word", "with.dot-and dash": "x",
	})
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: want}}))
	want[table.Writer] = "w"
	diff(t, "item", get(t, h, want.Key()), want)
}

func callerOwns(t *testing.T, h Harness) {
	given := at("p", "s", table.Item{"bytes": []byte("abc"), "set": table.Set{"x", "y"}})
	want := at("p", "s", table.Item{"bytes": []byte("abc"), "set": table.Set{"x", "y"}, table.Writer: "w"})
	spoil := func(it table.Item) {
		it.Bytes("bytes")[0], it.Strings("set")[0] = 'X', "X"
		it["more"] = "X"
	}
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: given}}))
	if given[table.Writer] != nil {
		t.Error("Commit wrote into the caller's item")
	}
	spoil(given)
	spoil(get(t, h, key("p", "s")))
	batch, err := h.Engine.BatchGet(t.Context(), []table.Key{key("p", "s")})
	must(t, err)
	spoil(batch[0])
	page, err := h.Engine.Query(t.Context(), table.Query{PK: "p"})
	must(t, err)
	spoil(page.Items[0])
	updated, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Remove: []string{"nothing"}})
	must(t, err)
	spoil(updated)
	_, err = h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Remove: []string{"nothing"}, If: table.Absent(table.PK)})
	spoil(table.Refused(err).Reasons[0].Item)
	diff(t, "item", get(t, h, key("p", "s")), want)
}

func batchOrder(t *testing.T, h Harness) {
	put(t, h, at("p", "1", table.Item{"n": int64(1)}), at("p", "2", nil), at("q", "1", nil))
	got, err := h.Engine.BatchGet(t.Context(), []table.Key{key("q", "1"), key("p", "3"), key("p", "2"), key("p", "1")})
	must(t, err)
	diff(t, "items", got, []table.Item{at("q", "1", nil), nil, at("p", "2", nil), at("p", "1", table.Item{"n": int64(1)})})
}

func batchLimits(t *testing.T, h Harness) {
	var keys []table.Key
	for i := range table.MaxBatchKeys {
		keys = append(keys, key("p", strconv.Itoa(i)))
	}
	got, err := h.Engine.BatchGet(t.Context(), keys)
	must(t, err)
	diff(t, "a hundred keys", len(got), table.MaxBatchKeys)
	_, err = h.Engine.BatchGet(t.Context(), append(keys, key("p", "more")))
	wantError(t, "one more", err, table.ErrTooLarge)
	_, err = h.Engine.BatchGet(t.Context(), []table.Key{keys[0], keys[1], keys[0]})
	wantError(t, "a key twice", err, table.ErrInvalid)
	_, err = h.Engine.BatchGet(t.Context(), []table.Key{key("p", "")})
	wantError(t, "an empty key", err, table.ErrInvalid)
	none, err := h.Engine.BatchGet(t.Context(), nil)
	must(t, err)
	diff(t, "no keys", len(none), 0)
}

func updateCreates(t *testing.T, h Harness) {
	got, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), Set: table.Item{"a": "x"},
		Add: map[string]int64{"n": 3}, Insert: map[string]table.Set{"set": {"m"}}, If: table.Absent(table.PK)})
	must(t, err)
	want := at("p", "s", table.Item{"a": "x", "n": int64(3), "set": table.Set{"m"}})
	diff(t, "returned", got, want)
	diff(t, "stored", get(t, h, key("p", "s")), want)
}

func updateChanges(t *testing.T, h Harness) {
	put(t, h, at("p", "s", table.Item{"keep": "k", "gone": "g", "a": "old", "n": int64(10), "set": table.Set{"x", "y"}}))
	got, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"),
		Set:    table.Item{"a": "new", "b": true},
		Remove: []string{"gone", "never"},
		Add:    map[string]int64{"n": -12, "m": 1},
		Insert: map[string]table.Set{"set": {"y", "z"}, "other": {"o"}}})
	must(t, err)
	want := at("p", "s", table.Item{"keep": "k", "a": "new", "b": true, "n": int64(-2), "m": int64(1),
		"set": table.Set{"x", "y", "z"}, "other": table.Set{"o"}})
	diff(t, "returned", got, want)
	diff(t, "stored", get(t, h, key("p", "s")), want)
}

func updateNothing(t *testing.T, h Harness) {
	for range 2 {
		got, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s")})
		must(t, err)
		diff(t, "bare item", got, at("p", "s", nil))
	}
	got, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "t"), Remove: []string{"a"}})
	must(t, err)
	diff(t, "removal that creates", got, at("p", "t", nil))
}

func updateRefused(t *testing.T, h Harness) {
	was := at("p", "s", table.Item{"n": int64(5), "set": table.Set{"x"}})
	put(t, h, was)
	tests := map[string]struct {
		key  table.Key
		cond table.Cond
		want table.Item
	}{
		"an item":     {key("p", "s"), table.Less("n", int64(5)), was},
		"no item":     {key("p", "t"), table.Exists(table.PK), nil},
		"other parts": {key("p", "s"), table.Contains("set", "y"), was},
	}
	for name, tt := range tests {
		got, err := h.Engine.Update(t.Context(), table.Update{Key: tt.key, Set: table.Item{"a": "b"}, If: tt.cond})
		diff(t, name+": returned", got, table.Item(nil))
		refused := table.Refused(err)
		if refused == nil {
			t.Fatalf("%s: error %v, want a refusal", name, err)
		}
		diff(t, name+": reasons", refused.Reasons, []table.Reason{{Failed: true, Item: tt.want}})
		diff(t, name+": stored", get(t, h, tt.key), tt.want)
	}
}

func updateInvalid(t *testing.T, h Harness) {
	was := at("p", "s", table.Item{"word": "w", "n": int64(1), "set": table.Set{"x"}})
	put(t, h, was)
	tests := map[string]table.Update{
		"add to a string":           {Add: map[string]int64{"word": 1}},
		"insert into a string":      {Insert: map[string]table.Set{"word": {"x"}}},
		"insert into an integer":    {Insert: map[string]table.Set{"n": {"x"}}},
		"add to a set":              {Add: map[string]int64{"set": 1}},
		"insert an empty set":       {Insert: map[string]table.Set{"set": {}}},
		"insert a member twice":     {Insert: map[string]table.Set{"set": {"a", "a"}}},
		"set an empty set":          {Set: table.Item{"set": table.Set{}}},
		"set nothing":               {Set: table.Item{"a": nil}},
		"set an int":                {Set: table.Item{"a": 1}},
		"set a float":               {Set: table.Item{"a": 1.5}},
		"set a list":                {Set: table.Item{"a": []string{"x"}}},
		"set text that is not text": {Set: table.Item{"a": "\xff"}},
		"set the key":               {Set: table.Item{table.SK: "t"}},
		"remove the key":            {Remove: []string{table.PK}},
		"remove twice":              {Remove: []string{"a", "a"}},
		"set and remove":            {Set: table.Item{"a": "b"}, Remove: []string{"a"}},
		"set and add":               {Set: table.Item{"n": int64(1)}, Add: map[string]int64{"n": 1}},
		"remove and add":            {Remove: []string{"n"}, Add: map[string]int64{"n": 1}},
		"set and insert":            {Set: table.Item{"set": "x"}, Insert: map[string]table.Set{"set": {"y"}}},
		"add and insert":            {Add: map[string]int64{"a": 1}, Insert: map[string]table.Set{"a": {"y"}}},
		"an attribute of no name":   {Set: table.Item{"": "x"}},
		"no condition's attribute":  {If: table.Exists("")},
		"a condition on an int":     {If: table.Equal("n", 1)},
		"an index key of a number":  {Set: table.Item{"owner": int64(1)}},
		"an index key of nothing":   {Set: table.Item{"owner": ""}},
		"an index key by add":       {Add: map[string]int64{"made": 1}},
	}
	for name, u := range tests {
		u.Key = was.Key()
		_, err := h.Engine.Update(t.Context(), u)
		wantError(t, name, err, table.ErrInvalid)
	}
	diff(t, "item after all that", get(t, h, was.Key()), was)
}

func cancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, errGet := h.Engine.Get(ctx, key("p", "s"), true)
	_, errBatch := h.Engine.BatchGet(ctx, []table.Key{key("p", "s")})
	_, errQuery := h.Engine.Query(ctx, table.Query{PK: "p"})
	_, errUpdate := h.Engine.Update(ctx, table.Update{Key: key("p", "s")})
	errCommit := h.Engine.Commit(ctx, "w", table.Op{Put: &table.Put{Item: at("p", "s", nil)}})
	for name, err := range map[string]error{"Get": errGet, "BatchGet": errBatch, "Query": errQuery, "Update": errUpdate, "Commit": errCommit} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
	diff(t, "item", get(t, h, key("p", "s")), table.Item(nil))
}
