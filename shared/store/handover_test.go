package store_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// A handover from its first mail to its end, on every engine.
//
// contract: SC-14, SC-16, SC-20, FF-20
func TestHandoversOnEveryEngine(t *testing.T) {
	const asset, email = "a1b2c3d4-e5f6-7890-a012-3456789abcde", "rita@new.test"
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			f, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "d.pdf", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("content"))
			if err != nil {
				t.Fatal(err)
			}
			give := func(message string) handover.Handover {
				t.Helper()
				s.Clock.Advance(time.Second)
				h, err := s.Handovers.Share(ctx, s.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Message: message, Base: "https://a.test"})
				if err != nil {
					t.Fatal(err)
				}
				return h
			}
			kept := s.Handovers.Store
			first, again := give("Once."), give("")
			got, err := kept.ByRef(ctx, first.Ref)
			if err != nil || again.ID != first.ID || got.Message != "" || got.Mail != share.MailSent || got.SenderEmail != s.Admin.Email || got.AssetID != asset || got.Target != first.Target || !got.CreatedAt.Equal(first.CreatedAt) {
				t.Errorf("%+v, want %+v, %v", got, again, err)
			}
			for range 2 {
				if err := s.Handovers.Revoke(ctx, s.Admin, first.ID); err != nil {
					t.Error(err)
				}
			}
			second := give("Anew.")
			all, total, err := kept.Sent(ctx, s.Admin.Organization, s.Admin.User, 0, 1)
			if err != nil || total != 2 || len(all) != 1 || all[0].ID != second.ID {
				t.Errorf("sent: %+v of %d, %v", all, total, err)
			}
			if beyond, total, err := kept.Sent(ctx, s.Admin.Organization, s.Admin.User, 50, 10); err != nil || total != 2 || len(beyond) > 0 {
				t.Errorf("beyond the last page: %+v, %v", beyond, err)
			}
			if err := kept.Mailed(ctx, handover.Handover{Ref: second.Ref, Mail: share.MailBounced}, share.Event{ID: "b", Organization: s.Admin.Organization, Share: second.ID, At: s.Clock.Now()}); err != nil {
				t.Error(err)
			}
			if err := kept.Mailed(ctx, handover.Handover{Ref: second.Ref, Mail: share.MailDelivered}, share.Event{ID: "d", Organization: s.Admin.Organization, Share: second.ID, At: s.Clock.Now()}); err != nil {
				t.Error(err)
			}
			if got, err := kept.ByID(ctx, s.Admin.Organization, second.ID); err != nil || got.Mail != share.MailBounced {
				t.Errorf("delivered after it bounced: %q, %v", got.Mail, err)
			}
			token, err := s.Accounts.InviteToRegister(ctx, second.Recipient)
			if err == nil {
				_, err = s.Accounts.Register(ctx, token, "Rita", "correct horse battery", "192.0.2.1")
			}
			if err == nil {
				err = s.Handovers.Decline(ctx, s.Admin, second.Recipient, "https://a.test")
			}
			if err != nil {
				t.Fatal(err)
			}
			if joining, h, err := s.Handovers.StateOf(ctx, second.Recipient, second.ID); err != nil || joining != account.Declined || h.Target.FileID != f.ID || h.RecipientEmail != "" {
				t.Errorf("%q, %+v, %v", joining, h, err)
			}
			if _, err := kept.ByRef(ctx, second.Ref); !fault.Is(err, fault.NotFound) {
				t.Errorf("its link: %v", err)
			}
			third := give("")
			if third.Recipient == second.Recipient {
				t.Error("the recipient came back")
			}
			if err := s.Files.Delete(ctx, s.Admin, f.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := kept.Trace(ctx, third.Recipient, third.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("deleted with its file: %v", err)
			}
			if all, total, err := kept.Sent(ctx, s.Admin.Organization, s.Admin.User, 0, 10); err != nil || total > 0 {
				t.Errorf("%+v, %v", all, err)
			}
		})
	}
}

// No token of a handover is in the table but sealed.
func TestWhatIsKeptOfHandovers(t *testing.T) {
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	s := stack(t, nil)
	s.Memory.Record(s.Clock.Now)
	f, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "d.pdf", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Handovers.Share(ctx, s.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "r@new.test", Base: "https://a.test"}); err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(s.Post.Letters()[0].Links[0].URL, "/s/")
	changes := s.Memory.Changes()
	if len(changes) == 0 || len(token) != 28 {
		t.Fatalf("%d changes, token %q", len(changes), token)
	}
	for _, c := range changes {
		for name, v := range c.New {
			text, _ := v.(string)
			if strings.Contains(text, token) && name != "sealed" { // the fake's seal seals nothing
				t.Errorf("%s of %s has the token", name, c.New.String(table.PK))
			}
		}
	}
}
