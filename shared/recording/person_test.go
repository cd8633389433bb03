package recording_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// mailedToken is the token in the last letter to an address.
func (w *world) mailedToken(t *testing.T, to string) (token string) {
	t.Helper()
	for _, l := range w.Post.Letters() {
		if l.To == to && len(l.Links) == 1 {
			_, token, _ = strings.Cut(l.Links[0].URL, "/r/")
		}
	}
	if token == "" {
		t.Fatalf("no letter to %s", to)
	}
	return token
}

// TestSharedWithAPerson: the share alone says what its person may do, at the
// moment of use, whatever the settings for links to documents are.
func TestSharedWithAPerson(t *testing.T) {
	w := newWorld(t)
	w.set(t, recording.Change{Share: ptr(false), Edit: ptr(false)})
	with := func(edit bool) {
		t.Helper()
		if _, err := w.Recordings.ShareWith(ctx, w.own(t, ""), recording.Sharing{Email: "ann@b.test", Edit: edit, Message: "by 7pm", Base: "https://s.test"}); err != nil {
			t.Fatal(err)
		}
	}
	with(true)
	first := w.mailedToken(t, "ann@b.test")
	if l := w.Post.Letters()[0]; l.Message != "by 7pm" || l.Sender != "Ann Admin" || !l.Links[0].Edit || l.Links[0].Kind != share.Person || l.Links[0].Name != w.rec.Name {
		t.Errorf("the letter says %+v", l)
	}
	open := func(token string) recording.Access {
		t.Helper()
		a, err := w.Recordings.Open(ctx, token, "", "", share.Visit{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := open(first); a.Document.ID != w.doc.ID || a.Rights != (recording.Rights{Edit: true, Comment: true, Export: true}) {
		t.Errorf("%+v", a.Rights)
	}
	if a, err := w.open(first); err != nil || !a.Edit {
		t.Errorf("with the ids in the path: %v", err)
	}
	if _, err := w.Recordings.UpdateDocument(ctx, open(first), recording.Edit{Filename: ptr("Hers")}); err != nil {
		t.Errorf("she edits: %v", err)
	}
	w.set(t, recording.Change{Name: ptr("Renamed")})
	with(false)
	second := w.mailedToken(t, "ann@b.test")
	if l := w.Post.Letters(); len(l) != 2 || l[1].Links[0].Edit || l[1].Links[0].Name != "Renamed" {
		t.Errorf("the second letter says %+v", l)
	}
	if second == first {
		t.Error("no letter of its own")
	}
	for _, token := range []string{first, second} {
		if a := open(token); a.Rights != (recording.Rights{Export: true}) {
			t.Errorf("overwritten: %+v", a.Rights)
		}
	}
	list, err := w.Recordings.SharedWith(ctx, w.own(t, ""))
	if err != nil || len(list) != 1 || list[0].Recipient != "ann@b.test" || list[0].Rights.Edit {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.Recordings.Unshare(ctx, w.own(t, ""), "Ann@b.test"); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{first, second} {
		_, err := w.Recordings.Open(ctx, token, "", "", share.Visit{})
		kind(t, "after it ended", err, fault.NotFound)
	}
	kind(t, "again", w.Recordings.Unshare(ctx, w.own(t, ""), "ann@b.test"), fault.NotFound)
	with(true)
	if a := open(w.mailedToken(t, "ann@b.test")); !a.Edit {
		t.Error("shared anew")
	}
	_, err = w.Recordings.Open(ctx, first, "", "", share.Visit{})
	kind(t, "an old link stays dead", err, fault.NotFound)
	_, err = w.Recordings.ShareWith(ctx, w.own(t, ""), recording.Sharing{Email: "nobody"})
	kind(t, "no address", err, fault.Invalid)
	_, err = w.Recordings.ShareWith(ctx, w.own(t, ""), recording.Sharing{Email: "ann@b.test", Message: strings.Repeat("ä", share.MaxMessageLength+1)})
	if e := fault.As(err); !fault.Is(err, fault.Invalid) || e.Field != "message" {
		t.Errorf("notes that are too long: %v", err)
	}
}

// TestSharedWithoutMail: whoever shares is told, and the share is there.
//
// contract: SX-182
func TestSharedWithoutMail(t *testing.T) {
	w := newWorld(t)
	_, err := w.Recordings.ShareWith(ctx, w.own(t, ""), recording.Sharing{Email: "ann@reject.test", Edit: true})
	if !fault.Is(err, fault.Unavailable) || !strings.HasPrefix(fault.As(err).Message, "the share is made, but the mail was not sent: ") {
		t.Errorf("%v", err)
	}
	if list, err := w.Recordings.SharedWith(ctx, w.own(t, "")); err != nil || len(list) != 1 || !list[0].Rights.Edit {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestPublished: a link that comes with a recording reads its transcript once
// there is one, can be revoked, and goes with the recording.
func TestPublished(t *testing.T) {
	w := newWorld(t)
	w.Memory.Record(w.Clock.Now)
	a := w.made(t, recording.NewRecording{Name: "Open", Publish: true})
	tokens, err := w.Recordings.PublicTokens(ctx, a.Recording, w.rec)
	token := tokens[a.Recording.ID]
	if err != nil || len(tokens) != 1 || token == "" {
		t.Fatalf("%v, %v", tokens, err)
	}
	_, err = w.Recordings.Open(ctx, token, "", "", share.Visit{})
	if !fault.Is(err, fault.Conflict) || !errors.Is(err, recording.ErrNoTranscript) {
		t.Errorf("before there is a transcript: %v", err)
	}
	d, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("hello")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("hallo"), Language: "de"}); err != nil {
		t.Fatal(err)
	}
	opened, err := w.Recordings.Open(ctx, token, "", "", share.Visit{})
	if err != nil || opened.Document.ID != d.ID || opened.Rights != (recording.Rights{}) {
		t.Errorf("%+v, %v", opened, err)
	}
	sh := opened.Share
	if _, err := w.Shares.Revoke(ctx, w.Admin, sh.ID); err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Open(ctx, token, "", "", share.Visit{})
	kind(t, "revoked", err, fault.NotFound)
	if tokens, err := w.Recordings.PublicTokens(ctx, a.Recording); err != nil || len(tokens) != 0 {
		t.Errorf("shown after it was revoked: %v, %v", tokens, err)
	}
	if _, err := w.Recordings.ShareWith(ctx, w.find(t, a.Recording.ID), recording.Sharing{Email: "ann@b.test"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Recordings.Delete(ctx, w.Admin, a.Recording.ID); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if left := w.mentions(a.Recording.ID); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestSplit: captions are stored, in place of what was there.
func TestSplit(t *testing.T) {
	w := newWorld(t)
	a := w.own(t, w.doc.ID)
	if _, err := w.Recordings.UpdateDocument(ctx, a, recording.Edit{Transcript: said("some words that are rather many for a line", "and some more of them")}); err != nil {
		t.Fatal(err)
	}
	r, err := w.Recordings.Split(ctx, w.own(t, w.doc.ID), transcript.Limits{Lines: 1, Characters: 20})
	if err != nil || len(r.Transcript.Segments) < 4 || r.Version != 3 {
		t.Fatalf("%d segments, version %d, %v", len(r.Transcript.Segments), r.Version, err)
	}
	again, err := w.Recordings.Read(ctx, w.own(t, w.doc.ID))
	if diff := cmp.Diff(r.Transcript, again.Transcript); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := w.Recordings.Finish(ctx, w.own(t, w.doc.ID), true, 0); err != nil {
		t.Fatal(err)
	}
	_, err = w.Recordings.Split(ctx, w.own(t, w.doc.ID), transcript.Limits{Lines: 1})
	kind(t, "finished", err, fault.Conflict)
}
