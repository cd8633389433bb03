package sonix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/table"
	"latchkey/shared/transcript"
)

// noID is of nothing.
const noID = "AAAAAAAA"

var variable = regexp.MustCompile(`\{(\w+)\}`)

// calls are all routes, with their variables as given, or noID.
func calls(ids map[string]string) (out []string) {
	for _, route := range (sonix.API{}).Routes() {
		out = append(out, variable.ReplaceAllStringFunc(route.Pattern, func(v string) string {
			if id := ids[strings.Trim(v, "{}")]; id != "" {
				return id
			}
			return noID
		}))
	}
	return out
}

// keyless tells the routes whose last variable is a secret that opens them.
func keyless(call string) bool { return strings.Contains(call, "/file/") }

// plenty is a body that has what any route requires.
const plenty = `{"name":"a","language":"fr","email":"ann@example.com","prompt":"p","role":"editor","file_url":"https://example.com/a.mp3",
	"transcript":[],"access_control":"internal"}`

// waiting makes media that wait for their transcript.
const waiting = `{"file_url":"https://example.com/a.mp3","language":"en"}`

// errorBody is the body of an error.
func errorBody(status int, message string) string {
	return fmt.Sprintf(`{"code":%d,"message":%q,"error":%[2]q}`+"\n", status, message)
}

// Without a key, and with one that is none, every route answers the same,
// whatever it is asked.
//
// contract: SX-001, SX-002, SX-007, SX-008, FF-34
func TestUnauthenticated(t *testing.T) {
	s := newSite(t)
	for _, call := range calls(nil) {
		if keyless(call) {
			continue
		}
		if !strings.Contains(call, " /v1/") {
			t.Errorf("%s is not below /v1", call)
		}
		for _, header := range [][]string{
			nil, {"Authorization", "Bearer"}, {"Authorization", "Bearer nonsense"}, {"Authorization", "Basic " + s.Key},
			{"Authorization", "Bearer " + s.Key[:len(s.Key)-1] + "x"},
		} {
			for _, body := range []string{"", plenty, "\xff"} {
				a := s.client.Do(t, call, body, header...)
				if a.Status != 401 || a.Body != errorBody(401, "Invalid API key") || a.Header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s %q: %d %s %v", call, header, a.Status, a.Body, a.Header)
				}
			}
		}
	}
	for _, scheme := range []string{"Bearer ", "bearer "} {
		want(t, scheme, s.client.Do(t, "GET /v1/media", "", "Authorization", scheme+s.Key), 200, `"media":[]`)
	}
}

// An organization's standing closes every route.
//
// contract: SX-003, SX-010, SX-011
func TestStanding(t *testing.T) {
	s := newSite(t)
	for standing, want := range map[account.Standing]string{
		account.PaymentDue: errorBody(402, "Payment Error"), account.NoAccess: errorBody(403, "No API access"),
	} {
		if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &standing}); err != nil {
			t.Fatal(err)
		}
		for _, call := range calls(nil) {
			if a := s.owner(t, call, plenty); a.Body != want && !keyless(call) {
				t.Errorf("%s of %s: %d %s", call, standing, a.Status, a.Body)
			}
		}
	}
	for _, standing := range []account.Standing{account.Good, account.Blocked, account.NoCredit} {
		if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &standing}); err != nil {
			t.Fatal(err)
		}
		want(t, string(standing), s.owner(t, "GET /v1/media", ""), 200, `"media":[]`)
	}
}

// things are the words for what is not there, by the variable of its id.
var things = map[string]string{"media": "Media file not found", "folder": "Folder not found", "user": "User not found",
	"summarization": "Summarization not found", "batch": "Batch summarization not found", "export": "Media export not found",
	"burn_in": "Video burn-in not found", "token": "File not found"}

