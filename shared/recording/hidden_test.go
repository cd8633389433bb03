package recording_test

import (
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// TestHiddenByOtherNames: who does not see a recording neither gets at it by
// its media, nor by the links that others have to it.
//
// contract: SX-172
func TestHiddenByOtherNames(t *testing.T) {
	w := newWorld(t)
	folder := w.folder(t, "Board", "", recording.Restricted, "ann@acme.test")
	r, err := w.Recordings.Create(ctx, w.Admin, recording.NewRecording{Language: "en", FolderID: folder.ID, Publish: true})
	if err == nil {
		r, err = w.Recordings.PutMedia(ctx, w.Admin, r, []byte("RIFF0000WAVEfmt "))
	}
	if err != nil {
		t.Fatal(err)
	}
	links := func(who account.Principal) []share.Listed {
		list, _, err := w.Shares.List(ctx, who, share.Filter{Kind: share.Public}, file.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	f, err := w.Files.Get(ctx, w.Admin, r.FileID)
	public := links(w.Admin)
	if err != nil || len(public) != 1 {
		t.Fatal(f, public, err)
	}
	for email, sees := range map[string]bool{"ann@acme.test": true, "bob@acme.test": false} {
		who := account.Principal{Organization: w.Admin.Organization, User: "u", Email: email, Role: account.Producer}
		files, _, err := w.Files.List(ctx, who, file.Page{Limit: 100})
		if err != nil || (len(files) == 1) != sees || (len(links(who)) == 1) != sees {
			t.Error(email, files, links(who), err)
		}
		_, byID := w.Files.Get(ctx, who, f.ID)
		_, byNumber := w.Files.ByMediaID(ctx, who, f.MediaID)
		_, _, link := w.Shares.Get(ctx, who, public[0].ID)
		if sees {
			if byID != nil || byNumber != nil || link != nil {
				t.Error(email, byID, byNumber, link)
			}
			continue
		}
		kind(t, "file", byID, fault.NotFound)
		kind(t, "file by its number", byNumber, fault.NotFound)
		kind(t, "link", link, fault.NotFound)
		kind(t, "deleting the file", w.Files.Delete(ctx, who, f.ID), fault.NotFound)
		_, err = w.Shares.Revoke(ctx, who, public[0].ID)
		kind(t, "revoking the link", err, fault.NotFound)
	}
}

// TestLinksByRole: nobody is shown a link that can do more than they may.
//
// contract: SX-175
func TestLinksByRole(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Recordings.ShareWith(ctx, w.own(t, ""), recording.Sharing{Email: "ann@other.test", Edit: true, Base: "https://x.test"}); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[account.Role]bool{account.ViewOnly: false, account.Editor: true, account.TeamMember: true} {
		who := account.Principal{Organization: w.Admin.Organization, User: "u", Role: role}
		list, _, err := w.Shares.List(ctx, who, share.Filter{Kind: share.Recipient}, file.Page{Limit: 100})
		if err != nil || len(list) != 1 || (list[0].Token != "") != want {
			t.Error(role, list, err)
		}
	}
}
