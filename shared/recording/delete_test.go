package recording_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// fuse is a table and a bucket that fail for good after some writes.
type fuse struct {
	table.Engine
	bucket recording.Contents
	left   int
}

var errBlown = errors.New("the process was killed")

func (f *fuse) burn() error {
	if f.left == 0 {
		return errBlown
	}
	f.left--
	return nil
}

func (f *fuse) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if err := f.burn(); err != nil {
		return nil, err
	}
	return f.Engine.Update(ctx, u)
}

func (f *fuse) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if err := f.burn(); err != nil {
		return err
	}
	return f.Engine.Commit(ctx, writer, ops...)
}

// killable is a world whose writes can be made to fail.
func killable(t *testing.T) (*world, *fuse) {
	t.Helper()
	f := &fuse{left: -1}
	w := &world{Stack: fake.NewStack(t, func(e table.Engine) table.Engine { f.Engine = e; return f })}
	f.bucket = w.Contents
	w.Recordings.Contents = fused{f}
	w.Memory.Record(w.Clock.Now)
	var err error
	if w.rec, err = w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Name: "Board", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	if w.doc, err = w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{Transcript: said("hello")}); err != nil {
		t.Fatal(err)
	}
	return w, f
}

// fused is the bucket of a fuse.
type fused struct{ f *fuse }

func (c fused) Put(ctx context.Context, key string, body []byte) error {
	if err := c.f.burn(); err != nil {
		return err
	}
	return c.f.bucket.Put(ctx, key, body)
}

func (c fused) Get(ctx context.Context, key string) ([]byte, error) { return c.f.bucket.Get(ctx, key) }

func (c fused) Delete(ctx context.Context, key string) error {
	if err := c.f.burn(); err != nil {
		return err
	}
	return c.f.bucket.Delete(ctx, key)
}

func (c fused) DeleteAll(ctx context.Context, prefix string) error {
	if err := c.f.burn(); err != nil {
		return err
	}
	return c.f.bucket.DeleteAll(ctx, prefix)
}

// mentions returns the items that name an id, but for the audit trail.
func (w *world) mentions(id string) []string {
	now := map[table.Key]table.Item{}
	for _, c := range w.Memory.Changes() {
		if c.New == nil {
			delete(now, c.Old.Key())
		} else {
			now[c.New.Key()] = c.New
		}
	}
	var out []string
	for key, it := range now {
		if !strings.HasPrefix(key.PK, "events#") && strings.Contains(fmt.Sprint(it), id) {
			out = append(out, fmt.Sprint(key))
		}
	}
	for _, key := range w.Contents.Keys() {
		if strings.Contains(key, id) {
			out = append(out, key)
		}
	}
	return out
}

// Killed at any step and repeated, a deletion ends with nothing left.
func TestDeletionsEndClean(t *testing.T) {
	for name, del := range map[string]func(w *world) error{
		"document":  func(w *world) error { return w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID) },
		"recording": func(w *world) error { return w.Recordings.Delete(ctx, w.Admin, w.rec.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			for step := 0; ; step++ {
				w, f := killable(t)
				_, token := w.link(t)
				if _, err := w.Recordings.MailDocument(ctx, w.own(t, w.doc.ID), []string{"b@b.test"}, "", "https://s.test"); err != nil {
					t.Fatal(err)
				}
				a := w.own(t, w.doc.ID)
				if _, err := w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("x")}, account.Once{}); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("edited")}); err != nil {
					t.Fatal(err)
				}
				f.left = step
				first := del(w)
				f.left = -1
				if step > 0 { // from the first write on it is hidden, and takes nothing
					_, err := w.open(token)
					kind(t, "the link", err, fault.NotFound)
					_, err = w.Recordings.Own(ctx, w.Admin, account.ReadRecordings, w.rec.ID, w.doc.ID)
					kind(t, "the owner", err, fault.NotFound)
				}
				if step > 1 { // who had opened it before can do no more either
					_, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Filename: ptr("late")})
					kind(t, "a late edit", err, fault.NotFound)
					_, err = w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("late")}, account.Once{})
					kind(t, "a late comment", err, fault.NotFound)
					_, _, err = w.Recordings.ShareDocument(ctx, a)
					kind(t, "a late link", err, fault.NotFound)
				}
				if first != nil {
					if !errors.Is(first, errBlown) {
						t.Fatalf("step %d: %v", step, first)
					}
					if err := del(w); err != nil {
						t.Fatalf("repeated after step %d: %v", step, err)
					}
				}
				id := w.doc.ID
				if name == "recording" {
					id = w.rec.ID
				}
				if left := append(w.mentions(id), w.mentions(w.doc.ID)...); len(left) > 0 {
					t.Errorf("after step %d: %v", step, left)
				}
				kind(t, "again", del(w), fault.NotFound)
				if first == nil {
					if step < 5 {
						t.Errorf("only %d steps", step)
					}
					return
				}
			}
		})
	}
}

