package scriptix

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fake"
	"latchkey/shared/fake/openapi"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

var ctx = context.Background()

// site is the dialect over the domain, with one session that has one document.
// Every answer is held against openapi.yaml.
type site struct {
	*fake.Stack
	client   *fake.Client
	rec      recording.Recording
	doc      recording.Read
	session  string // path of the session
	document string // path of the owner's document
	shared   string // path of the shared document
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, nil)}
	var err error
	if s.rec, err = s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{{
		Speaker: "Ann", Start: 525, End: 1900, Words: []transcript.Word{
			{Text: "Hello", Start: 525, End: 900, Confidence: 0.5}, {Text: " <all>", Start: 900, End: 1900, Highlight: "#ffee00"},
		},
	}}}
	if s.doc, err = s.Recordings.AddDocument(ctx, s.own(t, ""), recording.NewDocument{Filename: "Minutes", Transcript: said}); err != nil {
		t.Fatal(err)
	}
	s.session = "/api/v3/speech-to-text/session/sess_" + s.rec.ID
	s.document = s.session + "/document/doc_" + s.doc.ID
	s.shared = s.session + "/shared/document/doc_" + s.doc.ID
	s.client = s.clientOf(t, s.Accounts)
	return s
}

// clientOf calls the dialect, which knows callers by these accounts.
func (s *site) clientOf(t testing.TB, accounts dialect.Authenticator) *fake.Client {
	t.Helper()
	api := API{Accounts: accounts, Recordings: s.Recordings}
	service := dialect.Service{Face: Face, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: s.Clock.Now}
	spec := openapi.Load(t, "Error")
	return &fake.Client{Handler: service.Handler(api.Routes()...), Check: func(t testing.TB, method, target string, a fake.Answer) {
		t.Helper()
		spec.Check(t, method, target, openapi.Answer{Status: a.Status, ContentType: a.Header.Get("Content-Type"), Body: a.Body})
	}}
}

func (s *site) own(t testing.TB, document string) recording.Access {
	t.Helper()
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, s.rec.ID, document)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *site) owner(t testing.TB, call, body string, header ...string) fake.Answer {
	t.Helper()
	return s.client.Do(t, call, body, append(header, "Authorization", "Bearer "+s.Key)...)
}

// visit calls without any key.
func (s *site) visit(t testing.TB, call string, header ...string) fake.Answer {
	t.Helper()
	return s.client.Do(t, call, "", header...)
}

// allow sets what links may do.
func (s *site) allow(t testing.TB, c recording.Change) {
	t.Helper()
	if _, err := s.Recordings.Update(ctx, s.own(t, ""), c); err != nil {
		t.Fatal(err)
	}
}

func on(v bool) *bool { return &v }

// link shares the document and returns the token.
func (s *site) link(t testing.TB) string {
	t.Helper()
	a := s.owner(t, "POST "+s.document+"/share", `{}`)
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return tokenOf(t, a)
}

func tokenOf(t testing.TB, a fake.Answer) string {
	t.Helper()
	var body struct{ Result struct{ Link string } }
	a.JSON(t, &body)
	u, err := url.Parse(body.Result.Link)
	if err != nil || u.Host != fake.Domain || u.Query().Get("token") == "" || !strings.HasPrefix(u.Path, "/shared/transcript/") {
		t.Fatalf("the link is %q", body.Result.Link)
	}
	return u.Query().Get("token")
}

func want(t testing.TB, what string, a fake.Answer, status int, part string) {
	t.Helper()
	if a.Status != status || !strings.Contains(a.Body, part) {
		t.Errorf("%s: %d %s, want %d with %s", what, a.Status, a.Body, status, part)
	}
}

