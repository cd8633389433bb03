package eval

import (
	"slices"
	"unicode/utf8"

	"latchkey/shared/table"
)

// The key lengths of DynamoDB ("Naming rules and data types").
const (
	maxPK = 2048
	maxSK = 1024
)

// Size is an item's size as DynamoDB counts it ("Item sizes and formats"):
// names and strings in UTF-8 bytes, a number by its significant digits.
func Size(it table.Item) int {
	n := 0
	for name, v := range it {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case int64:
		return intSize(v)
	case table.Set:
		n := 0
		for _, m := range v {
			n += len(m)
		}
		return n
	}
	return 1
}

// intSize is one byte per two significant digits, one more, and one for a sign.
func intSize(v int64) int {
	n := 1
	if v < 0 {
		n++
	}
	for v != 0 && v%10 == 0 {
		v /= 10
	}
	digits := 0
	for ; v != 0; v /= 10 {
		digits++
	}
	return n + (digits+1)/2
}

// CheckKey reports a key that DynamoDB would refuse.
func CheckKey(k table.Key) error {
	if err := checkKeyString(table.PK, k.PK, maxPK); err != nil {
		return err
	}
	return checkKeyString(table.SK, k.SK, maxSK)
}

func checkKeyString(name, s string, limit int) error {
	switch {
	case s == "":
		return invalid("key attribute %q is empty", name)
	case len(s) > limit:
		return invalid("key attribute %q is longer than %d bytes", name, limit)
	case !utf8.ValidString(s):
		return invalid("key attribute %q is not UTF-8", name)
	}
	return nil
}

// CheckItem reports a whole item that DynamoDB would refuse.
func CheckItem(s table.Schema, it table.Item) error {
	if err := CheckKey(it.Key()); err != nil {
		return err
	}
	if err := checkAttrs(s, it); err != nil {
		return err
	}
	return CheckSize(it)
}

// CheckSize reports an item that is too large.
func CheckSize(it table.Item) error {
	if n := Size(it); n > table.MaxItemBytes {
		return tooLarge("item of %d bytes", n)
	}
	return nil
}

func checkAttrs(s table.Schema, it table.Item) error {
	for name, v := range it {
		if err := checkAttr(s, name, v); err != nil {
			return err
		}
	}
	return nil
}

func checkAttr(s table.Schema, name string, v any) error {
	if name == "" || !utf8.ValidString(name) {
		return invalid("attribute name %q", name)
	}
	for _, ix := range s.Indexes {
		if name != ix.PK && name != ix.SK {
			continue
		}
		str, ok := v.(string)
		if !ok {
			return invalid("index attribute %q is no string", name)
		}
		limit := maxPK
		if name == ix.SK {
			limit = maxSK
		}
		if err := checkKeyString(name, str, limit); err != nil {
			return err
		}
	}
	return checkValue(name, v)
}

func checkValue(name string, v any) error {
	switch v := v.(type) {
	case int64, bool, []byte:
		return nil
	case string:
		if !utf8.ValidString(v) {
			return invalid("attribute %q is not UTF-8", name)
		}
		return nil
	case table.Set:
		return checkSet(name, v)
	}
	return invalid("attribute %q is a %T", name, v)
}

func checkSet(name string, set table.Set) error {
	if len(set) == 0 {
		return invalid("set %q is empty", name)
	}
	if len(set) > 1 {
		set = slices.Clone(set)
		slices.Sort(set)
	}
	for i, m := range set {
		if !utf8.ValidString(m) {
			return invalid("set %q has a member that is not UTF-8", name)
		}
		if i > 0 && m == set[i-1] {
			return invalid("set %q has a member twice", name)
		}
	}
	return nil
}

// CheckCond reports a condition that could not be evaluated.
func CheckCond(c table.Cond) error {
	switch c.Op {
	case table.CondNone:
		return nil
	case table.CondAnd, table.CondOr:
	case table.CondNot:
		if len(c.Subs) != 1 {
			return invalid("a negation of %d conditions", len(c.Subs))
		}
	default:
		return checkLeaf(c)
	}
	for _, s := range c.Subs {
		if err := CheckCond(s); err != nil {
			return err
		}
	}
	return nil
}

func checkLeaf(c table.Cond) error {
	if c.Attr == "" {
		return invalid("a condition on no attribute")
	}
	ok := false
	switch v := c.Value.(type) {
	case nil:
		ok = c.Op == table.CondExists || c.Op == table.CondAbsent ||
			c.Other != "" && (c.Op == table.CondSizeBelowAttr || c.Op == table.CondLessAttr)
	case string:
		ok = utf8.ValidString(v) && slices.Contains([]table.CondOp{table.CondEqual, table.CondLess, table.CondGreater, table.CondContains}, c.Op)
	case int64:
		ok = slices.Contains([]table.CondOp{table.CondEqual, table.CondLess, table.CondGreater, table.CondSizeBelow}, c.Op)
	case bool:
		ok = c.Op == table.CondEqual
	}
	if !ok {
		return invalid("condition %d on %q with a %T", c.Op, c.Attr, c.Value)
	}
	return nil
}
