package sweetconnect_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/fake"
	"latchkey/shared/fake/openapi"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

var ctx = context.Background()

const (
	origin = "https://share.example.com"
	asset  = "a1b2c3d4-e5f6-7890-a012-3456789abcde" // the published sample's
	nobody = "00000000-0000-0000-0000-000000000000"
)

// site is the dialect over a stack. Every answer is held against openapi.yaml
// and this API's envelopes.
type site struct {
	*fake.Stack
	client *fake.Client
	spec   *openapi.Document
}

func newSite(t testing.TB) *site { return newSiteOver(t, nil) }

// newSiteOver is newSite with something around the table.
func newSiteOver(t testing.TB, wrap func(table.Engine) table.Engine) *site {
	t.Helper()
	s := &site{Stack: fake.NewStack(t, wrap), spec: openapi.Load(t, "Error")}
	api := sweetconnect.API{Accounts: s.Accounts, Handovers: s.Handovers, Files: s.Files, Sessions: s.Accounts, Origin: origin}
	s.client = &fake.Client{Handler: dialect.Service{Face: sweetconnect.Face, Log: slog.New(slog.DiscardHandler), Now: s.Clock.Now}.Handler(api.Routes()...)}
	return s
}

// as calls with a key, "" for none.
func (s *site) as(t testing.TB, key, call, body string, header ...string) fake.Answer {
	t.Helper()
	if key != "" {
		header = append(header, "Authorization", "Bearer "+key)
	}
	a := s.client.Do(t, call, body, header...)
	method, target, _ := strings.Cut(call, " ")
	checkEnvelope(t, call, a)
	s.spec.Check(t, method, strings.TrimPrefix(target, "/api/storage"), openapi.Answer{Status: a.Status, ContentType: a.Header.Get("Content-Type"), Body: a.Body})
	return a
}

// checkEnvelope checks that a success is {data} or empty and that a failure is
// {errors} with an extension in each.
//
// contract: SC-32, SC-33
func checkEnvelope(t testing.TB, call string, a fake.Answer) {
	t.Helper()
	var e struct {
		Data   *json.RawMessage
		Errors *[]struct {
			ErrorCode, Message string
			Extension          *map[string]any
		}
	}
	if a.Status == 204 && a.Body == "" || strings.HasPrefix(call, "HEAD ") {
		return
	}
	err := json.Unmarshal([]byte(a.Body), &e)
	switch {
	case err != nil || (e.Data == nil) == (e.Errors == nil) || (a.Status < 400) != (e.Data != nil):
		t.Errorf("%s: %d %s", call, a.Status, a.Body)
	case e.Errors != nil:
		for _, one := range *e.Errors {
			if one.ErrorCode == "" || one.Message == "" || one.Extension == nil {
				t.Errorf("%s: %d %s", call, a.Status, a.Body)
			}
		}
	}
}

// owner calls as the admin.
func (s *site) owner(t testing.TB, call, body string, header ...string) fake.Answer {
	t.Helper()
	return s.as(t, s.Key, call, body, header...)
}

// want fails unless an answer has a status and all of some texts.
func want(t testing.TB, what string, a fake.Answer, status int, parts ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%s: %d %s, want %d", what, a.Status, strings.TrimSpace(a.Body), status)
		return
	}
	for _, p := range parts {
		if !strings.Contains(a.Body, p) {
			t.Errorf("%s: %s, want %s in it", what, strings.TrimSpace(a.Body), p)
		}
	}
}

// document uploads a document of the asset.
func (s *site) document(t testing.TB, name string) file.File {
	t.Helper()
	return s.upload(t, s.Admin, file.New{Name: name, Kind: file.AssetDocument, Assets: []string{asset}})
}

func (s *site) upload(t testing.TB, who account.Principal, n file.New) file.File {
	t.Helper()
	f, err := s.Files.CreateWithBody(ctx, who, n, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// member invites somebody and returns their key.
func (s *site) member(t testing.TB, role account.Role) string {
	t.Helper()
	u, err := s.Accounts.Invite(ctx, s.Admin, account.NewUser{Email: string(role) + "@acme.test", Role: string(role)})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := s.Accounts.CreateKey(ctx, s.Admin, "k", u.Email, account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// handed shares a document with somebody new, who registers if they are to,
// and returns its id, the share's and the recipient's.
func (s *site) handed(t testing.TB, email string, registers bool) (fileID, shareID, userID string) {
	t.Helper()
	f := s.document(t, "Manual of "+email+".pdf")
	want(t, "share", s.owner(t, "POST /v1/shares/"+f.ID, `{"recipientEmail":"`+email+`","assetId":"`+asset+`"}`), 201)
	all, _, err := s.Handovers.Sent(ctx, s.Admin, 1, 1)
	if err != nil || all[0].RecipientEmail != email {
		t.Fatalf("%+v, %v", all, err)
	}
	userID = all[0].Recipient
	if registers {
		s.register(t, userID)
	}
	return f.ID, all[0].ID, userID
}

// register makes an invited user wait.
func (s *site) register(t testing.TB, userID string) {
	t.Helper()
	token, err := s.Accounts.InviteToRegister(ctx, userID)
	if err == nil {
		_, err = s.Accounts.Register(ctx, token, "Rita Recipient", "correct horse battery", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
}