// contract: SM-03, SM-04, SM-05, SM-06, SM-07, SM-08, SM-09, SM-11, SM-12, FF-01
func TestShare(t *testing.T) {
	s := newSite(t)
	tokens := map[string]bool{}
	same := fmt.Sprintf(`{"sessionId":"sess_%s","documentId":"doc_%s"}`, s.rec.ID, s.doc.ID)
	for _, body := range []string{"", `{}`, `{"sessionId":null}`, same} {
		a := s.owner(t, "POST "+s.document+"/share", body)
		if a.Status != 200 {
			t.Fatalf("%q: %d %s", body, a.Status, a.Body)
		}
		tokens[tokenOf(t, a)] = true
	}
	if len(tokens) != 4 {
		t.Errorf("%d links for 4 calls", len(tokens))
	}
	for token := range tokens { // a new link ends no old one
		want(t, "an older link", s.visit(t, "GET "+s.shared+"?token="+token), 200, `"Hello"`)
	}
	for _, body := range []string{`{"sessionId":"sess_abc12345"}`, `{"documentId":"doc_x"}`, `{"documentId":7}`} {
		want(t, body, s.owner(t, "POST "+s.document+"/share", body), 400, `"status":400`)
	}
	want(t, "no JSON", s.owner(t, "POST "+s.document+"/share", `{`), 400, `"error":"Invalid request parameters"`)
	a := s.client.Do(t, "POST "+s.document+"/share", "", "x-zoom-s2t-key", s.Key)
	want(t, "the older header", a, 200, `{"result":{"link":"https://`)
}

// contract: SM-13, SM-14, SM-15, SM-17, SM-18, SM-19, SM-20, SM-74
func TestMail(t *testing.T) {
	s := newSite(t)
	a := s.owner(t, "POST "+s.document+"/share/email",
		`{"emails":["colleague@example.com","partner@Company.com","partner@company.com"],"message":"Please review this transcript."}`)
	want(t, "mail", a, 200, `"emails_sent":["colleague@example.com","partner@company.com"],"success":true`)
	letters := s.Post.Letters()
	if len(letters) != 2 || letters[0].Message != "Please review this transcript." {
		t.Fatalf("%+v", letters)
	}
	general := tokenOf(t, a)
	for _, l := range letters {
		if len(l.Links) != 1 || strings.Contains(l.Links[0].URL, general) {
			t.Errorf("%+v", l.Links)
		}
	}
	want(t, "the general link", s.visit(t, "GET "+s.shared+"?token="+general), 200, "Hello")
}

// contract: SM-21, SM-67
func TestMailThatIsRefused(t *testing.T) {
	s := newSite(t)
	a := s.owner(t, "POST "+s.document+"/share/email", `{"emails":["ok@b.test","no@reject.test"]}`)
	want(t, "one refused", a, 200, `"emails_sent":["ok@b.test"],"success":false`)
	a = s.owner(t, "POST "+s.document+"/share/email", `{"emails":["no@reject.test"]}`)
	want(t, "all refused", a, 500, `{"error":"Internal server error","message":"`)
}

// contract: SM-16, SM-66, SM-68, SM-69, SM-70, SM-72, SM-73
func TestBadMail(t *testing.T) {
	s := newSite(t)
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf(`"r%d@b.test"`, i)
	}
	bad := func(i int) string {
		return fmt.Sprintf(`{"loc":["body","emails",%d],"msg":"value is not a valid email address","type":"value_error.email"}`, i)
	}
	missing := `{"detail":[{"loc":["body","emails"],"msg":"field required","type":"value_error.missing"}]}`
	for body, part := range map[string]string{
		``: missing, `{}`: missing, `{"emails":null}`: missing, `{"emails":[]}`: missing,
		`{"emails":"a@b.test"}`:                                                `"loc":["body","emails"]`,
		`{"emails":["x"]}`:                                                     `{"detail":[` + bad(0) + `]}`,
		`{"emails":["a@b.test","x",7,"a@b.test\nBcc: c"]}`:                     `{"detail":[` + bad(1) + "," + bad(2) + "," + bad(3) + `]}`,
		`{"emails":[` + strings.Join(many, ",") + `]}`:                         `"loc":["body","emails"],"msg":"ensure this value has at most 50 items"`,
		`{"emails":["a@b.test"],"message":7}`:                                  `"loc":["body","message"]`,
		`{"emails":["a@b.test"],"message":"\u0000"}`:                           `"loc":["body","message"]`,
		`{"emails":["a@b.test"],"message":"` + strings.Repeat("ä", 501) + `"}`: `"loc":["body","message"]`,
	} {
		want(t, body, s.owner(t, "POST "+s.document+"/share/email", body), 422, part)
	}
	if n := len(s.Post.Letters()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
	a := s.owner(t, "POST "+s.document+"/share/email", `{"emails":["a@b.test"],"message":"`+strings.Repeat("ä", 500)+`"}`)
	want(t, "500 characters", a, 200, `"success":true`)
}

