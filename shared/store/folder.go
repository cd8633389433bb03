package store

import (
	"context"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

// folderKey is where a folder is. The item with id "" comes before all of
// them and has the version of their tree.
func folderKey(organization, id string) table.Key {
	return table.Key{PK: "folders#" + organization, SK: "#" + id}
}

func errFolder() error { return fault.Field(fault.NotFound, "folder_id", "folder not found") }

// Tree implements recording.Store. The version is read first: what changes
// while the folders are read makes it an old one.
func (s Recordings) Tree(ctx context.Context, organization string) (t recording.Tree, err error) {
	items, err := queryAll(ctx, s.Table, folderKey(organization, "").PK)
	for _, it := range items {
		if it.Key() == folderKey(organization, "") {
			t.Version = it.Int("version")
			continue
		}
		t.Folders = append(t.Folders, recording.Folder{
			ID: strings.TrimPrefix(it.String(table.SK), "#"), Organization: organization, Name: it.String("name"), Parent: it.String("parent"),
			Visible: recording.Visibility(it.String("visible")), Users: lines(it.String("users")), CreatedAt: timeOf(it, "created"),
		})
	}
	return t, err
}

// lines are the entries of a list that is stored as one string, in order.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// PutFolder implements recording.Store.
func (s Recordings) PutFolder(ctx context.Context, f recording.Folder, version int64) error {
	u := table.Update{Key: folderKey(f.Organization, f.ID), Set: table.Item{
		"name": f.Name, "visible": string(f.Visible), "created": millis(f.CreatedAt),
	}}
	assign(&u, "parent", f.Parent != "", f.Parent)
	assign(&u, "users", len(f.Users) > 0, strings.Join(f.Users, "\n"))
	return s.changeTree(ctx, f.Organization, version, table.Op{Update: &u})
}

// changeTree makes one change of the folders that were read at a version.
func (s Recordings) changeTree(ctx context.Context, organization string, version int64, op table.Op) error {
	tree := table.Update{Key: folderKey(organization, ""), Add: map[string]int64{"version": 1}, If: table.Equal("version", version)}
	if version == 0 {
		tree.If = table.Absent("version")
	}
	err := commit(ctx, s.Table, "folders "+organization, table.Op{Update: &tree}, op)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return fault.New(fault.Stale, "the folders were changed meanwhile")
	}
	return err
}

// DeleteFolder implements recording.Store.
func (s Recordings) DeleteFolder(ctx context.Context, organization, id string, version int64) error {
	err := s.changeTree(ctx, organization, version, table.Op{Delete: &table.Delete{
		Key: folderKey(organization, id), If: table.And(table.Exists(table.PK), table.Or(table.Absent("recordings"), table.Equal("recordings", int64(0)))),
	}})
	if r := table.Refused(err); r != nil {
		return refusedPart(r.Reasons[1].Item, errFolder(), fault.New(fault.Conflict, "the folder is not empty"))
	}
	return err
}

// inFolder counts recordings that come into a folder, or leave it; no op for
// home.
func inFolder(organization, id string, n int64) []table.Op {
	if id == "" {
		return nil
	}
	return []table.Op{{Update: &table.Update{
		Key: folderKey(organization, id), Add: map[string]int64{"recordings": n}, If: table.Exists(table.PK),
	}}}
}
