package recording_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// TestAnnounced: what webhooks want to know is told once, and nothing else.
func TestAnnounced(t *testing.T) {
	w := newWorld(t)
	f := w.folder(t, "Podcasts", "", recording.Internal)
	a := w.made(t, recording.NewRecording{Source: source})
	id := a.Recording.ID
	before := len(w.Herald.Told())
	announced := func(what string, want ...string) {
		t.Helper()
		w.Work(t)
		told := w.Herald.Told()[before:]
		before += len(told)
		slices.Sort(told)
		if diff := cmp.Diff(want, told, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	w.Sources.Err = fault.New(fault.Invalid, "the server answered 404")
	announced("before it is given up")
	announced("failed", "transcription.failed/"+id+"/")
	set := func(c recording.Change) {
		t.Helper()
		if _, err := w.Recordings.Update(ctx, w.find(t, id), c); err != nil {
			t.Fatal(err)
		}
	}
	set(recording.Change{Label: ptr("In Progress")})
	announced("labelled", "label.changed/"+id+"/")
	set(recording.Change{Label: ptr("In Progress"), Name: ptr("Another"), FolderID: ptr("")})
	announced("neither label nor folder")
	set(recording.Change{FolderID: &f.ID, Label: ptr("")})
	announced("both", "folder.changed/"+id+"/", "label.changed/"+id+"/")
	for _, want := range [][]string{{"transcription.finished/" + id + "/"}, nil} {
		if _, err := w.Recordings.AddDocument(ctx, w.find(t, id), recording.NewDocument{Transcript: said("hello")}); err != nil {
			t.Fatal(err)
		}
		announced("a transcript", want...)
	}
	_, err := w.Recordings.Update(ctx, w.find(t, id), recording.Change{FolderID: ptr("AAAAAAAA")})
	kind(t, "to nowhere", err, fault.NotFound)
	announced("what was refused")
}
