package sonix_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// contract: SX-001, SX-002, SX-017, SX-018, SX-020, SX-022, SX-023, SX-024, SX-025, SX-026, SX-032, SX-034, SX-035, SX-036, SX-047, SX-050, SX-053, SX-058, SX-060, SX-061, SX-066, FF-32
func TestNewMedia(t *testing.T) {
	s := newSite(t)
	body := `{"file_url":"https://example.com/a/My%20Podcast.mp3","language":"en","custom_data":{"internal_id":"123412","n":1.50}}`
	a := s.owner(t, "POST /v1/media", body)
	want(t, "made", a, 200, `"name":"My Podcast.mp3"`, `"status":"preparing"`, `"language":"en"`, fmt.Sprintf(`"created_at":%d`, s.Clock.Now().Unix()),
		`"public_url":"`+origin+`/r/`, `"custom_data":{"internal_id":"123412","n":1.50}`, `"duration":null,`, `"video":null`, `"folder":null`, `"custom_label":null`, `"quality_score":null`)
	var m struct{ ID string }
	a.JSON(t, &m)
	if len(m.ID) != 8 {
		t.Errorf("the id is %q", m.ID)
	}
	if got := s.owner(t, "GET /v1/media/"+m.ID, ""); got.Body != a.Body {
		t.Errorf("read: %s\nmade: %s", got.Body, a.Body)
	}
	want(t, "named", s.owner(t, "POST /v1/media", "file_url=https://example.com/a.mp3&language=en&name=Podcast+Episode+45"), 200, `"name":"Podcast Episode 45"`)
}

// contract: SX-004, SX-005, SX-006, SX-009, SX-051, SX-052
func TestNewMediaRefused(t *testing.T) {
	s := newSite(t)
	const url = `"file_url":"https://example.com/a.mp3"`
	for what, tt := range map[string]struct{ body, field string }{
		"nothing":             {`{}`, "file"},
		"no file":             {`{"language":"en"}`, "file"},
		"no language":         {`{` + url + `}`, "language"},
		"another language":    {`{` + url + `,"language":"xx"}`, "language"},
		"a region of nothing": {`{` + url + `,"language":"xx-GB"}`, "language"},
		"no region":           {`{` + url + `,"language":"en-"}`, "language"},
		"a long region":       {`{` + url + `,"language":"en-Latn"}`, "language"},
		"data that is none":   {`{` + url + `,"language":"en","custom_data":"x"}`, "custom_data"},
		"data that is a list": {`{` + url + `,"language":"en","custom_data":[1]}`, "custom_data"},
		"a callback in clear": {`{` + url + `,"language":"en","callback_url":"http://example.com/told"}`, "callback_url"},
		"labels alone":        {`{` + url + `,"language":"en","speaker_labels":["A"]}`, "speaker_labels"},
		"odd labels":          {`{` + url + `,"language":"en","multitrack":true,"speaker_labels":[1]}`, "speaker_labels[0]"},
		"too many labels":     {`{` + url + `,"language":"en","multitrack":true,"speaker_labels":[` + strings.Repeat(`"a",`, 40) + `"b"]}`, "speaker_labels"},
		"not a flag":          {`{` + url + `,"language":"en","multitrack":"perhaps"}`, "multitrack"},
		"no URL":              {`{"file_url":"nowhere","language":"en"}`, "file_url"},
		"a file's URL":        {`{"file_url":"file:///etc/passwd","language":"en"}`, "file_url"},
		"with a password":     {`{"file_url":"https://a:b@example.com/","language":"en"}`, "file_url"},
		"no callback":         {`{` + url + `,"language":"en","callback_url":"gopher://x"}`, "callback_url"},
		"a long name":         {`{` + url + `,"language":"en","name":"` + strings.Repeat("x", 201) + `"}`, "name"},
		"a name in lines":     {`{` + url + `,"language":"en","name":"a\nb"}`, "name"},
	} {
		a := s.owner(t, "POST /v1/media", tt.body)
		want(t, what, a, 400, `"code":400,"message":"Invalid request: `+tt.field+` `)
	}
	want(t, "in no folder", s.owner(t, "POST /v1/media", `{`+url+`,"language":"en","folder_id":"AAAAAAAA"}`), 404, `"message":"Folder not found"`)
	for _, code := range strings.Fields("en fr de es es-en ar hy ba eu be bg bn ca hr yue cmn cs da nl et fi el he hi hu id it ja ko lv lt ms mr mn no fa pl pt ro ru sr sk sl sv sw ta th tl tr ug uk ur vi cy en-GB es-419 pt-br") {
		want(t, code, s.owner(t, "POST /v1/media", `{`+url+`,"language":"`+code+`"}`), 200, `"language":"`+code+`"`)
	}
}

