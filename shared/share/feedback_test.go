package share_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

// lettered mails a link to a@x.test and returns what feedback on it says.
func lettered(t *testing.T) (*fake.Stack, share.Share, share.Feedback) {
	t.Helper()
	s, sh, _ := linked(t, share.New{Limit: 5})
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "A@x.test"))
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	return s, sh, share.Feedback{
		ID: "m1", Organization: s.Admin.Organization, Mailing: res.Mailing, Recipient: "a@X.test", At: s.Clock.Now(),
	}
}

func mailState(t *testing.T, s *fake.Stack) share.MailState {
	t.Helper()
	l, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Kind: share.Recipient}, file.Page{Limit: 1})
	if err != nil || len(l) != 1 {
		t.Fatal(len(l), err)
	}
	return l[0].Mail
}

func TestFeedback(t *testing.T) {
	tests := []struct {
		name       string
		states     []share.Feedback // State, Permanent and Reason, in the order they come
		want       share.MailState
		suppressed bool
	}{
		{"delivered", []share.Feedback{{State: share.MailDelivered}}, share.MailDelivered, false},
		{"bounced for good", []share.Feedback{{State: share.MailBounced, Permanent: true}}, share.MailBounced, true},
		{"bounced this time", []share.Feedback{{State: share.MailBounced}}, share.MailBounced, false},
		{"complained", []share.Feedback{{State: share.MailDelivered}, {State: share.MailComplained}}, share.MailComplained, true},
		{"out of order", []share.Feedback{{State: share.MailComplained}, {State: share.MailDelivered}}, share.MailComplained, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, sh, f := lettered(t)
			for range 2 { // at least once
				for _, say := range tt.states {
					f.State, f.Permanent = say.State, say.Permanent
					if err := s.Shares.Feedback(ctx, f); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := mailState(t, s); got != tt.want {
				t.Errorf("the link says %s, want %s", got, tt.want)
			}
			events, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 10})
			if err != nil || len(events) != 2+len(tt.states) {
				t.Errorf("%d events, %v, want %d", len(events), err, 2+len(tt.states))
			}
			res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test"))
			if err != nil {
				t.Fatal(err)
			}
			if refused := res.Deliveries[0].State == share.MailRejected; refused != tt.suppressed || refused != (res.Deliveries[0].Reason != "") {
				t.Errorf("the next mail: %+v, want suppressed %v", res.Deliveries[0], tt.suppressed)
			}
		})
	}
}

// hasty hears of a letter before its sender has noted that it is sent.
type hasty struct {
	share.Post
	hear func(l share.Letter)
}

func (h hasty) Send(ctx context.Context, letters []share.Letter) []share.Delivery {
	defer h.hear(letters[0])
	return h.Post.Send(ctx, letters)
}

func TestFeedbackBeforeTheRecord(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5})
	s.Shares.Post = hasty{s.Post, func(l share.Letter) {
		f := share.Feedback{
			ID: "m1", Organization: l.Tags["organization"], Mailing: l.Tags["mailing"], Recipient: l.To,
			State: share.MailDelivered, At: s.Clock.Now(),
		}
		if err := s.Shares.Feedback(ctx, f); err != nil {
			t.Error(err)
		}
	}}
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	if got := mailState(t, s); got != share.MailDelivered {
		t.Errorf("the link says %s", got)
	}
}

func TestFeedbackOfOthers(t *testing.T) {
	s, sh, f := lettered(t)
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	f.State, f.Permanent = share.MailBounced, true
	for name, change := range map[string]func(*share.Feedback){
		"another organization": func(f *share.Feedback) { f.Organization = rival.Organization },
		"another mailing":      func(f *share.Feedback) { f.Mailing = "nothing" },
		"another recipient":    func(f *share.Feedback) { f.Recipient = "b@x.test" },
		"nothing":              func(f *share.Feedback) { *f = share.Feedback{State: share.MailBounced} },
	} {
		odd := f
		change(&odd)
		if err := s.Shares.Feedback(ctx, odd); err != nil {
			t.Errorf("%s: %v: an event that is repeated for ever", name, err)
		}
	}
	if got := mailState(t, s); got != share.MailSent {
		t.Errorf("the link says %s", got)
	}
	if err := s.Files.Delete(ctx, s.Admin, sh.Target.FileID); err != nil {
		t.Fatal(err)
	}
	if err := s.Shares.Feedback(ctx, f); err != nil {
		t.Errorf("after the link is gone: %v", err)
	}
	if diff := cmp.Diff([]string(nil), suppressed(t, s)); diff != "" {
		t.Errorf("suppressed (-want +got):\n%s", diff)
	}
}

func suppressed(t *testing.T, s *fake.Stack) []string {
	t.Helper()
	got, err := s.Shares.Store.Suppressed(ctx, s.Admin.Organization, []string{"a@x.test", "b@x.test"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
