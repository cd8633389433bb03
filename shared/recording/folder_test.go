package recording_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

func (w *world) folder(t *testing.T, name, parent string, v recording.Visibility, users ...string) recording.Folder {
	t.Helper()
	f, err := w.Recordings.AddFolder(ctx, w.Admin, recording.FolderChange{Name: &name, Parent: &parent, Visible: &v, Users: users})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWhoSeesWhat: every folder around a recording must let somebody see it,
// in lists and by id alike.
//
// contract: SX-172
func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t)
	internal := w.folder(t, "Internal", "", recording.Internal)
	external := w.folder(t, "External", "", recording.External)
	restricted := w.folder(t, "Restricted", "", recording.Restricted, "Ann@Acme.test", "ann@acme.test", "ext@other.test")
	folders := map[string]string{
		"home": "", "internal": internal.ID, "external": external.ID, "restricted": restricted.ID,
		"external in internal": w.folder(t, "E", internal.ID, recording.External).ID,
		"external in external": w.folder(t, "E", external.ID, recording.External).ID,
		"internal in external": w.folder(t, "I", external.ID, recording.Internal).ID,
		"open in restricted":   w.folder(t, "O", restricted.ID, recording.External).ID,
	}
	ids := map[string]string{}
	for name, id := range folders {
		ids[name] = w.made(t, recording.NewRecording{Name: name, FolderID: id}).Recording.ID
	}
	who := func(role account.Role, email string) account.Principal {
		return account.Principal{Organization: w.Admin.Organization, User: "u", Email: email, Role: role}
	}
	for name, tt := range map[string]struct {
		who  account.Principal
		sees string
	}{
		"admin":           {w.Admin, "home internal external restricted external in internal external in external internal in external open in restricted"},
		"producer":        {who(account.Producer, "bob@acme.test"), "home internal external external in internal external in external internal in external"},
		"named producer":  {who(account.Producer, "ANN@acme.test"), "home internal external restricted external in internal external in external internal in external open in restricted"},
		"external":        {who("external_viewer", "x@other.test"), "external external in external"},
		"named external":  {who("external_editor", "ext@other.test"), "external external in external restricted open in restricted"},
		"viewer":          {who(account.ViewOnly, "v@acme.test"), "home internal external external in internal external in external internal in external"},
		"nobody's branch": {account.Principal{Organization: "other", Role: account.Admin}, ""},
	} {
		list, _, err := w.Recordings.List(ctx, tt.who, recording.Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, r := range list {
			listed = append(listed, r.ID)
		}
		for what, id := range ids {
			_, err := w.Recordings.Own(ctx, tt.who, account.ReadRecordings, id, "")
			want := strings.Contains(" "+tt.sees+" ", " "+what+" ")
			if what == "external" || what == "internal" || what == "restricted" {
				want = slices.Contains(strings.Fields(strings.NewReplacer("external in internal", "", "external in external", "", "internal in external", "", "open in restricted", "").Replace(tt.sees)), what)
			}
			if (err == nil) != want || slices.Contains(listed, id) != want || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s sees %q: by id %v, listed %v, want %v", name, what, err, slices.Contains(listed, id), want)
			}
		}
		seen, err := w.Recordings.Folders(ctx, tt.who)
		if err != nil {
			t.Fatal(err)
		}
		for what, id := range folders {
			_, err := w.Recordings.Own(ctx, tt.who, account.ReadRecordings, ids[what], "")
			if id != "" && slices.ContainsFunc(seen.Folders, func(f recording.Folder) bool { return f.ID == id }) != (err == nil) {
				t.Errorf("%s: folder %q in the list", name, what)
			}
		}
	}
	_, _, err := w.Recordings.List(ctx, who(account.Producer, "bob@acme.test"), recording.Query{Limit: 10, Folder: &restricted.ID})
	kind(t, "a folder that is not seen", err, fault.NotFound)
	_, err = w.Recordings.Create(ctx, who(account.Producer, "bob@acme.test"), recording.NewRecording{Language: "en", FolderID: restricted.ID})
	kind(t, "put where one sees nothing", err, fault.NotFound)
}

