package recording_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// model is what a world must be like, said as simply as can be.
type model struct {
	set      recording.Settings
	private  bool
	finished bool
	text     string
	original string
	version  int64
	comments int
	links    [2]struct {
		id, token string
		made      time.Time
		dead      bool // revoked, or its document deleted
	}
}

// opens is what must come of opening a link, "" for success.
func (m *model) opens(i int, now time.Time) fault.Kind {
	l := m.links[i]
	switch {
	case l.dead || m.set.LinkLife > 0 && !now.Before(l.made.Add(m.set.LinkLife)):
		return fault.NotFound
	case !m.set.Share || m.private:
		return fault.Forbidden
	}
	return ""
}

// edit is what must come of an edit by somebody who may edit or may not.
func (m *model) edit(may bool, version int64) fault.Kind {
	switch {
	case !may:
		return fault.Forbidden
	case m.finished:
		return fault.Conflict
	case version != 0 && version != m.version:
		return fault.Stale
	}
	return ""
}

func allowed(may bool) fault.Kind {
	if may {
		return ""
	}
	return fault.Forbidden
}

// TestModel does what an owner and the holders of two links may think of, in
// any order and at any time, and holds each answer to the model.
func TestModel(t *testing.T) {
	const steps = 20_000
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t)
	m := &model{set: recording.DefaultSettings(), text: "hello", original: "hello", version: 1}
	m.links[0].dead, m.links[1].dead = true, true
	for step := range steps {
		w.Audit.Events()
		who, i := w.own(t, w.doc.ID), r.IntN(2)
		may := true // edit, comment
		comments, exports := true, true
		var what string
		check := func(did string, err error, want fault.Kind) bool {
			t.Helper()
			what = did
			if want == "" && err != nil || want != "" && !fault.Is(err, want) {
				t.Fatalf("seed %d, step %d: %s: %v, want %q; %+v", seed, step, what, err, want, m)
			}
			return err == nil
		}
		if r.IntN(2) == 0 && m.links[i].token != "" {
			a, err := w.Recordings.Open(ctx, m.links[i].token, w.rec.ID, "", share.Visit{})
			want := m.opens(i, w.Clock.Now())
			if want == fault.Forbidden && !errors.Is(err, recording.ErrSharingOff) {
				t.Fatalf("seed %d, step %d: %v, want sharing off", seed, step, err)
			}
			if !check("open", err, want) {
				continue
			}
			who, may, comments, exports = a, m.set.Edit, m.set.Comments, m.set.Export
		}
		version := []int64{0, m.version, m.version - 1, m.version + 1}[r.IntN(4)]
		text := fmt.Sprint("text ", step)
		switch r.IntN(13) {
		case 0:
			got, err := w.Recordings.Read(ctx, who)
			if check("read", err, "") && (got.Transcript.Segments[0].Text() != m.text || got.Version != m.version || got.Finished != m.finished) {
				t.Fatalf("seed %d, step %d: read %+v; %+v", seed, step, got, m)
			}
		case 1, 2:
			_, err := w.Recordings.UpdateDocument(ctx, who, recording.Edit{Version: version, Transcript: said(text)})
			if check("edit", err, m.edit(may, version)) {
				m.text, m.version = text, m.version+1
			}
		case 3:
			_, err := w.Recordings.Reset(ctx, who, version)
			if check("reset", err, m.edit(may, version)) {
				m.text, m.version = m.original, m.version+1
			}
		case 4:
			_, err := w.Recordings.ClearText(ctx, who, version)
			if check("clear", err, m.edit(may, version)) {
				m.text, m.version = "", m.version+1
			}
		case 5:
			finished := r.IntN(2) == 0
			want := allowed(may && (finished || !who.ByLink()))
			if want == "" && finished == m.finished {
				want = fault.Conflict
			}
			if want == "" && version != 0 && version != m.version {
				want = fault.Stale
			}
			_, err := w.Recordings.Finish(ctx, who, finished, version)
			if check("finish", err, want) {
				m.finished, m.version = finished, m.version+1
			}
		case 6:
			_, err := w.Recordings.AddComment(ctx, who, recording.CommentChange{Text: ptr("x")}, account.Once{})
			if check("comment", err, allowed(comments)) {
				m.comments++
			}
			if list, err := w.Recordings.Comments(ctx, who); err != nil || len(list) != m.comments {
				t.Fatalf("seed %d, step %d: %d comments, want %d, %v", seed, step, len(list), m.comments, err)
			}
		case 7:
			check("export", w.Recordings.Exported(ctx, who, "srt"), allowed(exports))
		case 8:
			c := recording.Change{
				Share: ptr(r.IntN(4) > 0), Edit: ptr(r.IntN(2) == 0), Export: ptr(r.IntN(2) == 0), Comments: ptr(r.IntN(2) == 0),
				LinkLife: ptr(time.Duration(r.IntN(4)) * time.Hour),
			}
			_, err := w.Recordings.Update(ctx, who, c)
			if check("settings", err, allowed(!who.ByLink())) {
				m.set = recording.Settings{Share: *c.Share, Edit: *c.Edit, Export: *c.Export, Comments: *c.Comments, LinkLife: *c.LinkLife}
			}
		case 9:
			private := r.IntN(4) == 0
			_, err := w.Recordings.UpdateDocument(ctx, who, recording.Edit{NoSharing: &private})
			if check("private", err, allowed(!who.ByLink())) {
				m.private, m.version = private, m.version+1
			}
		case 10:
			want := allowed(!who.ByLink() && m.set.Share && !m.private)
			sh, token, err := w.Recordings.ShareDocument(ctx, who)
			if check("share", err, want) {
				l := &m.links[i]
				l.id, l.token, l.made, l.dead = sh.ID, token, w.Clock.Now(), false
			}
		case 11:
			w.Clock.Advance(time.Duration(r.IntN(40)) * time.Minute)
			if l := &m.links[i]; !l.dead && r.IntN(4) == 0 {
				_, err := w.Shares.Revoke(ctx, w.Admin, l.id)
				l.dead = check("revoke", err, "")
			}
		case 12:
			if r.IntN(20) > 0 {
				continue
			}
			check("delete", w.Recordings.DeleteDocument(ctx, w.Admin, w.rec.ID, w.doc.ID), "")
			w.Work(t)
			if n := len(w.Contents.Keys()); n != 0 {
				t.Fatalf("seed %d, step %d: %d contents", seed, step, n)
			}
			doc, err := w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{Transcript: said(text)})
			check("make another", err, "")
			w.doc, m.text, m.original, m.version, m.comments, m.finished, m.private = doc, text, text, 1, 0, false, false
			m.links[0].dead, m.links[1].dead = true, true
		}
	}
}
