package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// Recordings implements recording.Store.
type Recordings struct {
	Table table.Engine
	Now   func() time.Time
}

var _ recording.Store = Recordings{}

func recordingKey(organization, id string) table.Key {
	return table.Key{PK: "rec#" + organization, SK: id}
}

func recordingID(id string) table.Key { return table.Key{PK: "recid#" + id, SK: "recording"} }

func recordingCount(organization string) table.Key {
	return table.Key{PK: "counter#" + organization, SK: "recordings"}
}

// staying holds for what is there and is not being deleted.
func staying() table.Cond { return table.And(table.Exists(table.PK), table.Absent("deleting")) }

// below holds while a counter has not come to most.
func below(counter string, most int64) table.Cond {
	return table.Or(table.Absent(counter), table.Less(counter, most))
}

func errRecording() error { return fault.New(fault.NotFound, "recording not found") }

// Replay implements recording.Store.
func (s Recordings) Replay(ctx context.Context, once account.Once) (string, error) {
	return replay(ctx, s.Table, once, s.Now())
}

// AddRecording implements recording.Store.
func (s Recordings) AddRecording(ctx context.Context, r recording.Recording, public *share.Issued, once account.Once) error {
	claim := item(recordingID(r.ID).PK, recordingID(r.ID).SK)
	claim["org"] = r.Organization
	ops := []table.Op{
		{Update: &table.Update{
			Key: recordingCount(r.Organization), Add: map[string]int64{"n": 1}, If: below("n", recording.MaxRecordings),
		}},
		fresh(claim), fresh(recordingItem(r)),
	}
	if r.Source != "" {
		j := job.New(job.Fetch, account.Principal{Organization: r.Organization, User: r.CreatedBy}, r.ID)
		ops = append(ops, jobOps(s.Now(), j)...)
	}
	if public != nil {
		ops = append(append(ops, shareOps(public.Share)...), eventOps(public.Event)...)
	}
	folder := len(ops)
	ops = append(ops, inFolder(r.Organization, r.FolderID, 1)...)
	ops = append(ops, onceOp(once, r.ID, s.Now())...)
	err := replayed(commit(ctx, s.Table, r.ID, ops...), once)
	switch refused := table.Refused(err); {
	case refused == nil:
	case refused.Reasons[0].Failed:
		return fault.New(fault.Conflict, "an organization can have %d recordings: delete one first", recording.MaxRecordings)
	case r.FolderID != "" && refused.Reasons[folder].Failed:
		return errFolder()
	}
	return err
}

func recordingItem(r recording.Recording) table.Item {
	it := item(recordingKey(r.Organization, r.ID).PK, r.ID)
	it["name"], it["language"], it["status"] = r.Name, r.Language, string(r.Status)
	it["align"], it["video"], it["keep"], it["diarize"] = r.Align, r.Video, r.KeepSource, r.Diarization
	it["punctuate"], it["multi"], it["fetching"] = r.Punctuation, r.Multichannel, r.Fetching
	it["share"], it["edit"], it["export"], it["comments"] = r.Settings.Share, r.Settings.Edit, r.Settings.Export, r.Settings.Comments
	it["life"], it["duration"], it["documents"], it["channels"] = r.Settings.LinkLife.Milliseconds(), r.Duration, r.Documents, int64(r.Channels)
	it["by"], it["created"], it["updated"] = r.CreatedBy, millis(r.CreatedAt), millis(r.UpdatedAt)
	for name, value := range map[string]string{
		"reason": r.Reason, "source": r.Source, "file": r.FileID, "folder": r.FolderID, "media": r.MediaType, "type": string(r.DocumentType),
		"keywords": strings.Join(r.Keywords, "\n"), "speakers": strings.Join(r.Speakers, "\n"), "script": r.Script, "custom": r.CustomData,
		"label": r.Label, "callback": r.Callback, "public": string(r.Public), "run": r.Run, "peaks": r.Peaks, "thumbnail": r.Thumbnail,
		"replaces": r.Replaces, "next_source": r.NextSource, "next_file": r.NextFile,
	} {
		setString(it, name, value)
	}
	return it
}

