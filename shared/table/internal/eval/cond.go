// Package eval is what the engines have in common: the meaning of conditions
// and updates, and the checks that DynamoDB makes before it does anything. It
// refuses to know where items are kept.
package eval

import (
	"cmp"
	"slices"

	"latchkey/shared/table"
)

// Holds reports whether c holds for an item, nil if there is none.
func Holds(c table.Cond, it table.Item) bool {
	switch c.Op {
	case table.CondNone:
		return true
	case table.CondAnd:
		return !slices.ContainsFunc(c.Subs, func(s table.Cond) bool { return !Holds(s, it) })
	case table.CondOr:
		return slices.ContainsFunc(c.Subs, func(s table.Cond) bool { return Holds(s, it) })
	case table.CondNot:
		return !Holds(c.Subs[0], it)
	case table.CondExists:
		return it[c.Attr] != nil
	case table.CondAbsent:
		return it[c.Attr] == nil
	case table.CondContains, table.CondSizeBelow, table.CondSizeBelowAttr:
		return holdsSet(c, it)
	default:
		return holdsValue(c, it)
	}
}

func holdsSet(c table.Cond, it table.Item) bool {
	set, ok := it[c.Attr].(table.Set)
	if !ok {
		return false
	}
	switch c.Op {
	case table.CondContains:
		return slices.Contains(set, c.Value.(string))
	case table.CondSizeBelow:
		return int64(len(set)) < c.Value.(int64)
	default:
		n, ok := it[c.Other].(int64)
		return ok && int64(len(set)) < n
	}
}

func holdsValue(c table.Cond, it table.Item) bool {
	if c.Op == table.CondEqual {
		return it[c.Attr] == c.Value // CheckCond let only comparable types through
	}
	other := c.Value
	if c.Op == table.CondLessAttr {
		if other = it[c.Other]; !isInt(other) {
			return false
		}
	}
	order, ok := compare(it[c.Attr], other)
	if c.Op == table.CondGreater {
		return ok && order > 0
	}
	return ok && order < 0
}

// compare orders two values of one type; strings by their bytes.
func compare(a, b any) (order int, ok bool) {
	switch b := b.(type) {
	case string:
		a, ok := a.(string)
		return cmp.Compare(a, b), ok
	case int64:
		a, ok := a.(int64)
		return cmp.Compare(a, b), ok
	}
	return 0, false
}

func isInt(v any) bool { _, ok := v.(int64); return ok }
