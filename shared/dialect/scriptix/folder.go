package scriptix

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// folderJSON is a folder. Its fields' names are our own, or those of the
// Sonix dialect: none is published.
type folderJSON struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Parent     *string  `json:"parent_id"`
	Access     string   `json:"access_control"`
	Users      []string `json:"restricted_users"`
	Permission int      `json:"permission"` // of the caller: 1 to read what is in it, 2 to write
	Created    string   `json:"created"`
}

func folderOf(f recording.Folder, who account.Principal) folderJSON {
	out := folderJSON{
		ID: f.ID, Name: f.Name, Parent: dialect.OrNull(f.Parent), Access: string(f.Visible), Users: append([]string{}, f.Users...),
		Permission: 1, Created: stamp(f.CreatedAt),
	}
	if who.Role.May(account.EditRecordings) {
		out.Permission = 2
	}
	return out
}

func (a API) listFolders(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	q, err := readFolders(r)
	if err != nil {
		return dialect.Response{}, err
	}
	t, err := a.Recordings.Folders(r.Context(), who)
	if err != nil {
		return dialect.Response{}, err
	}
	all := q.of(t.Folders)
	from := min(q.page.offset, len(all))
	out := []folderJSON{}
	for _, f := range all[from:min(from+q.page.limit, len(all))] {
		out = append(out, folderOf(f, who))
	}
	return dialect.JSON(http.StatusOK, envelope{len(out), len(all), out})
}

// folderQuery asks for a page of folders.
type folderQuery struct {
	page                    page
	search, sort, direction string
}

func readFolders(r *http.Request) (out folderQuery, err error) {
	q, err := query(r)
	if err != nil {
		return out, err
	}
	if out.page, err = pageOf(q); err != nil {
		return out, err
	}
	if out.sort, err = choice(q, "sort", "created_at", "created", "name"); err != nil {
		return out, err
	}
	if out.direction, err = choice(q, "direction", "desc", "asc"); err != nil {
		return out, err
	}
	out.search, err = search(q)
	return out, err
}

func (q folderQuery) of(all []recording.Folder) []recording.Folder {
	all = slices.DeleteFunc(all, func(f recording.Folder) bool {
		return !strings.Contains(strings.ToLower(f.Name), strings.ToLower(q.search))
	})
	slices.SortFunc(all, func(a, b recording.Folder) int {
		if q.direction == "desc" {
			a, b = b, a
		}
		if q.sort == "name" {
			return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
		}
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all
}

func (a API) getFolder(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	f, err := a.Recordings.Folder(r.Context(), who, r.PathValue("folder"))
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.JSON(http.StatusOK, envelope{1, 1, folderOf(f, who)})
}

func (a API) addFolder(r *http.Request) (dialect.Response, error) {
	return a.writeFolder(r, http.StatusCreated, func(who account.Principal, c recording.FolderChange) (recording.Folder, error) {
		return a.Recordings.AddFolder(r.Context(), who, c)
	})
}

func (a API) changeFolder(r *http.Request) (dialect.Response, error) {
	return a.writeFolder(r, http.StatusOK, func(who account.Principal, c recording.FolderChange) (recording.Folder, error) {
		return a.Recordings.ChangeFolder(r.Context(), who, r.PathValue("folder"), c)
	})
}

// writeFolder decides whether somebody may before it reads the body.
func (a API) writeFolder(r *http.Request, status int, write func(account.Principal, recording.FolderChange) (recording.Folder, error)) (dialect.Response, error) {
	who, err := a.who(r)
	if err == nil {
		err = who.Require(account.WriteFolders)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	c, err := readFolderChange(r)
	if err != nil {
		return dialect.Response{}, err
	}
	f, err := write(who, c)
	if err != nil {
		return dialect.Response{}, folderOnWire(err)
	}
	return dialect.JSON(status, envelope{1, 1, folderOf(f, who)})
}

func readFolderChange(r *http.Request) (c recording.FolderChange, err error) {
	o, err := readBody(r)
	if err != nil {
		return c, err
	}
	if c.Name, err = text(o, "name"); err != nil {
		return c, err
	}
	if c.Parent, err = folderID(o, "parent_id"); err != nil {
		return c, err
	}
	access, err := text(o, "access_control")
	if err != nil {
		return c, err
	}
	c.Visible = (*recording.Visibility)(access)
	users, ok, err := o.Array("restricted_users", "restricted_users")
	if err != nil || !ok {
		return c, err
	}
	c.Users = []string{}
	for _, u := range users {
		s, ok := u.(string)
		if !ok {
			return c, fault.Field(fault.Invalid, "restricted_users", "must be addresses")
		}
		c.Users = append(c.Users, s)
	}
	return c, nil
}

// folderID reads the id of a folder that something is to be in: null or ""
// for none. nil if nothing is said.
func folderID(o dialect.Object, name string) (*string, error) {
	v, there := o[name]
	if !there {
		return nil, nil
	}
	if v == nil {
		return new(string), nil
	}
	id, ok := v.(string)
	if !ok {
		return nil, errNoFolder(name)
	}
	return &id, nil
}

func errNoFolder(name string) error { return fault.Field(fault.Invalid, name, "is no folder of yours") }

// folderOnWire gives the domain's fields their names in this API. A folder
// that a body names, and that is not there, is a fault of the body.
func folderOnWire(err error) error {
	names := map[string]string{"parent": "parent_id", "visible": "access_control", "users": "restricted_users"}
	e := fault.As(err)
	switch {
	case e == nil || names[e.Field] == "":
		return err
	case e.Kind == fault.NotFound:
		return errNoFolder(names[e.Field])
	}
	return fault.Field(e.Kind, names[e.Field], "%s", e.Message)
}

// deleteFolder is refused like every state that does not allow something, 400,
// unless the folder is empty.
func (a API) deleteFolder(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err == nil {
		err = a.Recordings.DeleteFolder(r.Context(), who, r.PathValue("folder"))
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return deleted()
}