func recordingOf(it table.Item) recording.Recording {
	return recording.Recording{
		ID: it.String(table.SK), Organization: strings.TrimPrefix(it.String(table.PK), "rec#"),
		Name: it.String("name"), Language: it.String("language"), Status: recording.Status(it.String("status")),
		Reason: it.String("reason"), Align: it.Bool("align"), Source: it.String("source"), FileID: it.String("file"), NextSource: it.String("next_source"), NextFile: it.String("next_file"), MediaType: it.String("media"),
		Duration: it.Int("duration"), Video: it.Bool("video"), Channels: int(it.Int("channels")), Peaks: it.String("peaks"), Thumbnail: it.String("thumbnail"), FolderID: it.String("folder"), KeepSource: it.Bool("keep"),
		Diarization: it.Bool("diarize"), Punctuation: it.Bool("punctuate"), Multichannel: it.Bool("multi"),
		Fetching: it.Bool("fetching"), DocumentType: recording.Type(it.String("type")),
		Keywords: lines(it.String("keywords")), Speakers: lines(it.String("speakers")), Script: it.String("script"), CustomData: it.String("custom"),
		Label: it.String("label"), Callback: it.String("callback"), Run: it.String("run"), Replaces: it.String("replaces"), Public: share.Ref(it.String("public")),
		Settings: recording.Settings{
			Share: it.Bool("share"), Edit: it.Bool("edit"), Export: it.Bool("export"), Comments: it.Bool("comments"),
			LinkLife: lifeOf(it),
		},
		Documents: it.Int("documents"), Deleting: it.Bool("deleting"), CreatedBy: it.String("by"),
		CreatedAt: timeOf(it, "created"), UpdatedAt: timeOf(it, "updated"),
	}
}

func lifeOf(it table.Item) time.Duration { return time.Duration(it.Int("life")) * time.Millisecond }

// Recordings implements recording.Store.
func (s Recordings) Recordings(ctx context.Context, organization string) ([]recording.Recording, error) {
	items, err := queryAll(ctx, s.Table, recordingKey(organization, "").PK)
	out := make([]recording.Recording, len(items))
	for i, it := range items {
		out[i] = recordingOf(it)
	}
	return out, err
}

// queryAll reads a whole partition consistently.
func queryAll(ctx context.Context, t table.Engine, pk string) ([]table.Item, error) {
	var out []table.Item
	for q := (table.Query{PK: pk, Consistent: true}); ; {
		got, err := t.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, got.Items...)
		if q.Token = got.Next; q.Token == "" {
			return out, nil
		}
	}
}

// ChangeRecording implements recording.Store.
func (s Recordings) ChangeRecording(ctx context.Context, was recording.Recording, c recording.Change, at time.Time, jobs ...job.Job) (recording.Recording, error) {
	key := recordingKey(was.Organization, was.ID)
	u := table.Update{Key: key, Set: table.Item{"updated": millis(at)}, If: staying()}
	for name, value := range map[string]*string{"name": c.Name, "language": c.Language} {
		if value != nil {
			u.Set[name] = *value
		}
	}
	if c.Label != nil {
		assign(&u, "label", *c.Label != "", *c.Label)
	}
	for name, value := range map[string]*bool{
		"share": c.Share, "edit": c.Edit, "export": c.Export, "comments": c.Comments,
	} {
		if value != nil {
			u.Set[name] = *value
		}
	}
	if c.LinkLife != nil {
		u.Set["life"] = c.LinkLife.Milliseconds()
	}
	ops := jobOps(s.Now(), jobs...)
	if c.FolderID != nil && *c.FolderID != was.FolderID {
		u.If = table.And(u.If, same("folder", was.FolderID))
		assign(&u, "folder", *c.FolderID != "", *c.FolderID)
		ops = slices.Concat(ops, inFolder(was.Organization, *c.FolderID, 1), inFolder(was.Organization, was.FolderID, -1))
	}
	if len(ops) > 0 {
		return s.changeWith(ctx, u, ops)
	}
	it, err := update(ctx, s.Table, u)
	if table.Refused(err) != nil {
		return recording.Recording{}, errRecording()
	}
	return recordingOf(it), err
}

