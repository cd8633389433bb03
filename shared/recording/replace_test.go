package recording_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// ways are by which new media comes, with what it is when it is asked for.
var ways = map[string]func(w *world, body string) recording.Retranscription{
	"sent": func(_ *world, body string) recording.Retranscription {
		return recording.Retranscription{Media: []byte(body)}
	},
	"fetched": func(w *world, body string) recording.Retranscription {
		w.Sources.Contents = map[string]string{source: body}
		return recording.Retranscription{Source: source}
	},
}

// transcribed is a recording with media that was transcribed.
func transcribed(t *testing.T) (*world, recording.Access) {
	t.Helper()
	w, a := heard(t, recording.NewRecording{})
	w.Equip()
	w.settle(t)
	return w, w.find(t, a.Recording.ID)
}

// settle does all that is left to do.
func (w *world) settle(t *testing.T) {
	t.Helper()
	for range 5 {
		w.tell(t)
		w.told(t)
		w.Clock.Advance(2 * time.Minute) // who waited for what was sent looks again
	}
	if left := w.jobs(t); len(left) != 0 {
		t.Errorf("jobs left: %v", left)
	}
}

// onlyMedia fails unless all that is in the bucket is a recording's media.
func (w *world) onlyMedia(t *testing.T, r recording.Recording) {
	t.Helper()
	if keys := w.Objects.Keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "media/"+r.Organization+"/"+r.FileID) {
		t.Errorf("%v, want only that of %s", keys, r.FileID)
	}
	if r.NextFile != "" || r.NextSource != "" || r.Fetching {
		t.Errorf("still waiting: %+v", r)
	}
}

// TestMediaIsReplaced: what there was stays until the new media is there, and
// is gone then.
//
// contract: SX-062
func TestMediaIsReplaced(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			w, a := transcribed(t)
			was := a.Recording
			n := way(w, short)
			n.Language = ptr("de")
			r, err := w.Recordings.Retranscribe(ctx, a, n)
			if err != nil || r.Status != recording.Preparing || r.FileID != was.FileID || !r.HasMedia() || r.Language != "de" {
				t.Fatalf("%+v, %v", r, err)
			}
			a = w.find(t, was.ID)
			if diff := cmp.Diff(r, a.Recording); diff != "" {
				t.Errorf("(-returned +stored):\n%s", diff)
			}
			if _, err := w.Recordings.Play(ctx, a, false); err != nil {
				t.Errorf("played meanwhile: %v", err)
			}
			w.settle(t)
			r = w.find(t, was.ID).Recording
			if r.FileID == was.FileID || r.Duration != 1500 || r.Status != recording.Completed || r.Source != n.Source || w.says(t, r.ID) != "Spoken in de" {
				t.Errorf("%+v", r)
			}
			w.onlyMedia(t, r)
			if _, err := w.Files.Get(ctx, w.Admin, was.FileID); !fault.Is(err, fault.NotFound) {
				t.Errorf("the old file: %v", err)
			}
			if err := w.Recordings.Delete(ctx, w.Admin, r.ID); err != nil {
				t.Fatal(err)
			}
			if w.settle(t); len(w.Objects.Keys()) != 0 || len(w.mentions(r.ID)) != 0 {
				t.Errorf("left: %v, %v", w.Objects.Keys(), w.mentions(r.ID))
			}
		})
	}
}

// TestReplacedInVain: if there is no new media that can be used all stays as
// it was.
//
// contract: SX-062
func TestReplacedInVain(t *testing.T) {
	for name, way := range ways {
		for what, tt := range map[string]struct{ body, reason string }{
			"neither sound nor video": {"<html>", "cannot be used: it is neither sound nor video"},
			"empty":                   {"", "cannot be used: it is neither sound nor video"},
			"missing":                 {"404", "could not be fetched: the server answered 404"},
		} {
			if what == "missing" && name == "sent" {
				continue
			}
			t.Run(name+" "+what, func(t *testing.T) {
				w, a := transcribed(t)
				n := way(w, tt.body)
				if what == "missing" {
					w.Sources.Contents = nil
				}
				n.Language = ptr("de")
				before := len(w.Herald.Told())
				if _, err := w.Recordings.Retranscribe(ctx, a, n); err != nil {
					t.Fatal(err)
				}
				w.settle(t)
				r := w.find(t, a.Recording.ID).Recording
				if !strings.Contains(r.Reason, tt.reason) {
					t.Errorf("%q", r.Reason)
				}
				if diff := cmp.Diff(a.Recording, r, cmpopts.IgnoreFields(recording.Recording{}, "Reason", "Run", "Replaces", "UpdatedAt")); diff != "" {
					t.Errorf("(-was +now):\n%s", diff)
				}
				if got := w.says(t, r.ID); got != "Spoken in en" {
					t.Errorf("%q", got)
				}
				w.onlyMedia(t, r)
				if told := strings.Join(w.Herald.Told()[before:], " "); told != "transcription.failed/"+r.ID+"/" {
					t.Errorf("told %s", told)
				}
			})
		}
	}
}

