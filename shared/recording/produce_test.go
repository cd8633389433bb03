package recording_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// TestProductsGoWithTheirRecording, whatever state they are in, and with all
// that they became.
func TestProductsGoWithTheirRecording(t *testing.T) {
	for _, made := range []bool{false, true} {
		w, _, a := video(t)
		w.Memory.Record(w.Clock.Now)
		b := w.made(t, recording.NewRecording{})
		w.put(t, w.uploadURL(t, b), mp4)
		if _, err := w.Recordings.AddDocument(ctx, w.find(t, b.Recording.ID), recording.NewDocument{Transcript: said("a", "b")}); err != nil {
			t.Fatal(err)
		}
		a = w.find(t, b.Recording.ID)
		asked(t, w, a)
		if made {
			w.Work(t)
		}
		files := len(w.Objects.Keys())
		if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if left := w.mentions(a.Recording.ID); len(left) != 0 {
			t.Errorf("made %v: left: %v", made, left)
		}
		if made != (files == 4) || len(w.Objects.Keys()) != 1 || len(w.jobs(t)) != 0 {
			t.Errorf("made %v: of %d files left: %v, jobs %v", made, files, w.Objects.Keys(), w.jobs(t))
		}
	}
}

// TestDeletedWhileMade: what was made for nobody is not kept.
func TestDeletedWhileMade(t *testing.T) {
	for _, what := range []recording.ProductKind{recording.Translated, recording.Summarized, recording.BurnedIn, recording.Exported} {
		t.Run(string(what), func(t *testing.T) {
			w, e, _ := video(t)
			w.Memory.Record(w.Clock.Now)
			b := w.made(t, recording.NewRecording{})
			w.put(t, w.uploadURL(t, b), mp4)
			if _, err := w.Recordings.AddDocument(ctx, b, recording.NewDocument{Transcript: said("a", "b")}); err != nil {
				t.Fatal(err)
			}
			a := w.find(t, b.Recording.ID)
			e.Before = func() {
				if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
					t.Error(err)
				}
				w.remove(t)
			}
			if _, err := adding(w, a)[what](account.Once{}); err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			if left := w.mentions(a.Recording.ID); len(left) != 0 || len(w.Objects.Keys()) != 1 || len(w.jobs(t)) != 0 {
				t.Errorf("left: %v, %v, %v", left, w.Objects.Keys(), w.jobs(t))
			}
		})
	}
}

// remove does the deletions that began.
func (w *world) remove(t *testing.T) {
	t.Helper()
	for _, j := range w.jobs(t) {
		if m := j.Message(); m.Kind() == job.Delete {
			if err := w.Jobs.Run(ctx, m); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestADeadProducerIsReplaced: whoever takes over ends what another began, and
// makes it once.
func TestADeadProducerIsReplaced(t *testing.T) {
	w, e, a := video(t)
	all := asked(t, w, a)
	e.Err = errors.New("killed")
	w.Work(t) // it begins, and dies
	for kind, p := range all {
		if p := w.product(t, p); p.Status != recording.Processing {
			t.Errorf("%s: %s", kind, p.Status)
		}
	}
	e.Err = nil
	w.sweep(t, 16*time.Minute)
	for kind, p := range all {
		if p := w.product(t, p); p.Status != recording.Completed {
			t.Errorf("%s: %s %q", kind, p.Status, p.Reason)
		}
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Documents != 2 || len(w.jobs(t)) != 0 {
		t.Errorf("%d documents, jobs %v", r.Documents, w.jobs(t))
	}
	if n := len(w.Objects.Keys()); n != 3 {
		t.Errorf("%d objects: %v", n, w.Objects.Keys())
	}
}

// TestTwoProducersAtOnce: the lease of one ended while it worked, and another
// came first.
func TestTwoProducersAtOnce(t *testing.T) {
	w, e, a := video(t)
	all := asked(t, w, a)
	began := false
	e.Before = func() {
		if began {
			return
		}
		began = true
		for _, j := range w.jobs(t) {
			kind, id, _ := strings.Cut(j.ID, "-")
			if err := w.Jobs.Workers[job.Kind(kind)].Work(ctx, job.New(job.Kind(kind), w.Admin, id)); err != nil {
				t.Error(err)
			}
		}
	}
	w.Work(t)
	for kind, p := range all {
		if p := w.product(t, p); p.Status != recording.Completed {
			t.Errorf("%s: %s %q", kind, p.Status, p.Reason)
		}
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Documents != 2 || len(w.jobs(t)) != 0 || len(w.Contents.Keys()) != 2 {
		t.Errorf("%d documents, jobs %v, %v", r.Documents, w.jobs(t), w.Contents.Keys())
	}
}

// TestProductsAreGivenUp after as many attempts as every job.
func TestProductsAreGivenUp(t *testing.T) {
	w, e, a := video(t)
	all := asked(t, w, a)
	e.Err = fault.New(fault.Unavailable, "the service is down")
	w.Work(t)
	for range job.MaxAttempts - 1 {
		w.sweep(t, 2*time.Hour)
	}
	for kind, p := range all {
		if p := w.product(t, p); p.Status != recording.Failed || p.Reason != "the service is down" {
			t.Errorf("%s: %s %q", kind, p.Status, p.Reason)
		}
	}
	if len(w.jobs(t)) != 0 {
		t.Errorf("jobs left: %v", w.jobs(t))
	}
}

// TestALongSummary is kept beside its record.
func TestALongSummary(t *testing.T) {
	w, _, a := video(t)
	long := strings.Repeat("Very long. ", 1000)[:recording.MaxPrompt-1] + "!"
	p, err := w.Recordings.AddSummary(ctx, a, long, recording.Hints{}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	p = w.product(t, p)
	text, err := w.Recordings.Told(ctx, p)
	if err != nil || !strings.HasPrefix(text, long) || p.Text != "" || !strings.Contains(p.TextKey, a.Recording.ID) {
		t.Errorf("%d characters, %+v, %v", len(text), p, err)
	}
}

// TestProductsAreBounded: so many of one recording, and no more.
func TestProductsAreBounded(t *testing.T) {
	w, _, a := video(t)
	for i := range recording.MaxProducts {
		if _, err := w.Recordings.AddSummary(ctx, a, fmt.Sprint(i), recording.Hints{}, account.Once{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Recordings.AddSummary(ctx, a, "one more", recording.Hints{}, account.Once{})
	if !fault.Is(err, fault.Conflict) || errors.Is(err, recording.ErrNoTranscript) {
		t.Errorf("one more: %v", err)
	}
}
