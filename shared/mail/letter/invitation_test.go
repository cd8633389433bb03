package letter_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
)

func invited() account.Invitation {
	return account.Invitation{
		To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test",
		Organization: account.Organization{ID: "org-1", Name: "Acme & Sons"}, Role: account.TeamLead, Base: "https://share.example.com",
	}
}

func TestInvitationGolden(t *testing.T) {
	subject, html, text := letter.ComposeInvitation(invited())
	fake.Golden(t, "invitation.golden.html", html)
	fake.Golden(t, "invitation.golden.txt", "Subject: "+subject+"\n\n"+text)
}

// FuzzComposeInvitation: whatever people write, the mail keeps its form, and it
// has no link.
func FuzzComposeInvitation(f *testing.F) {
	f.Add("Ann", "Acme", "bob@example.org", "ann@acme.test", "https://share.example.com")
	f.Add(hostile, hostile, hostile, hostile, hostile)
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, sender, organization, to, reply, base string) {
		subject, html, text := letter.ComposeInvitation(account.Invitation{
			To: to, Sender: sender, ReplyTo: reply, Organization: account.Organization{Name: organization}, Role: account.Editor, Base: base,
		})
		if n := utf8.RuneCountInString(subject); n > 140 || strings.ContainsAny(subject, "\r\n\x00\u202e") {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		for _, tag := range element.FindAllString(html, -1) {
			if !known.MatchString(tag) || handler.MatchString(tag) || strings.Contains(tag, "href") {
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

func TestInvite(t *testing.T) {
	var log bytes.Buffer
	m := &mailer{answers: []mail.Result{{State: mail.Sent}}}
	down := error(nil)
	p := letter.Invitations{
		Mail: m, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Suppressed: func(_ context.Context, organization string, addresses []string) ([]string, error) {
			return slices.DeleteFunc(addresses, func(a string) bool { return organization != "org-1" || a != "bounced@example.org" }), down
		},
	}
	i := invited()
	if err := p.Invite(t.Context(), i); err != nil {
		t.Error(err)
	}
	subject, html, text := letter.ComposeInvitation(i)
	want := []mail.Message{{To: i.To, ReplyTo: i.ReplyTo, Subject: subject, HTML: html, Text: text, Tags: map[string]string{"organization": "org-1"}}}
	if diff := cmp.Diff(want, m.got); diff != "" || log.Len() > 0 {
		t.Errorf("messages (-want +got):\n%s%s", diff, log.String())
	}
	for name, set := range map[string]func(){
		"refused": func() {
			m.answers = []mail.Result{{State: mail.Rejected, Reason: "refused", Cause: errors.New("no " + i.To)}}
		},
		"no answer":     func() { m.answers = nil },
		"suppressed":    func() { i.To = "bounced@example.org" },
		"nobody to ask": func() { down = errors.New("down") },
	} {
		log.Reset()
		m.got = nil
		set()
		if err := p.Invite(t.Context(), i); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "@example.org") || strings.HasSuffix(err.Error(), ": ") {
			t.Errorf("%s: %v", name, err)
		}
		if s := log.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, `"organization":"org-1"`) || strings.Contains(s, "@example.org") {
			t.Errorf("%s: the log has %s", name, s)
		}
		if down != nil || i.To == "bounced@example.org" {
			if m.got != nil {
				t.Errorf("%s: it was mailed", name)
			}
		}
		i, down = invited(), nil
	}
}
