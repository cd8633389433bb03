package eval

import "latchkey/shared/table"

// Write is what one operation does to one item: Old and New are nil where
// there is none.
type Write struct {
	Key      table.Key
	Old, New table.Item
}

// Empty reports whether the write changes nothing: like DynamoDB's stream, the
// change feed then says nothing of it.
func (w Write) Empty() bool { return Same(w.Old, w.New) }

// PlanUpdate returns the write of a checked update on old.
func PlanUpdate(u table.Update, old table.Item) (Write, error) {
	if !Holds(u.If, old) {
		return Write{}, &table.RefusedError{Reasons: []table.Reason{{Failed: true, Item: Clone(old)}}}
	}
	it, err := Apply(u, old)
	if err != nil {
		return Write{}, err
	}
	return Write{Key: u.Key, Old: old, New: it}, CheckSize(it)
}

// PlanCommit returns the writes of a checked commit, reading the stored items
// by get. It returns none when a put item already carries this writer's mark:
// then all of it was done before, because a commit is done whole or not at
// all.
func PlanCommit(get func(table.Key) (table.Item, error), writer string, ops []table.Op) ([]Write, error) {
	olds := make([]table.Item, len(ops))
	reasons := make([]table.Reason, len(ops))
	refused := false
	for i, op := range ops {
		key, cond := Target(op)
		old, err := get(key)
		if err != nil {
			return nil, err
		}
		if op.Put != nil && old.String(table.Writer) == writer {
			return nil, nil
		}
		olds[i] = old
		if !Holds(cond, old) {
			reasons[i] = table.Reason{Failed: true, Item: Clone(old)}
			refused = true
		}
	}
	if refused {
		return nil, &table.RefusedError{Reasons: reasons}
	}
	return planWrites(writer, ops, olds)
}

func planWrites(writer string, ops []table.Op, olds []table.Item) ([]Write, error) {
	writes := make([]Write, 0, len(ops))
	total := 0
	for i, op := range ops {
		key, _ := Target(op)
		w := Write{Key: key, Old: olds[i]}
		switch {
		case op.Check != nil:
			continue
		case op.Put != nil:
			w.New = Normal(op.Put.Item)
			w.New[table.Writer] = writer
		case op.Update != nil:
			var err error
			if w.New, err = Apply(*op.Update, w.Old); err != nil {
				return nil, err
			}
		}
		if err := CheckSize(w.New); err != nil {
			return nil, err
		}
		total += Size(w.New)
		writes = append(writes, w)
	}
	return writes, CheckTotal(total)
}
