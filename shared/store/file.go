package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

// Files implements file.Store.
type Files struct {
	Table table.Engine
	Now   func() time.Time
}

var _ file.Store = Files{}

// pendingFor is how long a record outlives the upload that was not finished:
// the bucket's own clean-up comes first.
const pendingFor = 8 * 24 * time.Hour

func fileKey(organization, id string) table.Key {
	return table.Key{PK: "files#" + organization, SK: id}
}

func mediaKey(organization string, mediaID int64) table.Key {
	return table.Key{PK: "media#" + organization, SK: number(mediaID)}
}

// NextMediaID implements file.Store.
func (s Files) NextMediaID(ctx context.Context, organization string) (int64, error) {
	return next(ctx, s.Table, organization, "media")
}

// Replay implements file.Store.
func (s Files) Replay(ctx context.Context, once account.Once) (string, error) {
	return replay(ctx, s.Table, once, s.Now())
}

// AddFile implements file.Store.
func (s Files) AddFile(ctx context.Context, f file.File, once account.Once) error {
	it := fileItem(f)
	pointer := item("media#"+f.Organization, number(f.MediaID))
	pointer["ref"] = f.ID
	if f.State == file.Pending {
		it[table.TTL] = f.CreatedAt.Add(pendingFor).Unix()
		pointer[table.TTL] = it[table.TTL]
	}
	ops := []table.Op{fresh(it), fresh(pointer)}
	for _, card := range linkCards(f) {
		if f.State == file.Pending {
			card[table.TTL] = it[table.TTL]
		}
		ops = append(ops, put(card))
	}
	ops = append(ops, onceOp(once, f.ID, s.Now())...)
	return replayed(commit(ctx, s.Table, f.ID, ops...), once)
}

func fileItem(f file.File) table.Item {
	it := item("files#"+f.Organization, f.ID)
	it["number"], it["asset"], it["name"], it["type"] = f.MediaID, f.AssetID, f.Name, f.ContentType
	it["size"], it["kind"], it["state"] = f.Size, string(f.Kind), string(f.State)
	it["by"], it["created"] = f.CreatedBy, millis(f.CreatedAt)
	setString(it, "sha256", f.SHA256)
	setString(it, "reason", f.Reason)
	setString(it, "upload", f.UploadID)
	setString(it, "rec", f.Recording)
	if f.PartSize > 0 {
		it["part"] = f.PartSize
	}
	setTime(it, "ready", f.ReadyAt)
	setTime(it, "updated", f.UpdatedAt)
	setString(it, "updater", f.UpdatedBy)
	setString(it, "title", f.DisplayName)
	setString(it, "category", f.Category)
	setString(it, "supplier", f.SupplierName)
	if f.SupplierDocument {
		it["supplied"] = true
	}
	for name, members := range map[string][]string{"languages": f.Languages, "assets": f.Assets, "maintenance": f.Maintenance} {
		if len(members) > 0 {
			it[name] = table.Set(members)
		}
	}
	return it
}

func fileOf(it table.Item) file.File {
	return file.File{
		ID: it.String(table.SK), Organization: strings.TrimPrefix(it.String(table.PK), "files#"),
		MediaID: it.Int("number"), AssetID: it.String("asset"), Name: it.String("name"),
		ContentType: it.String("type"), Size: it.Int("size"), SHA256: it.String("sha256"),
		Kind: file.Kind(it.String("kind")), Recording: it.String("rec"), State: file.State(it.String("state")), Reason: it.String("reason"), Version: it.String("version"),
		Duration: it.Int("duration"),
		UploadID: it.String("upload"), PartSize: it.Int("part"), CreatedBy: it.String("by"),
		CreatedAt: timeOf(it, "created"), ReadyAt: timeOf(it, "ready"), UpdatedAt: timeOf(it, "updated"), UpdatedBy: it.String("updater"),
		About: file.About{
			DisplayName: it.String("title"), Category: it.String("category"), Languages: slices.Sorted(slices.Values(it.Strings("languages"))),
			SupplierDocument: it.Bool("supplied"), SupplierName: it.String("supplier"),
		},
		Assets: slices.Sorted(slices.Values(it.Strings("assets"))), Maintenance: slices.Sorted(slices.Values(it.Strings("maintenance"))),
	}
}

// File implements file.Store.
func (s Files) File(ctx context.Context, organization, id string) (file.File, error) {
	it, err := s.Table.Get(ctx, fileKey(organization, id), true)
	if err != nil || it == nil {
		return file.File{}, cmp.Or(err, errFile())
	}
	return fileOf(it), nil
}

func errFile() error { return fault.New(fault.NotFound, "file not found") }

// FileByMediaID implements file.Store.
func (s Files) FileByMediaID(ctx context.Context, organization string, mediaID int64) (file.File, error) {
	it, err := s.Table.Get(ctx, mediaKey(organization, mediaID), true)
	if err != nil || it == nil {
		return file.File{}, cmp.Or(err, errFile())
	}
	return s.File(ctx, organization, it.String("ref"))
}

// Files implements file.Store.
func (s Files) Files(ctx context.Context, organization string, p file.Page) ([]file.File, string, error) {
	got, err := page(ctx, s.Table, table.Query{PK: "files#" + organization, Descending: true, Consistent: true}, p)
	if err != nil {
		return nil, "", err
	}
	files := make([]file.File, len(got.Items))
	for i, it := range got.Items {
		files[i] = fileOf(it)
	}
	return files, got.Next, nil
}

// SettleFile implements file.Store.
func (s Files) SettleFile(ctx context.Context, f file.File) error {
	set := table.Item{
		"state": string(f.State), "size": f.Size, "ready": millis(f.ReadyAt), "reason": f.Reason, "version": f.Version,
		"type": f.ContentType, "duration": f.Duration,
	}
	// A file that is there does not go by itself any more.
	ops := []table.Op{
		{Update: &table.Update{
			Key: fileKey(f.Organization, f.ID), Set: set, Remove: []string{table.TTL},
			If: table.Equal("state", string(file.Pending)),
		}},
		{Update: &table.Update{
			Key: mediaKey(f.Organization, f.MediaID), Set: table.Item{"ref": f.ID}, Remove: []string{table.TTL},
		}},
	}
	for _, card := range linkCards(f) {
		// No put, which would tell that this was done: by AddFile.
		ops = append(ops, table.Op{Update: &table.Update{Key: card.Key(), Remove: []string{table.TTL}}})
	}
	err := commit(ctx, s.Table, f.ID, ops...)
	if table.Refused(err) != nil {
		return fault.New(fault.Conflict, "the file is not pending any more")
	}
	return err
}

// BeginDelete implements file.Store.
func (s Files) BeginDelete(ctx context.Context, f file.File) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: fileKey(f.Organization, f.ID), Set: table.Item{"state": string(file.Deleting)}, If: table.Exists(table.PK),
	})
	if table.Refused(err) != nil {
		return errFile()
	}
	return err
}

// FinishDelete implements file.Store. It reads the file again: it may have been
// linked until its deletion began.
func (s Files) FinishDelete(ctx context.Context, f file.File) error {
	now, err := s.File(ctx, f.Organization, f.ID)
	if err == nil {
		err = s.unlink(ctx, now)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return commit(ctx, s.Table, f.ID,
		remove("files#"+f.Organization, f.ID), remove("media#"+f.Organization, number(f.MediaID)))
}
