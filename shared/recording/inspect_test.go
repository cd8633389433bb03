package recording_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// facts are of a video that nobody could say the length of.
func facts() recording.Facts {
	return recording.Facts{Duration: 4200, Video: true, Channels: 2, Peaks: bytes.Repeat([]byte{7, 200}, recording.Peaks/2), Thumbnail: []byte("\xff\xd8 a picture")}
}

// examine does the job of looking into a recording's media, and returns what
// came of it.
func (w *world) examine(t *testing.T, r recording.Recording) error {
	t.Helper()
	return w.Jobs.Workers[job.Inspect].Work(ctx, job.New(job.Inspect, w.Admin, r.ID+"-"+r.FileID))
}

// looks are the keys of what recordings' media is shown by.
func (w *world) looks() []string {
	return slices.DeleteFunc(w.Contents.Keys(), func(key string) bool {
		return !strings.Contains(key, "peaks") && !strings.Contains(key, "thumbnail")
	})
}

// TestMediaIsLookedInto: what nobody could say of it when it arrived is known
// then, and what it is shown by lies beside the recording, and goes with it.
func TestMediaIsLookedInto(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Name: "Talk"})
	i, before := w.Inspect(facts()), a.Recording
	w.Clock.Advance(time.Minute)
	if got := w.due(t); !slices.ContainsFunc(got, func(j job.Job) bool { return j.ID == "inspect-"+before.ID+"-"+before.FileID }) {
		t.Fatalf("with its media came %v", got)
	}
	for range 2 {
		if err := w.examine(t, before); err != nil {
			t.Fatal(err)
		}
	}
	a = w.find(t, before.ID)
	want := before
	want.Duration, want.Video, want.Channels, want.UpdatedAt = 4200, true, 2, w.Clock.Now()
	want.Peaks, want.Thumbnail = a.Recording.Peaks, a.Recording.Thumbnail
	if diff := cmp.Diff(want, a.Recording); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(i.Asked) != 2 || !strings.HasPrefix(i.Asked[0].Object, "media/") || i.Asked[0].Type != "audio/wav" {
		t.Errorf("looked into %+v", i.Asked)
	}
	peaks, err := w.Recordings.Waveform(ctx, a)
	picture, missing := w.Recordings.Thumbnail(ctx, a)
	if err != nil || missing != nil || !bytes.Equal(peaks, facts().Peaks) || !bytes.Equal(picture, facts().Thumbnail) {
		t.Errorf("%v, %v: %v, %q", err, missing, peaks, picture)
	}
	if got := w.looks(); len(got) != 2 || !slices.Contains(got, a.Recording.Peaks) || !slices.Contains(got, a.Recording.Thumbnail) {
		t.Errorf("in the bucket are %q", got)
	}
	if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
		t.Fatal(err)
	}
	if w.Work(t); len(w.looks()) != 0 {
		t.Errorf("left: %q", w.looks())
	}
}

// TestNothingIsFound: without an engine, and of media that it cannot read, a
// recording stays as it is, and no job does.
func TestNothingIsFound(t *testing.T) {
	for name, err := range map[string]error{
		"no engine": nil, "broken": fault.New(fault.Invalid, "the media cannot be read"),
	} {
		t.Run(name, func(t *testing.T) {
			w, a := heard(t, recording.NewRecording{Name: "Talk", Align: true})
			if err != nil {
				w.Inspect(recording.Facts{}).Err = err
			}
			w.Clock.Advance(time.Minute)
			w.Work(t)
			if diff := cmp.Diff(a.Recording, w.find(t, a.Recording.ID).Recording); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, letters := w.due(t), w.Queue.Buried(); len(got)+len(letters)+len(w.looks()) > 0 {
				t.Errorf("left: %v, %v, %q", got, letters, w.looks())
			}
			a = w.find(t, a.Recording.ID)
			if peaks, err := w.Recordings.Waveform(ctx, a); err != nil || peaks != nil {
				t.Errorf("loudness: %v, %v", peaks, err)
			}
			if _, err := w.Recordings.Thumbnail(ctx, a); !fault.Is(err, fault.NotFound) {
				t.Errorf("picture: %v", err)
			}
		})
	}
}