// Killed between the content and the commit, an edit changes nothing, and
// what it leaves goes with the document.
func TestKilledEdits(t *testing.T) {
	for step := 0; ; step++ {
		w, f := killable(t)
		a := w.own(t, w.doc.ID)
		f.left = step
		_, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("new")})
		f.left = -1
		r, readErr := w.Recordings.Read(ctx, w.own(t, w.doc.ID))
		want := "hello"
		if err == nil {
			want = "new"
		}
		if readErr != nil || r.Transcript.Segments[0].Text() != want {
			t.Fatalf("step %d: %+v, %v", step, r, readErr)
		}
		if n := len(w.Contents.Keys()); n > 2 {
			t.Errorf("step %d: %d contents", step, n)
		}
		if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID); err != nil || len(w.Contents.Keys()) > 0 {
			t.Errorf("step %d: %v, %v", step, err, w.Contents.Keys())
		}
		if err == nil && step >= 2 {
			return
		}
	}
}

func TestRolesAndOrganizations(t *testing.T) {
	w := newWorld(t)
	_, rival := w.Organization(t, "Rival", "eve@rival.test")
	for name, id := range map[string]string{"theirs": w.rec.ID, "nobody's": "zzzzzzzz", "no id": "../x"} {
		for _, doc := range []string{"", w.doc.ID} {
			_, err := w.Recordings.Own(ctx, rival, account.ReadRecordings, id, doc)
			kind(t, name, err, fault.NotFound)
		}
		kind(t, "delete "+name, w.Recordings.Delete(ctx, rival, id), fault.NotFound)
		kind(t, "delete document "+name, w.Recordings.DeleteDocument(ctx, rival, id, w.doc.ID), fault.NotFound)
	}
	if list, total, err := w.Recordings.List(ctx, rival, recording.Query{Limit: 10}); err != nil || total+len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	viewer := w.Admin
	viewer.Role = account.ViewOnly
	_, err := w.Recordings.Own(ctx, viewer, account.WriteRecordings, w.rec.ID, w.doc.ID)
	kind(t, "a viewer writes", err, fault.Forbidden)
	_, err = w.Recordings.Create(ctx, viewer, recording.NewRecording{Language: "en"})
	kind(t, "a viewer creates", err, fault.Forbidden)
	kind(t, "a viewer deletes", w.Recordings.Delete(ctx, viewer, w.rec.ID), fault.Forbidden)
	a, err := w.Recordings.Own(ctx, viewer, account.ReadRecordings, w.rec.ID, w.doc.ID)
	if err != nil || a.Rights != (recording.Rights{Export: true}) {
		t.Errorf("%+v, %v", a.Rights, err)
	}
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Filename: ptr("x")})
	kind(t, "a viewer edits", err, fault.Forbidden)
	nobody := w.Admin
	nobody.Role = account.Disabled
	_, _, err = w.Recordings.List(ctx, nobody, recording.Query{Limit: 1})
	kind(t, "a disabled user lists", err, fault.Forbidden)
}

func TestComments(t *testing.T) {
	w := newWorld(t)
	_, token := w.link(t)
	_, second := w.link(t)
	link, _ := w.open(token)
	other, _ := w.open(second)
	owner := w.own(t, w.doc.ID)
	once := account.Once{Key: "k", Digest: "d"}
	c, err := w.Recordings.AddComment(ctx, link, recording.CommentChange{Text: ptr("look"), At: ptr(int64(1500)), Author: ptr("Bob")}, once)
	if err != nil || c.Author != "Bob" || c.At != 1500 {
		t.Fatalf("%+v, %v", c, err)
	}
	if again, err := w.Recordings.AddComment(ctx, link, recording.CommentChange{Text: ptr("look")}, once); err != nil || again.ID != c.ID {
		t.Errorf("a replay: %+v, %v", again, err)
	}
	_, err = w.Recordings.ChangeComment(ctx, other, c.ID, recording.CommentChange{Text: ptr("forged")})
	kind(t, "another's text", err, fault.Forbidden)
	_, err = w.Recordings.ChangeComment(ctx, owner, c.ID, recording.CommentChange{Text: ptr("forged")})
	kind(t, "another's text, by an owner", err, fault.Forbidden)
	if c, err = w.Recordings.ChangeComment(ctx, other, c.ID, recording.CommentChange{Resolved: ptr(true)}); err != nil || !c.Resolved || c.Author != "Bob" {
		t.Errorf("%+v, %v", c, err)
	}
	kind(t, "another deletes", w.Recordings.DeleteComment(ctx, other, c.ID), fault.Forbidden)
	for name, bad := range map[string]recording.CommentChange{
		"too long": {Text: ptr(strings.Repeat("é", recording.MaxCommentLength+1))}, "blank": {Text: ptr(" ")},
		"none": {}, "a time before": {Text: ptr("x"), At: ptr(int64(-2))}, "a name of lines": {Text: ptr("x"), Author: ptr("a\nb")},
	} {
		if _, err := w.Recordings.AddComment(ctx, link, bad, account.Once{}); fault.As(err) == nil || fault.As(err).Field == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := w.Recordings.Comments(ctx, other); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.Recordings.DeleteComment(ctx, owner, c.ID); err != nil {
		t.Errorf("an owner moderates: %v", err)
	}
	kind(t, "again", w.Recordings.DeleteComment(ctx, owner, c.ID), fault.NotFound)
}

func TestTheTrail(t *testing.T) {
	w := newWorld(t)
	w.set(t, recording.Change{Edit: ptr(true)})
	sh, token := w.link(t)
	a, err := w.open(token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Read(ctx, a)
	errs := []error{err, w.Recordings.Exported(ctx, a, "srt")}
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("new")})
	errs = append(errs, err)
	_, err = w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("x")}, account.Once{})
	errs = append(errs, err)
	_, err = w.Recordings.Finish(ctx, a, true, 0)
	errs = append(errs, err, w.Shares.RecordEvents(ctx, w.Audit.Events()), w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	events, _, err := w.Shares.Events(ctx, w.Admin, sh.ID, file.Page{Limit: 50})
	got := map[share.EventType]int{}
	for _, e := range events {
		got[e.Type]++
		if e.Document != w.doc.ID || e.File != "" {
			t.Errorf("%s is of document %q and file %q", e.Type, e.Document, e.File)
		}
	}
	for _, want := range []share.EventType{share.Created, share.Opened, share.Exported, share.Edited, share.Commented, share.Finished, share.Deleted} {
		if got[want] != 1 {
			t.Errorf("%d events %q, %v", got[want], want, err)
		}
	}
}

