package scriptix

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
)

const folders = "/api/v3/folders"

// result is the one that an answer has.
func result(t testing.TB, a fake.Answer) map[string]any {
	t.Helper()
	var body struct{ Result map[string]any }
	a.JSON(t, &body)
	return body.Result
}

// folder makes one, and returns its id.
func (s *site) folder(t testing.TB, body string) string {
	t.Helper()
	a := s.owner(t, "POST "+folders, body)
	if a.Status != 201 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	s.Clock.Advance(time.Second)
	return result(t, a)["id"].(string)
}

// contract: FF-16, FF-03
func TestFolders(t *testing.T) {
	s := newSite(t)
	want(t, "no key", s.visit(t, "GET "+folders), 401, `"status":401`)
	want(t, "with a token alone", s.visit(t, "GET "+folders+"?token=x"), 403, `"status":403`)
	board := s.folder(t, `{"name":"Board"}`)
	minutes := s.folder(t, `{"name":"a minute's","parent_id":"`+board+`","access_control":"restricted","restricted_users":["Bob@b.test"]}`)
	got := result(t, s.owner(t, "GET "+folders+"/"+minutes, ""))
	if diff := cmp.Diff(map[string]any{
		"id": minutes, "name": "a minute's", "parent_id": board, "access_control": "restricted", "restricted_users": []any{"bob@b.test"},
		"permission": 2.0, "created": "2023-11-27T09:43:40.000Z",
	}, got); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	newest := `"count":2,"total_results":2,"result":[{"id":"` + minutes
	want(t, "newest first", s.owner(t, "GET "+folders, ""), 200, newest)
	want(t, "by name", s.owner(t, "GET "+folders+"?q=&sort=name&direction=asc", ""), 200, newest)
	want(t, "searched", s.owner(t, "GET "+folders+"?q=BOARD", ""), 200, `"count":1,"total_results":1,"result":[{"id":"`+board)
	want(t, "a page", s.owner(t, "GET "+folders+"?limit=1&offset=1", ""), 200, `"count":1,"total_results":2,"result":[{"id":"`+board)
	want(t, "none", s.owner(t, "GET "+folders+"?q=nothing", ""), 200, `"result":[]`)
	for _, q := range []string{"limit=0", "offset=-1", "sort=size", "direction=up", "q=" + strings.Repeat("a", 201), "q=a&q=b"} {
		name, _, _ := strings.Cut(q, "=")
		want(t, q, s.owner(t, "GET "+folders+"?"+q, ""), 400, name)
	}
	want(t, "moved", s.owner(t, "PUT "+folders+"/"+minutes, `{"parent_id":null,"access_control":"external"}`), 200, `"parent_id":null,"access_control":"external","restricted_users":[]`)
	want(t, "nothing said", s.owner(t, "PUT "+folders+"/"+minutes, `{}`), 200, `"name":"a minute's"`)
	want(t, "full", s.owner(t, "PUT "+folders+"/"+minutes, `{"parent_id":"`+board+`"}`), 200, board)
	want(t, "not deleted while it is", s.owner(t, "DELETE "+folders+"/"+board, ""), 400, "not empty")
	want(t, "deleted", s.owner(t, "DELETE "+folders+"/"+minutes, ""), 204, "")
	for _, call := range []string{"GET ", "PUT ", "DELETE "} {
		for _, id := range []string{minutes, "1", "AAAAAAAA"} {
			want(t, call+id, s.owner(t, call+folders+"/"+id, `{}`), 404, `"status":404`)
		}
	}
	want(t, "in no list", s.owner(t, "GET "+folders, ""), 200, `"total_results":1`)
}

