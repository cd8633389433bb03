package share_test

import (
	"context"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// prompt is a table where something happens before each commit that notes
// what became of mails.
type prompt struct {
	table.Engine
	before func()
}

func (p *prompt) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	for _, op := range ops {
		if before := p.before; before != nil && op.Update != nil && op.Update.Set["mail"] != nil {
			p.before = nil
			before()
			p.before = before
			break
		}
	}
	return p.Engine.Commit(ctx, writer, ops...)
}

// TestFeedbackBeforeItIsNotedThatAMailWasSent: mail that is delivered at once,
// one after the other, was sent all the same.
func TestFeedbackBeforeItIsNotedThatAMailWasSent(t *testing.T) {
	var p *prompt
	s := fake.NewStack(t, func(e table.Engine) table.Engine { p = &prompt{Engine: e}; return p })
	f := s.Upload(t, s.Admin, "minutes.pdf", "application/pdf", []byte("%PDF-1.7"))
	sh, _ := s.Link(t, s.Admin, share.New{FileID: f.ID})
	told := 0
	p.before = func() {
		letters := s.Post.Letters()
		if told == len(letters) {
			return
		}
		l := letters[told]
		told++
		if err := s.Shares.Feedback(ctx, share.Feedback{
			ID: l.To, Organization: l.Tags["organization"], Mailing: l.Tags["mailing"], Recipient: l.To, State: share.MailDelivered, At: s.Clock.Now(),
		}); err != nil {
			t.Error(err)
		}
	}
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test", "b@x.test", "c@x.test"))
	if err != nil || res.Unrecorded != nil || told != 3 {
		t.Fatalf("%+v, %v, after %d were told of", res, err, told)
	}
	events, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range events {
		counts[e.Reason]++
	}
	if counts["sent"] != 3 || counts["delivered"] != 3 {
		t.Errorf("the trail has %v", counts)
	}
}