// TestFirstMediaAnew: a recording that failed for want of media, or waits for
// it, may be given other media, and takes none from where it was to come from.
func TestFirstMediaAnew(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Equip()
			failed := w.made(t, recording.NewRecording{Source: source + "?none"})
			w.settle(t)
			waits := w.made(t, recording.NewRecording{})
			late := w.uploadURL(t, waits)
			for what, a := range map[string]recording.Access{"failed": failed, "waits": waits} {
				a = w.find(t, a.Recording.ID)
				if _, err := w.Recordings.Retranscribe(ctx, a, way(w, short)); err != nil {
					t.Fatal(what, err)
				}
				w.settle(t)
				if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Completed || r.Duration != 1500 || w.says(t, r.ID) != "Spoken in en" {
					t.Errorf("%s: %+v", what, r)
				}
			}
			w.put(t, late, wav)
			if keys := w.Objects.Keys(); len(keys) != 2 || w.find(t, waits.Recording.ID).Recording.Duration != 1500 {
				t.Errorf("%v", keys)
			}
		})
	}
}

// TestGivenWhileReplaced: a transcript that is given while new media is awaited
// stays, and the media is replaced.
func TestGivenWhileReplaced(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			w, a := transcribed(t)
			if _, err := w.Recordings.Retranscribe(ctx, a, way(w, short)); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Recordings.AddDocument(ctx, w.find(t, a.Recording.ID), recording.NewDocument{Transcript: said("Given"), Language: "fr"}); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			r := w.find(t, a.Recording.ID).Recording
			texts := w.texts(t, r.ID)
			slices.Sort(texts)
			if r.Duration != 1500 || r.Status != recording.Completed || strings.Join(texts, "|") != "Given|Spoken in en" {
				t.Errorf("%+v: %v", r, texts)
			}
			w.onlyMedia(t, r)
		})
	}
}

// TestDeletedWhileReplaced: neither the old media nor the new stays.
func TestDeletedWhileReplaced(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			w, a := transcribed(t)
			if _, err := w.Recordings.Retranscribe(ctx, a, way(w, short)); err != nil {
				t.Fatal(err)
			}
			if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			if len(w.Objects.Keys()) != 0 || len(w.mentions(a.Recording.ID)) != 0 {
				t.Errorf("left: %v, %v", w.Objects.Keys(), w.mentions(a.Recording.ID))
			}
		})
	}
}

// filling fails to store what is sent, after something was done.
type filling struct {
	recording.Files
	first func()
	err   error
}

func (f filling) Fill(ctx context.Context, organization, id string, from io.Reader) error {
	f.first()
	if f.err != nil {
		return f.err
	}
	return f.Files.Fill(ctx, organization, id, from)
}

// TestMediaThatCannotBeStored: nothing has happened.
func TestMediaThatCannotBeStored(t *testing.T) {
	w, a := transcribed(t)
	down := errors.New("S3 is down")
	files := w.Recordings.Files
	w.Recordings.Files = filling{files, func() {}, down}
	_, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{Media: []byte(short), Language: ptr("de"), Keywords: &[]string{"k"}, Script: "Other"})
	if !errors.Is(err, down) {
		t.Errorf("%v", err)
	}
	r := w.find(t, a.Recording.ID).Recording
	if diff := cmp.Diff(a.Recording, r, cmpopts.IgnoreFields(recording.Recording{}, "UpdatedAt")); diff != "" {
		t.Errorf("(-was +now):\n%s", diff)
	}
	w.Recordings.Files = files
	w.settle(t)
	w.onlyMedia(t, r)
}

