package recording_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

var ctx = context.Background()

func said(words ...string) *transcript.Transcript {
	var t transcript.Transcript
	for i, w := range words {
		at := int64(i) * 1000
		t.Segments = append(t.Segments, transcript.Segment{
			Speaker: "Ann", Start: at, End: at + 900,
			Words: []transcript.Word{{Text: w, Start: at, End: at + 900, Confidence: 0.5, Highlight: "#ffee00", Strikethrough: i == 0}},
		})
	}
	return &t
}

// world is a stack with one recording that has one document.
type world struct {
	*fake.Stack
	rec recording.Recording
	doc recording.Read
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{Stack: fake.NewStack(t, nil)}
	var err error
	if w.rec, err = w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Name: "Board", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	if w.doc, err = w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{Filename: "Minutes", Transcript: said("hello", "world")}); err != nil {
		t.Fatal(err)
	}
	w.Work(t) // webhooks are told of it
	return w
}

// own opens the world's recording, with a document unless id is "".
func (w *world) own(t testing.TB, id string) recording.Access {
	t.Helper()
	a, err := w.Recordings.Own(ctx, w.Admin, account.WriteRecordings, w.rec.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) link(t testing.TB) (share.Share, string) {
	t.Helper()
	sh, token, err := w.Recordings.ShareDocument(ctx, w.own(t, w.doc.ID))
	if err != nil {
		t.Fatal(err)
	}
	return sh, token
}

func (w *world) open(token string) (recording.Access, error) {
	return w.Recordings.Open(ctx, token, w.rec.ID, w.doc.ID, share.Visit{RequestID: "r", From: "192.0.2.1"})
}

func (w *world) set(t testing.TB, c recording.Change) {
	t.Helper()
	if _, err := w.Recordings.Update(ctx, w.own(t, ""), c); err != nil {
		t.Fatal(err)
	}
}

func kind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func ptr[T any](v T) *T { return &v }

func TestALinkOpensOneDocumentAndNothingElse(t *testing.T) {
	w := newWorld(t)
	_, token := w.link(t)
	other, err := w.Recordings.AddDocument(ctx, w.own(t, ""), recording.NewDocument{CopyOf: w.doc.ID})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.open(token)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Recordings.Read(ctx, a)
	if diff := cmp.Diff(*said("hello", "world"), r.Transcript); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if a.Rights != (recording.Rights{Comment: true, Export: true}) {
		t.Errorf("rights by default: %+v", a.Rights)
	}
	if list, err := w.Recordings.Documents(ctx, a); err != nil || len(list) != 1 || list[0].ID != w.doc.ID {
		t.Errorf("documents: %+v, %v", list, err)
	}
	file := w.Upload(t, w.Admin, "a.txt", "text/plain", []byte("x"))
	_, download := w.Link(t, w.Admin, share.New{FileID: file.ID})
	for name, tt := range map[string]struct{ token, rec, doc string }{
		"another document":  {token, w.rec.ID, other.ID},
		"another recording": {token, "AAAAAAAA", w.doc.ID},
		"unknown":           {token[:len(token)-1] + "_", w.rec.ID, w.doc.ID},
		"a download's":      {download, "", ""},
	} {
		_, err := w.Recordings.Open(ctx, tt.token, tt.rec, tt.doc, share.Visit{})
		kind(t, name, err, fault.NotFound)
		if fault.As(err).Message != "link not found or has expired" {
			t.Errorf("%s: says %q", name, fault.As(err).Message)
		}
	}
	_, err = w.Recordings.Open(ctx, "", "", "", share.Visit{})
	kind(t, "no token", err, fault.Unauthenticated)
	_, err = w.Shares.Follow(ctx, token, share.Visit{})
	kind(t, "followed as a download", err, fault.NotFound)
	_, err = w.Shares.Look(ctx, token, "")
	kind(t, "looked at as a download", err, fault.NotFound)
	_, err = w.Recordings.AddDocument(ctx, a, recording.NewDocument{CopyOf: w.doc.ID})
	kind(t, "makes a document", err, fault.Forbidden)
	_, _, err = w.Recordings.ShareDocument(ctx, a)
	kind(t, "shares", err, fault.Forbidden)
	_, err = w.Recordings.Update(ctx, a, recording.Change{Edit: ptr(true)})
	kind(t, "changes settings", err, fault.Forbidden)
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Filename: ptr("x")})
	kind(t, "edits", err, fault.Forbidden)
}

