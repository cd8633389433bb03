package recording

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
)

// Folder holds recordings and other folders. What is in none is at home.
type Folder struct {
	ID           string // 8 characters of base62
	Organization string
	Name         string
	Parent       string // id, or "" for none
	Visible      Visibility
	Users        []string // addresses in lower case, of those who see a Restricted one
	CreatedAt    time.Time
}

// Visibility says who sees what is in a folder: those whom the folders around
// it let see it, too.
type Visibility string

// The visibilities.
const (
	Internal   Visibility = "internal"   // everybody of the organization but externals
	External   Visibility = "external"   // externals too
	Restricted Visibility = "restricted" // admins, and those who are named
)

// Tree is all folders of an organization at one moment.
type Tree struct {
	Version int64 // counts up with every change of a folder
	Folders []Folder
}

func (t Tree) folder(id string) (Folder, bool) {
	i := slices.IndexFunc(t.Folders, func(f Folder) bool { return f.ID == id })
	if i < 0 {
		return Folder{}, false
	}
	return t.Folders[i], true
}

// up are a folder and those around it, from the inside; nil if there is no
// such folder.
func (t Tree) up(id string) (out []Folder) {
	for id != "" && len(out) <= MaxFolderDepth {
		f, ok := t.folder(id)
		if !ok {
			return nil
		}
		out, id = append(out, f), f.Parent
	}
	return out
}