func TestCreateAndList(t *testing.T) {
	w := newWorld(t)
	once := account.Once{Key: "k", Digest: "d"}
	r, err := w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Language: "de-AT", Source: "https://m.test/a/Talk.mp4", Once: once})
	if err != nil || r.Name != "Talk.mp4" || r.Status != recording.Preparing || r.Settings != recording.DefaultSettings() {
		t.Errorf("%+v, %v", r, err)
	}
	if again, err := w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Language: "de-AT", Source: "https://m.test/a/Talk.mp4", Once: once}); err != nil || again.ID != r.ID {
		t.Errorf("a replay: %+v, %v", again, err)
	}
	for field, n := range map[string]recording.NewRecording{
		"language": {Language: "not a language"}, "source": {Language: "en", Source: "file:///etc/passwd"},
		"name": {Language: "en", Name: strings.Repeat("x", 201)},
	} {
		if _, err := w.Recordings.Create(ctx, w.Admin, n); fault.As(err) == nil || fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	list, total, err := w.Recordings.List(ctx, w.Admin, recording.Query{Sort: "name", Ascending: true, Limit: 1, Offset: 1})
	if err != nil || total != 2 || len(list) != 1 || list[0].ID != r.ID {
		t.Errorf("%+v, %d, %v", list, total, err)
	}
	if list, total, _ := w.Recordings.List(ctx, w.Admin, recording.Query{Search: "BOARD", Limit: 5}); total != 1 || list[0].Status != recording.Completed {
		t.Errorf("%+v", list)
	}
	_, _, err = w.Recordings.List(ctx, w.Admin, recording.Query{Sort: "id", Limit: 5})
	kind(t, "an unknown order", err, fault.Invalid)
	_, err = w.Recordings.AddDocument(ctx, recording.Access{Rights: recording.Rights{Manage: true}, Recording: r, Who: w.Admin}, recording.NewDocument{})
	kind(t, "from a recording without a transcript", err, fault.Conflict)
}

func TestCeilings(t *testing.T) {
	w := newWorld(t)
	a := w.own(t, "")
	for range recording.MaxDocuments - 1 {
		if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("x")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("x")})
	kind(t, "a document too many", err, fault.Conflict)
	if n := len(w.Contents.Keys()); n != recording.MaxDocuments {
		t.Errorf("%d contents", n)
	}
	if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("x")}); err != nil {
		t.Errorf("after one was deleted: %v", err)
	}
}

func TestOnceAndCommentCeiling(t *testing.T) {
	w := newWorld(t)
	once := account.Once{Key: "k", Digest: "d"}
	n := recording.NewDocument{Filename: "Copy", CopyOf: w.doc.ID, Type: recording.Caption, Once: once}
	first, err := w.Recordings.AddDocument(ctx, w.own(t, ""), n)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.Recordings.AddDocument(ctx, w.own(t, ""), n); err != nil || again.ID != first.ID || len(w.Contents.Keys()) != 2 {
		t.Errorf("a replay: %+v, %v, %v", again, err, w.Contents.Keys())
	}
	n.Once.Digest = "another"
	_, err = w.Recordings.AddDocument(ctx, w.own(t, ""), n)
	kind(t, "the same key for another request", err, fault.Invalid)
	a := w.own(t, first.ID)
	for range recording.MaxComments {
		if _, err := w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("x")}, account.Once{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("x")}, account.Once{})
	kind(t, "a comment too many", err, fault.Conflict)
	if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, first.ID); err != nil {
		t.Fatal(err)
	}
}
