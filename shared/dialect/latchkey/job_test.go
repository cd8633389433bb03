package latchkey_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// spoken makes a recording with a transcript, in a folder or none.
func (s *site) spoken(t *testing.T, folder string) recording.Access {
	t.Helper()
	rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Name: "Board", Language: "en", FolderID: folder})
	if err != nil {
		t.Fatal(err)
	}
	a := s.own(t, rec.ID)
	said := &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 900, "Hello")}}
	if _, err := s.Recordings.AddDocument(t.Context(), a, recording.NewDocument{Transcript: said}); err != nil {
		t.Fatal(err)
	}
	return s.own(t, rec.ID)
}

func (s *site) own(t *testing.T, id string) recording.Access {
	t.Helper()
	a, err := s.Recordings.Own(t.Context(), s.Admin, account.WriteRecordings, id, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// keyOf invites somebody with a role and returns their key.
func (s *site) keyOf(t *testing.T, email string, role account.Role) string {
	t.Helper()
	if _, err := s.Accounts.Invite(t.Context(), s.Admin, account.NewUser{Email: email, Role: string(role)}); err != nil {
		t.Fatal(err)
	}
	return s.post(t, "/keys", `{"name":"k","email":"`+email+`"}`).text(t, "secret")
}

func jobIDs(t *testing.T, a answer) (ids []string) {
	for _, j := range a.field(t, "jobs").([]any) {
		ids = append(ids, j.(map[string]any)["id"].(string))
	}
	return ids
}

func TestJobs(t *testing.T) {
	s := newSite(t)
	a := s.spoken(t, "")
	p, err := s.Recordings.AddSummary(t.Context(), a, "Why?", recording.Hints{}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Second)
	tr, err := s.Recordings.AddTranslation(t.Context(), a, "es")
	if err != nil {
		t.Fatal(err)
	}
	summary, translation := "summarize-"+p.ID, "translate-"+tr.ID
	want := map[string]any{
		"id": summary, "kind": "summarize", "state": "queued", "progress": 0.0, "attempts": 0.0, "reason": nil, "recording_id": a.Recording.ID,
		"created_by": s.Admin.User, "created_at": "2023-11-27T09:43:39.000Z", "ended_at": nil, "deadline": "2023-11-28T09:43:39.000Z",
	}
	if diff := cmp.Diff(want, s.get(t, "/jobs/"+summary).whole(t)); diff != "" {
		t.Errorf("queued (-want +got):\n%s", diff)
	}
	s.Work(t) // without engines
	ended := s.get(t, "/jobs/"+summary)
	if ended.text(t, "state") != "failed" || ended.text(t, "reason") != "no summary engine is set up" || ended.text(t, "ended_at") != "2023-11-27T09:43:40.000Z" {
		t.Errorf("failed: %s", ended.Body)
	}
	for target, ids := range map[string][]string{
		"/jobs": {translation, summary}, "/jobs?kind=summarize": {summary}, "/jobs?state=failed": {translation, summary}, "/jobs?state=queued": nil,
	} {
		if diff := cmp.Diff(ids, jobIDs(t, s.get(t, target))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
	first := s.get(t, "/jobs?limit=1")
	if diff := cmp.Diff([]string{summary}, jobIDs(t, s.get(t, "/jobs?limit=1&cursor="+first.text(t, "next_cursor")))); diff != "" {
		t.Errorf("the second page (-want +got):\n%s", diff)
	}
	for target, field := range map[string]string{"/jobs?kind=deliver": "kind", "/jobs?state=done": "state", "/jobs?what=x": "what", "/jobs?limit=0": "limit"} {
		if diff := cmp.Diff([]string{field}, s.want(t, 422, request{method: "GET", target: target}).fields(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
	s.Clock.Advance(job.KeepFor)
	s.want(t, 404, request{method: "GET", target: "/jobs/" + summary})
	if got := jobIDs(t, s.get(t, "/jobs")); len(got) > 0 {
		t.Errorf("after their time: %v", got)
	}
}

// TestJobsOfWhatIsNotSeen look like none: of another organization, of what is
// deleted or in a folder that is not theirs, and what nobody asked for.
func TestJobsOfWhatIsNotSeen(t *testing.T) {
	s := newSite(t)
	name, visible := "Board", recording.Restricted
	f, err := s.Recordings.AddFolder(t.Context(), s.Admin, recording.FolderChange{Name: &name, Visible: &visible, Users: []string{"ann@acme.test"}})
	if err != nil {
		t.Fatal(err)
	}
	hidden, open := s.spoken(t, f.ID), s.spoken(t, "")
	var ids []string
	for _, a := range []recording.Access{hidden, open} {
		p, err := s.Recordings.AddSummary(t.Context(), a, "Why?", recording.Hints{}, account.Once{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, "summarize-"+p.ID)
		s.Clock.Advance(time.Second)
	}
	b, err := s.Recordings.AddBatch(t.Context(), s.Admin, f.ID, "Why?", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	batch := "batch-" + b.ID
	if diff := cmp.Diff([]string{batch, ids[1], ids[0]}, jobIDs(t, s.get(t, "/jobs"))); diff != "" {
		t.Errorf("the admin's (-want +got):\n%s", diff)
	}
	bob := s.keyOf(t, "bob@acme.test", account.Producer)
	if diff := cmp.Diff([]string{ids[1]}, jobIDs(t, s.want(t, 200, request{method: "GET", target: "/jobs", key: bob}))); diff != "" {
		t.Errorf("who does not see the folder (-want +got):\n%s", diff)
	}
	other, _ := s.Organization(t, "Other", "other@other.test")
	for _, tt := range []struct{ key, id string }{{bob, ids[0]}, {bob, batch}, {other, ids[1]}, {bob, "summarize-nothing1"}, {bob, "x"}, {bob, "delete-" + open.Recording.ID}} {
		for _, r := range []request{{method: "GET", target: "/jobs/" + tt.id}, {method: "POST", target: "/jobs/" + tt.id + "/cancel"}} {
			r.key = tt.key
			if a := s.want(t, 404, r); a.text(t, "detail") != "job not found" {
				t.Errorf("%s: %s", r.target, a.Body)
			}
		}
	}
	if err := s.Recordings.Delete(t.Context(), s.Admin, open.Recording.ID); err != nil {
		t.Fatal(err)
	}
	s.want(t, 404, request{method: "GET", target: "/jobs/" + ids[1]})
	s.want(t, 404, request{method: "GET", target: "/jobs/delete-" + open.Recording.ID})
	if diff := cmp.Diff([]string{batch, ids[0]}, jobIDs(t, s.get(t, "/jobs"))); diff != "" {
		t.Errorf("of what is deleted (-want +got):\n%s", diff)
	}
}

func TestCancel(t *testing.T) {
	s := newSite(t)
	a := s.spoken(t, "")
	p, err := s.Recordings.AddSummary(t.Context(), a, "Why?", recording.Hints{}, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	cancel := request{method: "POST", target: "/jobs/summarize-" + p.ID + "/cancel"}
	for role, status := range map[account.Role]int{account.ViewOnly: 403, account.Editor: 403} {
		r := cancel
		r.key = s.keyOf(t, string(role)+"@acme.test", role)
		s.want(t, status, r)
	}
	bad := cancel
	bad.body = `{"why":"x"}`
	s.want(t, 422, bad)
	first := s.want(t, 200, keyed("k", cancel))
	if first.text(t, "state") != "cancelled" || first.text(t, "reason") != "it was cancelled" || first.field(t, "ended_at") == nil {
		t.Errorf("cancelled: %s", first.Body)
	}
	s.Clock.Advance(time.Second)
	if diff := cmp.Diff(first.whole(t), s.want(t, 200, keyed("k", cancel)).whole(t)); diff != "" {
		t.Errorf("again with its key (-first +again):\n%s", diff)
	}
	s.want(t, 409, cancel)
	if diff := cmp.Diff(first.whole(t), s.get(t, "/jobs/summarize-"+p.ID).whole(t)); diff != "" {
		t.Errorf("read (-cancelled +read):\n%s", diff)
	}
	if p, err = s.Recordings.Product(t.Context(), s.Admin, recording.Summarized, p.ID); err != nil || p.Status != recording.Failed || p.Reason != "it was cancelled" {
		t.Errorf("%+v, %v", p, err)
	}
	s.Work(t)
	if diff := cmp.Diff(first.whole(t), s.get(t, "/jobs/summarize-"+p.ID).whole(t)); diff != "" {
		t.Errorf("later (-cancelled +later):\n%s", diff)
	}
}

// TestCancelledTranscriptions: what has a transcript keeps it.
func TestCancelledTranscriptions(t *testing.T) {
	s := newSite(t)
	fetched, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en", Source: "https://example.com/a.mp3"})
	if err != nil {
		t.Fatal(err)
	}
	s.want(t, 200, request{method: "POST", target: "/jobs/fetch-" + fetched.ID + "/cancel"})
	if r := s.own(t, fetched.ID).Recording; r.Status != recording.Failed || r.Fetching || r.Reason != "the media could not be fetched: it was cancelled" {
		t.Errorf("fetched: %+v", r)
	}
	for _, written := range []bool{false, true} {
		s.Clock.Advance(time.Second)
		rec, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		want := recording.Failed
		if written {
			want = recording.Completed
			said := &transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 900, "Hello")}}
			if _, err := s.Recordings.AddDocument(t.Context(), s.own(t, rec.ID), recording.NewDocument{Transcript: said}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err = s.Recordings.PutMedia(t.Context(), s.Admin, s.own(t, rec.ID).Recording, []byte("RIFF$$$$WAVEfmt ")); err != nil {
			t.Fatal(err)
		}
		for _, key := range s.Objects.Keys() { // as S3 tells
			if f, err := s.Files.Uploaded(t.Context(), key); err != nil || s.Recordings.Arrived(t.Context(), f) != nil {
				t.Fatal(err)
			}
		}
		if written {
			if _, err := s.Recordings.Retranscribe(t.Context(), s.own(t, rec.ID), recording.Retranscription{}); err != nil {
				t.Fatal(err)
			}
		}
		id := jobIDs(t, s.get(t, "/jobs?kind=transcribe&limit=1"))[0]
		s.want(t, 200, request{method: "POST", target: "/jobs/" + id + "/cancel"})
		if r := s.own(t, rec.ID).Recording; r.Status != want || r.Reason != "it was cancelled" {
			t.Errorf("written %v: %+v", written, r)
		}
	}
}
