package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
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

// TestBounceOfAHandover: the sender's list says so, and the address is not
// mailed again.
func TestBounceOfAHandover(t *testing.T) {
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	s := fake.NewStack(t, nil)
	f, err := s.Files.CreateWithBody(t.Context(), s.Admin, file.New{Name: "d.pdf", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	n := handover.New{FileID: f.ID, AssetID: asset, Email: "bob@example.org", Base: "https://share.example.com"}
	if _, err := s.Handovers.Share(t.Context(), s.Admin, n); err != nil {
		t.Fatal(err)
	}
	event, err := os.ReadFile("testdata/bounce.json")
	if err != nil {
		t.Fatal(err)
	}
	payload := strings.NewReplacer("ORG", s.Admin.Organization, `"mailing"`, `"handover"`, "MAILING", s.Post.Letters()[0].Tags["handover"]).Replace(string(event))
	var log bytes.Buffer
	for range 2 {
		if _, err := handler(s.Table, journal.New(&log, "latchkey"), s.Clock.Now).Handle(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]float64{"MailsBounced": 1}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	sent, _, err := s.Handovers.Sent(t.Context(), s.Admin, 1, 10)
	if err != nil || len(sent) != 1 || sent[0].Mail != share.MailBounced {
		t.Fatalf("%+v, %v", sent, err)
	}
	events, _, err := s.Shares.Events(t.Context(), s.Admin, sent[0].ID, file.Page{Limit: 10})
	if err != nil || len(events) != 3 || events[0].Reason != "bounced: Permanent General" {
		t.Errorf("%+v, %v", events, err)
	}
	if _, err := s.Handovers.Share(t.Context(), s.Admin, n); !fault.Is(err, fault.Unavailable) || len(s.Post.Letters()) != 1 {
		t.Errorf("shared again: %v, %d letters", err, len(s.Post.Letters()))
	}
	for _, stranger := range []string{strings.ReplaceAll(payload, "bob@", "eve@"), strings.ReplaceAll(payload, sent[0].ID, f.ID), strings.ReplaceAll(payload, s.Admin.Organization, f.ID)} {
		if _, err := handler(s.Table, journal.New(&log, "latchkey"), s.Clock.Now).Handle(t.Context(), []byte(stranger)); err != nil {
			t.Error(err)
		}
	}
}