// wav lasts 1.5 s, of 16 bytes.
const wav = "RIFF\x3c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x08\x00\x00\x00\x10\x00\x00\x00\x02\x00\x10\x00data\x18\x00\x00\x00" +
	"012345678901234567890123"

// multipart makes a body of fields, those with a file's name as files.
func multipart(fields ...[3]string) (body, contentType string) {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"" + f[0] + "\"")
		if f[1] != "" {
			b.WriteString("; filename=\"" + f[1] + "\"\r\nContent-Type: application/octet-stream")
		}
		b.WriteString("\r\n\r\n" + f[2] + "\r\n")
	}
	return b.String() + "--edge--\r\n", "multipart/form-data; boundary=edge"
}

// contract: SX-019, SX-021, SX-036, SX-048, SX-049
func TestUploadedMedia(t *testing.T) {
	s := newSite(t)
	body, kind := multipart([3]string{"file", "my_audio.wav", wav}, [3]string{"language", "", "en"}, [3]string{"custom_data", "", `{"a":"b"}`})
	a := s.owner(t, "POST /v1/media", body, "Content-Type", kind)
	want(t, "made", a, 200, `"name":"my_audio.wav"`, `"duration":null`, `"video":null`, `"status":"preparing"`, `"custom_data":{"a":"b"}`)
	long, longKind := multipart([3]string{"file", strings.Repeat("é", 300) + ".wav", wav}, [3]string{"language", "", "en"})
	want(t, "of a long file name", s.owner(t, "POST /v1/media", long, "Content-Type", longKind), 200, `"name":"`+strings.Repeat("é", 200)+`"`)
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
	want(t, "arrived", s.owner(t, "GET /v1/media/"+m.ID, ""), 200, `"duration":1.5,`, `"video":false`)
	body, kind = multipart([3]string{"file", "big.wav", wav + strings.Repeat("x", 4_000_000)}, [3]string{"language", "", "en"})
	want(t, "too large", s.owner(t, "POST /v1/media", body, "Content-Type", kind), 413, "file_url", "upload-url")
	body, kind = multipart([3]string{"file", "a.wav", wav}, [3]string{"file_url", "", "https://example.com/a.mp3"}, [3]string{"language", "", "en"})
	want(t, "both", s.owner(t, "POST /v1/media", body, "Content-Type", kind), 400, "file_url")
}

