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
	"latchkey/shared/mail"
	"latchkey/shared/mail/letter"
)

func registering(j account.Joining) account.Registration {
	return account.Registration{
		User: account.User{ID: "user-1", Organization: "org-1", Email: "rita@example.org", Joining: j},
		URL:  "https://share.example.com/register/0123456789abcdefghijklmnopq",
	}
}

func TestRegistrationGolden(t *testing.T) {
	for name, joining := range map[string]account.Joining{"register": account.Invited, "password": account.Accepted} {
		subject, html, text := letter.ComposeRegistration(registering(joining))
		fake.Golden(t, name+".golden.html", html)
		fake.Golden(t, name+".golden.txt", "Subject: "+subject+"\n\n"+text)
	}
}

// FuzzComposeRegistration: whatever an address is, the mail keeps its form.
func FuzzComposeRegistration(f *testing.F) {
	f.Add("rita@example.org")
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, to string) {
		r := registering(account.Invited)
		r.User.Email = to
		subject, html, text := letter.ComposeRegistration(r)
		if strings.ContainsAny(subject, "\r\n") {
			t.Errorf("subject: %q", subject)
		}
		for _, tag := range element.FindAllString(html, -1) {
			if !known.MatchString(tag) || handler.MatchString(tag) {
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

func TestRegister(t *testing.T) {
	var log bytes.Buffer
	m := &mailer{answers: []mail.Result{{State: mail.Sent}}}
	p := letter.Invitations{
		Mail: m, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Suppressed: func(_ context.Context, organization string, addresses []string) ([]string, error) {
			return slices.DeleteFunc(addresses, func(a string) bool { return organization != "org-1" || a != "bounced@example.org" }), nil
		},
	}
	r := registering(account.Invited)
	p.Register(t.Context(), r)
	subject, html, text := letter.ComposeRegistration(r)
	want := []mail.Message{{To: r.User.Email, Subject: subject, HTML: html, Text: text, Tags: map[string]string{"organization": "org-1"}}}
	if diff := cmp.Diff(want, m.got); diff != "" || log.Len() > 0 {
		t.Errorf("messages (-want +got):\n%s%s", diff, log.String())
	}
	m.got, r.User.Email = nil, "bounced@example.org"
	p.Register(t.Context(), r)
	if s := log.String(); m.got != nil || strings.Count(s, "\n") != 1 || strings.Contains(s, "bounced@") || strings.Contains(s, "/register/") {
		t.Errorf("suppressed: mailed %v, the log has %s", m.got, s)
	}
}