// Path is a folder's name behind those of the folders around it, with "/"
// between them.
func (t Tree) Path(id string) string {
	var names []string
	for _, f := range t.up(id) {
		names = append(names, f.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// Shows reports whether somebody sees what is in a folder, or at home if id
// is "".
func (t Tree) Shows(id string, who account.Principal) bool {
	if id == "" {
		return !who.Role.External()
	}
	all := t.up(id)
	return len(all) > 0 && !slices.ContainsFunc(all, func(f Folder) bool { return !f.shows(who) })
}

// shown are the folders that somebody sees, "" for home among them.
func (t Tree) shown(who account.Principal) map[string]bool {
	out := map[string]bool{"": t.Shows("", who)}
	for _, f := range t.Folders {
		out[f.ID] = t.Shows(f.ID, who)
	}
	return out
}

func (f Folder) shows(who account.Principal) bool {
	switch {
	case who.Role == account.Admin:
		return true
	case f.Visible == Restricted:
		return slices.Contains(f.Users, strings.ToLower(who.Email))
	}
	return f.Visible == External || !who.Role.External()
}

// shows reports whether somebody sees a recording. It reads the folders only
// if they can make a difference.
func (s *Service) shows(ctx context.Context, r Recording, who account.Principal) (bool, error) {
	if r.FolderID == "" {
		return Tree{}.Shows("", who), nil
	}
	t, err := s.Store.Tree(ctx, who.Organization)
	return t.Shows(r.FolderID, who), err
}

// Hidden implements file.Hidden.
func (s *Service) Hidden(ctx context.Context, who account.Principal) (func(id string) bool, error) {
	none := func(string) bool { return false }
	if who.Role == account.Admin {
		return none, nil
	}
	t, err := s.Store.Tree(ctx, who.Organization)
	closed := func(f Folder) bool { return !t.Shows(f.ID, who) }
	if err != nil || t.Shows("", who) && !slices.ContainsFunc(t.Folders, closed) {
		return none, err
	}
	seen, err := s.seen(ctx, who)
	return func(id string) bool { return id != "" && !seen[id] }, err
}

// Folders returns the folders that somebody sees, and the tree that tells
// their paths. Those around a folder come before it.
func (s *Service) Folders(ctx context.Context, who account.Principal) (Tree, error) {
	if err := who.Require(account.ReadRecordings); err != nil {
		return Tree{}, err
	}
	t, err := s.Store.Tree(ctx, who.Organization)
	if err != nil {
		return Tree{}, err
	}
	seen := slices.DeleteFunc(slices.Clone(t.Folders), func(f Folder) bool { return !t.Shows(f.ID, who) })
	slices.SortFunc(seen, func(a, b Folder) int {
		return strings.Compare(strings.ToLower(t.Path(a.ID)), strings.ToLower(t.Path(b.ID)))
	})
	return Tree{t.Version, seen}, nil
}

// Folder returns a folder that somebody sees, or NotFound.
func (s *Service) Folder(ctx context.Context, who account.Principal, id string) (Folder, error) {
	t, err := s.Folders(ctx, who)
	if err != nil {
		return Folder{}, err
	}
	f, ok := t.folder(id)
	if !ok {
		return Folder{}, errFolder("")
	}
	return f, nil
}

func errFolder(field string) error { return fault.Field(fault.NotFound, field, "folder not found") }

// FolderChange makes or changes a folder: nil fields stay, or are the default
// of a new one.
type FolderChange struct {
	Name    *string
	Parent  *string // "" for none
	Visible *Visibility
	Users   []string // nil: stay
}

// AddFolder makes a folder. Name is required; Internal is the default.
func (s *Service) AddFolder(ctx context.Context, who account.Principal, c FolderChange) (Folder, error) {
	return s.changeFolder(ctx, who, func(Tree) (Folder, error) {
		if c.Name == nil {
			return Folder{}, fault.Field(fault.Missing, "name", "is missing")
		}
		return Folder{ID: s.IDs.Chars(idLength), Organization: who.Organization, Visible: Internal, CreatedAt: s.Now()}, nil
	}, c)
}

// ChangeFolder changes a folder; Invalid if it would be inside itself.
func (s *Service) ChangeFolder(ctx context.Context, who account.Principal, id string, c FolderChange) (Folder, error) {
	return s.changeFolder(ctx, who, func(t Tree) (Folder, error) {
		f, ok := t.folder(id)
		if !ok || !t.Shows(id, who) {
			return Folder{}, errFolder("")
		}
		return f, nil
	}, c)
}

// changeFolder writes a folder as it is to be in the tree as it is, anew if
// that is another meanwhile.
func (s *Service) changeFolder(ctx context.Context, who account.Principal, start func(Tree) (Folder, error), c FolderChange) (Folder, error) {
	if err := who.Require(account.WriteFolders); err != nil {
		return Folder{}, err
	}
	for attempt := 1; ; attempt++ {
		t, err := s.Store.Tree(ctx, who.Organization)
		if err != nil {
			return Folder{}, err
		}
		f, err := start(t)
		if err != nil {
			return Folder{}, err
		}
		if f, err = t.changed(f, c, who); err != nil {
			return Folder{}, err
		}
		err = s.Store.PutFolder(ctx, f, t.Version)
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return f, err
		}
	}
}

func (t Tree) changed(f Folder, c FolderChange, who account.Principal) (Folder, error) {
	if c.Name != nil {
		if err := checkName("name", *c.Name); err != nil {
			return f, err
		}
		if strings.Contains(*c.Name, "/") {
			return f, fault.Field(fault.Invalid, "name", "must not have a slash, which divides folders in a path")
		}
		f.Name = *c.Name
	}
	if c.Parent != nil {
		f.Parent = *c.Parent
		if err := t.fits(f, who); err != nil {
			return f, err
		}
	}
	set(&f.Visible, c.Visible)
	if c.Users != nil {
		users, err := addresses(c.Users)
		if err != nil {
			return f, err
		}
		f.Users = users
	}
	switch {
	case f.Visible != Internal && f.Visible != External && f.Visible != Restricted:
		return f, fault.Field(fault.Invalid, "visible", "must be %q, %q or %q", Internal, External, Restricted)
	case f.Visible == Restricted && len(f.Users) == 0:
		return f, fault.Field(fault.Missing, "users", "is missing: nobody could see the folder")
	case f.Visible != Restricted:
		f.Users = nil
	}
	if _, there := t.folder(f.ID); !there && len(t.Folders) >= MaxFolders {
		return f, fault.New(fault.Conflict, "an organization can have %d folders: delete one first", MaxFolders)
	}
	return f, nil
}

// fits refuses a place for a folder that does not exist, is inside it, or is
// too deep.
func (t Tree) fits(f Folder, who account.Principal) error {
	around := t.up(f.Parent)
	switch {
	case f.Parent != "" && !t.Shows(f.Parent, who):
		return errFolder("parent")
	case slices.ContainsFunc(around, func(a Folder) bool { return a.ID == f.ID }):
		return fault.Field(fault.Invalid, "parent", "is inside the folder itself")
	case len(around)+t.height(f.ID) > MaxFolderDepth:
		return fault.Field(fault.Invalid, "parent", "is too deep: folders can be %d deep", MaxFolderDepth)
	}
	return nil
}

// height is how many folders are in each other below and with a folder.
func (t Tree) height(id string) int {
	most := 0
	for _, f := range t.Folders {
		if f.Parent == id && id != "" {
			most = max(most, t.height(f.ID))
		}
	}
	return most + 1
}

// addresses are checked, in lower case, and each once.
func addresses(raw []string) (out []string, _ error) {
	if len(raw) > MaxFolderUsers {
		return nil, fault.Field(fault.Invalid, "users", "may be %d", MaxFolderUsers)
	}
	for _, r := range raw {
		a, err := address.Parse(r)
		if err != nil {
			return nil, fault.Field(fault.Invalid, "users", "has what is not a valid email address")
		}
		if a = strings.ToLower(a); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out, nil
}

// MaxFolderUsers is how many users a restricted folder names.
const MaxFolderUsers = 200

// DeleteFolder deletes a folder; Conflict unless it is empty.
func (s *Service) DeleteFolder(ctx context.Context, who account.Principal, id string) error {
	if err := who.Require(account.WriteFolders); err != nil {
		return err
	}
	if !ident.IsChars(id, idLength) {
		return errFolder("")
	}
	for attempt := 1; ; attempt++ {
		t, err := s.Store.Tree(ctx, who.Organization)
		if err != nil {
			return err
		}
		if !t.Shows(id, who) {
			return errFolder("")
		}
		if slices.ContainsFunc(t.Folders, func(f Folder) bool { return f.Parent == id }) {
			return errNotEmpty()
		}
		err = s.Store.DeleteFolder(ctx, who.Organization, id, t.Version)
		if err == nil {
			_ = s.Store.DeleteBatches(ctx, who.Organization, id) // nobody sees those that stay
		}
		if !fault.Is(err, fault.Stale) || attempt == changeAttempts {
			return err
		}
	}
}

func errNotEmpty() error { return fault.New(fault.Conflict, "the folder is not empty") }
