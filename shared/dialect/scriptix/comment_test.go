package scriptix

import (
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/recording"
)

type commentList struct {
	Count, Total int
	Result       []commentJSON
}

// contract: SM-48, FF-16
func TestComments(t *testing.T) {
	s := newSite(t)
	token := "?token=" + s.link(t)
	owners, links := s.document+"/comments", s.shared+"/comments"
	want(t, "none", s.owner(t, "GET "+owners, ""), 200, `{"count":0,"total_results":0,"result":[]}`)
	a := s.owner(t, "POST "+owners, `{"text":"Who says so?","timecode":1.2341,"author":"Somebody else"}`)
	want(t, "by its owner", a, 201, `"timecode":1.234,"author":"Ann Admin","text":"Who says so?","resolved":false,"created":"2023-11-27T09:43:39.000Z","last_modified":"2023-11-27T09:43:39.000Z"}`)
	first := idOf(t, a.Body)
	s.Clock.Advance(time.Millisecond)
	a = s.client.Do(t, "POST "+links+token, `{"text":"On the whole","author":"Guest","timecode":null}`)
	want(t, "by link", a, 201, `"timecode":null,"author":"Guest","text":"On the whole"`)
	second := idOf(t, a.Body)
	s.Clock.Advance(time.Millisecond)
	want(t, "at the same time as the first", s.client.Do(t, "POST "+links+token, `{"text":"I do","timecode":1.234}`), 201, `"author":""`)

	var all commentList
	s.visit(t, "GET "+links+token).JSON(t, &all)
	if len(all.Result) != 3 || all.Result[0].ID != second || all.Result[1].ID != first || all.Result[2].Text != "I do" {
		t.Errorf("in the wrong order: %+v", all)
	}
	want(t, "a page", s.owner(t, "GET "+owners+"?offset=1&limit=1", ""), 200, `{"count":1,"total_results":3,"result":[{"id":"`+first)
	want(t, "past the end", s.owner(t, "GET "+owners+"?offset=9", ""), 200, `{"count":0,"total_results":3,"result":[]}`)

	want(t, "resolved by another", s.client.Do(t, "PUT "+links+"/"+first+token, `{"resolved":"true","timecode":3}`), 200, `"timecode":3,"author":"Ann Admin","text":"Who says so?","resolved":true`)
	want(t, "rewritten by another", s.client.Do(t, "PUT "+links+"/"+first+token, `{"text":"x"}`), 403, `"status":403`)
	want(t, "rewritten", s.owner(t, "PUT "+owners+"/"+first, `{"text":"Now"}`), 200, `"text":"Now","resolved":true`)
	want(t, "deleted by its author", s.visit(t, "DELETE "+links+"/"+second+token), 204, "")
	want(t, "then there is none", s.client.Do(t, "PUT "+links+"/"+second+token, `{"text":"x"}`), 404, `"status":404`)

	s.allow(t, recording.Change{Comments: on(false)})
	want(t, "off", s.client.Do(t, "POST "+links+token, `{"text":"x"}`), 403, `{"error":"Insufficient permissions"`)
	want(t, "off", s.client.Do(t, "PUT "+links+"/"+first+token, `{"text":"x"}`), 403, `"status":403`)
	want(t, "and still read", s.visit(t, "GET "+links+token), 200, `"text":"Now"`)
	want(t, "its owner's all the same", s.owner(t, "POST "+owners, `{"text":"x"}`), 201, `"text":"x"`)
	s.owner(t, "PUT "+s.document+"/finish", "")
	want(t, "finished", s.owner(t, "POST "+owners, `{"text":"x"}`), 201, `"text":"x"`)
}

func idOf(t testing.TB, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	if !ok || !strings.HasPrefix(id, "comment_") {
		t.Fatalf("no comment: %s", body)
	}
	return id
}

// A recipient's comments carry the address that the link was mailed to.
func TestCommentOfARecipient(t *testing.T) {
	s := newSite(t)
	s.owner(t, "POST "+s.document+"/share/email", `{"emails":["ann@b.test"]}`)
	_, token, _ := strings.Cut(s.Post.Letters()[0].Links[0].URL, "?")
	a := s.client.Do(t, "POST "+s.shared+"/comments?"+token, `{"text":"x","author":"The Boss"}`)
	want(t, "by a recipient", a, 201, `"author":"ann@b.test"`)
}