// changeWith makes a change with what belongs to it, and reads what it is then.
func (s Recordings) changeWith(ctx context.Context, u table.Update, ops []table.Op) (recording.Recording, error) {
	err := commit(ctx, s.Table, "change "+u.Key.SK, append([]table.Op{{Update: &u}}, ops...)...)
	switch r := table.Refused(err); {
	case r == nil && err != nil:
		return recording.Recording{}, err
	case r != nil && r.Reasons[0].Failed:
		return recording.Recording{}, refusedPart(r.Reasons[0].Item, errRecording(), errMoved())
	case r != nil:
		return recording.Recording{}, errFolder()
	}
	it, err := s.Table.Get(ctx, u.Key, true)
	if err != nil || it == nil {
		return recording.Recording{}, cmp.Or(err, errRecording())
	}
	return recordingOf(it), nil
}

func errMoved() error { return fault.New(fault.Stale, "the recording is in another folder now") }

// same holds while a string has the value that was read, "" for none.
func same(name, was string) table.Cond {
	if was == "" {
		return table.Absent(name)
	}
	return table.Equal(name, was)
}

// ChangeMedia implements recording.Store.
func (s Recordings) ChangeMedia(ctx context.Context, was, now recording.Recording, at time.Time, jobs ...job.Job) error {
	u := table.Update{
		Key: recordingKey(was.Organization, was.ID),
		Set: table.Item{
			"status": string(now.Status), "fetching": now.Fetching, "updated": millis(at),
		},
		If: table.And(staying(), table.Equal("status", string(was.Status)), table.Equal("documents", was.Documents)),
	}
	for name, value := range map[string][2]string{
		"reason": {was.Reason, now.Reason}, "file": {was.FileID, now.FileID}, "next_file": {was.NextFile, now.NextFile},
		"media": {was.MediaType, now.MediaType}, "run": {was.Run, now.Run},
	} {
		u.If = table.And(u.If, same(name, value[0]))
		assign(&u, name, value[1] != "", value[1])
	}
	if now.FileID != was.FileID || now.MediaType != was.MediaType {
		factsOf(&u, now)
	}
	assign(&u, "source", now.Source != "", now.Source)
	assign(&u, "next_source", now.NextSource != "", now.NextSource)
	if now.Language != was.Language {
		u.Set["language"] = now.Language
	}
	if now.Run != was.Run {
		toldTo(&u, now)
	}
	err := s.with(ctx, "media "+now.ID+" "+now.Run+" "+string(now.Status), u, jobs)
	if table.Refused(err) != nil {
		return fault.New(fault.Stale, "the recording was changed meanwhile")
	}
	return err
}

// with makes a change together with jobs, if there are any.
func (s Recordings) with(ctx context.Context, writer string, u table.Update, jobs []job.Job) error {
	if len(jobs) == 0 {
		_, err := update(ctx, s.Table, u)
		return err
	}
	return commit(ctx, s.Table, writer, append([]table.Op{{Update: &u}}, jobOps(s.Now(), jobs...)...)...)
}

// BeginDelete implements recording.Store.
func (s Recordings) BeginDelete(ctx context.Context, writer string, r recording.Recording, j job.Job) error {
	u := table.Update{Key: recordingKey(r.Organization, r.ID), If: same("folder", r.FolderID)}
	ops := append(uncounted(recordingCount(r.Organization), "n"), inFolder(r.Organization, r.FolderID, -1)...)
	return s.hide(ctx, writer, u, errRecording(), errMoved(), append(ops, fresh(jobItem(j, s.Now())))...)
}

