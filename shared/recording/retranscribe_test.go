package recording_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// TestRetranscribe: what is written anew takes the place of what was there, and
// stays another document in another language.
func TestRetranscribe(t *testing.T) {
	w, a := heard(t, recording.NewRecording{Script: "Old text"})
	e := w.Equip()
	_, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{})
	kind(t, "while it is aligned", err, fault.Conflict)
	w.Work(t)
	a = w.find(t, a.Recording.ID)
	main, err := w.Recordings.Main(ctx, a, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{
		Keywords: &[]string{"k"}, Speakers: &[]string{"Ann"}, Multichannel: ptr(true), Callback: ptr("https://example.com/told"),
	})
	if err != nil || r.Status != recording.Transcribing || r.Script != "" || !r.Multichannel {
		t.Fatalf("%+v, %v", r, err)
	}
	if stored := w.find(t, a.Recording.ID).Recording; !cmp.Equal(stored, r) {
		t.Errorf("(-returned +stored):\n%s", cmp.Diff(r, stored))
	}
	_, err = w.Recordings.Retranscribe(ctx, a, recording.Retranscription{})
	kind(t, "twice at once", err, fault.Conflict)
	if got := w.says(t, a.Recording.ID); !strings.Contains(got, "no transcript yet") {
		t.Errorf("meanwhile: %q", got)
	}
	w.Work(t)
	now, err := w.Recordings.Main(ctx, w.find(t, a.Recording.ID), "")
	if err != nil || now.Document.ID != main.Document.ID || now.Document.Version != 2 || w.says(t, a.Recording.ID) != "Spoken in en" {
		t.Errorf("%+v, %v", now.Document, err)
	}
	if s := e.Asked[1].(recording.Speech); !s.PerChannel || s.Keywords[0] != "k" || s.Speakers[0] != "Ann" {
		t.Errorf("%+v", s)
	}
	if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{Language: ptr("de")}); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if got := w.says(t, a.Recording.ID); got != "Spoken in de" || w.find(t, a.Recording.ID).Recording.Documents != 2 {
		t.Errorf("%q", got)
	}
}

// TestWhatIsNotRetranscribed: everything that is refused, and what stays when
// an engine fails.
func TestWhatIsNotRetranscribed(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	w.Work(t)
	a = w.find(t, a.Recording.ID)
	viewer := a
	viewer.Manage = false
	_, err := w.Recordings.Retranscribe(ctx, viewer, recording.Retranscription{})
	kind(t, "a viewer", err, fault.Forbidden)
	_, err = w.Recordings.Retranscribe(ctx, w.made(t, recording.NewRecording{}), recording.Retranscription{})
	kind(t, "without media", err, fault.Conflict)
	_, err = w.Recordings.Retranscribe(ctx, w.made(t, recording.NewRecording{Source: source}), recording.Retranscription{})
	kind(t, "while it is fetched", err, fault.Conflict)
	for field, n := range map[string]recording.Retranscription{
		"language": {Language: ptr("klingon!")}, "keywords": {Keywords: &[]string{" "}}, "callback": {Callback: ptr("ftp://x")},
		"speakers": {Speakers: ptr(make([]string, recording.MaxSpeakers+1))}, "script": {Script: "\xff"},
	} {
		if _, err := w.Recordings.Retranscribe(ctx, a, n); fault.As(err) == nil || fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	e.Err = fault.New(fault.Invalid, "nobody speaks")
	if _, err := w.Recordings.Retranscribe(ctx, a, recording.Retranscription{}); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Completed || r.Reason != "nobody speaks" || w.says(t, r.ID) != "Spoken in en" {
		t.Errorf("%+v", r)
	}
	main, err := w.Recordings.Main(ctx, w.find(t, a.Recording.ID), "")
	if err == nil {
		_, err = w.Recordings.Finish(ctx, main, true, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{})
	kind(t, "a finished one", err, fault.Conflict)
}

// TestRetranscribedInVain: what was there stays, and is not said to be in the
// language that was asked for.
func TestRetranscribedInVain(t *testing.T) {
	w, a := heard(t, recording.NewRecording{})
	e := w.Equip()
	w.Work(t)
	e.Err = fault.New(fault.Invalid, "nobody speaks it")
	if _, err := w.Recordings.Retranscribe(ctx, w.find(t, a.Recording.ID), recording.Retranscription{Language: ptr("de")}); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	r := w.find(t, a.Recording.ID)
	if r.Recording.Status != recording.Completed || r.Recording.Language != "en" || w.says(t, a.Recording.ID) != "Spoken in en" {
		t.Errorf("%+v", r.Recording)
	}
	_, err := w.Recordings.Main(ctx, r, "de")
	kind(t, "in the language that failed", err, fault.NotFound)
}