// contract: SM-01, SM-22, SM-24, SM-31, SM-32, SM-33, SM-34, SM-35, SM-36, SM-40, SM-57, SM-58, SM-59, FF-11, FF-17
func TestOpen(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for _, path := range []string{s.shared, s.document, strings.Replace(s.shared, "/speech-to-text/session/", "/shared/", 1)} {
		if strings.HasPrefix(path, "/api/v3/shared/") {
			path = strings.Replace(path, "/shared/document", "/document", 1)
		}
		a := s.visit(t, "GET "+path+"?token="+token)
		want(t, path, a, 200, `"segments":[{"speaker":"Ann","start":0.525,"stop":1.9,"text":"Hello <all>"`)
		if a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("ETag") != `"1"` {
			t.Errorf("%s: headers %v", path, a.Header)
		}
	}
	want(t, "a wrong key beside it", s.visit(t, "GET "+s.shared+"?token="+token, "Authorization", "Bearer nonsense"), 200, "Hello")
	want(t, "no token", s.visit(t, "GET "+s.shared), 401, `"status":401`)
	want(t, "an empty one", s.visit(t, "GET "+s.shared+"?token="), 401, `"status":401`)
	unknown := s.visit(t, "GET "+s.shared+"?token=c0123456789ABCDEFGHIJKLMNOPQ")
	want(t, "an unknown one", unknown, 404, `"status":404`)
	other, err := s.Recordings.AddDocument(ctx, s.own(t, ""), recording.NewDocument{Filename: "Other", CopyOf: s.doc.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		s.session + "/shared/document/doc_" + other.ID, strings.Replace(s.shared, "sess_", "sess_x", 1), s.session + "/shared/document/" + s.doc.ID,
		strings.Replace(s.shared, s.rec.ID, "AAAAAAAA", 1),
	} {
		want(t, path, s.visit(t, "GET "+path+"?token="+token), 404, `"status":404`)
	}
	a := s.visit(t, "HEAD "+s.shared+"?token="+token)
	if a.Status != 200 || a.Body != "" || a.Header.Get("ETag") != `"1"` {
		t.Errorf("HEAD: %d %q %v", a.Status, a.Body, a.Header)
	}
	want(t, "another method", s.visit(t, "POST "+s.shared+"?token="+token), 405, `"status":405`)
}

// contract: SM-49, SM-50, SM-53, SM-54, SM-60, SM-64, SM-71
func TestSharingOffAndExpired(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	s.allow(t, recording.Change{Share: on(false)})
	body := `{"error":"Sharing is not enabled for this session","message":"Contact the session owner to enable sharing","status":403}`
	want(t, "opening", s.visit(t, "GET "+s.shared+"?token="+token), 403, body)
	want(t, "sharing", s.owner(t, "POST "+s.document+"/share", ""), 403, body)
	want(t, "mailing", s.owner(t, "POST "+s.document+"/share/email", `{"emails":["a@b.test"]}`), 403, body)
	life := time.Hour
	s.allow(t, recording.Change{Share: on(true), LinkLife: &life})
	want(t, "on again", s.visit(t, "GET "+s.shared+"?token="+token), 200, "Hello")
	s.Clock.Advance(time.Hour)
	want(t, "expired", s.visit(t, "GET "+s.shared+"?token="+token), 404, `"status":404`)
}

// contract: SM-26, SM-27, SM-28, SM-29, SM-30, SM-39, SM-45, SM-77, SM-78, SM-79, FF-04, FF-13
func TestWritesByLink(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for _, what := range []string{"clear_text", "reset_to_original", "finish"} {
		want(t, what, s.visit(t, "PUT "+s.shared+"/"+what+"?token="+token), 403, `"status":403`)
	}
	s.allow(t, recording.Change{Edit: on(true)})
	a := s.visit(t, "PUT "+s.shared+"/clear_text?token="+token, "If-Match", `"1"`)
	want(t, "clear", a, 200, `{"count":1,"total_results":1,"result":{`)
	want(t, "clear", a, 200, `"speaker":"Ann","start":0.525,"stop":1.9,"text":"","words":[]`)
	for _, tag := range []string{`"1"`, `W/"1"`, "1", `"x"`, `"0"`, `"-1"`} {
		want(t, tag, s.visit(t, "PUT "+s.shared+"/reset_to_original?token="+token, "If-Match", tag), 412, `"status":412`)
	}
	want(t, "reset", s.visit(t, "PUT "+s.shared+"/reset_to_original?token="+token, "If-Match", a.Header.Get("ETag")), 200, "Hello")
	want(t, "finish", s.visit(t, "PUT "+s.shared+"/finish?token="+token), 200, `"finished":true`)
	for _, what := range []string{"clear_text", "reset_to_original", "finish"} {
		want(t, what+", finished", s.visit(t, "PUT "+s.shared+"/"+what+"?token="+token), 400, `"status":400`)
	}
	status := s.document + "/finished_status"
	want(t, "no status", s.owner(t, "POST "+status, ""), 400, "status is missing")
	want(t, "an odd one", s.owner(t, "POST "+status+"?status=yes", ""), 400, "status must be one of")
	want(t, "twice", s.owner(t, "POST "+status+"?status=true&status=false", ""), 400, "more than once")
	want(t, "already", s.owner(t, "POST "+status+"?status=true", ""), 400, `"status":400`)
	want(t, "undo", s.owner(t, "POST "+status+"?status=false", ""), 200, `"finished":false`)
	want(t, "the older form", s.owner(t, "PUT "+status+"?status=true", ""), 204, "")
	want(t, "and undone", s.owner(t, "PUT "+status, ""), 204, "")
}

// contract: SD-01, SD-02, SD-03, SD-05, SD-06, SD-08, SD-10, SD-16, SD-19, SD-20, SD-22, SM-41
func TestDelete(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for _, path := range []string{s.document, s.session, s.document + "/comments/comment_abcdefghijkl"} {
		want(t, path, s.visit(t, "DELETE "+path+"?token="+token), 403, `"status":403`)
		want(t, path, s.visit(t, "DELETE "+path), 401, `"status":401`)
	}
	want(t, "by the shared route", s.visit(t, "DELETE "+s.shared+"?token="+token), 403, `"status":403`)
	want(t, "under another session", s.owner(t, "DELETE "+strings.Replace(s.document, s.rec.ID, "AAAAAAAA", 1), ""), 404, `"status":404`)
	want(t, "document", s.owner(t, "DELETE "+s.document, ""), 204, "")
	want(t, "again", s.owner(t, "DELETE "+s.document, ""), 404, `"status":404`)
	want(t, "its link", s.visit(t, "GET "+s.shared+"?token="+token), 404, `"status":404`)
	want(t, "session", s.owner(t, "DELETE "+s.session, ""), 204, "")
	want(t, "again", s.owner(t, "DELETE "+s.session, ""), 404, `"status":404`)
	if s.Work(t); len(s.Contents.Keys()) != 0 {
		t.Errorf("left over: %v", s.Contents.Keys())
	}
}

// contract: SD-07, SD-09, SD-18
func TestDeleteComment(t *testing.T) {
	s := newSite(t)
	word := "note"
	c, err := s.Recordings.AddComment(ctx, s.own(t, s.doc.ID), recording.CommentChange{Text: &word}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	path := "/comments/comment_" + c.ID
	want(t, "the owner's by a link", s.visit(t, "DELETE "+s.shared+path+"?token="+s.link(t)), 403, `"status":403`)
	want(t, "of another form", s.owner(t, "DELETE "+s.document+"/comments/"+c.ID, ""), 404, `"status":404`)
	want(t, "comment", s.owner(t, "DELETE "+s.document+path, ""), 204, "")
	want(t, "again", s.owner(t, "DELETE "+s.document+path, ""), 404, `"status":404`)
	key, _ := s.Organization(t, "Rival", "eve@rival.test")
	want(t, "another organization", s.client.Do(t, "DELETE "+s.document, "", "X-API-KEY", key), 404, `"status":404`)
}
