package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// TestRecordedBounce takes a bounce twice: the recipient's link says so, and
// the next mail to that address is refused before it is sent.
func TestRecordedBounce(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
	sh, _ := s.Link(t, s.Admin, share.New{FileID: f.ID})
	mail := func() share.MailResult {
		t.Helper()
		res, err := s.Shares.Mail(t.Context(), s.Admin, share.MailRequest{Numbers: []int64{sh.Number}, Recipients: []string{"bob@example.org"}})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	event, err := os.ReadFile("testdata/bounce.json")
	if err != nil {
		t.Fatal(err)
	}
	payload := strings.NewReplacer("ORG", s.Admin.Organization, "MAILING", mail().Mailing).Replace(string(event))
	var log bytes.Buffer
	for range 2 {
		if _, err := handler(s.Table, journal.New(&log, "latchkey"), s.Clock.Now).Handle(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]float64{"MailsBounced": 1}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	list, _, err := s.Shares.List(t.Context(), s.Admin, share.Filter{Recipient: "bob@example.org"}, file.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Mail != share.MailBounced {
		t.Errorf("%+v, %v", list, err)
	}
	events, _, err := s.Shares.Events(t.Context(), s.Admin, sh.ID, file.Page{Limit: 10})
	if err != nil || len(events) != 3 || events[0].Reason != "bounced: Permanent General" {
		t.Errorf("%+v, %v", events, err)
	}
	if d := mail().Deliveries[0]; d.State != share.MailRejected {
		t.Errorf("the next mail: %+v", d)
	}
}
