package store

import (
	"context"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

func documentKey(organization, recordingID, id string) table.Key {
	return table.Key{PK: "doc#" + organization + "#" + recordingID, SK: id}
}

func errDocument() error { return fault.New(fault.NotFound, "document not found") }

// AddDocument implements recording.Store.
func (s Recordings) AddDocument(ctx context.Context, d recording.Document, once account.Once, jobs ...job.Job) error {
	ops := []table.Op{
		{Update: &table.Update{
			Key: recordingKey(d.Organization, d.Recording),
			Set: table.Item{"status": string(recording.Completed), "updated": millis(d.CreatedAt)}, Remove: []string{"reason"},
			Add: map[string]int64{"documents": 1},
			If:  table.And(staying(), below("documents", recording.MaxDocuments)),
		}},
		fresh(documentItem(d)),
	}
	ops = append(ops, jobOps(s.Now(), jobs...)...)
	ops = append(ops, onceOp(once, d.ID, s.Now())...)
	err := replayed(commit(ctx, s.Table, d.ID, ops...), once)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return refusedPart(r.Reasons[0].Item, errRecording(), errDocuments())
	}
	return err
}

func errDocuments() error {
	return fault.New(fault.Conflict, "a recording can have %d documents: delete one first", recording.MaxDocuments)
}

// refusedPart says why a thing took no other part: it is gone, or full.
func refusedPart(it table.Item, gone, full error) error {
	if it == nil || it.Bool("deleting") {
		return gone
	}
	return full
}

func documentItem(d recording.Document) table.Item {
	it := documentFields(d)
	it[table.PK], it[table.SK] = documentKey(d.Organization, d.Recording, d.ID).PK, d.ID
	it["type"], it["language"], it["original"], it["originalsize"] = string(d.Type), d.Language, d.Original, d.OriginalSize
	it["by"], it["created"] = d.CreatedBy, millis(d.CreatedAt)
	return it
}

// documentFields are those that change with the document.
func documentFields(d recording.Document) table.Item {
	return table.Item{
		"name": d.Filename, "finished": d.Finished, "private": d.NoSharing, "offset": d.TimecodeOffset,
		"plain": d.Plain, "bare": d.Bare, "version": d.Version, "content": d.Content, "size": d.Size, "modified": millis(d.ModifiedAt),
	}
}

func documentOf(it table.Item) recording.Document {
	pk := strings.SplitN(it.String(table.PK), "#", 3)
	return recording.Document{
		ID: it.String(table.SK), Organization: pk[1], Recording: pk[2], Filename: it.String("name"),
		Type: recording.Type(it.String("type")), Language: it.String("language"), Finished: it.Bool("finished"),
		NoSharing: it.Bool("private"), TimecodeOffset: it.String("offset"), Plain: it.Bool("plain"), Bare: it.Bool("bare"),
		Version: it.Int("version"), Original: it.String("original"), Content: it.String("content"), Size: it.Int("size"), OriginalSize: it.Int("originalsize"),
		Deleting: it.Bool("deleting"), CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"), ModifiedAt: timeOf(it, "modified"),
	}
}

// Documents implements recording.Store.
func (s Recordings) Documents(ctx context.Context, organization, recordingID string) ([]recording.Document, error) {
	items, err := queryAll(ctx, s.Table, documentKey(organization, recordingID, "").PK)
	out := make([]recording.Document, len(items))
	for i, it := range items {
		out[i] = documentOf(it)
	}
	return out, err
}

// ChangeDocument implements recording.Store.
func (s Recordings) ChangeDocument(ctx context.Context, was, d recording.Document, events []share.Event) error {
	ops := []table.Op{{Update: &table.Update{
		Key: documentKey(d.Organization, d.Recording, d.ID), Set: documentFields(d),
		If: table.And(staying(), table.Equal("version", was.Version)),
	}}}
	for _, e := range events {
		ops = append(ops, eventOps(e)...)
	}
	err := commit(ctx, s.Table, d.Content+" "+number(d.Version), ops...)
	if r := table.Refused(err); r != nil {
		return refusedPart(r.Reasons[0].Item, errDocument(),
			fault.New(fault.Stale, "the document was changed meanwhile"))
	}
	return err
}

// BeginDeleteDocument implements recording.Store.
func (s Recordings) BeginDeleteDocument(ctx context.Context, writer string, r recording.Recording, d recording.Document, jobs ...job.Job) error {
	ops := uncounted(recordingKey(d.Organization, d.Recording), "documents")
	whole := ops[0].Update
	switch {
	case r.Deleting:
	case r.Documents > 1:
		whole.If = table.Greater("documents", int64(1))
	default:
		whole.Set = table.Item{"status": string(r.Emptied())}
		whole.If = table.And(table.Equal("documents", r.Documents), table.Equal("status", string(r.Status)))
	}
	ops = append(ops, jobOps(s.Now(), jobs...)...)
	return s.hide(ctx, writer, table.Update{Key: documentKey(d.Organization, d.Recording, d.ID), If: table.Exists(table.PK)}, errDocument(),
		fault.New(fault.Stale, "the recording was changed meanwhile"), ops...)
}

// FinishDeleteDocument implements recording.Store.
func (s Recordings) FinishDeleteDocument(ctx context.Context, d recording.Document) error {
	key := documentKey(d.Organization, d.Recording, d.ID)
	return commit(ctx, s.Table, "delete "+d.ID, remove(key.PK, key.SK))
}
