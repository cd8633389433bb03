package viewer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/page/viewer"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

var ctx = context.Background()

// site is the page over a stack with one shared document.
type site struct {
	*fake.Stack
	handler http.Handler
	rec     recording.Recording
	doc     recording.Read
	share   share.Share
	token   string
}

func newSite(t testing.TB, segments ...transcript.Segment) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, nil)}
	s.handler = dialect.Service{Face: viewer.Face, Log: journal.New(new(strings.Builder), "test"), Now: s.Clock.Now}.Handler(
		viewer.Routes(viewer.Service{Recordings: s.Recordings, Bucket: "https://bucket.test", Now: s.Clock.Now})...)
	var err error
	if s.rec, err = s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	n := recording.NewDocument{Filename: "Minutes", Transcript: &transcript.Transcript{Segments: segments}}
	if s.doc, err = s.Recordings.AddDocument(ctx, s.own(t, ""), n); err != nil {
		t.Fatal(err)
	}
	if s.share, s.token, err = s.Recordings.ShareDocument(ctx, s.own(t, s.doc.ID)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) own(t testing.TB, id string) recording.Access {
	t.Helper()
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, s.rec.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *site) set(t testing.TB, c recording.Change) {
	t.Helper()
	if _, err := s.Recordings.Update(ctx, s.own(t, ""), c); err != nil {
		t.Fatal(err)
	}
}

func (s *site) path() string { return share.DocumentPath(s.doc.ID, s.token) }

func (s *site) get(target string, header ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, target, "", header...)
}

func (s *site) do(method, target, body string, header ...string) *httptest.ResponseRecorder {
	target, _, _ = strings.Cut(target, "#") // which a browser keeps for itself
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// post sends a form of the page, with the token.
func (s *site) post(form string, fields ...string) *httptest.ResponseRecorder {
	in := url.Values{"token": {s.token}}
	for i := 0; i < len(fields); i += 2 {
		in.Set(fields[i], fields[i+1])
	}
	return s.do(http.MethodPost, "/shared/transcript/"+s.doc.ID+"/"+form, in.Encode(), "Sec-Fetch-Site", "same-origin")
}

func (s *site) events() (types []string) {
	for _, e := range s.Audit.Events() {
		types = append(types, string(e.Type))
	}
	return types
}

func (s *site) text(t testing.TB) string {
	t.Helper()
	r, err := s.Recordings.Reread(ctx, s.own(t, s.doc.ID))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, seg := range r.Transcript.Segments {
		all = append(all, seg.Speaker+": "+seg.Text())
	}
	return strings.Join(all, "\n")
}

func on() *bool { v := true; return &v }

func off() *bool { v := false; return &v }

func contains(t *testing.T, body string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("the page lacks %s", w)
		}
	}
}

func TestThePageReadsWithoutAScript(t *testing.T) {
	s := newSite(t,
		transcript.Segment{Speaker: "Ann", Start: 1500, End: 4000, Words: []transcript.Word{
			{Text: "  Good", Start: 1500, End: 2000}, {Text: " morning", Start: 2000, End: 2500, Highlight: "#ffee00"},
			{Text: " 😀", Start: 2600, End: 3000, Highlight: "#ffee00"}, {Text: " all", Start: 3000, End: 3500, Strikethrough: true},
		}},
		transcript.FromText("بوب", 4000, 3_725_000, "مرحبا"))
	w := s.get(s.path())
	body := w.Body.String()
	if w.Code != 200 {
		t.Fatalf("answers %d: %s", w.Code, body)
	}
	contains(t, body, `<h1 dir="auto">Minutes</h1>`, "1:02:05, 5 words", `href="#t=1.5">0:01</a>`, `id="t=1.5"`, `<bdi class="speaker">بوب</bdi>`,
		`>Good <mark>morning 😀</mark> <s>all</s></p>`, `data-words="4,0,500 8,0,500 3,100,400 4,0,500"`,
		`<button name="format" value="docx">`, `<textarea name="text" required`, `lang="en" tabindex`)
	for _, no := range []string{"<script>", "style=", "onclick", "/edit", "<audio", "<video"} {
		if strings.Contains(body, no) {
			t.Errorf("the page has %s", no)
		}
	}
	h := w.Header()
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
	if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'; script-src 'self'; ") {
		t.Errorf("policy: %s", csp)
	}
	if got := s.events(); !cmp.Equal(got, []string{"opened"}) {
		t.Errorf("events %v", got)
	}
}

func TestRightsDecideWhatThePageHas(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	s.set(t, recording.Change{Edit: on()})
	body := s.get(s.path()).Body.String()
	contains(t, body, `name="edit" value="0"`, `/finish"`)
	contains(t, s.get(s.path()+"&edit=0").Body.String(), `action="/shared/transcript/`+s.doc.ID+`/edit"`, `name="version" value="1"`, "\nhello</textarea>")
	s.post("comments", "text", "Sure?")
	s.set(t, recording.Change{Edit: off(), Export: off(), Comments: off()})
	body = s.get(s.path() + "&edit=0").Body.String()
	contains(t, body, "Sure?") // what was said stays
	for _, no := range []string{`name="edit"`, "/edit", "/finish", `name="format"`, "/comments"} {
		if strings.Contains(body, no) {
			t.Errorf("without the right the page has %s", no)
		}
	}
	for form, fields := range map[string][]string{
		"comments": {"text", "No"}, "finish": nil, "edit": {"version", "1", "segment", "0", "text", "bye"},
	} {
		if w := s.post(form, fields...); w.Code != 403 {
			t.Errorf("%s without the right: %d", form, w.Code)
		}
	}
}

