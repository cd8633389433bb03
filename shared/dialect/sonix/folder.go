package sonix

import "latchkey/shared/recording"

// rootID is the id of the folder that everything is in which is in no other.
const rootID = "root"

// folderJSON is a folder. In lists it has its whole path, under two names.
type folderJSON struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Email  string    `json:"email,omitempty"`
	Access string    `json:"access_control,omitempty"`
	Users  *[]string `json:"restricted_users,omitempty"` // of a restricted folder
}

func folderOf(f recording.Folder) folderJSON {
	out := folderJSON{ID: f.ID, Name: f.Name, Access: string(f.Visible)}
	if f.Visible == recording.Restricted {
		out.Users = &f.Users
	}
	return out
}

func (a API) folders(c call) (any, error) {
	t, err := a.Recordings.Folders(c.Context(), c.who)
	if err != nil {
		return nil, err
	}
	out := []folderJSON{{ID: rootID, Name: rootID}}
	for _, f := range t.Folders {
		one := folderOf(f)
		one.Name = t.Path(f.ID)
		one.Email = one.Name
		out = append(out, one)
	}
	return struct {
		Folders []folderJSON `json:"folders"`
	}{out}, nil
}

func (a API) addFolder(c call) (any, error) {
	change, err := c.folderChange()
	if err != nil {
		return nil, err
	}
	f, err := a.Recordings.AddFolder(c.Context(), c.who, change)
	if err != nil {
		return nil, named(err)
	}
	return folderOf(f), nil
}

func (a API) changeFolder(c call) (any, error) {
	change, err := c.folderChange()
	if err != nil {
		return nil, err
	}
	f, err := a.Recordings.ChangeFolder(c.Context(), c.who, c.PathValue("folder"), change)
	if err != nil {
		return nil, named(err)
	}
	return folderOf(f), nil
}

func (a API) deleteFolder(c call) (any, error) {
	return deleted(), a.Recordings.DeleteFolder(c.Context(), c.who, c.PathValue("folder"))
}

// misspelt are how the text writes two of the words.
var misspelt = map[string]recording.Visibility{"interal": recording.Internal, "exernal": recording.External}

func (c call) folderChange() (f recording.FolderChange, err error) {
	if f.Name, err = c.given("name"); err != nil {
		return f, err
	}
	if f.Parent, err = c.given("parent_folder"); err != nil {
		return f, err
	}
	if f.Parent != nil && *f.Parent == rootID {
		f.Parent = new(string)
	}
	word, err := c.text("access_control")
	if err != nil {
		return f, err
	}
	if word != "" {
		v := recording.Visibility(word)
		if right, ok := misspelt[word]; ok {
			v = right
		}
		f.Visible = &v
	}
	users, ok, err := c.form.Strings("restricted_users")
	if ok {
		f.Users = append([]string{}, users...)
	}
	return f, err
}
