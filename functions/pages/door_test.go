package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// box keeps the registrations that are mailed.
type box struct{ mailed []account.Registration }

func (b *box) Register(_ context.Context, r account.Registration) { b.mailed = append(b.mailed, r) }

// TestDoor answers a browser that opens what was handed over, asks for a link
// to register with, registers and signs in. The log has the routes and no
// token.
func TestDoor(t *testing.T) {
	s := fake.NewStack(t, nil)
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	f, err := s.Files.CreateWithBody(t.Context(), s.Admin, file.New{
		Name: "manual.pdf", ContentType: "application/pdf", Kind: file.AssetDocument, Assets: []string{asset},
	}, []byte("%PDF-1.7"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Handovers.Share(t.Context(), s.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "rita@new.test", Base: "https://x.test"}); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(s.Post.Letters()[0].Links[0].URL, "https://x.test"+handover.PagePath(""))
	var log bytes.Buffer
	var post box
	h := functionWith(t, s, &log, &post)
	for _, step := range []struct{ event, want string }{{"door", "manual.pdf"}, {"ask", "Look into your mailbox"}, {"register", "You have registered"}, {"door", "administrator decides"}} {
		secret := token
		if step.event == "register" {
			if len(post.mailed) != 1 || post.mailed[0].User.Email != "rita@new.test" {
				t.Fatalf("mailed: %+v", post.mailed)
			}
			secret = strings.TrimPrefix(post.mailed[0].URL, "https://share.example.com/register/")
		}
		if got := invoke(t, h, step.event, secret); !strings.Contains(got, `"statusCode": 200`) || !strings.Contains(got, step.want) {
			t.Errorf("%s: %s", step.event, got)
		}
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s: the log has the token: %s", step.event, log.String())
		}
	}
	for _, want := range []string{`"route":"GET /s/{token}"`, `"route":"POST /s/{token}/register"`, `"route":"POST /register/{token}"`, string(share.Opened)} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
	// Accepted, they sign in, and find it listed.
	all, err := s.Accounts.Waiting(t.Context(), s.Admin)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if err := s.Handovers.Accept(t.Context(), s.Admin, all[0].ID, string(account.Technician), "https://x.test"); err != nil {
		t.Fatal(err)
	}
	in := invoke(t, h, "sign-in", "correct+horse+battery")
	session := regexp.MustCompile(`latchkey_session=([^;]+); Path=/sign-in; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax`).FindStringSubmatch(in)
	if session == nil || !strings.Contains(in, `"statusCode": 303`) {
		t.Fatalf("sign-in: %s", in)
	}
	if got := invoke(t, h, "received", session[1]); !strings.Contains(got, "manual.pdf") {
		t.Errorf("received: %s", got)
	}
	if strings.Contains(log.String(), session[1]) {
		t.Errorf("the log has the session: %s", log.String())
	}
}