// uncounted is that a thing is counted no more: there is room for another at
// once.
func uncounted(key table.Key, counter string) []table.Op {
	return []table.Op{{Update: &table.Update{Key: key, Add: map[string]int64{counter: -1}, If: table.Exists(table.PK)}}}
}

// hide marks what u is of as being deleted, with all that goes with it.
func (s Recordings) hide(ctx context.Context, writer string, u table.Update, gone, other error, ops ...table.Op) error {
	u.Set, u.If = table.Item{"deleting": true}, table.And(staying(), u.If)
	err := commit(ctx, s.Table, writer, append([]table.Op{{Update: &u}}, ops...)...)
	switch r := table.Refused(err); {
	case r == nil:
		return err
	case r.Reasons[0].Failed:
		return refusedPart(r.Reasons[0].Item, gone, other)
	}
	return other
}

// FinishDelete implements recording.Store.
func (s Recordings) FinishDelete(ctx context.Context, r recording.Recording) error {
	persons, err := queryAll(ctx, s.Table, personKey(r.Organization, r.ID, "").PK)
	if err != nil {
		return err
	}
	var c chunk
	for _, it := range persons {
		if err := c.add(ctx, s.Table, "persons of "+r.ID, []table.Op{remove(it.Key().PK, it.Key().SK)}); err != nil {
			return err
		}
	}
	if err := c.flush(ctx, s.Table); err != nil {
		return err
	}
	return commit(ctx, s.Table, "delete "+r.ID,
		remove(recordingKey(r.Organization, r.ID).PK, r.ID), remove(recordingID(r.ID).PK, recordingID(r.ID).SK))
}

// LinkLives implements share.Store.
func (s Shares) LinkLives(ctx context.Context, organization string, recordings []string) (map[string]time.Duration, error) {
	keys := make([]table.Key, len(recordings))
	for i, id := range recordings {
		keys[i] = recordingKey(organization, id)
	}
	items, err := batchGet(ctx, s.Table, keys)
	out := make(map[string]time.Duration, len(items))
	for _, it := range items {
		out[it.String(table.SK)] = lifeOf(it)
	}
	return out, err
}

// Find implements recording.Store.
func (s Recordings) Find(ctx context.Context, organization, recordingID, documentID string) (recording.Found, error) {
	return s.find(ctx, organization, recordingID, documentID, "")
}

// Behind implements recording.Store.
func (s Recordings) Behind(ctx context.Context, sh share.Share) (recording.Found, error) {
	return s.find(ctx, sh.Organization, sh.Target.RecordingID, sh.Target.DocumentID, sh.Parent)
}

func (s Recordings) find(ctx context.Context, organization, recordingID, documentID string, parent share.Ref) (f recording.Found, err error) {
	keys := []table.Key{recordingKey(organization, recordingID)}
	if documentID != "" {
		keys = append(keys, documentKey(organization, recordingID, documentID))
	}
	if parent != "" {
		keys = append(keys, shareKey(parent))
	}
	items, err := s.Table.BatchGet(ctx, keys)
	if err != nil {
		return f, err
	}
	for i, it := range items {
		switch {
		case it == nil:
			return recording.Found{}, errDocument()
		case i == 0:
			f.Recording = recordingOf(it)
		case keys[i].SK == "share":
			f.Parent = shareOf(it)
		default:
			f.Document = documentOf(it)
		}
	}
	return f, nil
}

// rightsText is how the rights of a document's share are stored.
func rightsText(r share.Rights) string {
	var names []string
	for _, p := range []struct {
		name string
		has  bool
	}{{"edit", r.Edit}, {"comment", r.Comment}, {"export", r.Export}} {
		if p.has {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ",")
}

func rightsOf(text string) share.Rights {
	return share.Rights{
		Edit: strings.Contains(text, "edit"), Comment: strings.Contains(text, "comment"), Export: strings.Contains(text, "export"),
	}
}
