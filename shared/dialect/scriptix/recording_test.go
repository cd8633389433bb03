package scriptix

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/recording"
)

// TestTokensOfRecordings: what the page of a link to a recording calls works
// with its token, as far as the link goes: everybody reads and plays, a named
// person exports too, and edits and comments if they may edit. The settings
// for magic links are not asked.
func TestTokensOfRecordings(t *testing.T) {
	s := newSite(t)
	made, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Open", Language: "en", Align: true, Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.rec, err = s.Recordings.Update(ctx, s.ownOf(t, made.ID), recording.Change{Share: on(false)}); err != nil {
		t.Fatal(err)
	}
	s.session = "/api/v3/speech-to-text/session/sess_" + s.rec.ID
	s.upload(t, "RIFF\x24\x00\x00\x00WAVEfmt ")
	if s.doc, err = s.Recordings.AddDocument(ctx, s.own(t, ""), recording.NewDocument{Transcript: &s.doc.Transcript}); err != nil {
		t.Fatal(err)
	}
	s.shared = s.session + "/shared/document/doc_" + s.doc.ID
	public, err := s.Recordings.PublicTokens(ctx, s.rec)
	if err != nil {
		t.Fatal(err)
	}
	bob := func(edit bool) string {
		t.Helper()
		if _, err := s.Recordings.ShareWith(ctx, s.own(t, ""), recording.Sharing{Email: "bob@b.test", Edit: edit}); err != nil {
			t.Fatal(err)
		}
		letters := s.Post.Letters()
		return strings.TrimPrefix(letters[len(letters)-1].Links[0].URL, "/r/")
	}
	editor := bob(true)
	s.useAll(t, "an editor", editor, recording.Rights{Edit: true, Comment: true, Export: true})
	s.useAll(t, "everybody", public[s.rec.ID], recording.Rights{})
	reader := bob(false)
	s.useAll(t, "a reader", reader, recording.Rights{Export: true})
	s.useAll(t, "who was an editor", editor, recording.Rights{Export: true})
}

func (s *site) ownOf(t testing.TB, id string) recording.Access {
	t.Helper()
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, id, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// useAll makes each call that a link can be used for.
func (s *site) useAll(t *testing.T, who, token string, may recording.Rights) {
	t.Helper()
	status := func(ok bool, status int) int {
		if ok {
			return status
		}
		return 403
	}
	text := fmt.Sprintf(`{"document":{"content":{"segments":[{"speaker":"Ann","start":0.5,"stop":2,"text":"Hello %s"}]}}}`, who)
	for _, c := range []struct {
		call, body string
		status     int
	}{
		{"GET " + s.session + "/shared", "", 200},
		{"GET " + s.shared, "", 200},
		{"GET " + s.shared + "/media", "", 302},
		{"GET " + s.shared + "?format=srt", "", status(may.Export, 200)},
		{"GET " + s.shared + "?format=media", "", status(may.Export, 302)},
		{"PUT " + s.shared, text, status(may.Edit, 200)},
		{"PUT " + s.shared + "/clear_text", "", status(may.Edit, 200)},
		{"PUT " + s.shared + "/reset_to_original", "", status(may.Edit, 200)},
		{"POST " + s.shared + "/comments", `{"text":"Sure?"}`, status(may.Comment, 201)},
		{"GET " + s.shared + "/comments", "", 200},
	} {
		join := "?"
		if strings.Contains(c.call, "?") {
			join = "&"
		}
		a := s.client.Do(t, c.call+join+"token="+token, c.body)
		if a.Status != c.status {
			t.Errorf("%s: %s: %d, want %d: %s", who, c.call, a.Status, c.status, a.Body)
		}
		// What an editor said is read by those who are named, and not by everybody.
		if c.call == "GET "+s.shared+"/comments" && strings.Contains(a.Body, "Sure?") != may.Export {
			t.Errorf("%s: comments %s", who, a.Body)
		}
	}
}