func TestBadFolders(t *testing.T) {
	s := newSite(t)
	board := s.folder(t, `{"name":"Board"}`)
	for _, tt := range []struct{ body, field string }{
		{`{"name":"a/b"}`, "name"}, {`{"name":""}`, "name"}, {`{"name":5}`, "name"}, {`{"name":"` + strings.Repeat("a", 201) + `"}`, "name"},
		{`{"name":"a","parent_id":"AAAAAAAA"}`, "parent_id"}, {`{"name":"a","parent_id":7}`, "parent_id"},
		{`{"name":"a","access_control":"open"}`, "access_control"}, {`{"name":"a","access_control":1}`, "access_control"},
		{`{"name":"a","access_control":"restricted"}`, "restricted_users"}, {`{"name":"a","access_control":"restricted","restricted_users":["bob"]}`, "restricted_users"},
		{`{"name":"a","restricted_users":"bob@b.test"}`, "restricted_users"}, {`{"name":"a","restricted_users":[1]}`, "restricted_users"},
	} {
		want(t, tt.body, s.owner(t, "POST "+folders, tt.body), 422, tt.field)
		want(t, tt.body, s.owner(t, "PUT "+folders+"/"+board, tt.body), 422, tt.field)
	}
	want(t, "no name", s.owner(t, "POST "+folders, `{}`), 422, "field required")
	want(t, "inside itself", s.owner(t, "PUT "+folders+"/"+board, `{"parent_id":"`+board+`"}`), 422, "parent_id")
	want(t, "no JSON", s.owner(t, "POST "+folders, `{`), 400, `"status":400`)
}

// Folders are what each caller sees of them.
func TestFoldersByRole(t *testing.T) {
	s := newSite(t)
	s.folder(t, `{"name":"Inside"}`)
	shown := s.folder(t, `{"name":"Outside","access_control":"external"}`)
	who := s.Admin
	who.Role = account.ExternalViewer
	api := &site{Stack: s.Stack, client: s.clientOf(t, as{who})}
	want(t, "an external", api.owner(t, "GET "+folders, ""), 200, `"count":1,"total_results":1,"result":[{"id":"`+shown)
	want(t, "an external", api.owner(t, "GET "+folders, ""), 200, `"permission":1`)
	for _, call := range []string{"POST " + folders, "PUT " + folders + "/" + shown} {
		want(t, call+", whose body is not looked at", api.owner(t, call, `{`), 403, `"status":403`)
	}
}

// contract: FF-05, SD-14
func TestSessionsInFolders(t *testing.T) {
	s := newSite(t)
	board := s.folder(t, `{"name":"Board"}`)
	made := s.owner(t, "POST "+sessions, `{"language":"en","folder_id":"`+board+`"}`)
	want(t, "made in it", made, 201, `"session_id"`)
	id := result(t, made)["session_id"].(string)
	want(t, "shown", s.owner(t, "GET "+sessions+"/"+id, ""), 200, `"folder_id":"`+board+`"`)
	in := func(folder string, n string) {
		t.Helper()
		want(t, "listed", s.owner(t, "GET "+sessions+"?folder_id="+folder, ""), 200, `"total_results":`+n+",")
	}
	in(board, "1")
	in("", "1")
	want(t, "an unknown one", s.owner(t, "GET "+sessions+"?folder_id=AAAAAAAA", ""), 404, `"status":404`)
	want(t, "moved out", s.owner(t, "PUT "+sessions+"/"+id, `{"folder_id":null}`), 200, `"folder_id":null`)
	in(board, "0")
	in("", "2")
	want(t, "moved in", s.owner(t, "PUT "+sessions+"/"+id, `{"folder_id":"`+board+`"}`), 200, `"folder_id":"`+board+`"`)
	want(t, "stays", s.owner(t, "PUT "+sessions+"/"+id, `{"name":"Talk"}`), 200, `"folder_id":"`+board+`"`)
	want(t, "the folder is full", s.owner(t, "DELETE "+folders+"/"+board, ""), 400, "not empty")
	want(t, "deleted", s.owner(t, "DELETE "+sessions+"/"+id, ""), 204, "")
	in(board, "0")
	s.Work(t)
	want(t, "the folder is empty", s.owner(t, "DELETE "+folders+"/"+board, ""), 204, "")
}
