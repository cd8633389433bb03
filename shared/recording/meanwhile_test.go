package recording_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// anew is a recording with an edited transcript that is transcribed anew, and
// a way to that transcript.
func anew(t *testing.T) (*world, recording.Access) {
	t.Helper()
	w, a := heard(t, recording.NewRecording{})
	w.Equip()
	w.Work(t)
	w.Clock.Advance(time.Hour)
	main, err := w.Recordings.Main(ctx, w.find(t, a.Recording.ID), "")
	if err != nil {
		t.Fatal(err)
	}
	read, err := w.Recordings.UpdateDocument(ctx, main, recording.Edit{Transcript: said("Edited")})
	if err == nil {
		main.Document = read.Document
		_, err = w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w, main
}

// texts are what the documents of a recording say, oldest first.
func (w *world) texts(t *testing.T, id string) (out []string) {
	t.Helper()
	a := w.find(t, id)
	all, err := w.Recordings.Documents(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, a.Document = range all {
		r, err := w.Recordings.Reread(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Transcript.Segments[0].Text())
	}
	return out
}

// TestChangedWhileTranscribed: what somebody says a transcript to be while a
// new one is being made stays, and the new one is beside it; what is no change
// of what is said keeps nothing.
//
// contract: SX-062
func TestChangedWhileTranscribed(t *testing.T) {
	edit := func(e recording.Edit) func(*world, recording.Access) error {
		return func(w *world, a recording.Access) error {
			_, err := w.Recordings.UpdateDocument(ctx, a, e)
			return err
		}
	}
	for name, tt := range map[string]struct {
		do   func(*world, recording.Access) error
		want string
	}{
		"nothing": {func(*world, recording.Access) error { return nil }, "Spoken in en"},
		"edited":  {edit(recording.Edit{Transcript: said("Mine")}), "Mine, Spoken in en"},
		"renamed": {edit(recording.Edit{Filename: ptr("x"), TimecodeOffset: ptr("01:00:00:00")}), "Spoken in en"},
		"reset": {func(w *world, a recording.Access) error {
			_, err := w.Recordings.Reset(ctx, a, 0)
			return err
		}, "Spoken in en, Spoken in en"},
		"finished": {func(w *world, a recording.Access) error {
			_, err := w.Recordings.Finish(ctx, a, true, 0)
			return err
		}, "Edited, Spoken in en"},
		"deleted": {func(w *world, a recording.Access) error {
			return w.Recordings.DeleteDocument(ctx, w.Admin, a.Recording.ID, a.Document.ID)
		}, "Spoken in en"},
	} {
		t.Run(name, func(t *testing.T) {
			w, a := anew(t)
			e := w.Equip()
			e.Before = func() {
				w.Clock.Advance(time.Minute)
				if err := tt.do(w, a); err != nil {
					t.Error(err)
				}
			}
			w.Work(t)
			r := w.find(t, a.Recording.ID).Recording
			if got := strings.Join(w.texts(t, r.ID), ", "); got != tt.want {
				t.Errorf("it says %q", got)
			}
			beside := strings.Contains(tt.want, ",")
			if (r.Reason != "") != beside || r.Status != recording.Completed {
				t.Errorf("%+v", r)
			}
		})
	}
}

// late is a bucket of contents: what is done before something is put there
// comes after the document that it is for was read.
type late struct {
	recording.Contents
	before func()
}

func (l *late) Put(ctx context.Context, key string, body []byte) error {
	if do := l.before; do != nil {
		l.before = nil
		do()
	}
	return l.Contents.Put(ctx, key, body)
}

// TestEditedAtTheMomentOfTheResult: of an edit and the new transcript that
// come at the same time none is lost, whichever is first.
func TestEditedAtTheMomentOfTheResult(t *testing.T) {
	w, a := anew(t)
	bucket := &late{Contents: w.Contents}
	w.Recordings.Contents = bucket
	bucket.before = func() {
		if _, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: a.Document.Version, Transcript: said("Mine")}); err != nil {
			t.Error(err)
		}
	}
	w.Work(t)
	w.Clock.Advance(time.Minute)
	for range 3 {
		w.sweep(t, time.Hour)
	}
	if got := strings.Join(w.texts(t, a.Recording.ID), ", "); got != "Mine, Spoken in en" || len(w.jobs(t)) != 0 {
		t.Errorf("the edit first: %q, %v", got, w.jobs(t))
	}
	if n := len(w.Contents.Keys()); n != 4 { // with the first of the edited one, and of the world's document
		t.Errorf("%v", w.Contents.Keys())
	}

	w, a = anew(t)
	bucket = &late{Contents: w.Contents}
	w.Recordings.Contents = bucket
	bucket.before = func() { w.Work(t) }
	_, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: a.Document.Version, Transcript: said("Mine")})
	kind(t, "the result first", err, fault.Stale)
	if got := strings.Join(w.texts(t, a.Recording.ID), ", "); got != "Spoken in en" {
		t.Errorf("the result first: %q", got)
	}
}
