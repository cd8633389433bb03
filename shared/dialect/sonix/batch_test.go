package sonix_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

// podcasts makes a folder with so many media that say something.
func (s *site) podcasts(t *testing.T, names ...string) (folder string, ids []string) {
	t.Helper()
	folder = field(t, s.owner(t, "POST /v1/folders", "name=Podcasts"+s.IDs.Chars(4)), "id")
	for _, name := range names {
		id := s.completed(t, name, talk)
		want(t, "moved", s.owner(t, "PUT /v1/media/"+id, "folder_id="+folder), 200)
		ids = append(ids, id)
	}
	return folder, ids
}

// contract: SX-149, SX-150, SX-151, SX-155, SX-156, SX-157, SX-158
func TestBatchSummarizations(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	folder, ids := s.podcasts(t, "One", "Two")
	list := "GET /v1/folders/" + folder + "/batch_summarizations"
	exactly(t, "none", s.owner(t, list, ""), `{"batch_summarizations":[]}`)
	a := s.owner(t, "POST /v1/folders/"+folder+"/batch_summarizations", "prompt=Summarize+in+German")
	id := field(t, a, "batch_summarization_id")
	begins := `{"id":"` + id + `","batch_summarization_id":"` + id + `","status":`
	rest := `,"prompt":"Summarize in German","created_at":"` + s.Clock.Now().Format(time.RFC3339) + `"`
	exactly(t, "asked for", a, begins+`"processing"`+rest+`}`)
	exactly(t, "asked about", s.owner(t, "GET /v1/batch_summarizations/"+id, ""), begins+`"processing"`+rest+`,"summaries":[]}`)
	exactly(t, "listed", s.owner(t, list, ""), `{"batch_summarizations":[`+begins+`"processing"`+rest+`}]}`)
	e.Judge = func(what any) error {
		if len(e.Asked) == 2 {
			return fault.New(fault.Invalid, "it is too hard")
		}
		return nil
	}
	s.Work(t)
	s.Work(t)
	exactly(t, "listed when it is done", s.owner(t, list, ""), `{"batch_summarizations":[`+begins+`"completed"`+rest+`}]}`)
	var got struct {
		Status    string
		Summaries []struct {
			Media   string `json:"media_id"`
			Summary *string
			Reason  string `json:"failure_reason"`
		}
	}
	a = s.owner(t, "GET /v1/batch_summarizations/"+id, "")
	a.JSON(t, &got)
	told, failed := 0, 0
	for _, part := range got.Summaries {
		if part.Media != ids[0] && part.Media != ids[1] {
			t.Errorf("%s", a.Body)
		}
		if part.Summary != nil && *part.Summary == "Summarize in German: 29 characters" && part.Reason == "" {
			told++
		}
		if part.Summary == nil && part.Reason == "it is too hard" {
			failed++
		}
	}
	if got.Status != "completed" || len(got.Summaries) != 2 || told != 1 || failed != 1 {
		t.Errorf("one failed file fails itself: %s", a.Body)
	}
	s.completed(t, "At home", talk)
	want(t, "home", s.owner(t, "POST /v1/folders/root/batch_summarizations", "prompt=x"), 200)
	want(t, "home's", s.owner(t, "GET /v1/folders/root/batch_summarizations", ""), 200, `"prompt":"x"`)
}

