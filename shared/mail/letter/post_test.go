package letter_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
	"latchkey/shared/share"
)

// mailer answers in a row and keeps what it was given.
type mailer struct {
	answers []mail.Result
	got     []mail.Message
}

func (m *mailer) Send(_ context.Context, messages []mail.Message) []mail.Result {
	m.got = messages
	return m.answers
}

func TestPost(t *testing.T) {
	var log bytes.Buffer
	m := &mailer{answers: []mail.Result{
		{State: mail.Sent, MessageID: "1"},
		{State: mail.Rejected, Reason: "refused", Cause: errors.New("MESSAGE_REJECTED")},
		{State: mail.Throttled, Reason: "busy"},
		{State: mail.Unknown, Reason: "no answer", Cause: errors.New("timeout")},
		{State: "new"},
	}}
	p := letter.Post{Mail: m, Log: slog.New(slog.NewJSONHandler(&log, nil))}
	l := letters()["one"]
	l.Tags = map[string]string{"organization": "org-1", "mailing": "mailing-1"}
	got := p.Send(t.Context(), []share.Letter{l, l, l, l, l, l})
	want := []share.Delivery{
		{State: share.MailSent},
		{State: share.MailRejected, Reason: "refused"},
		{State: share.MailQueued, Reason: "busy"},
		{State: share.MailUnknown, Reason: "no answer"},
		{State: share.MailUnknown}, {State: share.MailUnknown},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	subject, html, text := letter.Compose(l)
	message := mail.Message{To: l.To, ReplyTo: l.ReplyTo, Subject: subject, HTML: html, Text: text, Tags: l.Tags}
	if diff := cmp.Diff(message, m.got[0]); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if n := strings.Count(log.String(), `"mailing":"mailing-1"`); n != 4 || strings.Contains(log.String(), l.To) || strings.Contains(log.String(), url) {
		t.Errorf("log has %d lines, want 4 that tell no recipient and no link: %s", n, log.String())
	}
}

// TestManyLinksFitOneMail: SES and mail programs have limits, and the API
// has none on the links of one mail.
func TestManyLinksFitOneMail(t *testing.T) {
	l := letters()["one"]
	for range 300 {
		l.Links = append(l.Links, l.Links[0])
	}
	_, html, _ := letter.Compose(l)
	if len(html) > 102_000 {
		t.Errorf("html of 301 links has %d bytes; Gmail cuts what is over 102 kB", len(html))
	}
	if n := strings.Count(html, url); n != 301 {
		t.Errorf("html has %d links, want 301", n)
	}
}