// TestSentTwiceAtOnce: of two the later one counts, and the other is told.
func TestSentTwiceAtOnce(t *testing.T) {
	w, a := transcribed(t)
	files := w.Recordings.Files
	w.Recordings.Files = filling{files, func() {
		w.Recordings.Files = files
		if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{Media: []byte(short)}); err != nil {
			t.Error(err)
		}
		w.tell(t) // the file of the first goes
		w.told(t)
	}, nil}
	_, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{Media: []byte(wav)})
	kind(t, "the first", err, fault.Conflict)
	w.settle(t)
	r := w.find(t, a.Recording.ID).Recording
	if r.Duration != 1500 || r.Status != recording.Completed {
		t.Errorf("%+v", r)
	}
	w.onlyMedia(t, r)
}

// TestKilledReplacements: wherever the process that was asked dies, asking
// again does it, and nothing is left behind.
func TestKilledReplacements(t *testing.T) {
	for name, way := range ways {
		killed := 0
		for n := 0; ; n++ {
			w, f := killable(t)
			w.Equip()
			a := w.made(t, recording.NewRecording{})
			w.put(t, w.uploadURL(t, a), wav)
			w.settle(t)
			a = w.find(t, a.Recording.ID)
			ask := way(w, short)
			f.left = n
			_, err := w.Recordings.Retranscribe(ctx, a, ask)
			f.left = -1
			if _, err := w.Recordings.Play(ctx, w.find(t, a.Recording.ID), false); err != nil {
				t.Errorf("%s, killed after %d: %v", name, n, err)
			}
			if err == nil {
				break
			}
			killed++
			if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), ask); err != nil {
				t.Errorf("%s, killed after %d: %v", name, n, err)
			}
			w.settle(t)
			r := w.find(t, a.Recording.ID).Recording
			if r.Duration != 1500 || r.Status != recording.Completed {
				t.Errorf("%s, killed after %d: %+v", name, n, r)
			}
			w.onlyMedia(t, r)
		}
		if killed == 0 {
			t.Errorf("%s: never killed", name)
		}
	}
}

// TestCutOff: what is waited for while whoever sends it dies is waited for no
// more when all attempts are over, and what there was stays.
//
// contract: SX-062
func TestCutOff(t *testing.T) {
	const reason = "the media could not be fetched: its upload did not arrive"
	cut := func(w *world, send func()) {
		files := w.Recordings.Files
		w.Recordings.Files = filling{files, func() { panic("cut off") }, nil}
		defer func() {
			_ = recover()
			w.Recordings.Files = files
			for range job.MaxAttempts + 1 {
				w.sweep(t, 2*time.Hour)
			}
			w.settle(t)
		}()
		send()
	}
	w, a := transcribed(t)
	cut(w, func() {
		_, _ = w.Recordings.Retranscribe(ctx, a, recording.Retranscription{Media: []byte(short), Language: ptr("de")})
	})
	r := w.find(t, a.Recording.ID).Recording
	if r.Status != recording.Completed || r.Reason != reason || r.Language != "en" || w.says(t, r.ID) != "Spoken in en" {
		t.Errorf("%+v", r)
	}
	w.onlyMedia(t, r)

	w = newWorld(t)
	a = w.made(t, recording.NewRecording{})
	cut(w, func() { _, _ = w.Recordings.PutMedia(ctx, w.Admin, a.Recording, []byte(wav)) })
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Failed || r.Reason != reason {
		t.Errorf("%s %q", r.Status, r.Reason)
	}
}

// TestAnOlderFetch: the job of media that is there, told of late, has nothing
// to do with the new.
func TestAnOlderFetch(t *testing.T) {
	w, a := transcribed(t)
	if _, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{Source: source}); err != nil {
		t.Fatal(err)
	}
	fetcher, old := w.Jobs.Workers[job.Fetch], job.New(job.Fetch, w.Admin, a.Recording.ID)
	if err := errors.Join(fetcher.Work(ctx, old), fetcher.GiveUp(ctx, old, "late")); err != nil {
		t.Error(err)
	}
	if r := w.find(t, a.Recording.ID).Recording; !r.Fetching || r.NextFile != "" || r.Status != recording.Preparing {
		t.Errorf("%+v", r)
	}
}