// contract: FF-03
func TestBadLists(t *testing.T) {
	s := newSite(t)
	for _, q := range []string{"limit=0", "limit=101", "limit=x", "limit=", "offset=-1", "offset=1e9", "limit=1&limit=2"} {
		name, _, _ := strings.Cut(q, "=")
		want(t, q, s.owner(t, "GET "+s.document+"/comments?"+q, ""), 400, `"message":"`+name)
	}
}

func TestBadComments(t *testing.T) {
	s := newSite(t)
	for body, part := range map[string]string{
		``:                              `{"detail":[{"loc":["body","text"],"msg":"field required","type":"value_error.missing"}]}`,
		`{"text":"  "}`:                 `["body","text"]`,
		`{"text":7}`:                    `["body","text"]`,
		`{"text":"a\u0000"}`:            `["body","text"]`,
		`{"text":"` + long(5001) + `"}`: `["body","text"]`,
		`{"text":"x","author":"` + long(201) + `"}`: `["body","author"]`,
		`{"text":"x","author":"a\nb"}`:              `["body","author"]`,
		`{"text":"x","timecode":-1}`:                `["body","timecode"]`,
		`{"text":"x","timecode":1e300}`:             `["body","timecode"]`,
		`{"text":"x","timecode":"00:01"}`:           `["body","timecode"]`,
		`{"text":"x","resolved":1}`:                 `["body","resolved"]`,
	} {
		want(t, body[:min(len(body), 40)], s.owner(t, "POST "+s.document+"/comments", body), 422, part)
	}
	want(t, "no JSON", s.owner(t, "POST "+s.document+"/comments", `[]`), 400, `"status":400`)
	want(t, "too large", s.owner(t, "POST "+s.document+"/comments", `{"text":"`+long(1<<16)+`"}`), 413, `"status":413`)
	want(t, "of another form", s.owner(t, "PUT "+s.document+"/comments/c1", `{}`), 404, `"status":404`)
	want(t, "without a token", s.client.Do(t, "POST "+s.shared+"/comments", `{"text":"x"}`), 401, `"status":401`)
	want(t, "none was made", s.owner(t, "GET "+s.document+"/comments", ""), 200, `"total_results":0`)
}

func long(n int) string { return strings.Repeat("a", n) }

func TestCommentOnce(t *testing.T) {
	s := newSite(t)
	post := func(key, body string) (int, string) {
		a := s.owner(t, "POST "+s.document+"/comments", body, "Idempotency-Key", key)
		return a.Status, a.Body
	}
	status, first := post("k", `{"text":"x"}`)
	if again, body := post("k", `{"text":"x"}`); status != 201 || again != 201 || body != first {
		t.Errorf("%d %s, then %d %s", status, first, again, body)
	}
	for key, body := range map[string]string{"k": `{"text":"y"}`, "a b": `{"text":"x"}`} {
		if status, got := post(key, body); status != 422 || !strings.Contains(got, `"loc":["header","Idempotency-Key"]`) {
			t.Errorf("%q: %d %s", key, status, got)
		}
	}
	for range 2 {
		a := s.client.Do(t, "POST "+s.shared+"/comments?token="+s.link(t), `{"text":"x"}`, "Idempotency-Key", "k")
		want(t, "the same key by another link", a, 201, `"text":"x"`)
	}
	want(t, "three in all", s.owner(t, "GET "+s.document+"/comments", ""), 200, `"total_results":3`)
}

// A role that only reads lists comments and makes none.
func TestCommentsByRole(t *testing.T) {
	s := newSite(t)
	reader := s.Admin
	reader.Role = account.ViewOnly
	a, err := s.Recordings.Own(ctx, reader, account.ReadRecordings, s.rec.ID, s.doc.ID)
	if err != nil || a.Comment {
		t.Errorf("%v may comment: %v", reader.Role, err)
	}
}