// What another organization has is told in the very words of what nobody has.
//
// contract: SX-012, SX-013
func TestNotFound(t *testing.T) {
	s := newSite(t)
	key, other := s.Organization(t, "Other", "ann@other.test")
	theirs, err := s.Recordings.Create(ctx, other, recording.NewRecording{Name: "Theirs", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	name := "Theirs"
	folder, err := s.Recordings.AddFolder(ctx, other, recording.FolderChange{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for i, route := range (sonix.API{}).Routes() {
		v := variable.FindStringSubmatch(route.Pattern)
		if v == nil {
			continue
		}
		if things[v[1]] == "" {
			t.Fatalf("%s: no words for what is not there", route.Pattern)
		}
		tested++
		for _, ids := range []map[string]string{
			nil,
			{"media": theirs.ID, "folder": folder.ID, "user": account.User{ID: other.User}.Short()},
			{"media": "%C3%84%00", "folder": "a+b", "user": "a+b"},
		} {
			call := calls(ids)[i]
			if a := s.owner(t, call, plenty); a.Status != 404 || a.Body != errorBody(404, things[v[1]]) {
				t.Errorf("%s: %d %s", call, a.Status, a.Body)
			}
		}
	}
	if tested == 0 {
		t.Error("no route has a variable")
	}
	want(t, "theirs", s.client.Do(t, "GET /v1/media/"+theirs.ID, "", "Authorization", "Bearer "+key), 200, theirs.ID)
	for _, call := range []string{"GET /v1/media?folder_id=", "POST /v1/media?language=en&file_url=https://example.com/a.mp3&folder_id=", "POST /v1/folders?name=a&parent_folder="} {
		for _, id := range []string{noID, folder.ID} {
			want(t, call, s.owner(t, call+id, ""), 404, `"message":"Folder not found"`)
		}
	}
}

// What is no route is a JSON error too, also where a file was asked for.
//
// contract: FF-34
func TestUnrouted(t *testing.T) {
	s := newSite(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
		for _, path := range []string{"/v1", "/v1/", "/v1/nothing", "/v1/media/" + noID + "/nothing.srt", "/v2/media", "/v1/media/a/b/c/d.vtt"} {
			if a := s.owner(t, method+" "+path, ""); a.Status != 404 {
				t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			}
		}
	}
	a := s.owner(t, "PATCH /v1/media", "")
	want(t, "method", a, 405, `"message":"Method not allowed"`)
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
}

// A form that cannot be read is a 400 on every route, before anything is done.
//
// contract: SX-009, FF-30
func TestInvalidRequest(t *testing.T) {
	s := newSite(t)
	id := s.made(t, waiting)
	forms := []struct{ contentType, body, want string }{
		{"application/json", `{"name":`, "Invalid request: the request body is not valid JSON"},
		{"application/json", `{"name":1,"name":2}`, "Invalid request: name appears twice"},
		{"application/x-www-form-urlencoded", "name=%zz", "Invalid request: name has a % that begins no escape"},
		{"application/x-www-form-urlencoded", "name=%ff", "Invalid request: name is not valid UTF-8"},
		{"multipart/form-data", "x", "Invalid request: the Content-Type of a form needs a boundary"},
		{"multipart/form-data; boundary=b", "x", "Invalid request: the form was cut off: its last boundary is missing"},
		{"text/csv", "x", "Invalid request: the Content-Type must be multipart/form-data, application/x-www-form-urlencoded or application/json"},
	}
	for _, call := range calls(map[string]string{"media": id}) {
		for _, f := range forms {
			if a := s.owner(t, call, f.body, "Content-Type", f.contentType); a.Body != errorBody(400, f.want) && !keyless(call) {
				t.Errorf("%s with %q: %d %s", call, f.body, a.Status, a.Body)
			}
		}
	}
	for call, want := range map[string]string{
		"POST /v1/media": "Invalid request: file is missing, and so is file_url: one of them is required",
		"POST /v1/media?file_url=https://example.com/a":    "Invalid request: language is missing",
		"POST /v1/media?file_url=a&language=en":            "Invalid request: file_url is not an http or https URL",
		"GET /v1/media?page=-1":                            "Invalid request: page must be a number from 0",
		"GET /v1/media?status=done":                        "Invalid request: status is not a status of media",
		"POST /v1/folders":                                 "Invalid request: name is missing",
		"POST /v1/folders?name=a&access_control=everybody": `Invalid request: access_control must be "internal", "external" or "restricted"`,
		"POST /v1/media/" + id + "/shares?can_edit=maybe":  "Invalid request: can_edit must be true or false",
		"DELETE /v1/media/" + id + "/shares":               "Invalid request: email is missing",
		"PUT /v1/media/" + id + "?name=a&name=b":           "Invalid request: name is sent more than once",
	} {
		if a := s.owner(t, call, ""); a.Body != errorBody(400, want) {
			t.Errorf("%s: %d %s", call, a.Status, a.Body)
		}
	}
}

// A failure of ours says nothing but its request's id.
func TestInternal(t *testing.T) {
	var down bool
	s := newSiteOver(t, func(e table.Engine) table.Engine { return failing{e, &down} })
	id := s.made(t, waiting)
	want(t, "up", s.owner(t, "GET /v1/media/"+id, ""), 200, id)
	down = true
	for _, call := range []string{"GET /v1/media", "GET /v1/media/" + id, "GET /v1/folders"} {
		a := s.owner(t, call, "")
		if a.Status != 500 || strings.Contains(a.Body, "secret") || !strings.Contains(a.Body, `"message":"Internal error"`) || !strings.Contains(a.Body, `"request_id":"request-`) {
			t.Errorf("%s: %d %s", call, a.Status, a.Body)
		}
	}
}

// failing is a table that fails while it is down.
type failing struct {
	table.Engine
	down *bool
}

func (f failing) Get(ctx context.Context, key table.Key, consistent bool) (table.Item, error) {
	if *f.down {
		return nil, errors.New("secret of the table")
	}
	return f.Engine.Get(ctx, key, consistent)
}

func (f failing) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if *f.down {
		return nil, errors.New("secret of the table")
	}
	return f.Engine.BatchGet(ctx, keys)
}

func (f failing) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if *f.down {
		return table.Page{}, errors.New("secret of the table")
	}
	return f.Engine.Query(ctx, q)
}

// contract: SX-014, SX-015
func TestFace(t *testing.T) {
	for _, tt := range []struct {
		err     *fault.Error
		status  int
		message string
	}{
		{fault.Wrap(fault.Conflict, recording.ErrNoTranscript, "there is no transcript yet"), 409, "Media file is being transcribed"},
		{fault.New("unprocessable", "Folder is too large"), 422, "Folder is too large"},
		{fault.Field(fault.Missing, "name", "is missing"), 400, "Invalid request: name is missing"},
		{fault.Field(fault.TooLarge, "transcript_text", "is larger than 5 bytes"), 413, "transcript_text is larger than 5 bytes"},
		{fault.New(fault.Forbidden, "you may not do this"), 403, "You may not do this"},
		{fault.New(fault.Throttled, "slower"), 429, "Slower"},
		{fault.New(fault.Kind("unheard of"), "secret"), 500, "Internal error"},
	} {
		res := sonix.Face(httptest.NewRequest("GET", "/v1/media/a/transcript.srt", nil), tt.err)
		if res.Status != tt.status || string(res.Body) != errorBody(tt.status, tt.message) || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%v: %d %s %v", tt.err, res.Status, res.Body, res.Header)
		}
	}
}

// A file above the limit is told the ways that there are for it.
//
// contract: SX-048, SX-049
func TestFileTooLarge(t *testing.T) {
	s := newSite(t)
	file := func(size int) fake.Answer {
		body, contentType := multipart([3]string{"language", "", "en"}, [3]string{"file", "a.mp3", strings.Repeat("\xff", size)})
		return s.owner(t, "POST /v1/media", body, "Content-Type", contentType)
	}
	want(t, "largest", file(sonix.MaxFile), 200, `"status":"`)
	for _, part := range []string{`"The file is larger than 4000000 bytes`, "file_url", "/upload-url"} {
		want(t, "too large", file(sonix.MaxFile+1), 413, part)
	}
	id := s.completed(t, "Call", transcript.Transcript{})
	put := func(words string) fake.Answer {
		body, contentType := multipart([3]string{"transcript", "words.json", words})
		return s.owner(t, "PUT /v1/media/"+id+"/transcript", body, "Content-Type", contentType)
	}
	want(t, "a transcript in a file", put(phoneCall), 200, `"Hello,"`)
	want(t, "a transcript in a large file", put(strings.Repeat(" ", sonix.MaxFile)+"[]"), 413, `"transcript is larger than 4000000 bytes"`)
	body, contentType := multipart([3]string{"name", "", "A"}, [3]string{"cover", "a.png", "b"})
	want(t, "a file where none is taken", s.owner(t, "POST /v1/folders", body, "Content-Type", contentType), 400, "cover must not be a file")
}

// Any other body that is too large is told so, too.
//
// contract: FF-37
func TestBodyTooLarge(t *testing.T) {
	s := newSite(t)
	for _, call := range []string{"PUT /v1/media/AAAAAAAA", "GET /v1/media", "POST /v1/folders"} {
		a := s.client.Do(t, call, `{"name":"`+strings.Repeat("x", 4_000_000)+`"}`, "Authorization", "Bearer "+s.Key)
		if a.Status != 413 || a.Body != errorBody(413, "The request body is larger than 4000000 bytes") {
			t.Errorf("%s: %d %s", call, a.Status, a.Body)
		}
	}
}

// The same in three encodings, with every method, is the same.
//
// contract: FF-30, SX-016
func TestEncodings(t *testing.T) {
	s := newSite(t)
	encodings := map[string]func(name, value string) (query, body, contentType string){
		"query": func(n, v string) (string, string, string) { return "?" + url.Values{n: {v}}.Encode(), "", "" },
		"urlencoded": func(n, v string) (string, string, string) {
			return "", url.Values{n: {v}}.Encode(), "application/x-www-form-urlencoded"
		},
		"json": func(n, v string) (string, string, string) {
			return "", fmt.Sprintf("{%q:%q}", n, v), "application/json"
		},
		"multipart": func(n, v string) (string, string, string) {
			body, contentType := multipart([3]string{n, "", v})
			return "", body, contentType
		},
	}
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			say := func(call, field, value string) fake.Answer {
				query, body, contentType := encode(field, value)
				return s.owner(t, call+query, body, "Content-Type", contentType)
			}
			id := s.made(t, waiting)
			want(t, "folder", say("POST /v1/folders", "name", "Ä "+name), 200, `"name":"Ä `+name+`"`)
			want(t, "label", say("PUT /v1/media/"+id, "custom_label", "Ä "+name), 200, `"custom_label":"Ä `+name+`"`)
			want(t, "list", say("GET /v1/media", "search", "nothing like this"), 200, `"media":[]`)
			want(t, "share", say("POST /v1/media/"+id+"/shares", "email", "ann@example.com"), 200, `{"email":"ann@example.com","can_edit":false}`)
			want(t, "unshare", say("DELETE /v1/media/"+id+"/shares", "email", "ann@example.com"), 200, `{"status":204}`)
			want(t, "unshare again", say("DELETE /v1/media/"+id+"/shares", "email", "ann@example.com"), 404, `"error"`)
			want(t, "delete", say("DELETE /v1/media/"+id, "email", ""), 200, `{"status":204}`)
		})
	}
}

// A language that is in the table and that no engine speaks is taken, and the
// media fails with the reason.
//
// contract: SX-006
func TestUnspokenLanguage(t *testing.T) {
	s := newSite(t)
	body, contentType := multipart([3]string{"file", "a.wav", wav}, [3]string{"language", "", "ba"})
	a := s.owner(t, "POST /v1/media", body, "Content-Type", contentType)
	want(t, "taken", a, 200, `"status":"preparing"`, `"failure_reason":null`)
	var m struct{ ID string }
	a.JSON(t, &m)
	for _, key := range s.Objects.Keys() {
		f, err := s.Files.Uploaded(ctx, key)
		if err == nil {
			err = s.Recordings.Arrived(ctx, f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Work(t)
	want(t, "failed", s.owner(t, "GET /v1/media/"+m.ID, ""), 200, `"status":"failed"`, `"failure_reason":"no speech engine`)
}