func TestSettingsCountAtTheMomentOfUse(t *testing.T) {
	w := newWorld(t)
	sh, token := w.link(t)
	w.set(t, recording.Change{Edit: ptr(true), Export: ptr(false), Comments: ptr(false)})
	a, err := w.open(token)
	if err != nil || a.Rights != (recording.Rights{Edit: true}) {
		t.Errorf("%+v, %v", a.Rights, err)
	}
	kind(t, "export", w.Recordings.Exported(ctx, a, "srt"), fault.Forbidden)
	_, err = w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("x")}, account.Once{})
	kind(t, "comment", err, fault.Forbidden)

	w.set(t, recording.Change{Share: ptr(false)})
	if _, err := w.open(token); !errors.Is(err, recording.ErrSharingOff) || !fault.Is(err, fault.Forbidden) {
		t.Errorf("sharing off: %v", err)
	}
	if _, err := w.open(token[:27] + "x"); errors.Is(err, recording.ErrSharingOff) {
		t.Errorf("a token that is not good learns that sharing is off")
	}
	w.set(t, recording.Change{Share: ptr(true)})
	if _, err := w.Recordings.UpdateDocument(ctx, w.own(t, w.doc.ID), recording.Edit{NoSharing: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.open(token); !errors.Is(err, recording.ErrSharingOff) {
		t.Errorf("sharing of the document off: %v", err)
	}
	if _, err := w.Recordings.UpdateDocument(ctx, w.own(t, w.doc.ID), recording.Edit{NoSharing: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	// An expiry that is set later counts from the link's creation.
	w.Clock.Advance(time.Hour)
	w.set(t, recording.Change{LinkLife: ptr(time.Hour + time.Second)})
	if _, err := w.open(token); err != nil {
		t.Errorf("a second before: %v", err)
	}
	w.Clock.Advance(time.Second)
	_, err = w.open(token)
	kind(t, "after its life", err, fault.NotFound)
	listed, _, err := w.Shares.List(ctx, w.Admin, share.Filter{State: share.Expired}, file.Page{Limit: 10})
	if err != nil || len(listed) != 1 || listed[0].ID != sh.ID || listed[0].PagePath(listed[0].Token) != "/shared/transcript/"+w.doc.ID+"?token="+token {
		t.Errorf("listed: %+v, %v", listed, err)
	}
	w.set(t, recording.Change{LinkLife: ptr(time.Duration(0))})
	if _, err := w.open(token); err != nil {
		t.Errorf("for ever again: %v", err)
	}
}

func TestMailedLinks(t *testing.T) {
	w := newWorld(t)
	m, err := w.Recordings.MailDocument(ctx, w.own(t, w.doc.ID), []string{"bob@b.test", "eve@e.test", "no@reject.test"}, "Please read", "https://s.test")
	if err != nil || len(m.Deliveries) != 3 || m.Deliveries[2].State != share.MailRejected {
		t.Fatalf("%+v, %v", m, err)
	}
	letters := w.Post.Letters()
	if len(letters) != 2 || letters[0].Links[0].Kind != share.Document {
		t.Fatalf("%+v", letters)
	}
	_, token, _ := strings.Cut(letters[0].Links[0].URL, "token=")
	if letters[0].Links[0].URL != "https://s.test"+"/shared/transcript/"+w.doc.ID+"?token="+token || token == m.Token {
		t.Errorf("%s", letters[0].Links[0].URL)
	}
	a, err := w.open(token)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.Recordings.AddComment(ctx, a, recording.CommentChange{Text: ptr("fine"), Author: ptr("Somebody else")}, account.Once{})
	if err != nil || c.Author != "bob@b.test" {
		t.Errorf("%+v, %v", c, err)
	}
	parent, err := w.open(m.Token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Shares.Revoke(ctx, w.Admin, parent.Share.ID); err != nil {
		t.Fatal(err)
	}
	for _, tok := range []string{token, m.Token} {
		_, err := w.open(tok)
		kind(t, "revoked with its parent", err, fault.NotFound)
	}
	_, err = w.Recordings.MailDocument(ctx, w.own(t, w.doc.ID), []string{"b@b.test"}, strings.Repeat("x", 501), "https://s.test")
	kind(t, "a long message", err, fault.Invalid)
	_, err = w.Recordings.MailDocument(ctx, w.own(t, w.doc.ID), []string{"nobody"}, "", "https://s.test")
	kind(t, "no address", err, fault.Invalid)
	if all, _, _ := w.Shares.List(ctx, w.Admin, share.Filter{Kind: share.Document}, file.Page{Limit: 10}); len(all) != 1 {
		t.Errorf("%d links: refused requests make none", len(all))
	}
}

func TestFinishedRefusesEdits(t *testing.T) {
	w := newWorld(t)
	w.set(t, recording.Change{Edit: ptr(true)})
	_, token := w.link(t)
	a, err := w.open(token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recordings.Finish(ctx, a, true, 0); err != nil {
		t.Fatal(err)
	}
	if a, err = w.open(token); err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Finish(ctx, a, true, 0)
	kind(t, "twice", err, fault.Conflict)
	_, err = w.Recordings.Finish(ctx, a, false, 0)
	kind(t, "taken back by a link", err, fault.Forbidden)
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("no")})
	kind(t, "edited", err, fault.Conflict)
	_, err = w.Recordings.ClearText(ctx, a, 0)
	kind(t, "cleared", err, fault.Conflict)
	_, err = w.Recordings.Reset(ctx, a, 0)
	kind(t, "reset", err, fault.Conflict)
	if _, err := w.Recordings.Read(ctx, a); err != nil {
		t.Errorf("read: %v", err)
	}
	w.link(t)
	if _, err := w.Recordings.Finish(ctx, w.own(t, w.doc.ID), false, 0); err != nil {
		t.Errorf("taken back by its owner: %v", err)
	}
}

func TestEditing(t *testing.T) {
	w := newWorld(t)
	a := w.own(t, w.doc.ID)
	if _, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: 1, Transcript: said("second"), TimecodeOffset: ptr("01:00:00:24")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: 1, Transcript: said("third")})
	kind(t, "the same version again", err, fault.Stale)
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{TimecodeOffset: ptr("01:00:00:25")})
	kind(t, "a frame too many", err, fault.Invalid)
	// Access is of version 1: without If-Match it goes on from what is there.
	r, err := w.Recordings.ClearText(ctx, w.own(t, w.doc.ID), 2)
	if err != nil || len(r.Transcript.Segments) != 1 || r.Transcript.Segments[0].Text() != "" || r.Version != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = w.Recordings.Reset(ctx, a, 0)
	if diff := cmp.Diff(*said("hello", "world"), r.Transcript); err != nil || diff != "" || r.Version != 4 || r.Size != w.doc.Size {
		t.Errorf("%v, %d bytes %s", err, r.Size, diff)
	}
	// What changes nothing is no change.
	if r, err = w.Recordings.UpdateDocument(ctx, w.own(t, w.doc.ID), recording.Edit{}); err != nil || r.Version != 4 {
		t.Errorf("nothing changed: %+v, %v", r, err)
	}
	// Who names no version is not told that it is another: a is still of version 1.
	r, err = w.Recordings.ClearText(ctx, a, 0)
	if err != nil || r.Transcript.Segments[0].Text() != "" || r.Version != 5 {
		t.Errorf("cleared by who read it long ago: %+v, %v", r, err)
	}
	if _, err := w.Recordings.Reset(ctx, a, 0); err != nil {
		t.Error(err)
	}
	if keys := w.Contents.Keys(); len(keys) != 1 || keys[0] != w.doc.Original {
		t.Errorf("superseded contents stay: %v", keys)
	}
}

