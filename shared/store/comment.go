package store

import (
	"cmp"
	"context"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

func commentKey(organization, documentID, id string) table.Key {
	return table.Key{PK: "comments#" + organization + "#" + documentID, SK: id}
}

func errComment() error { return fault.New(fault.NotFound, "comment not found") }

func commentItem(organization string, c recording.Comment) table.Item {
	it := item(commentKey(organization, c.Document, c.ID).PK, c.ID)
	it["document"], it["time"], it["author"], it["by"] = c.Document, c.At, c.Author, c.By
	it["text"], it["resolved"], it["created"], it["updated"] = c.Text, c.Resolved, millis(c.CreatedAt), millis(c.UpdatedAt)
	return it
}

func commentOf(it table.Item) recording.Comment {
	return recording.Comment{
		ID: it.String(table.SK), Document: it.String("document"), At: it.Int("time"), Author: it.String("author"),
		By: it.String("by"), Text: it.String("text"), Resolved: it.Bool("resolved"),
		CreatedAt: timeOf(it, "created"), UpdatedAt: timeOf(it, "updated"),
	}
}

// counted changes a document's number of comments.
func counted(d recording.Document, by int64, cond table.Cond) table.Op {
	return table.Op{Update: &table.Update{
		Key: documentKey(d.Organization, d.Recording, d.ID), Add: map[string]int64{"comments": by}, If: cond,
	}}
}

// AddComment implements recording.Store.
func (s Recordings) AddComment(ctx context.Context, d recording.Document, c recording.Comment, events []share.Event, once account.Once) error {
	ops := []table.Op{
		counted(d, 1, table.And(staying(), below("comments", recording.MaxComments))), fresh(commentItem(d.Organization, c)),
	}
	for _, e := range events {
		ops = append(ops, eventOps(e)...)
	}
	err := replayed(commit(ctx, s.Table, c.ID, append(ops, onceOp(once, c.ID, s.Now())...)...), once)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return refusedPart(r.Reasons[0].Item, errDocument(),
			fault.New(fault.Conflict, "a document can have %d comments: delete one first", recording.MaxComments))
	}
	return err
}

// Comment implements recording.Store.
func (s Recordings) Comment(ctx context.Context, d recording.Document, id string) (recording.Comment, error) {
	it, err := s.Table.Get(ctx, commentKey(d.Organization, d.ID, id), true)
	if err != nil || it == nil {
		return recording.Comment{}, cmp.Or(err, errComment())
	}
	return commentOf(it), nil
}

// Comments implements recording.Store.
func (s Recordings) Comments(ctx context.Context, d recording.Document) ([]recording.Comment, error) {
	items, err := queryAll(ctx, s.Table, commentKey(d.Organization, d.ID, "").PK)
	out := make([]recording.Comment, len(items))
	for i, it := range items {
		out[i] = commentOf(it)
	}
	return out, err
}

// ChangeComment implements recording.Store.
func (s Recordings) ChangeComment(ctx context.Context, d recording.Document, writer string, was, c recording.Comment, events []share.Event) error {
	changed := commentItem(d.Organization, c)
	for name, value := range commentItem(d.Organization, was) {
		if changed[name] == value {
			delete(changed, name) // somebody else may change it at the same time
		}
	}
	changed["updated"] = millis(c.UpdatedAt)
	ops := []table.Op{
		{Check: &table.Check{Key: documentKey(d.Organization, d.Recording, d.ID), If: staying()}},
		{Update: &table.Update{Key: commentKey(d.Organization, d.ID, c.ID), Set: changed, If: table.Exists(table.PK)}},
	}
	return s.commentDone(ctx, writer, ops, events)
}

// DeleteComment implements recording.Store.
func (s Recordings) DeleteComment(ctx context.Context, d recording.Document, writer, id string, events []share.Event) error {
	ops := []table.Op{
		counted(d, -1, staying()),
		{Delete: &table.Delete{Key: commentKey(d.Organization, d.ID, id), If: table.Exists(table.PK)}},
	}
	return s.commentDone(ctx, writer, ops, events)
}

func (s Recordings) commentDone(ctx context.Context, writer string, ops []table.Op, events []share.Event) error {
	for _, e := range events {
		ops = append(ops, eventOps(e)...)
	}
	err := commit(ctx, s.Table, writer, ops...)
	if table.Refused(err) != nil {
		return errComment()
	}
	return err
}

// ClearComments implements recording.Store.
func (s Recordings) ClearComments(ctx context.Context, d recording.Document) error {
	items, err := queryAll(ctx, s.Table, commentKey(d.Organization, d.ID, "").PK)
	if err != nil {
		return err
	}
	var c chunk
	for _, it := range items {
		if err := c.add(ctx, s.Table, "clear "+d.ID, []table.Op{remove(it.String(table.PK), it.String(table.SK))}); err != nil {
			return err
		}
	}
	return c.flush(ctx, s.Table)
}