// TestSomethingIsFound: sound alone has no picture; and who cannot say how long
// media is does not make others forget it.
func TestSomethingIsFound(t *testing.T) {
	w := newWorld(t)
	a := w.made(t, recording.NewRecording{Name: "Talk"})
	w.put(t, w.uploadURL(t, a), short)
	w.Inspect(recording.Facts{Channels: 1, Peaks: []byte{1}})
	w.Work(t)
	r := w.find(t, a.Recording.ID).Recording
	if r.Duration != 1500 || r.Video || r.Channels != 1 || r.Peaks == "" || r.Thumbnail != "" {
		t.Errorf("%+v", r)
	}
}

// TestReplacedMediaIsForgotten: what it was shown by goes with it.
func TestReplacedMediaIsForgotten(t *testing.T) {
	w, a := transcribed(t)
	w.Inspect(facts())
	if err := w.examine(t, a.Recording); err != nil || len(w.looks()) != 2 {
		t.Fatalf("%q, %v", w.looks(), err)
	}
	if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), ways["sent"](w, short)); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	r := w.find(t, a.Recording.ID).Recording
	if r.FileID == a.Recording.FileID {
		t.Fatal("it has the media that it had")
	}
	for _, key := range w.looks() {
		if !strings.Contains(key, r.FileID) {
			t.Errorf("left: %s", key)
		}
	}
}

// TestNobodyKnowsHowLong: peaks are of parts of a length.
func TestNobodyKnowsHowLong(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Name: "Talk"})
	w.Inspect(recording.Facts{Channels: 1, Peaks: []byte{1}})
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Duration != 0 || r.Channels != 1 || r.Peaks != "" {
		t.Errorf("%+v", r)
	}
}

// TestMediaChangesMeanwhile: what is found in media that is not the
// recording's any more is forgotten, also by who comes after a worker that
// died of it.
func TestMediaChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *world, recording.Recording){
		"replaced": func(t *testing.T, w *world, r recording.Recording) {
			now := r
			now.FileID, now.Duration = "another", 77
			if err := w.Recordings.Store.ChangeMedia(ctx, r, now, w.Clock.Now()); err != nil {
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, w *world, r recording.Recording) {
			if err := w.Recordings.Delete(ctx, w.Admin, r.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, a := heard(t, recording.NewRecording{Name: "Talk", Align: true})
			i := w.Inspect(facts())
			i.Before = func() { change(t, w, a.Recording) }
			if err := w.examine(t, a.Recording); err != nil {
				t.Fatal(err)
			}
			if len(i.Asked) != 1 || len(w.looks()) != 0 {
				t.Errorf("asked %d times, left %q", len(i.Asked), w.looks())
			}
			if f, err := w.Recordings.Store.Find(ctx, a.Recording.Organization, a.Recording.ID, ""); err != nil || f.Recording.Channels != 0 || f.Recording.Peaks != "" || f.Recording.Duration == 4200 {
				t.Errorf("%v, %+v", err, f.Recording)
			}
			left := "transcripts/" + a.Recording.Organization + "/" + a.Recording.ID + "/" + a.Recording.FileID + "/peaks.gz"
			if err := w.Contents.Put(ctx, left, []byte("left")); err != nil {
				t.Fatal(err)
			}
			if err := w.examine(t, a.Recording); err != nil || len(i.Asked) != 1 || len(w.looks()) != 0 {
				t.Errorf("after one that died: %v, asked %d times, left %q", err, len(i.Asked), w.looks())
			}
		})
	}
}

// TestFactsStay when somebody goes on with what they read before: only other
// media has others.
func TestFactsStay(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Name: "Talk"})
	w.Equip()
	w.Inspect(facts())
	w.Clock.Advance(time.Minute)
	if err := w.examine(t, a.Recording); err != nil {
		t.Fatal(err)
	}
	now := a.Recording
	now.Status = recording.Failed
	if err := w.Recordings.Store.ChangeMedia(ctx, a.Recording, now, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Duration != 4200 || r.Peaks == "" {
		t.Errorf("%+v", r)
	}
	now.FileID = "another"
	if err := w.Recordings.Store.ChangeMedia(ctx, w.find(t, now.ID).Recording, now, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Duration != 0 || r.Channels != 0 || r.Peaks != "" || r.Thumbnail != "" {
		t.Errorf("with other media: %+v", r)
	}
}

// TestLookingFails: what may pass does, and the job stays.
func TestLookingFails(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Name: "Talk", Align: true})
	w.Inspect(facts()).Err = errors.New("S3 is away")
	if err := w.examine(t, a.Recording); err == nil {
		t.Error("a failure of ours is none")
	}
	if w.Work(t); len(w.due(t)) != 1 {
		t.Errorf("left: %v", w.due(t))
	}
}
