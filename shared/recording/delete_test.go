package recording_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
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
	w.Work(t)
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

// mentions returns the items that name an id, but for the audit trail, and for
// the records of jobs that ended, which go by themselves.
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
		ended := strings.HasPrefix(key.PK, "job") && it.Int(table.TTL) > 0
		if !strings.HasPrefix(key.PK, "events#") && !ended && strings.Contains(fmt.Sprint(it), id) {
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

// Killed at any step, a deletion that began ends by itself with nothing left.
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
				if _, err := w.Recordings.AddSummary(ctx, a, "Why?", recording.Hints{}, account.Once{}); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Recordings.AddTranslation(ctx, a, "es"); err != nil {
					t.Fatal(err)
				}
				w.Work(t)
				f.left = step
				err := del(w)
				w.tell(t)
				for _, m := range w.Queue.Take() {
					_ = w.Jobs.Run(ctx, m)
				}
				finished := f.left > 0
				f.left = -1
				if step == 0 {
					if !errors.Is(err, errBlown) {
						t.Fatal(err)
					}
					w.own(t, w.doc.ID) // nothing began
					continue
				}
				if err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
				_, err = w.open(token)
				kind(t, "the link", err, fault.NotFound)
				_, err = w.Recordings.Own(ctx, w.Admin, account.ReadRecordings, w.rec.ID, w.doc.ID)
				kind(t, "the owner", err, fault.NotFound)
				if name == "document" || step > 3 { // who had opened it before can do no more either
					_, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Filename: ptr("late")})
					kind(t, "a late edit", err, fault.NotFound)
					_, err = w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("late")}, account.Once{})
					kind(t, "a late comment", err, fault.NotFound)
					_, _, err = w.Recordings.ShareDocument(ctx, a)
					kind(t, "a late link", err, fault.NotFound)
				}
				kind(t, "again", del(w), fault.NotFound)
				w.sweep(t, 32*time.Minute) // and nobody asks again
				id := w.doc.ID
				if name == "recording" {
					id = w.rec.ID
				}
				if left := append(w.mentions(id), w.mentions(w.doc.ID)...); len(left) > 0 {
					t.Errorf("after step %d: %v", step, left)
				}
				if finished {
					if step < 5 {
						t.Errorf("only %d steps", step)
					}
					return
				}
			}
		})
	}
}

// TestDeletionsAreNotGivenUp: they wait for better times.
func TestDeletionsAreNotGivenUp(t *testing.T) {
	w, f := killable(t)
	if err := w.Recordings.Delete(ctx, w.Admin, w.rec.ID); err != nil {
		t.Fatal(err)
	}
	w.Recordings.Contents = down{fused{f}}
	for range 3 * job.MaxAttempts {
		w.Clock.Advance(2 * time.Hour)
		w.tell(t)
		for _, m := range w.Queue.Take() {
			if err := w.Jobs.Run(ctx, m); err != nil {
				t.Error(err)
			}
		}
	}
	if n := len(w.Queue.Buried()); n != 1 {
		t.Errorf("%d dead letters", n)
	}
	w.Recordings.Contents = fused{f}
	w.sweep(t, 5*time.Hour)
	if left := append(w.mentions(w.rec.ID), w.mentions(w.doc.ID)...); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// down are contents of which none can be removed.
type down struct{ recording.Contents }

func (down) DeleteAll(context.Context, string) error { return errors.New("S3 is down") }

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
		if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
		if w.Work(t); len(w.Contents.Keys()) > 0 {
			t.Errorf("step %d: %v", step, w.Contents.Keys())
		}
		if err == nil && step >= 2 {
			return
		}
	}
}

// TestDeletedAtOnce: of many who delete the same, one did.
func TestDeletedAtOnce(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		var done atomic.Int32
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				switch err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID); {
				case err == nil:
					done.Add(1)
				case !fault.Is(err, fault.NotFound):
					t.Error(err)
				}
			})
		}
		if all.Wait(); done.Load() != 1 {
			t.Fatalf("%d deleted it", done.Load())
		}
	}
}

func TestEmptied(t *testing.T) {
	media := recording.Recording{Status: recording.Completed, FileID: "f", MediaType: "audio/wav"}
	aligned, scripted := media, media
	aligned.Align, scripted.Align, scripted.Script = true, true, "s"
	for _, tt := range []struct {
		name string
		r    recording.Recording
		want recording.Status
	}{
		{"waits for its media", recording.Recording{Status: recording.Completed, FileID: "f"}, recording.New},
		{"has its media", media, recording.Completed},
		{"waits for a transcript", recording.Recording{Status: recording.Completed, Align: true}, recording.Created},
		{"has its media and waits for a transcript", aligned, recording.Created},
		{"was given a text", scripted, recording.Completed},
		{"its media is being fetched", recording.Recording{Status: recording.Completed, Fetching: true}, recording.Preparing},
		{"its media was refused", recording.Recording{Status: recording.Completed, FileID: "f", Reason: "no sound"}, recording.Failed},
		{"is worked on", recording.Recording{Status: recording.Transcribing, Documents: 1}, recording.Transcribing},
	} {
		if got := tt.r.Emptied(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// meddled is a table to which something happens before its next commit.
type meddled struct {
	table.Engine
	before func()
}

func (m *meddled) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if f := m.before; f != nil {
		m.before = nil
		f()
	}
	return m.Engine.Commit(ctx, writer, ops...)
}

// TestTheLastTwoDocumentsAtOnce: whoever finds that theirs is the last one now
// reads again.
func TestTheLastTwoDocumentsAtOnce(t *testing.T) {
	m := new(meddled)
	w := &world{Stack: fake.NewStack(t, func(e table.Engine) table.Engine { m.Engine = e; return m })}
	var err error
	if w.rec, err = w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Name: "Board", Language: "en", Align: true}); err != nil {
		t.Fatal(err)
	}
	var remove []func()
	for range 2 {
		d, err := w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{Transcript: said("hello")})
		if err != nil {
			t.Fatal(err)
		}
		remove = append(remove, func() {
			if err := w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, d.ID); err != nil {
				t.Error(err)
			}
		})
	}
	m.before = remove[0]
	remove[1]()
	if r := w.own(t, "").Recording; r.Status != recording.Created || r.Documents != 0 {
		t.Errorf("%s with %d", r.Status, r.Documents)
	}
}
