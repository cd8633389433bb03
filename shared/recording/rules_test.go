package recording_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

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

// What each role may do with a document, by its owner's way to it.
func TestRightsOfRoles(t *testing.T) {
	w := newWorld(t)
	all := recording.Rights{Edit: true, Comment: true, Export: true, Moderate: true, Manage: true}
	edits := recording.Rights{Edit: true, Comment: true, Export: true}
	looks := recording.Rights{Export: true}
	ops := []account.Operation{account.ReadRecordings, account.EditRecordings, account.WriteRecordings}
	f := w.folder(t, "For externals too", "", recording.External)
	w.set(t, recording.Change{FolderID: &f.ID})
	for role, want := range map[account.Role]struct {
		opens  int // so many of ops
		rights recording.Rights
	}{
		account.Admin: {3, all}, account.Producer: {3, all}, account.TeamLead: {3, all}, account.TeamMember: {3, all},
		account.Member: {3, all}, account.IndividualMember: {3, all}, account.Editor: {2, edits}, account.ExternalEditor: {2, edits},
		account.ViewOnly: {1, looks}, account.ExternalViewer: {1, looks}, account.BillingAdmin: {}, account.Disabled: {},
	} {
		who := w.Admin
		who.Role = role
		for i, op := range ops {
			a, err := w.Recordings.Own(ctx, who, op, w.rec.ID, w.doc.ID)
			if i >= want.opens {
				kind(t, string(role)+" may "+op.String(), err, fault.Forbidden)
			} else if err != nil || a.Rights != want.rights {
				t.Errorf("%s opens to %s: %+v, %v", role, op, a.Rights, err)
			}
		}
	}
}

// Who edits and writes nothing changes what is said, and nothing else.
func TestAnEditor(t *testing.T) {
	w := newWorld(t)
	who := w.Admin
	who.Role = account.Editor
	a, err := w.Recordings.Own(ctx, who, account.EditRecordings, w.rec.ID, w.doc.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{NoSharing: ptr(true)})
	kind(t, "an editor decides what is shared", err, fault.Forbidden)
	_, err = w.Recordings.Update(ctx, a, recording.Change{Name: ptr("x")})
	kind(t, "an editor changes the recording", err, fault.Forbidden)
	_, _, err = w.Recordings.ShareDocument(ctx, a)
	kind(t, "an editor shares", err, fault.Forbidden)
	_, err = w.Recordings.AddDocument(ctx, a, recording.NewDocument{Filename: "x", Transcript: said("x")})
	kind(t, "an editor adds a document", err, fault.Forbidden)
	kind(t, "an editor deletes", w.Recordings.DeleteDocument(ctx, who, w.rec.ID, w.doc.ID), fault.Forbidden)
	if r, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("new"), Filename: ptr("y")}); err != nil || r.Filename != "y" {
		t.Errorf("an editor edits: %+v, %v", r, err)
	}
	_, token := w.link(t)
	link, _ := w.open(token)
	theirs, err := w.Recordings.AddComment(ctx, link, recording.CommentChange{Text: ptr("look")}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	kind(t, "an editor moderates", w.Recordings.DeleteComment(ctx, a, theirs.ID), fault.Forbidden)
	a, err = w.Recordings.Own(ctx, who, account.EditRecordings, w.rec.ID, w.doc.ID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.Recordings.Finish(ctx, a, true, 0)
	if err != nil || !d.Finished {
		t.Errorf("an editor finishes: %+v, %v", d, err)
	}
	a.Document = d
	_, err = w.Recordings.Finish(ctx, a, false, 0)
	kind(t, "an editor takes it back", err, fault.Forbidden)
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
	w.Work(t)
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

// A letter that is sent later leads to the document too, unless its link is
// over by then.
func TestDeferredLetters(t *testing.T) {
	for name, life := range map[string]time.Duration{"in time": time.Hour, "too late": time.Minute} {
		w := newWorld(t)
		w.Post.Throttle = true
		if _, err := w.Recordings.MailDocument(ctx, w.own(t, w.doc.ID), []string{"b@b.test"}, "", "https://s.test"); err != nil {
			t.Fatal(err)
		}
		w.set(t, recording.Change{LinkLife: &life})
		w.Post.Throttle = false
		w.Clock.Advance(2 * time.Minute)
		if _, err := w.Shares.SendDeferred(ctx, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		letters := w.Post.Letters()
		switch {
		case name == "too late" && len(letters) > 0:
			t.Errorf("%s: %+v", name, letters)
		case name == "in time" && (len(letters) != 1 || !strings.Contains(letters[0].Links[0].URL, w.doc.ID+"?token=")):
			t.Errorf("%s: %+v", name, letters)
		}
	}
}

// A text without words takes their times from what was there.
func TestAnEditedTextKeepsItsTimes(t *testing.T) {
	w := newWorld(t)
	a := w.own(t, w.doc.ID)
	want := said("hello", "word")
	want.Segments[1].Words[0].Confidence = 0 // not known of a word that is new
	text := *said("hello", "word")
	for i := range text.Segments {
		text.Segments[i].Words = transcript.Unaligned(text.Segments[i].Text())
	}
	if _, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: &text}); err != nil {
		t.Fatal(err)
	}
	r, err := w.Recordings.Read(ctx, w.own(t, w.doc.ID))
	if diff := cmp.Diff(*want, r.Transcript); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	made, err := w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{Transcript: &text})
	if err != nil || made.Transcript.Segments[1].Words[0].Start != 1000 {
		t.Errorf("made of texts: %+v, %v", made.Transcript, err)
	}
}
