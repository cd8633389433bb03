package dynamo

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"latchkey/shared/table"
)

// expression writes DynamoDB's expressions. All expressions of one request
// share their placeholders: #0, #1… for names (any name may be a reserved
// word), :0, :1… for values. The same request is always written the same way,
// because a transaction's token holds for one wording only.
type expression struct {
	buf    []byte
	attrs  []string
	names  map[string]string // nil while there are none: DynamoDB refuses empty maps
	values map[string]types.AttributeValue
}

// take returns what was written, nil for nothing, and begins anew.
func (x *expression) take() *string {
	if len(x.buf) == 0 {
		return nil
	}
	s := string(x.buf)
	x.buf = x.buf[:0]
	return &s
}

func (x *expression) text(s string) *expression {
	x.buf = append(x.buf, s...)
	return x
}

func (x *expression) attr(name string) *expression {
	i := slices.Index(x.attrs, name)
	if i >= 0 {
		return x.text("#").text(strconv.Itoa(i))
	}
	if x.names == nil {
		x.names = make(map[string]string, 8)
	}
	placeholder := "#" + strconv.Itoa(len(x.attrs))
	x.names[placeholder] = name
	x.attrs = append(x.attrs, name)
	return x.text(placeholder)
}

func (x *expression) value(v types.AttributeValue) *expression {
	if x.values == nil {
		x.values = make(map[string]types.AttributeValue, 8)
	}
	placeholder := ":" + strconv.Itoa(len(x.values))
	x.values[placeholder] = v
	return x.text(placeholder)
}

// update writes the changes of an update, nil if it has none.
func (x *expression) update(u table.Update) *string {
	clause(x, "SET ", u.Set, " = ", encodeValue)
	if len(u.Remove) > 0 {
		x.begin("REMOVE ")
		for i, name := range slices.Sorted(slices.Values(u.Remove)) {
			x.comma(i).attr(name)
		}
	}
	clause(x, "ADD ", u.Add, " ", func(n int64) types.AttributeValue { return encodeValue(n) })
	if len(u.Add) == 0 {
		clause(x, "ADD ", u.Insert, " ", func(s table.Set) types.AttributeValue { return encodeValue(s) })
	} else {
		clause(x, ", ", u.Insert, " ", func(s table.Set) types.AttributeValue { return encodeValue(s) })
	}
	return x.take()
}

func clause[M ~map[string]V, V any](x *expression, word string, changes M, sep string, encode func(V) types.AttributeValue) {
	if len(changes) == 0 {
		return
	}
	x.begin(word)
	for i, name := range slices.Sorted(maps.Keys(changes)) {
		x.comma(i).attr(name).text(sep).value(encode(changes[name]))
	}
}

func (x *expression) begin(word string) {
	if len(x.buf) > 0 && word != ", " {
		x.text(" ")
	}
	x.text(word)
}

func (x *expression) comma(i int) *expression {
	if i > 0 {
		x.text(", ")
	}
	return x
}

// How tightly a condition binds. One inside a tighter one needs parentheses,
// and DynamoDB refuses those that are not needed.
const (
	bindOr = iota
	bindAnd
	bindNot
)

// condition writes a condition, nil for none.
func (x *expression) condition(c table.Cond) *string {
	if c.Op == table.CondNone {
		return nil
	}
	x.cond(c, bindOr)
	return x.take()
}

func (x *expression) cond(c table.Cond, outer int) {
	switch c.Op {
	case table.CondAnd:
		x.join(" AND ", bindAnd, c.Subs, outer)
	case table.CondOr:
		x.join(" OR ", bindOr, c.Subs, outer)
	case table.CondNone:
		x.cond(table.And(), outer)
	case table.CondNot:
		if c.Subs[0].Op == table.CondNot {
			x.cond(c.Subs[0].Subs[0], outer)
			return
		}
		x.text("NOT ")
		x.cond(c.Subs[0], bindNot)
	case table.CondContains, table.CondSizeBelow, table.CondSizeBelowAttr:
		x.typed(c, "SS", outer)
	case table.CondLessAttr:
		x.typed(c, "N", outer)
	default:
		x.leaf(c)
	}
}

// join writes conditions with AND or OR between them. Of none the one always
// holds and the other never does, which has to be said by way of the key.
func (x *expression) join(word string, bind int, subs []table.Cond, outer int) {
	switch {
	case len(subs) == 0 && bind == bindAnd:
		x.join(" OR ", bindOr, []table.Cond{table.Exists(table.PK), table.Absent(table.PK)}, outer)
		return
	case len(subs) == 0:
		x.join(" AND ", bindAnd, []table.Cond{table.Exists(table.PK), table.Absent(table.PK)}, outer)
		return
	case len(subs) == 1:
		x.cond(subs[0], outer)
		return
	}
	x.parenthesize(bind < outer, func() {
		for i, s := range subs {
			if i > 0 {
				x.text(word)
			}
			x.cond(s, bind)
		}
	})
}

func (x *expression) parenthesize(needed bool, write func()) {
	if !needed {
		write()
		return
	}
	x.text("(")
	write()
	x.text(")")
}

// typed writes a condition that would mean something else on another type:
// contains and size also take strings, and strings have an order.
func (x *expression) typed(c table.Cond, kind string, outer int) {
	x.parenthesize(bindAnd < outer, func() {
		x.text("attribute_type(").attr(c.Attr).text(", ").value(encodeValue(kind)).text(") AND ")
		switch c.Op {
		case table.CondContains:
			x.text("contains(").attr(c.Attr).text(", ").value(encodeValue(c.Value)).text(")")
		case table.CondSizeBelow:
			x.text("size(").attr(c.Attr).text(") < ").value(encodeValue(c.Value))
		case table.CondSizeBelowAttr:
			x.text("size(").attr(c.Attr).text(") < ").attr(c.Other)
		default:
			x.attr(c.Attr).text(" < ").attr(c.Other)
		}
	})
}

func (x *expression) leaf(c table.Cond) {
	switch c.Op {
	case table.CondExists:
		x.text("attribute_exists(").attr(c.Attr).text(")")
	case table.CondAbsent:
		x.text("attribute_not_exists(").attr(c.Attr).text(")")
	case table.CondLess:
		x.attr(c.Attr).text(" < ").value(encodeValue(c.Value))
	case table.CondGreater:
		x.attr(c.Attr).text(" > ").value(encodeValue(c.Value))
	default:
		x.attr(c.Attr).text(" = ").value(encodeValue(c.Value))
	}
}