func TestFormsAreNoSecondOpening(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	s.set(t, recording.Change{Edit: on()})
	s.Clock.Advance(time.Hour)
	w := s.post("comments", "text", "Is that so?\r\nReally?", "author", "Bob", "at", "1:15")
	if w.Code != 303 {
		t.Fatalf("comment: %d %s", w.Code, w.Body)
	}
	to := w.Header().Get("Location")
	s.Audit.Events()
	body := s.get(to).Body.String()
	contains(t, body, "Is that so?\nReally?", `<bdi>Bob</bdi>`, `href="#t=75">1:15</a>`)
	if got := s.events(); got != nil {
		t.Errorf("the page after the form: events %v", got)
	}
	said := regexp.MustCompile("said=([0-9A-Za-z]+)").FindStringSubmatch(to)[1]
	w = s.post("comments/"+said, "do", "resolve")
	s.Audit.Events()
	contains(t, s.get(w.Header().Get("Location")).Body.String(), "resolved</span>", `value="reopen"`, `value="delete"`)
	if got := s.events(); w.Code != 303 || got != nil {
		t.Errorf("the page after resolving: %d, events %v", w.Code, got)
	}
	s.Clock.Advance(2 * time.Minute)
	s.get(to)
	if got := s.events(); !cmp.Equal(got, []string{"opened"}) {
		t.Errorf("the same page later: events %v", got)
	}
	if w := s.post("comments/"+said, "do", "frame"); w.Code != 400 {
		t.Errorf("something else: %d", w.Code)
	}
	if w := s.post("comments/"+said, "do", "delete"); w.Code != 303 {
		t.Errorf("delete: %d", w.Code)
	}
	w = s.post("edit", "version", "1", "segment", "0", "speaker", "Anna", "text", "hello\r\nworld")
	if w.Code != 303 {
		t.Fatalf("edit: %d %s", w.Code, w.Body)
	}
	to = w.Header().Get("Location")
	s.Audit.Events()
	s.get(to)
	if got := s.events(); got != nil {
		t.Errorf("the page after the edit: events %v", got)
	}
	if got := s.text(t); got != "Anna: hello\nworld" {
		t.Errorf("text %q", got)
	}
	s.Clock.Advance(2 * time.Minute)
	s.get(to)
	if got := s.events(); !cmp.Equal(got, []string{"opened"}) {
		t.Errorf("the same page later: events %v", got)
	}
}

func TestAStaleEditShowsBothTexts(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"), transcript.FromText("Bob", 1000, 2000, "bye"))
	s.set(t, recording.Change{Edit: on()})
	if w := s.post("edit", "version", "1", "segment", "0", "speaker", "Ann", "text", "theirs"); w.Code != 303 {
		t.Fatalf("first: %d", w.Code)
	}
	w := s.post("edit", "version", "1", "segment", "0", "speaker", "Ann", "text", "mine")
	if w.Code != 409 {
		t.Fatalf("second: %d", w.Code)
	}
	contains(t, w.Body.String(), ">theirs</p>", "\nmine</textarea>", `name="version" value="2"`)
	if got := s.text(t); got != "Ann: theirs\nBob: bye" {
		t.Errorf("text %q", got)
	}
	if w := s.post("edit", "version", "2", "segment", "0", "speaker", "Ann", "text", "mine"); w.Code != 303 {
		t.Errorf("again: %d", w.Code)
	}
	contains(t, s.post("edit", "version", "3", "segment", "7", "text", "late").Body.String(), "not there any more", "\nlate</textarea>")
	w = s.post("edit", "version", "3", "segment", "0", "text", "a\x00b")
	if w.Code != 422 {
		t.Errorf("a control character: %d", w.Code)
	}
	contains(t, w.Body.String(), "Nothing is lost", "</textarea>")
}

func TestAnEditKeepsTheTimesOfASegmentWhoseTextStays(t *testing.T) {
	words := []transcript.Word{{Text: " one", Start: 100, End: 200, Confidence: 0.5}, {Text: " two", Start: 800, End: 900, Highlight: "#ffee00"}}
	s := newSite(t, transcript.Segment{Speaker: "Ann", Start: 0, End: 1000, Words: words})
	s.set(t, recording.Change{Edit: on()})
	s.post("edit", "version", "1", "segment", "0", "speaker", "Anna", "text", "one two")
	r, err := s.Recordings.Reread(ctx, s.own(t, s.doc.ID))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(transcript.Segment{Speaker: "Anna", Start: 0, End: 1000, Words: words}, r.Transcript.Segments[0]); diff != "" {
		t.Errorf("segment (-want +got):\n%s", diff)
	}
}

