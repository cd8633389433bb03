package recording_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// heard is a recording whose media has arrived, and the engines behind.
func heard(t *testing.T, n recording.NewRecording) (*world, recording.Access) {
	t.Helper()
	w := newWorld(t)
	a := w.made(t, n)
	w.put(t, w.uploadURL(t, a), wav)
	return w, w.find(t, a.Recording.ID)
}

// says is what a recording's transcript is.
func (w *world) says(t *testing.T, id string) string {
	t.Helper()
	main, err := w.Recordings.Main(ctx, w.find(t, id), "")
	if err != nil {
		return err.Error()
	}
	read, err := w.Recordings.Reread(ctx, main)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range read.Transcript.Segments {
		all = append(all, s.Text())
	}
	return strings.Join(all, "|")
}

// TestMediaIsTranscribed, or aligned with a text if there is one: once, with
// what its maker said of it.
func TestMediaIsTranscribed(t *testing.T) {
	for name, tt := range map[string]struct {
		n     recording.NewRecording
		while recording.Status
		says  string
	}{
		"transcribed": {recording.NewRecording{
			Name: "Talk", Keywords: []string{"Bergamasco"}, Speakers: []string{"Ann", "Ben"}, Multichannel: true, Diarization: true, Punctuation: true,
		}, recording.Transcribing, "Spoken in en"},
		"aligned":  {recording.NewRecording{Name: "Talk", Script: "Good morning."}, recording.Aligning, "Good morning."},
		"captions": {recording.NewRecording{Name: "Talk", DocumentType: recording.Caption}, recording.Transcribing, "Spoken in en"},
	} {
		t.Run(name, func(t *testing.T) {
			w, a := heard(t, tt.n)
			e := w.Equip()
			if a.Recording.Status != tt.while {
				t.Errorf("before: %+v", a.Recording)
			}
			w.Work(t)
			a = w.find(t, a.Recording.ID)
			if got := w.says(t, a.Recording.ID); got != tt.says || a.Recording.Status != recording.Completed || a.Recording.Documents != 1 {
				t.Errorf("%q, %+v", got, a.Recording)
			}
			want := recording.Speech{
				ID: "transcribe-" + a.Recording.ID + "-" + a.Recording.Run, Media: recording.Media{Type: "audio/wav"}, Language: "en", Keywords: tt.n.Keywords, Speakers: tt.n.Speakers,
				PerChannel: tt.n.Multichannel, Diarization: tt.n.Diarization, Punctuation: tt.n.Punctuation,
			}
			if len(e.Asked) != 1 || !slices.Equal(e.Forgot, []string{want.ID}) {
				t.Fatalf("%d runs, forgot %q", len(e.Asked), e.Forgot)
			}
			got := e.Asked[0].(recording.Speech)
			if !strings.HasPrefix(got.Object, "media/") {
				t.Errorf("%q", got.Object)
			}
			got.Object = ""
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(w.jobs(t)) != 0 {
				t.Errorf("jobs left: %v", w.jobs(t))
			}
		})
	}
}

// TestWhatIsNotTranscribed: what will have a transcript, and that of who may
// not.
func TestWhatIsNotTranscribed(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Align: true})
	if a.Recording.Status != recording.Created || len(w.jobs(t)) != 0 {
		t.Errorf("to be given: %+v, %v", a.Recording, w.jobs(t))
	}
	w = newWorld(t)
	w.Admin.Standing = account.Blocked
	for _, n := range []recording.NewRecording{{Name: "x"}, {Script: "x"}} {
		a = w.made(t, n)
		if a.Recording.Status != recording.Blocked {
			t.Errorf("%+v", a.Recording)
		}
		w.put(t, w.uploadURL(t, a), wav)
		if a = w.find(t, a.Recording.ID); a.Recording.Status != recording.Blocked || a.Recording.Reason == "" || !a.Recording.HasMedia() || len(w.jobs(t)) != 0 {
			t.Errorf("%+v, %v", a.Recording, w.jobs(t))
		}
	}
	_, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{})
	kind(t, "who is blocked", err, fault.Forbidden)
	w.Admin.Standing = account.Good
	w.Equip()
	if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{}); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if got := w.says(t, a.Recording.ID); got != "Spoken in en" {
		t.Errorf("once it is not any more: %q", got)
	}
}

// TestGivenWhileTranscribed: a transcript that is given is the one that counts.
func TestGivenWhileTranscribed(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	e.Before = func() {
		if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Given")}); err != nil {
			t.Error(err)
		}
	}
	w.Work(t)
	a = w.find(t, a.Recording.ID)
	if got := w.says(t, a.Recording.ID); got != "Given" || a.Recording.Documents != 1 || len(w.jobs(t)) != 0 {
		t.Errorf("%q, %+v, %v", got, a.Recording, w.jobs(t))
	}
	if n := len(w.Contents.Keys()); n != 2 {
		t.Errorf("%v", w.Contents.Keys())
	}
}

