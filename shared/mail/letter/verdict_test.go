package letter_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/handover"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
)

func decided(accepted bool) handover.Verdict {
	return handover.Verdict{
		Recipient: account.User{ID: "user-1", Organization: "org-1", Email: "rita@example.org", Role: account.SalesAgent},
		Accepted:  accepted, Organization: "org-1", Base: "https://share.example.com",
		By: account.Principal{Name: "Ann Admin", Email: "ann@acme.test"},
	}
}

// TestVerdictGolden: the mails of those who are accepted and declined.
//
// contract: FF-19, FF-20
func TestVerdictGolden(t *testing.T) {
	for name, accepted := range map[string]bool{"welcome": true, "decline": false} {
		subject, html, text := letter.ComposeVerdict(decided(accepted))
		fake.Golden(t, name+".golden.html", html)
		fake.Golden(t, name+".golden.txt", "Subject: "+subject+"\n\n"+text)
	}
}

// TestWelcomeLeadsToSignIn: both parts of the welcome have the address of the
// page, and neither of the refusal.
//
// contract: FF-19, FF-20
func TestWelcomeLeadsToSignIn(t *testing.T) {
	for _, accepted := range []bool{true, false} {
		_, html, text := letter.ComposeVerdict(decided(accepted))
		if strings.Contains(html, `href="https://share.example.com/sign-in"`) != accepted || strings.Contains(text, "\nhttps://share.example.com/sign-in\n") != accepted {
			t.Errorf("accepted %v: %s", accepted, text)
		}
	}
}

// FuzzComposeVerdict: whatever people are called, the mail keeps its form, and
// it has no link but the one to sign in.
func FuzzComposeVerdict(f *testing.F) {
	f.Add("Ann", "rita@example.org", "ann@acme.test", true)
	f.Add(hostile, hostile, hostile, true)
	f.Add("", "", "", false)
	f.Fuzz(func(t *testing.T, by, to, reply string, accepted bool) {
		v := decided(accepted)
		v.By.Name, v.By.Email, v.Recipient.Email = by, reply, to
		subject, html, text := letter.ComposeVerdict(v)
		if n := utf8.RuneCountInString(subject); n > 140 || strings.ContainsAny(subject, "\r\n\x00\u202e") {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		for _, tag := range element.FindAllString(html, -1) {
			if !known.MatchString(tag) || handler.MatchString(tag) || strings.Contains(tag, "href") && !strings.Contains(tag, `href="https://share.example.com/sign-in"`) {
				t.Errorf("html has %s", tag)
			}
		}
		for form, got := range map[string]string{"html": html, "text": text} {
			if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00\u202e") {
				t.Errorf("%s has characters that deceive", form)
			}
		}
	})
}

// contract: FF-19, FF-20
func TestTell(t *testing.T) {
	var log bytes.Buffer
	m := &mailer{answers: []mail.Result{{State: mail.Sent}}}
	p := letter.Invitations{
		Mail: m, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Suppressed: func(_ context.Context, organization string, addresses []string) ([]string, error) {
			return slices.DeleteFunc(addresses, func(a string) bool { return organization != "org-1" || a != "bounced@example.org" }), nil
		},
	}
	v := decided(true)
	p.Tell(t.Context(), v)
	subject, html, text := letter.ComposeVerdict(v)
	want := []mail.Message{{To: v.Recipient.Email, ReplyTo: "ann@acme.test", Subject: subject, HTML: html, Text: text, Tags: map[string]string{"organization": "org-1"}}}
	if diff := cmp.Diff(want, m.got); diff != "" || log.Len() > 0 {
		t.Errorf("messages (-want +got):\n%s%s", diff, log.String())
	}
	m.got, v.Recipient.Email = nil, "bounced@example.org"
	p.Tell(t.Context(), v)
	if s := log.String(); m.got != nil || strings.Count(s, "\n") != 1 || strings.Contains(s, "bounced@") {
		t.Errorf("suppressed: mailed %v, the log has %s", m.got, s)
	}
}