// contract: SX-037, SX-038, SX-039, SX-040, SX-041, SX-042, SX-043, SX-044, SX-045, SX-046, FF-31
func TestListMedia(t *testing.T) {
	s := newSite(t)
	want(t, "none", s.owner(t, "GET /v1/media", ""), 200, `{"media":[],"page":1,"total_pages":1}`)
	first := s.made(t, `{"file_url":"https://example.com/a.mp3","language":"en","name":"First"}`)
	s.Clock.Advance(time.Second)
	s.made(t, `{"file_url":"https://example.com/a.mp3","language":"en","name":"Second"}`)
	done := s.completed(t, "Done", transcript.Transcript{})
	var list struct{ Media []struct{ ID, Name string } }
	s.owner(t, "GET /v1/media", "").JSON(t, &list)
	if len(list.Media) != 3 || list.Media[2].ID != first {
		t.Errorf("not newest first: %+v", list)
	}
	for query, tt := range map[string]struct {
		n    int
		page string
	}{
		"": {3, "1"}, "?page=0": {3, "0"}, "?page=1": {3, "1"}, "?page=2": {0, "2"}, "?status=completed": {1, "1"}, "?status=preparing": {2, "1"},
		"?status=aligning": {0, "1"}, "?status=transcribing": {0, "1"}, "?status=failed": {0, "1"}, "?status=blocked": {0, "1"}, "?status=duplicate": {0, "1"},
		"?search=SEC": {1, "1"}, "?search=nothing": {0, "1"}, "?folder_id=root": {3, "1"}, "?folder_id=": {3, "1"}, "?status=completed&search=done": {1, "1"},
	} {
		a := s.owner(t, "GET /v1/media"+query, "")
		var list struct{ Media []struct{ ID string } }
		if a.JSON(t, &list); len(list.Media) != tt.n || !strings.Contains(a.Body, `"page":`+tt.page+`,`) {
			t.Errorf("%s: %s", query, a.Body)
		}
	}
	want(t, "in a body", s.owner(t, "GET /v1/media", "status=completed"), 200, done)
	for query, field := range map[string]string{"page=-1": "page", "page=x": "page", "page=1.5": "page", "status=done": "status", "page=99999999999": "page"} {
		want(t, query, s.owner(t, "GET /v1/media?"+query, ""), 400, "Invalid request: "+field)
	}
	want(t, "no folder", s.owner(t, "GET /v1/media?folder_id=AAAAAAAA", ""), 404, `"message":"Folder not found"`)
	for range 98 {
		s.completed(t, "More", transcript.Transcript{})
	}
	s.owner(t, "GET /v1/media", "").JSON(t, &list)
	if len(list.Media) != 100 {
		t.Errorf("%d on the first page", len(list.Media))
	}
	a := s.owner(t, "GET /v1/media?page=2", "")
	if a.JSON(t, &list); len(list.Media) != 1 || list.Media[0].ID != first || !strings.Contains(a.Body, `"total_pages":2`) {
		t.Errorf("the last page: %s", a.Body)
	}
}