// Of two who finish a document at once one is told that it is finished.
func TestFinishedOnce(t *testing.T) {
	w := newWorld(t)
	a := w.own(t, w.doc.ID)
	if _, err := w.Recordings.Finish(ctx, a, true, 0); err != nil {
		t.Fatal(err)
	}
	_, err := w.Recordings.Finish(ctx, a, true, 0)
	kind(t, "the other", err, fault.Conflict)
	_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Filename: ptr("late")})
	kind(t, "an edit meanwhile", err, fault.Conflict)
}

func TestOfTwoEditorsOneWins(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []string
	for i := range 32 {
		wg.Go(func() {
			text := fmt.Sprint("editor ", i)
			a, err := w.Recordings.Own(ctx, w.Admin, account.WriteRecordings, w.rec.ID, w.doc.ID)
			if err == nil {
				_, err = w.Recordings.UpdateDocument(ctx, a, recording.Edit{Version: 1, Transcript: said(text)})
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = append(won, text)
			} else if !fault.Is(err, fault.Stale) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r, err := w.Recordings.Read(ctx, w.own(t, w.doc.ID))
	if err != nil || len(won) != 1 || r.Version != 2 || r.Transcript.Segments[0].Text() != won[0] {
		t.Errorf("%v won, %+v is there, %v", won, r, err)
	}
	if keys := w.Contents.Keys(); len(keys) != 2 {
		t.Errorf("contents: %v", keys)
	}
}
