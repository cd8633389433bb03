package scriptix

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/shared/fake"
	"latchkey/shared/recording"
)

// contract: FF-09, FF-14, SM-42
func TestNewDocument(t *testing.T) {
	s := newSite(t)
	documents := s.session + "/document"
	s.Clock.Advance(time.Second) // what the session says is its first document
	made := s.owner(t, "POST "+documents, `{"filename":"Given","document_type":"caption","language":"de","format":"srt",
		"content":"1\n00:00:01,000 --> 00:00:02,500\nAnn: Hallo\n"}`, "Idempotency-Key", "one")
	want(t, "given", made, 201, `"filename":"Given","type":"caption","language":"de"`)
	want(t, "its times", made, 201, `"start":1,"stop":2.5`)
	again := s.owner(t, "POST "+documents, `{"content":"1\n00:00:01,000 --> 00:00:02,500\nAnn: Hallo\n","filename":"Given","document_type":"caption","language":"de","format":"srt"}`, "Idempotency-Key", "one")
	if again.Status != 201 || documentID(t, again) != documentID(t, made) {
		t.Errorf("the same again: %d %s", again.Status, again.Body)
	}
	for format, content := range map[string]string{
		"vtt": `"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"`, "txt": `"Hi"`, "json": `[{"start":1000,"stop":2000,"speaker":"","text":"Hi"}]`,
	} {
		want(t, format, s.owner(t, "POST "+documents+"/", `{"format":"`+format+`","content":`+content+`}`), 201, `"text":"Hi"`)
	}
	want(t, "JSON as text", s.owner(t, "POST "+documents, `{"format":"json","content":"[{\"start\":1000,\"stop\":2000,\"text\":\"Hi\"}]"}`), 201, `"start":1,"stop":2`)
	want(t, "as it is read", s.owner(t, "POST "+documents, `{"format":"json","content":{"content":{"segments":[{"start":1,"stop":2,"text":"Hi"}]}}}`), 201, `"start":1,"stop":2`)
	want(t, "a copy", s.owner(t, "POST "+documents, `{"copy_of":"`+documentID(t, made)+`","filename":"Copy"}`), 201, "Hallo")
	want(t, "a copy of all", s.owner(t, "POST "+documents, `{"copy_of":"`+documentID(t, made)+`"}`), 201, `"filename":"Given","type":"caption","language":"de"`)
	want(t, "of the session", s.owner(t, "POST "+documents, `{"filename":"Mine"}`), 201, `Hello`)
	want(t, "nothing said", s.owner(t, "POST "+documents, ``), 201, `Hello`)
	captions := s.owner(t, "POST "+documents, `{"document_type":"caption","max_segment_words":1,"max_line_length":20}`)
	want(t, "captions", captions, 201, `"text":"Hello"`)
	if n := strings.Count(captions.Body, `"speaker":"Ann"`); n != 2 {
		t.Errorf("%d captions, want 2: %s", n, captions.Body)
	}
	want(t, "listed", s.owner(t, "GET "+documents+"?limit=2&offset=1", ""), 200, `"count":2,"total_results":12`)
	want(t, "by nobody", s.visit(t, "POST "+documents+"?token="+s.link(t)), 403, `"status":403`)
}

func documentID(t testing.TB, a fake.Answer) string {
	t.Helper()
	var body struct{ Result struct{ ID string } }
	a.JSON(t, &body)
	return body.Result.ID
}

func TestBadDocuments(t *testing.T) {
	s := newSite(t)
	empty := s.owner(t, "POST "+sessions, `{"language":"en"}`)
	var body struct {
		Result struct {
			ID string `json:"session_id"`
		}
	}
	empty.JSON(t, &body)
	want(t, "of an empty session", s.owner(t, "POST "+sessions+"/"+body.Result.ID+"/document", `{}`), 400, "no transcript yet")
	for _, tt := range []struct{ body, field string }{
		{`{"format":"srt"}`, `"content"`}, {`{"content":"x"}`, `"format"`}, {`{"format":"docx","content":"x"}`, `"format"`},
		{`{"format":"srt","content":5}`, `"content"`}, {`{"format":"srt","content":"1\n00:00:05,000 --> no\nx\n"}`, `line 1`},
		{`{"format":"json","content":"{"}`, `"content"`}, {`{"format":"json","content":5}`, `"content"`},
		{`{"format":"json","content":{"content":{"segments":[{"start":2,"stop":1,"text":"a"}]}}}`, `"content","segments",0,"stop"`},
		{`{"copy_of":"doc_000000000000"}`, `"copy_of"`}, {`{"copy_of":"1"}`, `"copy_of"`},
		{`{"copy_of":"doc_` + s.doc.ID + `","format":"txt","content":"a"}`, `"copy_of"`},
		{`{"filename":"` + strings.Repeat("a", 201) + `"}`, `"filename"`}, {`{"filename":"a\nb"}`, `"filename"`},
		{`{"document_type":"poem"}`, `"document_type"`}, {`{"max_line_length":10}`, `"document_type"`}, {`{"language":"?"}`, `"language"`},
		{`{"webhook_url":"https://a.test"}`, `"webhook_url"`},
	} {
		want(t, tt.body, s.owner(t, "POST "+s.session+"/document", tt.body), 422, tt.field)
	}
	for name, most := range map[string]int{"max_line_length": 200, "max_line_words": 100, "max_segment_duration": 200_000} {
		for _, n := range []string{"0", "-1", "1.5", `"7"`, strconv.Itoa(most + 1)} {
			bad := s.owner(t, "POST "+s.session+"/document", `{"document_type":"caption","`+name+`":`+n+`}`)
			want(t, name+" "+n, bad, 422, `"`+name+`"`)
		}
		most := s.owner(t, "POST "+s.session+"/document", `{"document_type":"caption","`+name+`":`+strconv.Itoa(most)+`}`)
		want(t, name, most, 201, `"type":"caption"`)
	}
}

// contract: SM-53
func TestDocumentSharing(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	want(t, "off", s.owner(t, "PUT "+s.document, `{"allow_magic_link":false}`), 200, `"allow_magic_link":false`)
	want(t, "by link", s.visit(t, "GET "+s.shared+"?token="+token), 403, "Sharing is not enabled for this session")
	want(t, "a new one", s.owner(t, "POST "+s.document+"/share", ""), 403, "Contact the session owner to enable sharing")
	want(t, "on", s.owner(t, "PUT "+s.document, `{"allow_magic_link":"true"}`), 200, `"allow_magic_link":true`)
	want(t, "by link again", s.visit(t, "GET "+s.shared+"?token="+token), 200, "Hello")
	s.allow(t, recording.Change{Edit: on(true)})
	want(t, "not by a link", s.client.Do(t, "PUT "+s.shared+"?token="+token, `{"allow_magic_link":false}`), 403, `"status":403`)
}