// contract: SX-033, SX-067, SX-068, SX-069, SX-070, SX-071, SX-072, SX-073, SX-012
func TestChangeAndDeleteMedia(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Old", transcript.Transcript{})
	var folder struct{ ID string }
	s.owner(t, "POST /v1/folders", `name=Podcasts`).JSON(t, &folder)
	s.Clock.Advance(time.Second)
	want(t, "renamed", s.owner(t, "PUT /v1/media/"+id, "name=New+Name&custom_label=In+Progress"), 200, `"name":"New Name"`, `"custom_label":"In Progress"`,
		`"folder":null`, fmt.Sprintf(`"updated_at":%d`, s.Clock.Now().Unix()))
	want(t, "moved", s.owner(t, "PUT /v1/media/"+id, `{"folder_id":"`+folder.ID+`"}`), 200, `"folder":{"id":"`+folder.ID+`","name":"Podcasts"}`, `"custom_label":"In Progress"`)
	want(t, "there", s.owner(t, "GET /v1/media?folder_id="+folder.ID, ""), 200, id)
	want(t, "null moves nothing", s.owner(t, "PUT /v1/media/"+id, `{"folder_id":null,"name":null,"custom_label":"In Progress"}`), 200, `"name":"Podcasts"`, `"name":"New Name"`)
	want(t, "nowhere", s.owner(t, "PUT /v1/media/"+id, "folder_id=AAAAAAAA"), 404, `"message":"Folder not found"`)
	want(t, "home", s.owner(t, "PUT /v1/media/"+id, "folder_id=&custom_label="), 200, `"folder":null`, `"custom_label":null`)
	want(t, "no name", s.owner(t, "PUT /v1/media/"+id, "name="), 400, "Invalid request: name")
	want(t, "deleted", s.owner(t, "DELETE /v1/media/"+id, ""), 200, `{"status":204}`)
	for _, call := range []string{"GET /v1/media/" + id, "PUT /v1/media/" + id, "DELETE /v1/media/" + id, "GET /v1/media/" + id + "/shares", "GET /v1/media/x", "GET /v1/media/AAAAAAAA"} {
		want(t, call, s.owner(t, call, ""), 404, `"code":404,"message":"Media file not found","error":"Media file not found"`)
	}
	if _, err := s.Recordings.Own(ctx, s.Admin, account.ReadRecordings, id, ""); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// Another organization's media is like one that does not exist.
func TestForeignMedia(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Ours", transcript.Transcript{})
	key, _ := s.Organization(t, "Rival", "eve@rival.test")
	for _, call := range []string{
		"GET /v1/media/%s", "PUT /v1/media/%s", "DELETE /v1/media/%s", "GET /v1/media/%s/shares", "POST /v1/media/%s/shares", "DELETE /v1/media/%s/share",
	} {
		ours, none := s.as(t, key, fmt.Sprintf(call, id), "email=a@b.test"), s.as(t, key, fmt.Sprintf(call, "AAAAAAAA"), "email=a@b.test")
		if ours.Status != 404 || ours.Body != none.Body {
			t.Errorf("%s: %d %s, of none %d %s", call, ours.Status, ours.Body, none.Status, none.Body)
		}
	}
	want(t, "their list", s.as(t, key, "GET /v1/media", ""), 200, `"media":[]`)
}

// contract: SX-056, SX-057, SX-059, SX-063, SX-064, SX-054, SX-055
func TestHints(t *testing.T) {
	s := newSite(t)
	words := []string{"Ours"}
	if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Keywords: &words}); err != nil {
		t.Fatal(err)
	}
	base := "file_url=https://example.com/a.mp3&language=en"
	of := func(body string) (keywords, speakers string, multi bool, script, callback string) {
		t.Helper()
		a, err := s.Recordings.Own(ctx, s.Admin, account.ReadRecordings, s.made(t, body), "")
		if err != nil {
			t.Fatal(err)
		}
		r := a.Recording
		return strings.Join(r.Keywords, "|"), strings.Join(r.Speakers, "|"), r.Multichannel, r.Script, r.Callback
	}
	if k, sp, m, script, _ := of(base); k != "Ours" || sp != "" || m || script != "" {
		t.Errorf("by default: %q %q %v %q", k, sp, m, script)
	}
	if k, _, _, _, _ := of(base + "&keywords=Sonix,+Bergamasco,,Kairos,Sonix"); k != "Sonix|Bergamasco|Kairos" {
		t.Errorf("keywords: %q", k)
	}
	if k, _, _, _, _ := of(base + "&keywords="); k != "" {
		t.Errorf("no keywords at all: %q", k)
	}
	if _, sp, m, _, _ := of(base + `&multitrack=true&speaker_labels=["Interviewer","Guest"]`); sp != "Interviewer|Guest" || !m {
		t.Errorf("%q %v", sp, m)
	}
	if _, _, _, script, callback := of(base + "&transcript_text=Hello+there&callback_url=https://example.com/done"); script == "" || callback != "https://example.com/done" {
		t.Errorf("%q %q", script, callback)
	}
}

// contract: SX-027, SX-028, SX-029, SX-030, SX-031
func TestStatuses(t *testing.T) {
	for state, word := range map[recording.Status]string{
		recording.New: "preparing", recording.Created: "preparing", recording.Preparing: "preparing", recording.Transcribing: "transcribing",
		recording.Aligning: "aligning", recording.Completed: "completed", recording.Failed: "failed", recording.Blocked: "blocked",
	} {
		if got := sonix.MediaOf(recording.Recording{Status: state}, recording.Tree{}, "", "").Status; got != word {
			t.Errorf("%s is %q, want %q", state, got, word)
		}
	}
	s := newSite(t)
	s.Sources.Err = fault.New(fault.Invalid, "the server answered 404")
	id := s.made(t, `{"file_url":"https://example.com/a.mp3","language":"en"}`)
	s.Work(t)
	want(t, "failed", s.owner(t, "GET /v1/media/"+id, ""), 200, `"status":"failed","failure_reason":"the media could not be fetched: the server answered 404"`)
	told := `"message":"` + id + ` has no transcript: the media could not be fetched: the server answered 404"`
	want(t, "read", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 409, told)
	want(t, "translated", s.owner(t, "POST /v1/media/"+id+"/translations", "language=es"), 409, told)
	want(t, "summarised", s.owner(t, "POST /v1/folders/root/batch_summarizations", "prompt=x"), 409, told)
	blocked := account.Blocked
	if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &blocked}); err != nil {
		t.Fatal(err)
	}
	want(t, "blocked", s.owner(t, "POST /v1/media", `{"file_url":"https://example.com/a.mp3","language":"en"}`), 200, `"status":"blocked"`)
}
