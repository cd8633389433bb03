package store

import (
	"context"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

func batchKey(organization, folder, id string) table.Key {
	return table.Key{PK: "batches#" + organization + "#" + folder, SK: id}
}

// batchID finds a batch by its id alone.
func batchID(organization, id string) table.Key {
	return table.Key{PK: "batchid#" + organization, SK: id}
}

// AddBatch implements recording.Store.
func (s Recordings) AddBatch(ctx context.Context, b recording.Batch, j job.Job, once account.Once) error {
	key := batchKey(b.Organization, b.Folder, b.ID)
	it, at := item(key.PK, key.SK), item(batchID(b.Organization, b.ID).PK, b.ID)
	parts := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		parts[i] = p.Recording + p.Product
	}
	it["prompt"], it["status"], it["parts"], it["created"] = b.Prompt, string(b.Status), strings.Join(parts, "\n"), millis(b.CreatedAt)
	setString(it, "by", b.CreatedBy)
	setString(at, "folder", b.Folder)
	ops := append([]table.Op{fresh(it), fresh(at)}, jobOps(s.Now(), j)...)
	ops = append(ops, onceOp(once, b.ID, s.Now())...)
	return replayed(commit(ctx, s.Table, b.ID, ops...), once)
}

func batchOf(it table.Item) recording.Batch {
	pk := strings.SplitN(it.String(table.PK), "#", 3)
	b := recording.Batch{
		ID: it.String(table.SK), Organization: pk[1], Folder: pk[2], Prompt: it.String("prompt"), Status: recording.Status(it.String("status")),
		Asked: it.Bool("asked"), CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"),
	}
	for _, line := range lines(it.String("parts")) {
		b.Parts = append(b.Parts, recording.Part{Recording: line[:len(line)/2], Product: line[len(line)/2:]})
	}
	return b
}

// Batch implements recording.Store.
func (s Recordings) Batch(ctx context.Context, organization, id string) (recording.Batch, error) {
	at, err := s.Table.Get(ctx, batchID(organization, id), true)
	if err != nil || at == nil {
		return recording.Batch{}, orNone(err, errProduct())
	}
	it, err := s.Table.Get(ctx, batchKey(organization, at.String("folder"), id), true)
	if err != nil || it == nil {
		return recording.Batch{}, orNone(err, errProduct())
	}
	return batchOf(it), nil
}

// Batches implements recording.Store.
func (s Recordings) Batches(ctx context.Context, organization, folder string) ([]recording.Batch, error) {
	items, err := queryAll(ctx, s.Table, batchKey(organization, folder, "").PK)
	out := make([]recording.Batch, len(items))
	for i, it := range items {
		out[i] = batchOf(it)
	}
	return out, err
}

// Parts implements recording.Store.
func (s Recordings) Parts(ctx context.Context, organization string, parts []recording.Part) ([]recording.Product, error) {
	out := make([]recording.Product, len(parts))
	at := make(map[string]int, len(parts))
	keys := make([]table.Key, len(parts))
	for i, p := range parts {
		name := recording.Product{Kind: recording.Summarized, ID: p.Product}.Name()
		keys[i], at[p.Product] = productKey(organization, p.Recording, name), i
	}
	items, err := batchGet(ctx, s.Table, keys)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it == nil {
			continue
		}
		p, err := productOf(it)
		if err != nil {
			return nil, err
		}
		out[at[p.ID]] = p
	}
	return out, nil
}

// DeleteBatches implements recording.Store.
func (s Recordings) DeleteBatches(ctx context.Context, organization, folder string) error {
	items, err := queryAll(ctx, s.Table, batchKey(organization, folder, "").PK)
	if err != nil {
		return err
	}
	var c chunk
	for _, it := range items {
		id := it.String(table.SK)
		ops := []table.Op{remove(it.String(table.PK), id), remove(batchID(organization, id).PK, id)}
		if err := c.add(ctx, s.Table, "batches of "+folder, ops); err != nil {
			return err
		}
	}
	return c.flush(ctx, s.Table)
}

// ChangeBatch implements recording.Store.
func (s Recordings) ChangeBatch(ctx context.Context, b recording.Batch) error {
	u := table.Update{Key: batchKey(b.Organization, b.Folder, b.ID), Set: table.Item{}, If: table.Exists(table.PK)}
	if b.Status != recording.Processing {
		u.Set["status"] = string(b.Status)
	}
	if b.Asked {
		u.Set["asked"] = true
	}
	_, err := update(ctx, s.Table, u)
	if table.Refused(err) != nil {
		return errProduct()
	}
	return err
}
