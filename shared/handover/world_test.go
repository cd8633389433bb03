package handover_test

import (
	"context"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

var ctx = context.Background()

const (
	base  = "https://share.example.com"
	asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde" // as in the published sample
	other = "a1b2c3d4-e5f6-4789-a012-3456789abcd0"
)

// world is a stack with handovers, and somebody of another organization.
type world struct {
	*fake.Stack
	rival account.Principal
}

func newWorld(t testing.TB, wrap func(table.Engine) table.Engine) *world {
	t.Helper()
	w := &world{Stack: fake.NewStack(t, wrap)}
	_, w.rival = w.Organization(t, "Rival", "admin@rival.test")
	return w
}

// document uploads a document of assets.
func (w *world) document(t testing.TB, name string, assets ...string) file.File {
	t.Helper()
	return w.upload(t, w.Admin, file.New{Name: name, ContentType: "application/pdf", Kind: file.AssetDocument, Assets: assets})
}

func (w *world) upload(t testing.TB, who account.Principal, n file.New) file.File {
	t.Helper()
	f, err := w.Files.CreateWithBody(ctx, who, n, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// member invites somebody to the admin's organization, and is them.
func (w *world) member(t testing.TB, role account.Role) account.Principal {
	t.Helper()
	u, err := w.Accounts.Invite(ctx, w.Admin, account.NewUser{Email: string(role) + "@acme.test", Role: string(role)})
	if err != nil {
		t.Fatal(err)
	}
	return account.Principal{Organization: u.Organization, User: u.ID, Email: u.Email, Name: u.Name, Role: role}
}

// share hands f over as the admin, for the asset, and returns the token that
// was mailed.
func (w *world) share(t testing.TB, f file.File, email string) (handover.Handover, string) {
	t.Helper()
	h, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: email, Message: "Have a look.", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return h, w.mailed(t)
}

// mailed returns the token of the letter that was sent last.
func (w *world) mailed(t testing.TB) string {
	t.Helper()
	all := w.Post.Letters()
	if len(all) == 0 {
		t.Fatal("no letter was sent")
	}
	token, ok := strings.CutPrefix(all[len(all)-1].Links[0].URL, base+"/s/")
	if !ok {
		t.Fatalf("the letter has %s", all[len(all)-1].Links[0].URL)
	}
	return token
}

// register makes an invited user wait.
func (w *world) register(t testing.TB, userID string) {
	t.Helper()
	token, err := w.Accounts.InviteToRegister(ctx, userID)
	if err == nil {
		_, err = w.Accounts.Register(ctx, token, "Rita Recipient", "correct horse battery", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kindOf is "" for no error.
func kindOf(err error) fault.Kind {
	if err == nil {
		return ""
	}
	return fault.As(err).Kind
}

var visit = share.Visit{RequestID: "r", From: "192.0.2.9", Agent: "Mozilla/5.0"}
