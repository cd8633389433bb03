package eval

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"

	"latchkey/shared/table"
)

// Clone returns a copy that shares nothing with it: nil for nil.
func Clone(it table.Item) table.Item {
	if it == nil {
		return nil
	}
	c := make(table.Item, len(it))
	for name, v := range it {
		c[name] = cloneValue(v)
	}
	return c
}

// Normal returns a copy as engines keep it: sets sorted, so that equal items
// look the same.
func Normal(it table.Item) table.Item {
	c := Clone(it)
	for _, v := range c {
		if set, ok := v.(table.Set); ok {
			slices.Sort(set)
		}
	}
	return c
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case []byte:
		return append([]byte{}, v...)
	case table.Set:
		return append(table.Set{}, v...)
	}
	return v
}

// Same reports whether two normal items are equal, nil being no item.
func Same(a, b table.Item) bool {
	return (a == nil) == (b == nil) && maps.EqualFunc(a, b, sameValue)
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case table.Set:
		b, ok := b.(table.Set)
		return ok && slices.Equal(a, b)
	}
	switch b.(type) {
	case []byte, table.Set:
		return false
	}
	return a == b
}

// Apply returns what a checked update makes of old, a normal item or nil. The
// result shares old's values, which no engine changes in place.
func Apply(u table.Update, old table.Item) (table.Item, error) {
	it := make(table.Item, len(old)+len(u.Set)+len(u.Add)+len(u.Insert)+2)
	maps.Copy(it, old)
	it[table.PK], it[table.SK] = u.Key.PK, u.Key.SK
	for name, v := range u.Set {
		v = cloneValue(v)
		if set, ok := v.(table.Set); ok {
			slices.Sort(set)
		}
		it[name] = v
	}
	for _, name := range u.Remove {
		delete(it, name)
	}
	for name, n := range u.Add {
		if err := add(it, name, n); err != nil {
			return nil, err
		}
	}
	for name, members := range u.Insert {
		if err := insert(it, name, members); err != nil {
			return nil, err
		}
	}
	return it, nil
}

func add(it table.Item, name string, n int64) error {
	old, ok := it[name].(int64)
	if !ok && it[name] != nil {
		return invalid("add to %q, which is no integer", name)
	}
	if (n > 0 && old > math.MaxInt64-n) || (n < 0 && old < math.MinInt64-n) {
		return invalid("add to %q overflows", name)
	}
	it[name] = old + n
	return nil
}

func insert(it table.Item, name string, members table.Set) error {
	old, ok := it[name].(table.Set)
	if !ok && it[name] != nil {
		return invalid("insert into %q, which is no set", name)
	}
	set := append(make(table.Set, 0, len(old)+len(members)), old...)
	for _, m := range members {
		if i, found := slices.BinarySearch(set, m); !found {
			set = slices.Insert(set, i, m)
		}
	}
	it[name] = set
	return nil
}

// Project returns what an index shows of an item, or nil if the item is not
// in it. The values are shared.
func Project(ix table.Index, it table.Item) table.Item {
	if it[ix.PK] == nil || it[ix.SK] == nil {
		return nil
	}
	p := make(table.Item, 4+len(ix.Project))
	for _, name := range []string{table.PK, table.SK, ix.PK, ix.SK} {
		p[name] = it[name]
	}
	for _, name := range ix.Project {
		if v := it[name]; v != nil {
			p[name] = v
		}
	}
	return p
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", table.ErrInvalid, fmt.Sprintf(format, args...))
}

func tooLarge(format string, args ...any) error {
	return fmt.Errorf("%w: %s", table.ErrTooLarge, fmt.Sprintf(format, args...))
}
