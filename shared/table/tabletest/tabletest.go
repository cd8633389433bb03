// Package tabletest is the contract of table.Engine as tests: what the
// comments of package table say, each engine passes. An engine joins in ten
// lines, by a function that opens an empty table.
package tabletest

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
)

// Harness is an empty table with Schema and PageKey, and what the suite may
// do with it besides calling the engine.
type Harness struct {
	Engine table.Engine

	// CatchUp lets reads on indexes see all that was written before; nil if
	// they always do.
	CatchUp func(t *testing.T)

	// Changes returns the changes of this table so far, or since the last
	// call. Expire deletes what is past its ttl by this time. Where an engine
	// cannot offer one, or a server gets a test wrong, Elsewhere names the
	// test that proves the same.
	Changes   func(t *testing.T) []table.Change
	Expire    func(t *testing.T, now time.Time)
	Elsewhere map[string]string // by "Changes", "Expire" or the name of a test

	// Racers go for one limit at once (0: 64), in this many rounds (0: 200).
	// With one racer the same claims are made in turn: all that can be asked
	// of a server that is no judge of races.
	Racers, Rounds int
}

// The indexes of Schema: byOwner projects note and size, byState nothing.
const (
	byOwner = "by-owner"
	byState = "by-state"
)

// Schema is what Run expects of the tables it is given.
func Schema() table.Schema {
	return table.Schema{Indexes: []table.Index{
		{Name: byOwner, PK: "owner", SK: "made", Project: []string{"note", "size"}},
		{Name: byState, PK: "state", SK: "owner"},
	}}
}

// PageKey is the key under which the tables seal their page tokens.
func PageKey() []byte { return []byte("a key for the suite's page tokens") }

// contract is a group of tests; each gets a table of its own.
type contract map[string]func(*testing.T, Harness)

// Run tests the contract on the tables that open returns.
func Run(t *testing.T, open func(*testing.T) Harness) {
	groups := map[string]contract{
		"item": items(), "condition": conditions(), "commit": commits(), "writer": writers(), "query": queries(),
		"token": tokens(), "index": indexes(), "limit": limits(), "feed": feeds(), "race": races(),
	}
	for name, group := range groups {
		t.Run(name, func(t *testing.T) {
			for name, test := range group {
				t.Run(name, func(t *testing.T) {
					h := open(t).complete(t)
					if other := h.Elsewhere[name]; other != "" {
						t.Logf("proven by %s", other)
						return
					}
					test(t, h)
				})
			}
		})
	}
}

// complete fills in what h leaves out, or fails if nothing makes up for it.
func (h Harness) complete(t *testing.T) Harness {
	t.Helper()
	for name, missing := range map[string]bool{"Changes": h.Changes == nil, "Expire": h.Expire == nil} {
		if missing && h.Elsewhere[name] == "" {
			t.Fatalf("the harness can neither do %s nor say which test proves it", name)
		}
	}
	if h.CatchUp == nil {
		h.CatchUp = func(*testing.T) {}
	}
	if h.Racers == 0 {
		h.Racers = 64
	}
	if h.Rounds == 0 {
		h.Rounds = 200
	}
	return h
}

// diff compares anything that holds items; sets have no order.
func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	isSet := func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[table.Set]() } // and no []string, whose order counts
	sorted := cmp.FilterPath(isSet, cmp.Transformer("sorted", func(s table.Set) []string { return slices.Sorted(slices.Values(s)) }))
	if d := cmp.Diff(want, got, sorted); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }

// at returns an item with this key and these attributes.
func at(pk, sk string, attrs table.Item) table.Item {
	it := table.Item{table.PK: pk, table.SK: sk}
	for name, v := range attrs {
		it[name] = v
	}
	return it
}

// put writes items as they are, by updates, so that they bear no writer. They
// also remove something, because moto's server breaks on updates of nothing.
func put(t *testing.T, h Harness, items ...table.Item) {
	t.Helper()
	for _, it := range items {
		set := table.Item{}
		for name, v := range it {
			if name != table.PK && name != table.SK {
				set[name] = v
			}
		}
		_, err := h.Engine.Update(t.Context(), table.Update{Key: it.Key(), Set: set, Remove: []string{"nothing"}})
		must(t, err)
	}
}

func get(t *testing.T, h Harness, k table.Key) table.Item {
	t.Helper()
	it, err := h.Engine.Get(t.Context(), k, true)
	must(t, err)
	return it
}
