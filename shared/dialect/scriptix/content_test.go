package scriptix

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/shared/recording"
)

// contract: SM-02, SM-25, SM-80, FF-12
func TestUpdate(t *testing.T) {
	s := newSite(t)
	token := s.link(t)
	body := `{"filename":"New","timecode_offset":"01:00:00:24","plain_document_changed":"false",
		"document":[{"start":525,"stop":6252,"speaker":"M1","text":"This is just an example.\non two lines"}]}`
	call := "PUT " + s.shared + "?token=" + token
	want(t, "without the right", s.client.Do(t, call, body), 403, `"status":403`)
	s.allow(t, recording.Change{Edit: on(true)})
	a := s.client.Do(t, call, body, "If-Match", `"1"`)
	want(t, "by a link", a, 200, `{"count":1,"total_results":1,"result":{`)
	want(t, "by a link", a, 200, `"filename":"New"`)
	want(t, "by a link", a, 200, `"start":0.525,"stop":6.252,"text":"This is just an example.\non two lines"`)
	want(t, "a stale one", s.client.Do(t, call, body, "If-Match", `"1"`), 412, `"status":412`)
	want(t, "nothing lost", s.visit(t, "GET "+s.shared+"?token="+token), 200, "on two lines")
	want(t, "by its owner", s.owner(t, "PUT "+s.document, `{"filename":"Owner's"}`), 200, `"filename":"Owner's"`)
	s.owner(t, "PUT "+s.document+"/finish", "")
	want(t, "finished", s.client.Do(t, call, body), 400, `"status":400`)
}

// What is read can be written back, and is the same then.
func TestRoundTrip(t *testing.T) {
	s := newSite(t)
	read := func() string {
		var body struct {
			Result struct{ Document json.RawMessage }
		}
		s.owner(t, "GET "+s.document, "").JSON(t, &body)
		return string(body.Result.Document)
	}
	before := read()
	want(t, "writing it back", s.owner(t, "PUT "+s.document, `{"document":`+before+`}`), 200, "Hello")
	if after := read(); after != before {
		t.Errorf("%s, was %s", after, before)
	}
}

// An edit of one word leaves the times of the others, and the marks.
func TestTextKeepsItsTimes(t *testing.T) {
	s := newSite(t)
	const kept = `{"text":"Hello","start":0.525,"end":0.9,"confidence":0.5}`
	for name, segment := range map[string]string{
		"text alone":                `"text":"Hello everyone"`,
		"text over words":           `"text":"Hello everyone","words":[{"text":"Hello","start":0.525,"end":1.9}]`,
		"words without their times": `"words":[{"text":"Hello"},{"text":" everyone","highlight":"#ffee00"}]`,
	} {
		a := s.owner(t, "PUT "+s.document, `{"document":{"content":{"segments":[{"speaker":"Ann","start":0.525,"stop":1.9,`+segment+`}]}}}`)
		want(t, name, a, 200, kept)
		want(t, name, a, 200, `{"text":" everyone","start":0.9,"end":1.9,"confidence":0,"highlight":"#ffee00"}`)
		s.owner(t, "PUT "+s.document+"/reset_to_original", "")
	}
}

func TestBadUpdates(t *testing.T) {
	s := newSite(t)
	segment := `{"start":1,"stop":2,"text":"a"}`
	for body, loc := range map[string]string{
		`{"filename":7}`:                                  `"filename"`,
		`{"filename":"a\u0000"}`:                          `"filename"`,
		`{"timecode_offset":5}`:                           `"timecode_offset"`,
		`{"timecode_offset":"99:99:99:99"}`:               `"timecode_offset"`,
		`{"plain_document_changed":"maybe"}`:              `"plain_document_changed"`,
		`{"plain_document_changed":1}`:                    `"plain_document_changed"`,
		`{"document":"x"}`:                                `"document"`,
		`{"document":{}}`:                                 `"document","content"`,
		`{"document":{"content":[]}}`:                     `"document","content"`,
		`{"document":{"content":{}}}`:                     `"document","content","segments"`,
		`{"document":[` + segment + `,7]}`:                `"document",1`,
		`{"document":[{"stop":2}]}`:                       `"document",0,"start"`,
		`{"document":[{"start":"1","stop":2}]}`:           `"document",0,"start"`,
		`{"document":[{"start":-1,"stop":2}]}`:            `"document",0,"start"`,
		`{"document":[{"start":1,"stop":1e99}]}`:          `"document",0,"stop"`,
		`{"document":[{"start":1,"stop":360000000}]}`:     `"document",0,"stop"`,
		`{"document":[{"start":1,"stop":2,"text":[]}]}`:   `"document",0,"text"`,
		`{"document":[{"start":1,"stop":2,"words":{}}]}`:  `"document",0,"words"`,
		`{"document":[{"start":1,"stop":2,"words":[1]}]}`: `"document",0,"words",0`,
		`{"document":[{"start":1,"stop":2,"words":[{"text":"a","start":1,"end":2,"confidence":2}]}]}`:    `"words",0,"confidence"`,
		`{"document":[{"start":1,"stop":2,"words":[{"text":"a","start":1,"end":2,"strikethrough":1}]}]}`: `"words",0,"strikethrough"`,
	} {
		a := s.owner(t, "PUT "+s.document, body)
		want(t, body, a, 422, loc)
	}
	for body, loc := range map[string]string{ // what the domain refuses
		`{"document":[{"start":2,"stop":1,"text":"a"}]}`:                                                 `0,"stop"]`,
		`{"document":[{"start":0,"stop":1,"text":"a\u0007"}]}`:                                           `0,"words",0,"text"]`,
		`{"document":[{"start":0,"stop":1,"speaker":"a\nb"}]}`:                                           `0,"speaker"]`,
		`{"document":[` + segment + `,{"start":0,"stop":1}]}`:                                            `1,"start"]`,
		`{"document":[{"start":0,"stop":1,"words":[{"text":"a","start":0,"end":2}]}]}`:                   `0,"words",0,"start"]`,
		`{"document":[{"start":0,"stop":1,"words":[{"text":"a","start":0,"end":1,"highlight":"red"}]}]}`: `0,"words",0,"highlight"]`,
	} {
		want(t, body, s.owner(t, "PUT "+s.document, body), 422, `{"detail":[{"loc":["body","document",`+loc)
		object := `{"document":{"content":{"segments":` + strings.TrimSuffix(strings.TrimPrefix(body, `{"document":`), "}") + `}}}`
		want(t, object, s.owner(t, "PUT "+s.document, object), 422, `{"detail":[{"loc":["body","document","content","segments",`+loc)
	}
	want(t, "too large", s.owner(t, "PUT "+s.document, fmt.Sprintf(`{"filename":%q}`, strings.Repeat("a", 4_000_000))), 413, `"status":413`)
	want(t, "untouched", s.owner(t, "GET "+s.document, ""), 200, "Hello")
}
