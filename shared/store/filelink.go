package store

import (
	"context"
	"maps"
	"slices"

	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

// linkKey is the card of a file that belongs to an entity: written with the
// link, and gone with the file.
func linkKey(organization string, kind file.Kind, entity, id string) table.Key {
	return table.Key{PK: string(kind) + "#" + organization + "#" + entity, SK: id}
}

// linkSets are the attributes of a file that name what it belongs to.
var linkSets = map[file.Kind]string{file.AssetDocument: "assets", file.MaintenanceFile: "maintenance"}

// linkCards are the cards of all entities that a file belongs to.
func linkCards(f file.File) (cards []table.Item) {
	for kind, entities := range map[file.Kind][]string{file.AssetDocument: f.Assets, file.MaintenanceFile: f.Maintenance} {
		for _, entity := range entities {
			key := linkKey(f.Organization, kind, entity, f.ID)
			cards = append(cards, item(key.PK, key.SK))
		}
	}
	return cards
}

// LinkFile implements file.Store.
func (s Files) LinkFile(ctx context.Context, f file.File, l file.Link) (file.File, error) {
	set := linkSets[l.Kind]
	u := table.Update{
		Key: fileKey(f.Organization, f.ID), Set: table.Item{"updated": millis(l.At), "updater": l.By}, Insert: map[string]table.Set{set: {l.Entity}},
		If: table.And(table.Equal("state", string(file.Ready)), table.Equal("kind", string(f.Kind)),
			table.Or(table.Absent(set), table.Contains(set, l.Entity), table.SizeBelow(set, file.MaxLinks))),
	}
	if f.Kind == file.General {
		u.Set["kind"] = string(l.Kind)
	}
	card := linkKey(f.Organization, l.Kind, l.Entity, f.ID)
	err := commit(ctx, s.Table, f.ID+"#"+card.PK, table.Op{Update: &u}, put(item(card.PK, card.SK)))
	if r := table.Refused(err); r != nil {
		return file.File{}, refusedLink(r.Reasons[0].Item, f)
	}
	if err != nil {
		return file.File{}, err
	}
	return s.File(ctx, f.Organization, f.ID)
}

// refusedLink says why a file as it is now was not linked.
func refusedLink(it table.Item, was file.File) error {
	now := fileOf(it)
	switch {
	case it == nil || now.State == file.Deleting:
		return errFile()
	case now.State != file.Ready:
		return fault.New(fault.Conflict, "the file is %s", now.State)
	case now.Kind != was.Kind:
		return fault.New(fault.Stale, "the file was changed meanwhile")
	}
	return file.ErrLinks()
}

// Linked implements file.Store.
func (s Files) Linked(ctx context.Context, organization string, kind file.Kind, entities ...string) ([]file.File, error) {
	ids := map[string]bool{}
	for _, entity := range entities {
		cards, err := queryAll(ctx, s.Table, linkKey(organization, kind, entity, "").PK)
		if err != nil {
			return nil, err
		}
		for _, card := range cards {
			ids[card.String(table.SK)] = true
		}
	}
	var files []file.File
	for some := range slices.Chunk(slices.Sorted(maps.Keys(ids)), table.MaxBatchKeys) {
		keys := make([]table.Key, len(some))
		for i, id := range some {
			keys[i] = fileKey(organization, id)
		}
		items, err := s.Table.BatchGet(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it != nil { // what is being deleted, or was given up, may leave its card for a while
				files = append(files, fileOf(it))
			}
		}
	}
	return files, nil
}

// CountLinked implements file.Store.
func (s Files) CountLinked(ctx context.Context, organization string, kind file.Kind, entity string) (int, error) {
	cards, err := queryAll(ctx, s.Table, linkKey(organization, kind, entity, "").PK)
	return len(cards), err
}

// unlink removes all cards of a file, which is not linked any more: it is
// being deleted.
func (s Files) unlink(ctx context.Context, f file.File) error {
	for cards := range slices.Chunk(linkCards(f), table.MaxCommitOps) {
		ops := make([]table.Op, len(cards))
		for i, card := range cards {
			ops[i] = remove(card.String(table.PK), card.String(table.SK))
		}
		if err := commit(ctx, s.Table, f.ID, ops...); err != nil {
			return err
		}
	}
	return nil
}
