package table

// Cond is a condition on one item, as the engines evaluate it. The zero Cond
// always holds. A comparison with an attribute that is absent or of another
// type does not hold, and neither does its use under Size.
type Cond struct {
	Op    CondOp
	Attr  string
	Value any    // string or int64 for comparisons, string for Contains, int64 for size
	Other string // the attribute to compare with, for SizeBelowAttr and LessAttr
	Subs  []Cond
}

// CondOp is the kind of a Cond.
type CondOp int

// The kinds of conditions. Use the functions below to build them.
const (
	CondNone CondOp = iota
	CondExists
	CondAbsent
	CondEqual
	CondLess
	CondGreater
	CondContains
	CondSizeBelow
	CondSizeBelowAttr
	CondLessAttr
	CondAnd
	CondOr
	CondNot
)

// Exists holds when the item has the attribute. Exists(PK): there is an item.
func Exists(attr string) Cond { return Cond{Op: CondExists, Attr: attr} }

// Absent holds when there is no item or it lacks the attribute.
func Absent(attr string) Cond { return Cond{Op: CondAbsent, Attr: attr} }

// Equal holds when the attribute is the same string, int64 or bool.
func Equal(attr string, value any) Cond { return Cond{Op: CondEqual, Attr: attr, Value: value} }

// Less holds when the attribute is smaller than a string or int64.
func Less(attr string, value any) Cond { return Cond{Op: CondLess, Attr: attr, Value: value} }

// Greater holds when the attribute is greater than a string or int64.
func Greater(attr string, value any) Cond { return Cond{Op: CondGreater, Attr: attr, Value: value} }

// Contains holds when a Set attribute has the member.
func Contains(attr, member string) Cond { return Cond{Op: CondContains, Attr: attr, Value: member} }

// SizeBelow holds when a Set attribute exists and has fewer than n members.
func SizeBelow(attr string, n int64) Cond { return Cond{Op: CondSizeBelow, Attr: attr, Value: n} }

// SizeBelowAttr holds when a Set attribute exists and has fewer members than
// an int64 attribute says.
func SizeBelowAttr(attr, other string) Cond {
	return Cond{Op: CondSizeBelowAttr, Attr: attr, Other: other}
}

// LessAttr holds when an int64 attribute is smaller than another one.
func LessAttr(attr, other string) Cond { return Cond{Op: CondLessAttr, Attr: attr, Other: other} }

// And holds when all hold.
func And(conds ...Cond) Cond { return Cond{Op: CondAnd, Subs: conds} }

// Or holds when one holds.
func Or(conds ...Cond) Cond { return Cond{Op: CondOr, Subs: conds} }

// Not holds when c does not.
func Not(c Cond) Cond { return Cond{Op: CondNot, Subs: []Cond{c}} }
