package tabletest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"latchkey/shared/table"
)

func commits() contract {
	return contract{
		"Commit does all of its operations":                    commitAll,
		"or none, with a reason for each":                      commitNone,
		"a put replaces the whole item":                        putReplaces,
		"deleting what is not there is no failure by itself":   deleteNothing,
		"an item may appear once":                              itemOnce,
		"a hundred operations and no more":                     hundredOps,
		"a commit that DynamoDB would refuse is invalid":       invalidCommits,
		"an update that cannot be applied undoes all":          commitUndone,
		"a conflict writes nothing, and Retry gets it through": conflictRetried,
	}
}

func commitAll(t *testing.T, h Harness) {
	put(t, h, at("p", "upd", table.Item{"n": int64(1)}), at("p", "del", nil), at("p", "chk", table.Item{"open": true}))
	must(t, h.Engine.Commit(t.Context(), "w",
		table.Op{Put: &table.Put{Item: at("p", "new", table.Item{"a": "x"}), If: table.Absent(table.PK)}},
		table.Op{Update: &table.Update{Key: key("p", "upd"), Add: map[string]int64{"n": 1}, If: table.Less("n", int64(2))}},
		table.Op{Delete: &table.Delete{Key: key("p", "del"), If: table.Exists(table.PK)}},
		table.Op{Check: &table.Check{Key: key("p", "chk"), If: table.Equal("open", true)}},
		table.Op{Update: &table.Update{Key: key("p", "made"), Insert: map[string]table.Set{"set": {"m"}}}},
	))
	got, err := h.Engine.BatchGet(t.Context(), []table.Key{key("p", "new"), key("p", "upd"), key("p", "del"), key("p", "chk"), key("p", "made")})
	must(t, err)
	diff(t, "items", got, []table.Item{
		at("p", "new", table.Item{"a": "x", table.Writer: "w"}),
		at("p", "upd", table.Item{"n": int64(2)}),
		nil,
		at("p", "chk", table.Item{"open": true}),
		at("p", "made", table.Item{"set": table.Set{"m"}}),
	})
}

func commitNone(t *testing.T, h Harness) {
	has := at("p", "has", table.Item{"n": int64(1)})
	put(t, h, has)
	err := h.Engine.Commit(t.Context(), "w",
		table.Op{Put: &table.Put{Item: at("p", "new", nil), If: table.Absent(table.PK)}},
		table.Op{Put: &table.Put{Item: at("p", "has", table.Item{"n": int64(9)}), If: table.Absent(table.PK)}},
		table.Op{Check: &table.Check{Key: key("p", "none"), If: table.Exists(table.PK)}},
		table.Op{Update: &table.Update{Key: key("p", "upd"), Add: map[string]int64{"n": 1}}},
		table.Op{Delete: &table.Delete{Key: key("p", "del"), If: table.Exists(table.PK)}},
		table.Op{Update: &table.Update{Key: key("q", "upd"), Add: map[string]int64{"n": 1}, If: table.Exists("n")}},
	)
	refused := table.Refused(err)
	if refused == nil {
		t.Fatalf("error %v, want a refusal", err)
	}
	diff(t, "reasons", refused.Reasons, []table.Reason{{}, {Failed: true, Item: has}, {Failed: true}, {}, {Failed: true}, {Failed: true}})
	got, err := h.Engine.BatchGet(t.Context(), []table.Key{key("p", "new"), key("p", "has"), key("p", "upd"), key("q", "upd")})
	must(t, err)
	diff(t, "items", got, []table.Item{nil, has, nil, nil})
}

func putReplaces(t *testing.T, h Harness) {
	put(t, h, at("p", "s", table.Item{"a": "x", "b": "y"}))
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Put: &table.Put{Item: at("p", "s", table.Item{"c": "z"})}}))
	diff(t, "item", get(t, h, key("p", "s")), at("p", "s", table.Item{"c": "z", table.Writer: "w"}))
}

func deleteNothing(t *testing.T, h Harness) {
	must(t, h.Engine.Commit(t.Context(), "w", table.Op{Delete: &table.Delete{Key: key("p", "s")}}))
}

func itemOnce(t *testing.T, h Harness) {
	ops := map[string]table.Op{
		"put":    {Put: &table.Put{Item: at("p", "s", nil)}},
		"update": {Update: &table.Update{Key: key("p", "s"), Set: table.Item{"a": "b"}}},
		"delete": {Delete: &table.Delete{Key: key("p", "s")}},
		"check":  {Check: &table.Check{Key: key("p", "s"), If: table.Absent(table.PK)}},
	}
	for name1, op1 := range ops {
		for name2, op2 := range ops {
			wantError(t, name1+" and "+name2, h.Engine.Commit(t.Context(), "w", op1, op2), table.ErrInvalid)
		}
	}
	diff(t, "item", get(t, h, key("p", "s")), table.Item(nil))
}