func TestFinish(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	s.set(t, recording.Change{Edit: on()})
	if w := s.post("finish"); w.Code != 303 {
		t.Fatalf("finish: %d", w.Code)
	}
	body := s.get(s.path()).Body.String()
	contains(t, body, "finished")
	if strings.Contains(body, `name="edit"`) {
		t.Error("a finished document can be edited")
	}
	w := s.post("edit", "version", "2", "segment", "0", "text", "late")
	if w.Code != 409 || !strings.Contains(w.Body.String(), "finished") {
		t.Errorf("edit of a finished document: %d", w.Code)
	}
}

func TestNotices(t *testing.T) {
	life := 48 * time.Hour
	tests := []struct {
		name   string
		do     func(t *testing.T, s *site)
		path   func(s *site) string
		status int
		want   string
	}{
		{"unknown token", nil, func(s *site) string { return share.DocumentPath(s.doc.ID, "r123") }, 404, "There is nothing here"},
		{"another document", nil, func(s *site) string { return share.DocumentPath("abcdefghijkl", s.token) }, 404, "There is nothing here"},
		{"no token", nil, func(s *site) string { return "/shared/transcript/" + s.doc.ID }, 401, "resume.js"},
		{"no such page", nil, func(s *site) string { return "/shared/other" }, 404, "There is nothing here"},
		{"revoked", func(t *testing.T, s *site) {
			if _, err := s.Shares.Revoke(ctx, s.Admin, s.share.ID); err != nil {
				t.Fatal(err)
			}
		}, (*site).path, 410, "This link was withdrawn"},
		{"expired", func(t *testing.T, s *site) {
			s.set(t, recording.Change{LinkLife: &life})
			s.Clock.Advance(life)
		}, (*site).path, 410, "It was good until 29 November 2023, 09:43 UTC."},
		{"sharing off", func(t *testing.T, s *site) { s.set(t, recording.Change{Share: off()}) }, (*site).path, 403, "Not shared at the moment"},
		{"deleted", func(t *testing.T, s *site) {
			if err := s.Recordings.DeleteDocument(ctx, s.Admin, s.rec.ID, s.doc.ID); err != nil {
				t.Fatal(err)
			}
		}, (*site).path, 404, "the transcript was deleted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, transcript.FromText("Ann", 0, 1000, "secret words"))
			if tt.do != nil {
				tt.do(t, s)
			}
			w := s.get(tt.path(s))
			body := w.Body.String()
			if w.Code != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d, want %d: %s", w.Code, tt.status, body)
			}
			if strings.Contains(body, "secret words") || strings.Contains(body, s.token) || strings.Contains(body, "Minutes") {
				t.Error("the notice says too much")
			}
			if w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestWhatIsNoReading(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"))
	if w := s.get(s.path(), "Sec-Purpose", "prefetch"); w.Code != 403 {
		t.Errorf("prefetch: %d", w.Code)
	}
	if w := s.do(http.MethodHead, s.path(), ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := s.do(http.MethodPost, "/shared/transcript/"+s.doc.ID+"/comments", "token="+s.token+"&text=x", "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("a form of another site: %d", w.Code)
	}
	if w := s.do(http.MethodPut, s.path(), ""); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("PUT: %d", w.Code)
	}
	for _, text := range []string{"", "  "} {
		if w := s.post("comments", "text", text); w.Code != 422 {
			t.Errorf("comment %q: %d", text, w.Code)
		}
	}
	if w := s.post("comments", "text", "x", "at", "soon"); w.Code != 422 || !strings.Contains(w.Body.String(), "1:15") {
		t.Errorf("a time that is none: %d", w.Code)
	}
	if got := s.events(); got != nil {
		t.Errorf("events %v", got)
	}
}

// TestNothingIsCode: whatever people write is text on the page.
func TestNothingIsCode(t *testing.T) {
	const evil = `</script></textarea><script>alert(1)</script><img src=x onerror=alert(1)>"'><a href="javascript:alert(1)">`
	s := newSite(t, transcript.FromText(evil, 0, 1000, evil))
	name := "x" + evil
	if _, err := s.Recordings.UpdateDocument(ctx, s.own(t, s.doc.ID), recording.Edit{Filename: &name}); err != nil {
		t.Fatal(err)
	}
	s.set(t, recording.Change{Edit: on()})
	s.post("comments", "text", evil, "author", evil)
	for _, path := range []string{s.path(), s.path() + "&edit=0"} {
		body := s.get(path).Body.String()
		if strings.Contains(body, "<img") || strings.Contains(body, "<script>") || strings.Contains(body, `href="javascript`) {
			t.Errorf("what was written is code: %s", body)
		}
	}
	w := s.post("edit", "version", "1", "segment", "0", "speaker", evil, "text", evil)
	if w.Code != 409 || strings.Contains(w.Body.String(), "<img") || strings.Contains(w.Body.String(), "<script") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