func TestFolders(t *testing.T) {
	w := newWorld(t)
	podcasts := w.folder(t, "Podcasts", "", recording.Internal)
	season := w.folder(t, "Season 1", podcasts.ID, recording.Restricted, "a@b.test")
	tree, err := w.Recordings.Folders(ctx, w.Admin)
	if err != nil || len(tree.Folders) != 2 || tree.Path(season.ID) != "Podcasts/Season 1" || tree.Folders[0].ID != podcasts.ID {
		t.Errorf("%+v, %v", tree, err)
	}
	change := func(id string, c recording.FolderChange) error {
		_, err := w.Recordings.ChangeFolder(ctx, w.Admin, id, c)
		return err
	}
	kind(t, "inside itself", change(podcasts.ID, recording.FolderChange{Parent: &podcasts.ID}), fault.Invalid)
	kind(t, "inside its own", change(podcasts.ID, recording.FolderChange{Parent: &season.ID}), fault.Invalid)
	kind(t, "nowhere", change(podcasts.ID, recording.FolderChange{Parent: ptr("AAAAAAAA")}), fault.NotFound)
	kind(t, "a slash", change(podcasts.ID, recording.FolderChange{Name: ptr("a/b")}), fault.Invalid)
	kind(t, "no name", change(podcasts.ID, recording.FolderChange{Name: ptr(" ")}), fault.Missing)
	kind(t, "for nobody", change(podcasts.ID, recording.FolderChange{Visible: ptr(recording.Restricted)}), fault.Missing)
	kind(t, "for what is no address", change(podcasts.ID, recording.FolderChange{Visible: ptr(recording.Restricted), Users: []string{"x"}}), fault.Invalid)
	kind(t, "in another word", change(podcasts.ID, recording.FolderChange{Visible: ptr(recording.Visibility("secret"))}), fault.Invalid)
	kind(t, "with one inside", w.Recordings.DeleteFolder(ctx, w.Admin, podcasts.ID), fault.Conflict)
	if err := change(season.ID, recording.FolderChange{Parent: ptr(""), Visible: ptr(recording.External)}); err != nil {
		t.Error(err)
	}
	if f, err := w.Recordings.Folder(ctx, w.Admin, season.ID); err != nil || f.Parent != "" || len(f.Users) != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	_, rival := w.Organization(t, "Rival", "eve@rival.test")
	_, err = w.Recordings.ChangeFolder(ctx, rival, podcasts.ID, recording.FolderChange{Name: ptr("Mine")})
	kind(t, "another organization's", err, fault.NotFound)
	_, err = w.Recordings.AddFolder(ctx, account.Principal{Organization: w.Admin.Organization, Role: account.ViewOnly}, recording.FolderChange{Name: ptr("x")})
	kind(t, "a viewer's", err, fault.Forbidden)
	parent := ""
	for i := range recording.MaxFolderDepth {
		parent = w.folder(t, fmt.Sprint("deep ", i), parent, recording.Internal).ID
	}
	_, err = w.Recordings.AddFolder(ctx, w.Admin, recording.FolderChange{Name: ptr("deeper"), Parent: &parent})
	kind(t, "too deep", err, fault.Invalid)
	kind(t, "too deep with what is in it", change(podcasts.ID, recording.FolderChange{Parent: &parent}), fault.Invalid)
}

// TestFolderRaces: of two that go into each other one wins, and a folder that
// is deleted while recordings come has none, or is there.
func TestFolderRaces(t *testing.T) {
	w := newWorld(t)
	for round := range 20 {
		a, b := w.folder(t, fmt.Sprint("a", round), "", recording.Internal), w.folder(t, fmt.Sprint("b", round), "", recording.Internal)
		errs := make([]error, 2)
		var all sync.WaitGroup
		all.Go(func() {
			_, errs[0] = w.Recordings.ChangeFolder(ctx, w.Admin, a.ID, recording.FolderChange{Parent: &b.ID})
		})
		all.Go(func() {
			_, errs[1] = w.Recordings.ChangeFolder(ctx, w.Admin, b.ID, recording.FolderChange{Parent: &a.ID})
		})
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
		}
		c := w.folder(t, fmt.Sprint("c", round), "", recording.Internal)
		all.Go(func() {
			_, errs[0] = w.Recordings.Update(ctx, w.own(t, ""), recording.Change{FolderID: &c.ID})
		})
		all.Go(func() { errs[1] = w.Recordings.DeleteFolder(ctx, w.Admin, c.ID) })
		all.Wait()
		_, err := w.Recordings.Folder(ctx, w.Admin, c.ID)
		r := w.own(t, "").Recording
		if (errs[1] == nil) == (err == nil) || (r.FolderID == c.ID) != (errs[0] == nil) || r.FolderID == c.ID && err != nil {
			t.Fatalf("round %d: moved %v, deleted %v, there %v, in %q", round, errs[0], errs[1], err, r.FolderID)
		}
		if r.FolderID != "" {
			if _, err := w.Recordings.Update(ctx, w.own(t, ""), recording.Change{FolderID: ptr("")}); err != nil {
				t.Fatal(err)
			}
			if err := w.Recordings.DeleteFolder(ctx, w.Admin, r.FolderID); err != nil {
				t.Fatalf("round %d: emptied: %v", round, err)
			}
		}
	}
	f := w.folder(t, "last", "", recording.Internal)
	rec := w.made(t, recording.NewRecording{FolderID: f.ID}).Recording
	kind(t, "with a recording", w.Recordings.DeleteFolder(ctx, w.Admin, f.ID), fault.Conflict)
	if err := w.Recordings.Delete(ctx, w.Admin, rec.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Recordings.DeleteFolder(ctx, w.Admin, f.ID); err != nil {
		t.Errorf("whose recording was deleted: %v", err)
	}
}