func hundredOps(t *testing.T, h Harness) {
	ops := make([]table.Op, table.MaxCommitOps+1)
	for i := range ops {
		ops[i].Put = &table.Put{Item: at("p", fmt.Sprintf("%03d", i), nil)}
	}
	wantError(t, "101 operations", h.Engine.Commit(t.Context(), "w", ops...), table.ErrTooLarge)
	diff(t, "items after 101", len(walk(t, h, table.Query{PK: "p"})), 0)
	must(t, h.Engine.Commit(t.Context(), "w", ops[1:]...))
	diff(t, "items after 100", len(walk(t, h, table.Query{PK: "p"})), 100)
}

func invalidCommits(t *testing.T, h Harness) {
	good := table.Op{Put: &table.Put{Item: at("p", "good", nil)}}
	tests := map[string][]table.Op{
		"none":                     {},
		"an operation of nothing":  {good, {}},
		"an operation of two":      {{Put: good.Put, Delete: &table.Delete{Key: key("p", "s")}}},
		"a check of nothing":       {good, {Check: &table.Check{Key: key("p", "s")}}},
		"an update of nothing":     {good, {Update: &table.Update{Key: key("p", "s")}}},
		"a put without a key":      {good, {Put: &table.Put{Item: table.Item{"a": "b"}}}},
		"a put with half a key":    {good, {Put: &table.Put{Item: table.Item{table.PK: "p"}}}},
		"a put with a number key":  {good, {Put: &table.Put{Item: table.Item{table.PK: "p", table.SK: int64(1)}}}},
		"a put of an empty set":    {good, {Put: &table.Put{Item: at("p", "s", table.Item{"a": table.Set{}})}}},
		"a put of a set of twins":  {good, {Put: &table.Put{Item: at("p", "s", table.Item{"a": table.Set{"x", "y", "x"}})}}},
		"a put of an unknown type": {good, {Put: &table.Put{Item: at("p", "s", table.Item{"a": 1})}}},
		"a put of a bad index key": {good, {Put: &table.Put{Item: at("p", "s", table.Item{"owner": true})}}},
		"a put of an empty index":  {good, {Put: &table.Put{Item: at("p", "s", table.Item{"made": ""})}}},
		"a delete without a key":   {good, {Delete: &table.Delete{}}},
		"a bad condition":          {good, {Delete: &table.Delete{Key: key("p", "s"), If: table.Exists("")}}},
		"a long partition key":     {good, {Put: &table.Put{Item: at(strings.Repeat("p", 2049), "s", nil)}}},
		"a long sort key":          {good, {Put: &table.Put{Item: at("p", strings.Repeat("s", 1025), nil)}}},
	}
	for name, ops := range tests {
		wantError(t, name, h.Engine.Commit(t.Context(), "w", ops...), table.ErrInvalid)
	}
	wantError(t, "no writer", h.Engine.Commit(t.Context(), "", good), table.ErrInvalid)
	diff(t, "items", len(walk(t, h, table.Query{PK: "p"})), 0)
}

func commitUndone(t *testing.T, h Harness) {
	put(t, h, at("p", "s", table.Item{"word": "w"}))
	err := h.Engine.Commit(t.Context(), "w",
		table.Op{Put: &table.Put{Item: at("p", "new", nil)}},
		table.Op{Update: &table.Update{Key: key("p", "s"), Add: map[string]int64{"word": 1}}},
	)
	wantError(t, "add to a string", err, table.ErrInvalid)
	diff(t, "item", get(t, h, key("p", "new")), table.Item(nil))
}

func conflictRetried(t *testing.T, h Harness) {
	e := Conflicting(h.Engine, 3)
	_, err := e.Update(t.Context(), table.Update{Key: key("p", "n"), Add: map[string]int64{"n": 1}})
	wantError(t, "first", err, table.ErrConflict)
	diff(t, "item after a conflict", get(t, h, key("p", "n")), table.Item(nil))
	calls := 0
	must(t, table.Retry(t.Context(), func() error {
		calls++
		return e.Commit(t.Context(), "w", table.Op{Update: &table.Update{Key: key("p", "n"), Add: map[string]int64{"n": 1}}})
	}))
	diff(t, "calls", calls, 3)
	diff(t, "item", get(t, h, key("p", "n")), at("p", "n", table.Item{"n": int64(1)}))
	if table.Refused(err) != nil || errors.Is(err, table.ErrInvalid) {
		t.Errorf("a conflict also is something else: %v", err)
	}
}