// contract: SX-015, SX-150, SX-152, SX-153, SX-154
func TestBatchSummarizationsRefused(t *testing.T) {
	s := newSite(t)
	folder, ids := s.podcasts(t, "One", "Two")
	empty, _ := s.podcasts(t)
	call := func(folder, body string, status int, message string) {
		t.Helper()
		a := s.owner(t, "POST /v1/folders/"+folder+"/batch_summarizations", body)
		if a.Status != status || a.Body != errorBody(status, message) {
			t.Errorf("%d %s, want %d %s", a.Status, strings.TrimSpace(a.Body), status, message)
		}
	}
	call(noID, "prompt=x", 404, "Folder not found")
	call(folder, "", 400, "Invalid request: prompt is missing")
	call(empty, "prompt=x", 400, "Invalid request: the folder has no media")
	standing := account.NoCredit
	if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &standing}); err != nil {
		t.Fatal(err)
	}
	call(folder, "prompt=x", 403, "Insufficient credit for batch processing")
	want(t, "one summary needs none", s.owner(t, "POST /v1/media/"+ids[0]+"/summarizations", "prompt=x"), 200)
	standing = account.Good
	if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &standing}); err != nil {
		t.Fatal(err)
	}
	long := func(id string, d time.Duration) {
		u := table.Update{Key: table.Key{PK: "rec#" + s.Admin.Organization, SK: id}, Set: table.Item{"duration": d.Milliseconds()}}
		if _, err := s.Table.Update(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	long(ids[0], recording.MaxBatch-time.Hour)
	long(ids[1], time.Hour+time.Millisecond)
	call(folder, "prompt=x", 422, "Folder is too large for batch processing (>60 hours)")
	long(ids[1], time.Hour)
	want(t, "exactly 60 hours", s.owner(t, "POST /v1/folders/"+folder+"/batch_summarizations", "prompt=x"), 200)
	waits := s.made(t, waiting)
	want(t, "moved", s.owner(t, "PUT /v1/media/"+waits, "folder_id="+folder), 200)
	call(folder, "prompt=x", 409, "Media file is being transcribed")
}

// contract: SX-062
func TestTranscribedAnew(t *testing.T) {
	s := newSite(t)
	e := s.Equip()
	id := s.filmed(t, "Film", film, talk)
	a := s.owner(t, "POST /v1/media/"+id, `{"multitrack":true,"speaker_labels":["Interviewer","Guest"],"keywords":"Sonix, Kairos","language":"en-GB"}`)
	want(t, "asked for", a, 200, `"id":"`+id+`"`, `"status":"transcribing"`, `"language":"en-GB"`)
	want(t, "twice at once", s.owner(t, "POST /v1/media/"+id, ""), 409, "is being worked on")
	want(t, "read meanwhile", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 409, "Media file is being transcribed")
	s.Work(t)
	want(t, "read", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 200, "Spoken in en-GB")
	speech := e.Asked[0].(recording.Speech)
	if !speech.PerChannel || strings.Join(speech.Speakers, "|") != "Interviewer|Guest" || strings.Join(speech.Keywords, "|") != "Sonix|Kairos" {
		t.Errorf("%+v", speech)
	}
	want(t, "aligned", s.owner(t, "POST /v1/media/"+id, "transcript_text=Good+morning."), 200, `"status":"aligning"`)
	s.Work(t)
	want(t, "read", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 200, "Good morning.")
	for body, field := range map[string]string{
		"language=xx": "language", "speaker_labels=[1]&multitrack=true": "speaker_labels[0]", `speaker_labels=["a"]`: "speaker_labels",
		"name=x": "name", "custom_data={}": "custom_data", "file=x": "file", "callback_url=ftp://x": "callback_url", "multitrack=perhaps": "multitrack",
	} {
		want(t, body, s.owner(t, "POST /v1/media/"+id, body), 400, `"message":"Invalid request: `+field+` `)
	}
	want(t, "what waits for its media", s.owner(t, "POST /v1/media/"+s.made(t, waiting), ""), 409)
}

// contract: SX-029
func TestBlocked(t *testing.T) {
	s := newSite(t)
	standing := account.Blocked
	if _, err := s.Accounts.ChangeOrganization(ctx, s.Admin, account.OrganizationChange{Standing: &standing}); err != nil {
		t.Fatal(err)
	}
	id := s.made(t, waiting)
	want(t, "made", s.owner(t, "GET /v1/media/"+id, ""), 200, `"status":"blocked"`, `"failure_reason":"transcription is blocked for the organization"`)
	want(t, "listed", s.owner(t, "GET /v1/media?status=blocked", ""), 200, id)
	want(t, "anew", s.owner(t, "POST /v1/media/"+id, ""), 403)
}
