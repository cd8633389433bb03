package eval

import (
	"slices"

	"latchkey/shared/table"
)

// CheckUpdate reports an update that DynamoDB would refuse before it looks
// at the item.
func CheckUpdate(s table.Schema, u table.Update) error {
	if err := CheckKey(u.Key); err != nil {
		return err
	}
	if err := CheckCond(u.If); err != nil {
		return err
	}
	if err := checkAttrs(s, u.Set); err != nil {
		return err
	}
	for name, n := range u.Add {
		if err := checkAttr(s, name, n); err != nil {
			return err
		}
	}
	for name, set := range u.Insert {
		if err := checkAttr(s, name, set); err != nil {
			return err
		}
	}
	return checkNames(u)
}

// checkNames holds each attribute to one clause, and keys to none.
func checkNames(u table.Update) error {
	for i, name := range u.Remove {
		if name == "" || isKey(name) || slices.Contains(u.Remove[:i], name) {
			return invalid("update removes %q", name)
		}
		if _, ok := u.Set[name]; ok {
			return invalid("update changes %q twice", name)
		}
	}
	for name := range u.Set {
		if isKey(name) {
			return invalid("update sets key attribute %q", name)
		}
	}
	for name := range u.Add {
		_, set := u.Set[name]
		if set || isKey(name) || slices.Contains(u.Remove, name) {
			return invalid("update changes %q twice or is its key", name)
		}
	}
	for name := range u.Insert {
		_, set := u.Set[name]
		_, added := u.Add[name]
		if set || added || isKey(name) || slices.Contains(u.Remove, name) {
			return invalid("update changes %q twice or is its key", name)
		}
	}
	return nil
}

func isKey(name string) bool { return name == table.PK || name == table.SK }

// CheckBatch reports a BatchGet that DynamoDB would refuse.
func CheckBatch(keys []table.Key) error {
	if len(keys) > table.MaxBatchKeys {
		return tooLarge("batch of %d keys", len(keys))
	}
	seen := make(map[table.Key]bool, len(keys))
	for _, k := range keys {
		if err := CheckKey(k); err != nil {
			return err
		}
		if seen[k] {
			return invalid("a key twice in one batch")
		}
		seen[k] = true
	}
	return nil
}

// CheckQuery reports a query that DynamoDB would refuse, and returns the
// index it is on; the zero Index is the table itself.
func CheckQuery(s table.Schema, q table.Query) (table.Index, error) {
	ix, ok := table.Index{PK: table.PK, SK: table.SK}, true
	if q.Index != "" {
		ix, ok = s.Index(q.Index)
	}
	switch {
	case !ok:
		return ix, invalid("no index %q", q.Index)
	case q.Index != "" && q.Consistent:
		return ix, invalid("a consistent read on index %q", q.Index)
	case q.Limit < 0:
		return ix, invalid("a limit of %d", q.Limit)
	}
	if q.Prefix != "" {
		if err := checkKeyString(ix.SK, q.Prefix, maxSK); err != nil {
			return ix, err
		}
	}
	return ix, checkKeyString(ix.PK, q.PK, maxPK)
}

// CheckCommit reports a commit that DynamoDB would refuse before it looks at
// any item.
func CheckCommit(s table.Schema, writer string, ops []table.Op) error {
	switch {
	case writer == "":
		return invalid("a commit without a writer")
	case len(ops) == 0:
		return invalid("a commit without operations")
	case len(ops) > table.MaxCommitOps:
		return tooLarge("commit of %d operations", len(ops))
	}
	if err := checkValue(table.Writer, writer); err != nil {
		return err
	}
	seen := make(map[table.Key]bool, len(ops))
	total := 0
	for _, op := range ops {
		size, err := checkOp(s, writer, op)
		if err != nil {
			return err
		}
		key, _ := Target(op)
		if seen[key] {
			return invalid("an item twice in one commit")
		}
		seen[key] = true
		total += size
	}
	return CheckTotal(total)
}

// CheckTotal reports that the items of one commit are too large together.
func CheckTotal(n int) error {
	if n > table.MaxCommitBytes {
		return tooLarge("commit of %d bytes", n)
	}
	return nil
}

// Target returns the key and the condition of an operation.
func Target(op table.Op) (table.Key, table.Cond) {
	switch {
	case op.Put != nil:
		return op.Put.Item.Key(), op.Put.If
	case op.Update != nil:
		return op.Update.Key, op.Update.If
	case op.Delete != nil:
		return op.Delete.Key, op.Delete.If
	default:
		return op.Check.Key, op.Check.If
	}
}

// checkOp checks one operation and returns the bytes it brings.
func checkOp(s table.Schema, writer string, op table.Op) (int, error) {
	n := 0
	for _, set := range []bool{op.Put != nil, op.Update != nil, op.Delete != nil, op.Check != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return 0, invalid("an operation with %d fields set", n)
	}
	switch {
	case op.Put != nil:
		return checkPut(s, writer, *op.Put)
	case op.Update != nil:
		return checkCommitUpdate(s, *op.Update)
	case op.Check != nil && op.Check.If.Op == table.CondNone:
		return 0, invalid("a check without a condition")
	}
	key, cond := Target(op)
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	return 0, CheckCond(cond)
}

func checkPut(s table.Schema, writer string, p table.Put) (int, error) {
	if err := CheckItem(s, p.Item); err != nil {
		return 0, err
	}
	size := Size(p.Item)
	if p.Item[table.Writer] == nil {
		size += len(table.Writer) + len(writer)
	}
	if size > table.MaxItemBytes {
		return 0, tooLarge("item of %d bytes", size)
	}
	return size, CheckCond(p.If)
}

// checkCommitUpdate also refuses an update that changes nothing: DynamoDB's
// transactions require an update expression.
func checkCommitUpdate(s table.Schema, u table.Update) (int, error) {
	if len(u.Set)+len(u.Remove)+len(u.Add)+len(u.Insert) == 0 {
		return 0, invalid("an update without changes in a commit")
	}
	return Size(u.Set), CheckUpdate(s, u)
}
