package recording_test

import (
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/store"
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

// TestLinksFromBeforeItWasHidden: who does not see a recording any more sees
// none of the links to its media and documents that were made before, cannot
// mail them, and learns from no event whom they are for.
//
// contract: SX-172
func TestLinksFromBeforeItWasHidden(t *testing.T) {
	w := newWorld(t)
	bob := account.Principal{Organization: w.Admin.Organization, User: "b", Email: "bob@acme.test", Role: account.Producer}
	ann := bob
	ann.Email = "ann@acme.test"
	r, err := w.Recordings.Create(ctx, bob, recording.NewRecording{Language: "en"})
	if err == nil {
		r, err = w.Recordings.PutMedia(ctx, bob, r, []byte("RIFF0000WAVEfmt "))
	}
	if err != nil {
		t.Fatal(err)
	}
	open, _ := w.Link(t, bob, share.New{FileID: w.Upload(t, bob, "a.pdf", "application/pdf", []byte("%PDF")).ID})
	w.Memory.Record(w.Clock.Now)
	var links []share.Share
	for _, limit := range []int64{5, 65} {
		sh, token := w.Link(t, bob, share.New{FileID: r.FileID, Limit: limit})
		if _, err := w.Shares.Follow(ctx, token, share.Visit{RequestID: "r", From: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
		links = append(links, sh)
	}
	mail := share.MailRequest{Numbers: []int64{open.Number, links[0].Number}, Recipients: []string{"eve@other.test"}, Base: "https://x.test"}
	if _, err := w.Shares.Mail(ctx, bob, mail); err != nil {
		t.Fatal(err)
	}
	a := w.find(t, r.ID)
	read, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Secret")})
	if a.Document = read.Document; err == nil {
		_, err = w.Recordings.MailDocument(ctx, a, []string{"mallory@other.test"}, "", "https://x.test")
	}
	if err == nil {
		_, err = w.Recordings.ShareWith(ctx, a, recording.Sharing{Email: "trent@other.test", Base: "https://x.test"})
	}
	if err == nil {
		err = w.Shares.RecordEvents(ctx, store.ClaimEvents(w.Memory.Changes()))
	}
	if err != nil {
		t.Fatal(err)
	}
	folder := w.folder(t, "Board", "", recording.Restricted, ann.Email)
	if _, err := w.Recordings.Update(ctx, a, recording.Change{FolderID: &folder.ID}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		who                    account.Principal
		links, events, letters int // letters: the links in one
	}{{ann, 9, 11, 2}, {bob, 3, 3, 1}} { // bob also what ann has mailed of the other file
		who := want.who
		list, _, err := w.Shares.List(ctx, who, share.Filter{}, file.Page{Limit: 100})
		if err != nil || len(list) != want.links {
			t.Errorf("%s sees %d links, %v", who.Email, len(list), err)
		}
		events, _, err := w.Shares.Events(ctx, who, "", file.Page{Limit: 100})
		if err != nil || len(events) != want.events {
			t.Errorf("%s sees %d events, %v", who.Email, len(events), err)
		}
		if _, err := w.Shares.Mail(ctx, who, mail); err != nil {
			t.Error(err)
		}
		sent := w.Post.Letters()
		if last := sent[len(sent)-1]; len(last.Links) != want.letters {
			t.Errorf("%s mails %+v", who.Email, last)
		}
	}
	for _, sh := range links {
		_, _, get := w.Shares.Get(ctx, bob, sh.ID)
		_, _, events := w.Shares.Events(ctx, bob, sh.ID, file.Page{Limit: 100})
		_, mail := w.Shares.Mail(ctx, bob, share.MailRequest{Numbers: []int64{sh.Number}, Recipients: []string{"eve@other.test"}})
		for what, err := range map[string]error{"the link": get, "its trail": events, "mailing it": mail} {
			kind(t, what, err, fault.NotFound)
		}
		if got, _, err := w.Shares.Events(ctx, ann, sh.ID, file.Page{Limit: 100}); err != nil || len(got) < 2 {
			t.Errorf("%+v, %v", got, err)
		}
	}
}
