package mediapocket

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/share"
)

const shareCall = "POST /api/v2/shareable_links/share"

// contract: MP-47, MP-49, MP-58, MP-59
func TestShare(t *testing.T) {
	s := newServer(t, nil)
	s.link(t, `{}`)
	s.link(t, `{"payload":{"filename":"second"}}`)
	a := s.owner(t, shareCall, `{"message":"This is an optional test message",
		"recipients":["test1@testmail.test","test2@testmail.test"],"shareable_link_ids":[2,1]}`)
	if a.Status != 200 || strings.TrimSpace(a.Body) != `{"message":"Shareable links sent"}` {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	letters := s.Post.Letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters, want one each", len(letters))
	}
	for i, l := range letters {
		if l.To != fmt.Sprintf("test%d@testmail.test", i+1) || l.Message != "This is an optional test message" || len(l.Links) != 2 {
			t.Errorf("letter %+v", l)
		}
		if l.Links[0].Name != "second.pdf" || !strings.HasPrefix(l.Links[0].URL, "https://api.test/l/r") {
			t.Errorf("first link %+v", l.Links[0])
		}
	}
	if a := s.owner(t, shareCall, `{"recipients":["a@b.test"],"shareable_link_ids":[1]}`); a.Status != 200 {
		t.Errorf("without a message: %d %s", a.Status, a.Body)
	}
}

// contract: MP-53, MP-54, MP-55, MP-56, MP-57, MP-60
func TestShareFindsLinks(t *testing.T) {
	s := newServer(t, nil)
	s.link(t, `{}`)                                     // 1
	s.link(t, `{"expiry_date":"2023-11-27T10:00:00Z"}`) // 2, expires
	exhausted := s.link(t, `{"limit":1}`)               // 3
	s.link(t, `{}`)                                     // 4, revoked
	if _, err := s.Shares.Revoke(context.Background(), s.Admin, s.newest(t).ID); err != nil {
		t.Fatal(err)
	}
	s.get(t, exhausted)
	s.Clock.Advance(time.Hour)
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	theirs := s.Upload(t, rival, "x", "text/plain", []byte("x"))
	for range 6 {
		s.Link(t, rival, share.New{FileID: theirs.ID})
	}
	for ids, sent := range map[string]int{
		`[1]`: 1, `["1"]`: 1, `[1,1,"1"]`: 1, `[1,2,3,4,99,"invalid_id",null,{},5.5]`: 1,
		`["invalid_id"]`: 0, `["01","+1"," 1 ","1.0",1.0]`: 0, `[]`: 0, `null`: 0, `[2]`: 0, `[3]`: 0, `[4]`: 0, `[6]`: 0, `[-1,0]`: 0,
	} {
		before := len(s.Post.Letters())
		a := s.owner(t, shareCall, `{"recipients":["a@b.test"],"shareable_link_ids":`+ids+`}`)
		if sent == 0 {
			wantError(t, a, 400, "No shareable links found")
		} else if a.Status != 200 {
			t.Errorf("%s: %d %s", ids, a.Status, a.Body)
		}
		letters := s.Post.Letters()[before:]
		if len(letters) != sent || (sent == 1 && len(letters[0].Links) != 1) {
			t.Errorf("%s: letters %+v", ids, letters)
		}
	}
	wantError(t, s.owner(t, shareCall, `{"recipients":["a@b.test"]}`), 400, "No shareable links found")
	wantError(t, s.owner(t, shareCall, `{"recipients":["a@b.test"],"shareable_link_ids":"1"}`), 422, "shareable_link_ids must be an array")
}

// contract: MP-50, MP-52, MP-62
func TestShareRefusals(t *testing.T) {
	s := newServer(t, nil)
	s.link(t, `{}`)
	for body, text := range map[string]string{
		`{}`:                                      "recipients is missing",
		`{"recipients":null}`:                     "recipients is missing",
		`{"recipients":[]}`:                       "recipients is missing",
		`{"recipients":"a@b.test"}`:               "recipients must be an array",
		`{"recipients":["a@b.test",7]}`:           "recipients[1] is not a valid email address",
		`{"recipients":["a@b.test","b"]}`:         "recipients[1] is not a valid email address",
		`{"recipients":["a@b.test\nBcc:"]}`:       "recipients[0] is not a valid email address",
		`{"recipients":["a@b.test"],"message":7}`: "message must be a string",
	} {
		a := s.owner(t, shareCall, strings.TrimSuffix(body, "}")+comma(body)+`"shareable_link_ids":[1]}`)
		wantError(t, a, 422, text)
	}
	if n := len(s.Post.Letters()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

func comma(body string) string {
	if body == "{}" {
		return ""
	}
	return ","
}

// contract: MP-61
func TestShareFailures(t *testing.T) {
	s := newServer(t, nil)
	s.link(t, `{}`)
	send := func(recipients ...string) (int, map[string]any) {
		b, err := json.Marshal(map[string]any{"recipients": recipients, "shareable_link_ids": []int{1}})
		if err != nil {
			t.Fatal(err)
		}
		a := s.owner(t, shareCall, string(b))
		var body map[string]any
		a.JSON(t, &body)
		return a.Status, body
	}
	status, body := send("ok@b.test", "no@reject.test", "later@throttle.test")
	want := map[string]any{
		"message": "Shareable links sent",
		"failed":  []any{map[string]any{"recipient": "no@reject.test", "reason": "refused by the mail service"}},
		"queued":  []any{"later@throttle.test"},
	}
	if diff := cmp.Diff(want, body); status != 200 || diff != "" {
		t.Errorf("%d (-want +got):\n%s", status, diff)
	}
	status, body = send("lost@unknown.test")
	if failed, _ := body["failed"].([]any); status != 200 || len(failed) != 1 {
		t.Errorf("one that may have been sent: %d %v: a repeat would send it twice", status, body)
	}
	status, body = send("no@reject.test", "nor@reject.test")
	if diff := cmp.Diff(map[string]any{"error": "no mail was accepted"}, body); status != 500 || diff != "" {
		t.Errorf("none accepted: %d (-want +got):\n%s", status, diff)
	}
}

// contract: MP-51
func TestShareWithManyRecipients(t *testing.T) {
	s := newServer(t, nil)
	s.link(t, `{}`)
	recipients := make([]string, 130)
	for i := range recipients {
		recipients[i] = fmt.Sprintf(`"r%d@b.test"`, i)
	}
	a := s.owner(t, shareCall, `{"recipients":[`+strings.Join(recipients, ",")+`],"shareable_link_ids":[1]}`)
	if n := len(s.Post.Letters()); a.Status != 200 || n != 130 {
		t.Errorf("%d %s, %d letters", a.Status, a.Body, n)
	}
}
