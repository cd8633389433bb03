package scriptix

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/recording"
)

const sessions = "/api/v3/speech-to-text/session"

// contract: FF-03, FF-05, SM-51, SM-52, SM-62, SM-63, SM-65
func TestSessions(t *testing.T) {
	s := newSite(t)
	want(t, "no key", s.visit(t, "POST "+sessions), 401, `"status":401`)
	want(t, "with a token alone", s.visit(t, "GET "+sessions+"?token=x"), 403, `"status":403`)
	made := s.owner(t, "POST "+sessions, `{"language":"nl","media_source":"https://example.com/a/talk.mp3","keep_source":"true","diarization":true,
		"document":{"document_type":"caption","filename":"Talk"}}`, "Idempotency-Key", "one")
	want(t, "from a source", made, 201, `"status":"queued"`)
	var body struct {
		Result struct {
			ID   string `json:"session_id"`
			Mode string `json:"session_mode"`
		}
	}
	made.JSON(t, &body)
	id := body.Result.ID
	again := s.owner(t, "POST "+sessions, `{"language":"nl","media_source":"https://example.com/a/talk.mp3","keep_source":"true","diarization":true,
		"document":{"document_type":"caption","filename":"Talk"}}`, "Idempotency-Key", "one")
	want(t, "the same again", again, 201, id)
	want(t, "the same key for another", s.owner(t, "POST "+sessions, `{"language":"nl"}`, "Idempotency-Key", "one"), 422, "Idempotency-Key")
	s.Clock.Advance(time.Second)

	var got struct{ Result map[string]any }
	s.owner(t, "GET "+sessions+"/"+id, "").JSON(t, &got)
	delete(got.Result, "created")
	delete(got.Result, "last_modified")
	if diff := cmp.Diff(map[string]any{
		"session_id": id, "name": "Talk", "language": "nl", "status": "queued", "error": nil, "session_mode": "transcribe", "folder_id": nil,
		"document_type": "caption", "document_count": 0.0, "duration": nil, "media_type": nil, "media_source": "https://example.com/a/talk.mp3",
		"keep_source": true, "diarization": true, "punctuation": true, "multichannel": false,
		"allow_magic_link": true, "allow_magic_link_edit": false, "allow_magic_link_export": true, "allow_magic_link_comments": true,
		"magic_link_expires_in": nil,
	}, got.Result); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	want(t, "waits for media", s.owner(t, "POST "+sessions, `{"language":"en"}`), 201, `"status":"new"`)
	want(t, "to be aligned", s.owner(t, "POST "+sessions, `{"language":"en","session_mode":"align"}`), 201, `"status":"created","session_mode":"align"`)

	want(t, "all", s.owner(t, "GET "+sessions, ""), 200, `"count":4,"total_results":4`)
	want(t, "a page", s.owner(t, "GET "+sessions+"?limit=1&offset=1", ""), 200, `"count":1,"total_results":4`)
	want(t, "searched", s.owner(t, "GET "+sessions+"?q=TALK", ""), 200, `"count":1,"total_results":1`)
	list := s.owner(t, "GET "+sessions+"?sort=name&direction=asc&limit=1", "")
	want(t, "sorted", list, 200, `"name":"Board"`)
	for _, q := range []string{"limit=0", "limit=101", "limit=x", "offset=-1", "sort=size", "direction=up", "limit=1&limit=2", "q=" + strings.Repeat("a", 201)} {
		name, _, _ := strings.Cut(q, "=")
		want(t, q, s.owner(t, "GET "+sessions+"?"+q, ""), 400, name)
	}
	want(t, "unknown", s.owner(t, "GET "+sessions+"/sess_00000000", ""), 404, `"status":404`)
	want(t, "no id", s.owner(t, "GET "+sessions+"/1", ""), 404, `"status":404`)
}

func TestBadSessions(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct{ body, field string }{
		{`{}`, "language"}, {`{"language":"not a language"}`, "language"}, {`{"language":5}`, "language"},
		{`{"language":"en","media_source":"ftp://a.test/b"}`, "media_source"}, {`{"language":"en","media_source":"https://u:p@a.test/b"}`, "media_source"},
		{`{"language":"en","diarization":"perhaps"}`, "diarization"}, {`{"language":"en","session_mode":"guess"}`, "session_mode"},
		{`{"language":"en","document":[]}`, "document"}, {`{"language":"en","document":{"document_type":"poem"}}`, `"document","document_type"`},
		{`{"language":"en","document":{"filename":"` + strings.Repeat("a", 201) + `"}}`, "name"},
		{`{"language":"en","folder_id":3}`, "folder_id"}, {`{"language":"en","folder_id":"AAAAAAAA"}`, "folder_id"}, {`{"language":"en","folder_id":"../x"}`, "folder_id"}, {`{"language":"en","webhook_url":"https://a.test/"}`, "webhook_url"},
	} {
		want(t, tt.body, s.owner(t, "POST "+sessions, tt.body), 422, tt.field)
	}
	want(t, "no JSON", s.owner(t, "POST "+sessions, `{`), 400, `"status":400`)
	for _, tt := range []struct{ body, field string }{
		{`{"magic_link_expires_in":0}`, "magic_link_expires_in"}, {`{"magic_link_expires_in":-5}`, "magic_link_expires_in"},
		{`{"magic_link_expires_in":1.5}`, "magic_link_expires_in"}, {`{"magic_link_expires_in":"3600"}`, "magic_link_expires_in"},
		{`{"magic_link_expires_in":99999999999}`, "magic_link_expires_in"}, {`{"allow_magic_link":"maybe"}`, "allow_magic_link"},
		{`{"folder_id":"AAAAAAAA"}`, "folder_id"}, {`{"folder_id":[]}`, "folder_id"}, {`{"name":""}`, "name"}, {`{"language":"?"}`, "language"},
	} {
		want(t, tt.body, s.owner(t, "PUT "+s.session, tt.body), 422, tt.field)
	}
}

