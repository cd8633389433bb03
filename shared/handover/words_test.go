package handover_test

import (
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// TestTitle: people are told what the owner calls the document; what they
// download is called as the file is.
//
// contract: SC-09, SC-10
func TestTitle(t *testing.T) {
	w := newWorld(t, nil)
	f := w.upload(t, w.Admin, file.New{
		Name: "m-4711.zip", Kind: file.AssetDocument, Assets: []string{asset}, About: file.About{DisplayName: "Manual of the filling line"},
	})
	_, token := w.share(t, f, "r@new.test")
	letters := w.Post.Letters()
	v, err := w.Handovers.Follow(ctx, token)
	if err != nil || v.Handover.Title != f.DisplayName || letters[0].Links[0].Name != f.DisplayName {
		t.Errorf("%q, in the mail %q, %v", v.Handover.Title, letters[0].Links[0].Name, err)
	}
	url, err := w.Handovers.Download(ctx, token, account.Principal{}, visit)
	if err != nil || !strings.Contains(url, "m-4711.zip") {
		t.Errorf("%s, %v", url, err)
	}
	plain, _ := w.share(t, w.document(t, "plain.pdf", asset), "r@new.test")
	if h, err := w.Handovers.Store.ByID(ctx, plain.Organization, plain.ID); err != nil || h.Title != "plain.pdf" {
		t.Errorf("without a display name: %q, %v", h.Title, err)
	}
}

// TestLetterSaysWhatTheLinkAsks: of a recipient who is new, who has registered
// and waits, who was accepted, and who was a user before.
//
// contract: SC-10, SC-15, SC-18
func TestLetterSaysWhatTheLinkAsks(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "manual.pdf", asset)
	said := func(what, email string, want share.Need) handover.Handover {
		t.Helper()
		h, _ := w.share(t, f, email)
		all := w.Post.Letters()
		if got := all[len(all)-1].Links[0].Need; got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		return h
	}
	rita := said("new", "rita@new.test", share.Nothing)
	said("new, again", "rita@new.test", share.Nothing)
	w.register(t, rita.Recipient)
	said("waits", "rita@new.test", share.Decision)
	if err := w.Handovers.Accept(ctx, w.Admin, rita.Recipient, string(account.Technician), base); err != nil {
		t.Fatal(err)
	}
	said("accepted", "rita@new.test", share.SignIn)
	said("a colleague", w.member(t, account.Technician).Email, share.SignIn)
}
