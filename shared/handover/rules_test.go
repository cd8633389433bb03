package handover_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// TestRoles: every role does every operation on what is its own, its
// colleague's, another organization's and nobody's.
//
// contract: SC-21, SC-22, SC-35, FF-22
func TestRoles(t *testing.T) {
	w := newWorld(t, nil)
	own, foreign := w.document(t, "own.pdf", asset), w.upload(t, w.rival, file.New{Name: "foreign.pdf", Kind: file.AssetDocument, Assets: []string{asset}})
	theirs, err := w.Handovers.Share(ctx, w.rival, handover.New{FileID: foreign.ID, AssetID: asset, Email: "x@foreign.test", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	w.register(t, theirs.Recipient)
	sharers := []account.Role{account.Admin, account.ProducerAdmin, account.ProducerUser, account.SalesAgent}
	deciders := sharers[:2]
	const nobody = "00000000-0000-4000-8000-000000000000"
	for _, role := range account.Roles() {
		if role == account.Disabled {
			continue // Authenticate refuses them; the domain does too: see below
		}
		who := w.Admin
		if role != account.Admin {
			who = w.member(t, role)
		}
		want := func(what string, may bool, err error, kind fault.Kind) {
			t.Helper()
			if !may {
				kind = fault.Forbidden
			}
			if kindOf(err) != kind {
				t.Errorf("%s %s: %v, want %q", role, what, err, kind)
			}
		}
		shares, decides := slices.Contains(sharers, role), slices.Contains(deciders, role)
		for name, target := range map[string]struct {
			file string
			kind fault.Kind
		}{"own": {own.ID, ""}, "foreign": {foreign.ID, fault.NotFound}, "nobody's": {nobody, fault.NotFound}} {
			_, err := w.Handovers.Share(ctx, who, handover.New{FileID: target.file, AssetID: asset, Email: "r@new.test", Base: base})
			want("shares a file: "+name, shares, err, target.kind)
		}
		_, _, err := w.Handovers.Sent(ctx, who, 1, 10)
		want("lists", shares, err, "")
		mine, err := w.Handovers.Share(ctx, who, handover.New{FileID: own.ID, AssetID: asset, Email: "m@new.test", Base: base})
		want("shares", shares, err, "")
		colleagues, _ := w.share(t, own, string(role)+"-c@new.test")
		want("revokes a colleague's", shares, w.Handovers.Revoke(ctx, who, colleagues.ID), map[bool]fault.Kind{false: fault.NotFound}[decides])
		want("revokes a foreign one", shares, w.Handovers.Revoke(ctx, who, theirs.ID), fault.NotFound)
		want("revokes nobody's", shares, w.Handovers.Revoke(ctx, who, nobody), fault.NotFound)
		if mine.ID != "" {
			want("revokes their own", shares, w.Handovers.Revoke(ctx, who, mine.ID), "")
		}
		for name, organization := range map[string]string{"own": who.Organization, "foreign": w.rival.Organization, "nobody's": nobody} {
			_, err := w.Handovers.Pending(ctx, who, organization)
			want("asks who waits: "+name, decides && name == "own", err, "")
		}
		for name, decide := range map[string]func(id string) error{
			"accept":  func(id string) error { return w.Handovers.Accept(ctx, who, id, "technician", base) },
			"decline": func(id string) error { return w.Handovers.Decline(ctx, who, id, base) },
		} {
			h, _ := w.share(t, own, string(role)+"-"+name+"@new.test")
			want(name+"s one who has not registered", decides, decide(h.Recipient), fault.Conflict)
			w.register(t, h.Recipient)
			want(name+"s", decides, decide(h.Recipient), "")
			want(name+"s a colleague", decides, decide(w.Admin.User), fault.Conflict)
			want(name+"s a foreign one", decides, decide(theirs.Recipient), fault.NotFound)
			want(name+"s nobody", decides, decide(nobody), fault.NotFound)
		}
	}
	if _, err := w.Handovers.Share(ctx, account.Principal{Organization: w.Admin.Organization, Role: account.Disabled}, handover.New{FileID: own.ID}); kindOf(err) != fault.Forbidden {
		t.Errorf("disabled: %v", err)
	}
}

// TestWhatMayBeShared: asset documents with one of their assets, maintenance
// files with or without any.
//
// contract: SC-07, SC-11, SC-12, SC-35
func TestWhatMayBeShared(t *testing.T) {
	w := newWorld(t, nil)
	document := w.document(t, "d.pdf", asset)
	w.document(t, "e.pdf", other)
	maintenance := w.upload(t, w.Admin, file.New{Name: "m.pdf", Kind: file.MaintenanceFile})
	seller := w.member(t, account.SalesAgent) // who may the least of those who share
	const unknown = "00000000-0000-4000-8000-000000000000"
	general := w.upload(t, w.Admin, file.New{Name: "g.pdf"})
	media := w.upload(t, w.Admin, file.New{Name: "g.mp3", Kind: file.Media})
	for name, tt := range map[string]struct {
		n      handover.New
		kind   fault.Kind
		entity string
		field  string
	}{
		"a document":                    {handover.New{FileID: document.ID, AssetID: asset}, "", "", ""},
		"ids in capitals":               {handover.New{FileID: strings.ToUpper(document.ID), AssetID: strings.ToUpper(asset)}, "", "", ""},
		"a document without its asset":  {handover.New{FileID: document.ID}, fault.Missing, "", "assetId"},
		"another asset":                 {handover.New{FileID: document.ID, AssetID: other}, fault.Invalid, "Document", ""},
		"an unknown asset":              {handover.New{FileID: document.ID, AssetID: unknown}, fault.NotFound, "", ""},
		"no asset's id":                 {handover.New{FileID: document.ID, AssetID: "1"}, fault.Invalid, "", "assetId"},
		"a maintenance file":            {handover.New{FileID: maintenance.ID}, "", "", ""},
		"a maintenance file and asset":  {handover.New{FileID: maintenance.ID, AssetID: asset}, "", "", ""},
		"a file of no kind":             {handover.New{FileID: general.ID, AssetID: asset}, fault.Invalid, "Document", ""},
		"a media":                       {handover.New{FileID: media.ID, AssetID: asset}, fault.Invalid, "Document", ""},
		"no file's id":                  {handover.New{FileID: "1", AssetID: asset}, fault.Invalid, "", "fileId"},
		"nobody":                        {handover.New{FileID: document.ID, AssetID: asset, Email: "-"}, fault.Missing, "", "recipientEmail"},
		"no address":                    {handover.New{FileID: document.ID, AssetID: asset, Email: "nobody"}, fault.Invalid, "", "recipientEmail"},
		"a second line in the address":  {handover.New{FileID: document.ID, AssetID: asset, Email: "a@b.test\r\nBcc: c@d.test"}, fault.Invalid, "", "recipientEmail"},
		"a message that is too long":    {handover.New{FileID: document.ID, AssetID: asset, Message: strings.Repeat("ü", 2001)}, fault.Invalid, "", "message"},
		"a message that is long enough": {handover.New{FileID: document.ID, AssetID: asset, Message: strings.Repeat("ü", 2000)}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			users, letters := len(w.users(t)), len(w.Post.Letters())
			switch tt.n.Email {
			case "":
				tt.n.Email = strings.ReplaceAll(name, " ", ".") + "@new.test"
			case "-":
				tt.n.Email = ""
			}
			_, err := w.Handovers.Share(ctx, seller, tt.n)
			var entity *handover.EntityError
			if errors.As(err, &entity); kindOf(err) != tt.kind || tt.field != "" && fault.As(err).Field != tt.field || (entity == nil) != (tt.entity == "") || entity != nil && entity.Type != tt.entity {
				t.Errorf("%v, want %q %s%s", err, tt.kind, tt.entity, tt.field)
			}
			made := map[bool]int{true: 1}[tt.kind == ""]
			if got := len(w.users(t)) - users; got != made {
				t.Errorf("%d users were made", got)
			}
			if got := len(w.Post.Letters()) - letters; got != made {
				t.Errorf("%d letters were sent", got)
			}
		})
	}
}

func (w *world) users(t testing.TB) []account.User {
	t.Helper()
	users, err := w.Accounts.Users(ctx, w.Admin)
	if err != nil {
		t.Fatal(err)
	}
	return users
}

// TestElsewhere: for a user of another organization nothing is made and
// nothing mailed, and nobody can ask for many.
//
// contract: SC-17
func TestElsewhere(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	seller := w.member(t, account.SalesAgent)
	ask := func(who account.Principal, email string) error {
		_, err := w.Handovers.Share(ctx, who, handover.New{FileID: f.ID, AssetID: asset, Email: email, Base: base})
		return err
	}
	before := len(w.users(t))
	for i := range handover.MaxElsewhere {
		err := ask(seller, []string{"admin@rival.test", "ADMIN@rival.test"}[i%2])
		var entity *handover.EntityError
		if !errors.As(err, &entity) || entity.Type != "User" || kindOf(err) != fault.Invalid || strings.Contains(fault.As(err).Message, "rival") {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if n := len(w.users(t)); n != before || len(w.Post.Letters()) > 0 {
		t.Errorf("%d users were made, %d letters sent", n-before, len(w.Post.Letters()))
	}
	if got, total, err := w.Handovers.Sent(ctx, seller, 1, 10); err != nil || total > 0 {
		t.Errorf("%v, %v", got, err)
	}
	for _, email := range []string{"admin@rival.test", "new@new.test"} {
		if err := ask(seller, email); kindOf(err) != fault.Throttled {
			t.Errorf("%s, asked for after many: %v", email, err)
		}
	}
	if err := ask(w.Admin, "new@new.test"); err != nil {
		t.Errorf("a colleague's: %v", err)
	}
	w.Clock.Advance(handover.ElsewhereFor)
	if err := ask(seller, "new@new.test"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// TestTrail: the organization's audit trail has what happened to a handover,
// and no token is in it.
func TestTrail(t *testing.T) {
	w := newWorld(t, nil)
	h, token := w.share(t, w.document(t, "d.pdf", asset), "r@new.test")
	v, err := w.Handovers.Follow(ctx, token)
	w.Handovers.Opened(ctx, v, visit, err)
	if _, err := w.Handovers.Download(ctx, token, account.Principal{}, visit); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Second)
	if err := w.Handovers.Revoke(ctx, w.Admin, h.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Handovers.Download(ctx, token, account.Principal{}, visit); !errors.Is(err, handover.ErrRevoked) {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Second)
	if err := w.Files.Delete(ctx, w.Admin, h.Target.FileID); err != nil {
		t.Fatal(err)
	}
	if err := w.Shares.RecordEvents(ctx, w.Audit.Events()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{h.ID, ""} {
		events, _, err := w.Shares.Events(ctx, w.Admin, id, file.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range events {
			got = append(got, string(e.Type)+e.Reason)
			if e.Recipient != "r@new.test" || e.File != h.Target.FileID || e.Share != h.ID || strings.Contains(e.ID+e.Reason, token) {
				t.Errorf("%+v", e)
			}
		}
		slices.Sort(got)
		if want := []string{"created", "deleted", "downloaded", "mailedsent", "opened", "refusedrevoked", "revoked"}; !slices.Equal(got, want) {
			t.Errorf("of %q: %v, want %v", id, got, want)
		}
	}
}

// TestSuppressed: an address that bounced is not mailed, and the share stays.
func TestSuppressed(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	if err := w.Shares.Store.Suppress(ctx, w.Admin.Organization, "r@new.test", "bounced"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Handovers.Share(ctx, w.Admin, handover.New{FileID: f.ID, AssetID: asset, Email: "r@new.test", Base: base})
	got, total, _ := w.Handovers.Sent(ctx, w.Admin, 1, 10)
	if kindOf(err) != fault.Unavailable || len(w.Post.Letters()) > 0 || total != 1 || got[0].Mail != share.MailRejected {
		t.Errorf("%v, %+v, %d letters", err, got, len(w.Post.Letters()))
	}
}

// rotated is a sealer whose key was replaced: what it did not seal itself is
// stale.
type rotated struct{ old fake.Seal }

func (r rotated) Seal(ctx context.Context, token, id string) (string, error) {
	sealed, err := r.old.Seal(ctx, token, id)
	return "new " + sealed, err
}

func (r rotated) Open(ctx context.Context, sealed, id string) (string, bool, error) {
	old, anew := strings.CutPrefix(sealed, "new ")
	token, _, err := r.old.Open(ctx, old, id)
	return token, !anew, err
}

// TestRotation: a list seals anew what an older key sealed, and links stay.
func TestRotation(t *testing.T) {
	w := newWorld(t, nil)
	f := w.document(t, "d.pdf", asset)
	h, token := w.share(t, f, "r@new.test")
	w.Handovers.Seal = rotated{}
	for range 2 {
		if _, _, err := w.Handovers.Sent(ctx, w.Admin, 1, 10); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := w.Handovers.Store.ByID(ctx, w.Admin.Organization, h.ID)
	if err != nil || !strings.HasPrefix(kept.Sealed, "new ") {
		t.Errorf("%q, %v", kept.Sealed, err)
	}
	if _, again := w.share(t, f, "r@new.test"); again != token {
		t.Error("the link is another one")
	}
}

// Who is disabled before they have registered opens nothing and does not
// register, until they have another role.
//
// contract: SC-15
func TestDisabledBeforeTheyRegister(t *testing.T) {
	w := newWorld(t, nil)
	h, token := w.share(t, w.document(t, "d.pdf", asset), "r@new.test")
	registers, err := w.Accounts.InviteToRegister(ctx, h.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		role string
		kind fault.Kind
	}{{"disabled", fault.Unauthenticated}, {"technician", ""}, {"disabled", fault.Unauthenticated}} {
		if _, err := w.Accounts.ChangeRole(ctx, w.Admin, h.Recipient, tt.role); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Handovers.Download(ctx, token, account.Principal{}, visit); kindOf(err) != tt.kind {
			t.Errorf("%s: %v", tt.role, err)
		}
	}
	if _, err := w.Accounts.Register(ctx, registers, "Rita", "correct horse battery", ""); kindOf(err) != fault.NotFound {
		t.Errorf("registered: %v", err)
	}
}