// contract: SM-43, SM-44, SM-46, SM-49
func TestSettings(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	got := s.owner(t, "PUT "+s.session, `{"allow_magic_link_edit":true,"allow_magic_link_export":"false","magic_link_expires_in":60,"name":"Board 2"}`)
	want(t, "changed", got, 200, `"allow_magic_link_edit":true,"allow_magic_link_export":false,"allow_magic_link_comments":true,"magic_link_expires_in":60`)
	want(t, "seen by link", s.visit(t, "GET "+s.session+"/shared?token="+token), 200, `"allow_magic_link_edit":true,"allow_magic_link_export":false`)
	want(t, "not by link", s.visit(t, "PUT "+s.session+"?token="+token), 403, "a link does not allow this")
	want(t, "for ever again", s.owner(t, "PUT "+s.session, `{"magic_link_expires_in":null}`), 200, `"magic_link_expires_in":null`)
	want(t, "nothing said", s.owner(t, "PUT "+s.session, `{}`), 200, `"name":"Board 2"`)
}

// contract: SM-23, SM-40
func TestSharedSession(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	if _, err := s.Recordings.AddDocument(ctx, s.own(t, ""), recording.NewDocument{Filename: "Another"}); err != nil {
		t.Fatal(err)
	}
	got := s.visit(t, "GET "+s.session+"/shared?token="+token)
	want(t, "shared", got, 200, `"session_id":"sess_`+s.rec.ID+`","name":"Board"`)
	want(t, "its document", got, 200, `"id":"doc_`+s.doc.ID+`"`)
	if strings.Contains(got.Body, "Another") || got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %s", got.Header, got.Body)
	}
	want(t, "no token", s.visit(t, "GET "+s.session+"/shared"), 401, `"status":401`)
	want(t, "another token", s.visit(t, "GET "+s.session+"/shared?token=c"+strings.Repeat("0", 27)), 404, `"status":404`)
	want(t, "another session", s.visit(t, "GET "+sessions+"/sess_00000000/shared?token="+token), 404, `"status":404`)
}

// contract: FF-08
func TestResult(t *testing.T) {
	s := newSite(t)
	want(t, "words", s.owner(t, "GET "+s.session+"/result", ""), 200,
		`"results":[{"result":[["Hello",525,900,0.5],["<all>",900,1900,0]],"speaker":"Ann","text":"Hello <all>","sconf":0.25,"channel":0}]`)
	empty := s.owner(t, "POST "+sessions, `{"language":"en","session_mode":"align"}`)
	var body struct {
		Result struct {
			ID string `json:"session_id"`
		}
	}
	empty.JSON(t, &body)
	want(t, "nothing yet", s.owner(t, "GET "+sessions+"/"+body.Result.ID+"/result", ""), 200, `"status":"created","error":null`)
	want(t, "no words", s.owner(t, "GET "+sessions+"/"+body.Result.ID+"/result", ""), 200, `"results":[]`)
}

// contract: SD-04, SD-11, SD-12, SD-13, SD-14, SD-15, SD-17, SD-21
func TestDeletedIsGone(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	s.owner(t, "PUT "+s.document, `{"document":[{"start":0,"stop":5,"text":"Edited"}]}`)
	want(t, "finished instead", s.owner(t, "PUT "+s.document+"/finish", ""), 200, `"finished":true`)
	want(t, "deleted all the same", s.owner(t, "DELETE "+s.document, ""), 204, "")
	for _, call := range []string{"GET " + s.document, "PUT " + s.document, "DELETE " + s.document, "POST " + s.document + "/share", "GET " + s.document + "/comments"} {
		want(t, call, s.owner(t, call, `{}`), 404, `"status":404`)
	}
	want(t, "by link", s.visit(t, "GET "+s.shared+"?token="+token), 404, `"status":404`)
	want(t, "in its session", s.owner(t, "GET "+s.session+"/document", ""), 200, `"total_results":0,"result":[]`)
	want(t, "counted", s.owner(t, "GET "+s.session, ""), 200, `"document_count":0`)
	if s.Work(t); len(s.Contents.Keys()) != 0 {
		t.Errorf("left of its contents: %v", s.Contents.Keys())
	}
	want(t, "the session too", s.owner(t, "DELETE "+s.session, ""), 204, "")
	want(t, "in no list", s.owner(t, "GET "+sessions+"?q=board", ""), 200, `"total_results":0,"result":[]`)
	for _, call := range []string{"GET " + s.session, "GET " + s.session + "/result", "PUT " + s.session, "DELETE " + s.session} {
		want(t, call, s.owner(t, call, `{}`), 404, `"status":404`)
	}
}

// An address with a token is not told to anybody, whoever asks.
func TestAddressesWithATokenStaySecret(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	for _, call := range []string{"GET " + s.document, "GET " + s.session, "GET " + s.document + "/nothing"} {
		a := s.owner(t, call+"?token="+token, "")
		if a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", call, a.Status, a.Header)
		}
	}
}
