package viewer_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// published makes a recording that anybody may read, and returns it with the
// path of its page.
func (s *site) published(t testing.TB) (a recording.Access, path string) {
	t.Helper()
	r, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Open", Language: "en", Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	if a, err = s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, r.ID, ""); err != nil {
		t.Fatal(err)
	}
	tokens, err := s.Recordings.PublicTokens(ctx, a.Recording)
	if err != nil || tokens[r.ID] == "" {
		t.Fatalf("tokens %v, %v", tokens, err)
	}
	return a, share.RecordingPath(tokens[r.ID])
}

// transcribed gives a recording its transcript.
func (s *site) transcribed(t testing.TB, a recording.Access, text string) recording.Read {
	t.Helper()
	d, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{
		Filename: "Said", Transcript: &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("Ann", 0, 1000, text)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// named shares the site's recording with a person, and returns the token of
// the link that they are mailed.
func (s *site) named(t testing.TB, edit bool) string {
	t.Helper()
	_, err := s.Recordings.ShareWith(ctx, s.own(t, ""), recording.Sharing{Email: "bob@b.test", Edit: edit, Base: "https://s.test"})
	if err != nil {
		t.Fatal(err)
	}
	letters := s.Post.Letters()
	url := letters[len(letters)-1].Links[0].URL
	_, token, ok := strings.Cut(url, "https://s.test/r/")
	if !ok {
		t.Fatalf("the letter links to %s", url)
	}
	return token
}

// contract: SX-023
func TestAPublicPageIsReadAndNothingElse(t *testing.T) {
	s := newSite(t)
	a, path := s.published(t)
	d := s.transcribed(t, a, "for everybody")
	text := "What did she mean?"
	a.Document = d.Document
	if _, err := s.Recordings.AddComment(ctx, a, recording.CommentChange{Text: &text}, account.Once{}); err != nil {
		t.Fatal(err)
	}
	name := "Renamed"
	if _, err := s.Recordings.Update(ctx, a, recording.Change{Name: &name}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, path + "/share", path + "?edit=0"} {
		w := s.get(path)
		body := w.Body.String()
		if w.Code != 200 {
			t.Fatalf("%s: %d", path, w.Code)
		}
		contains(t, body, "for everybody", `<h1 dir="auto">Renamed</h1>`)
		for _, no := range []string{"<form method=\"post\"", "/edit", "/finish", "/comments", `name="format"`, `id="comments"`, text, "data-path"} {
			if strings.Contains(body, no) {
				t.Errorf("%s has %s", path, no)
			}
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"} {
			if w.Header().Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, w.Header().Get(name))
			}
		}
	}
	if diff := cmp.Diff([]string{"opened", "opened", "opened"}, s.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	s.token = strings.TrimPrefix(path, share.RecordingPath(""))
	s.doc.ID = d.ID
	for form, fields := range map[string][]string{
		"comments": {"text", "No"}, "finish": nil, "edit": {"version", "1", "segment", "0", "text", "bye"},
	} {
		if w := s.post(form, fields...); w.Code != 403 {
			t.Errorf("%s by a public link: %d", form, w.Code)
		}
	}
}

// TestANamedPersonsPage: what the share says now decides, not the settings
// for magic links; and every form works with the token of the mailed link.
func TestANamedPersonsPage(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	s.set(t, recording.Change{Share: off()})
	s.token = s.named(t, true)
	path := share.RecordingPath(s.token)
	body := s.get(path).Body.String()
	contains(t, body, `name="edit" value="0"`, `name="format"`, "You comment as <bdi>bob@b.test</bdi>", `data-path="/shared/transcript/`+s.doc.ID+`"`)
	to := regexp.MustCompile(`action="(/shared/transcript/[^"/]+)"`).FindStringSubmatch(body)
	if to == nil {
		t.Fatal("nothing can be picked to be edited")
	}
	contains(t, s.get(to[1]+"?token="+s.token+"&edit=0").Body.String(), "\nhello</textarea>")
	w := s.post("edit", "version", "1", "segment", "0", "speaker", "Ann", "text", "hello Bob")
	if w.Code != 303 || s.text(t) != "Ann: hello Bob" {
		t.Errorf("edit: %d, %q", w.Code, s.text(t))
	}
	contains(t, s.get(w.Header().Get("Location")).Body.String(), "hello Bob")
	w = s.post("comments", "text", "Sure?")
	if w.Code != 303 {
		t.Fatalf("comment: %d", w.Code)
	}
	contains(t, s.get(w.Header().Get("Location")).Body.String(), "<bdi>bob@b.test</bdi>", "Sure?")

	if s.named(t, false) == s.token {
		t.Error("no letter of its own")
	}
	body = s.get(path).Body.String()
	contains(t, body, "hello Bob", `name="format"`, "Sure?")
	for _, no := range []string{`name="edit"`, "/edit", "/finish", "/comments"} {
		if strings.Contains(body, no) {
			t.Errorf("overwritten without editing, the old link's page has %s", no)
		}
	}
	if w := s.post("edit", "version", "2", "segment", "0", "text", "late"); w.Code != 403 {
		t.Errorf("an edit after that: %d", w.Code)
	}
}

// TestNoTranscriptYet: a link that is good before there is something to read
// says so, and looks again, without a script too.
func TestNoTranscriptYet(t *testing.T) {
	s := newSite(t)
	a, path := s.published(t)
	w := s.get(path)
	if w.Code != 200 || w.Header().Get("Retry-After") != "30" {
		t.Fatalf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	contains(t, w.Body.String(), "not there yet", `<noscript><meta http-equiv="refresh" content="30"></noscript>`, "wait.js", `<a href="" data-seconds="30" id="again">`)
	if w := s.do(http.MethodHead, path, ""); w.Code != 200 || w.Header().Get("Retry-After") == "" || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	d := s.transcribed(t, a, "at last")
	if w := s.do(http.MethodHead, path, ""); w.Code != 200 || w.Header().Get("Retry-After") != "" {
		t.Errorf("HEAD, with a transcript: %d %v", w.Code, w.Header())
	}
	if got := s.events(); got != nil {
		t.Errorf("nobody read anything, and the events are %v", got)
	}
	contains(t, s.get(path).Body.String(), "at last", `data-document="`+d.ID+`"`)
}

// TestLinksToRecordingsThatAreOver: the pages that every link has, and nothing
// of the recording on them.
func TestLinksToRecordingsThatAreOver(t *testing.T) {
	s := newSite(t)
	a, path := s.published(t)
	s.transcribed(t, a, "secret words")
	notice := func(what, path string, status int, want string, header ...string) {
		t.Helper()
		w := s.get(path, header...)
		body := w.Body.String()
		if w.Code != status || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want %d: %s", what, w.Code, status, body)
		}
		if strings.Contains(body, "secret words") || strings.Contains(body, strings.TrimPrefix(path, "/r/")) {
			t.Errorf("%s: the notice says too much", what)
		}
		if w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: headers %v", what, w.Header())
		}
	}
	notice("in advance", path, 403, "Not available at the moment", "Sec-Purpose", "prefetch")
	notice("unknown", "/r/r123", 404, "There is nothing here")
	notice("no such page", path+"/other", 404, "There is nothing here")
	if w := s.do(http.MethodPost, path, ""); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", w.Code)
	}
	if got := s.events(); got != nil {
		t.Errorf("events %v", got)
	}
	public, err := s.Recordings.Open(ctx, strings.TrimPrefix(path, "/r/"), "", "", share.Visit{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shares.Revoke(ctx, s.Admin, public.Share.ID); err != nil {
		t.Fatal(err)
	}
	notice("revoked", path, 410, "This link was withdrawn")
	notice("revoked, the other address", path+"/share", 410, "This link was withdrawn")
	bob := share.RecordingPath(s.named(t, true))
	if err := s.Recordings.Unshare(ctx, s.own(t, ""), "bob@b.test"); err != nil {
		t.Fatal(err)
	}
	notice("a person's whose share was ended", bob, 410, "This link was withdrawn")
	ann := share.RecordingPath(s.named(t, true))
	if err := s.Recordings.Delete(ctx, s.Admin, s.rec.ID); err != nil {
		t.Fatal(err)
	}
	notice("deleted", ann, 404, "the transcript was deleted")
}