// TestWithoutItsDocuments a recording that was transcribed has no transcript,
// nothing is made of it, and it can be transcribed anew.
func TestWithoutItsDocuments(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	w.Equip()
	w.Work(t)
	a = w.find(t, a.Recording.ID)
	main, err := w.Recordings.Main(ctx, a, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Recordings.DeleteDocument(ctx, w.Admin, a.Recording.ID, main.Document.ID); err != nil {
		t.Fatal(err)
	}
	a = w.find(t, a.Recording.ID)
	for _, language := range []string{"", "EN"} {
		if _, err := w.Recordings.Main(ctx, a, language); !errors.Is(err, recording.ErrNoTranscript) {
			t.Errorf("%q: %v", language, err)
		}
	}
	for what, add := range adding(w, a) {
		if _, err := add(account.Once{}); !errors.Is(err, recording.ErrNoTranscript) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := w.Recordings.AddBatch(ctx, w.Admin, "", "Why?", account.Once{}); !errors.Is(err, recording.ErrNoTranscript) {
		t.Errorf("a batch: %v", err)
	}
	if _, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{}); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if got := w.says(t, a.Recording.ID); got != "Spoken in en" {
		t.Errorf("%q", got)
	}
}

// TestAnOldRun writes nothing once there is another.
func TestAnOldRun(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	e.Before = func() {
		e.Before = nil
		if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Given")}); err != nil {
			t.Error(err)
		}
		if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{Language: ptr("de")}); err != nil {
			t.Error(err)
		}
	}
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Transcribing || r.Documents != 1 {
		t.Errorf("the old run ended the new one: %+v", r)
	}
	w.Work(t)
	if got := w.says(t, a.Recording.ID); got != "Spoken in de" {
		t.Errorf("%q", got)
	}
}

// TestAnOldRunComesAgain: whoever takes over from a worker that died finds that
// another run has begun, and leaves it to that one's job.
func TestAnOldRunComesAgain(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	e.Err = errors.New("killed")
	w.Work(t)
	old := w.jobs(t)
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Given")}); err != nil {
		t.Fatal(err)
	}
	e.Err = nil
	if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Jobs.Run(ctx, old[0].Message()); err != nil {
		t.Fatal(err)
	}
	if r := w.find(t, a.Recording.ID).Recording; len(e.Asked) != 1 || r.Status != recording.Transcribing {
		t.Errorf("%d runs of an engine, %+v", len(e.Asked), r)
	}
}

// TestDeletedWhileTranscribed: nothing is left.
func TestDeletedWhileTranscribed(t *testing.T) {
	w := newWorld(t)
	w.Memory.Record(w.Clock.Now)
	a := w.made(t, recording.NewRecording{Script: "x"})
	w.put(t, w.uploadURL(t, a), wav)
	e := w.Equip()
	e.Before = func() {
		if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
			t.Error(err)
		}
		w.remove(t)
	}
	w.Work(t)
	if left := w.mentions(a.Recording.ID); len(left) != 0 || len(w.Objects.Keys()) != 0 || len(w.jobs(t)) != 0 {
		t.Errorf("left: %v, %v, %v", left, w.Objects.Keys(), w.jobs(t))
	}
	if len(e.Forgot) != 1 {
		t.Errorf("forgot %q", e.Forgot)
	}
}

// TestATranscriptionElsewhere is asked about until it is done, at no cost, and
// forgotten however it ends.
func TestATranscriptionElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		end    error
		status recording.Status
	}{
		"done": {nil, recording.Completed}, "refused": {fault.New(fault.Invalid, "not a recording"), recording.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w, a := heard(t, recording.NewRecording{})
			e := w.Equip()
			for range 2 * job.MaxAttempts {
				e.Err = job.Later{After: time.Minute, Progress: 10}
				w.Work(t)
				w.sweep(t, time.Minute)
			}
			if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Transcribing || len(e.Forgot) != 0 {
				t.Errorf("%s, forgot %q", r.Status, e.Forgot)
			}
			e.Err = tt.end
			w.sweep(t, time.Minute)
			if r := w.find(t, a.Recording.ID).Recording; r.Status != tt.status || len(e.Forgot) != 1 || e.Forgot[0] != e.Asked[0].(recording.Speech).ID {
				t.Errorf("%s, forgot %q", r.Status, e.Forgot)
			}
		})
	}
}

// TestADeadScribeIsReplaced: the run is done once.
func TestADeadScribeIsReplaced(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	e.Err = errors.New("killed")
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Transcribing || len(e.Forgot) != 0 {
		t.Errorf("%+v, forgot %q", r, e.Forgot)
	}
	e.Err = nil
	w.sweep(t, 16*time.Minute)
	if got := w.says(t, a.Recording.ID); got != "Spoken in en" || w.find(t, a.Recording.ID).Recording.Documents != 1 {
		t.Errorf("%q", got)
	}
}

// TestANonsenseEngine: what it writes is checked like everything else.
func TestANonsenseEngine(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	w.Jobs.Workers[job.Transcribe] = recording.Scribe{Service: w.Recordings, Engines: recording.Engines{Transcriber: writes{{Start: 5, End: 1}}}}
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Failed || r.Documents != 0 {
		t.Errorf("%+v", r)
	}
}

// TestSilence is no transcript, and whoever waits for one is told why.
func TestSilence(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	w.Jobs.Workers[job.Transcribe] = recording.Scribe{Service: w.Recordings, Engines: recording.Engines{Transcriber: writes{}}}
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Failed || r.Documents != 0 || r.Reason != "nobody is heard to speak in it" {
		t.Errorf("%+v", r)
	}
}

// writes is a Transcriber that always writes the same.
type writes []transcript.Segment

func (w writes) Transcribe(context.Context, recording.Speech) (transcript.Transcript, error) {
	return transcript.Transcript{Segments: w}, nil
}
