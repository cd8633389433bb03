package sonix

import (
	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/recording"
)

func (a API) share(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	n := recording.Sharing{Base: dialect.Origin(a.Origin, c.Request)}
	if err := c.texts(map[string]*string{"email": &n.Email, "notes": &n.Message}); err != nil {
		return nil, err
	}
	if n.Edit, _, err = c.form.Bool("can_edit"); err != nil {
		return nil, err
	}
	sh, err := a.Recordings.ShareWith(c.Context(), to, n)
	if err != nil {
		return nil, named(err)
	}
	return shareJSON{sh.Recipient, sh.Rights.Edit}, nil
}

// shareJSON is what a named person may do.
type shareJSON struct {
	Email   string `json:"email"`
	CanEdit bool   `json:"can_edit"`
}

func (a API) shares(c call) (any, error) {
	to, err := a.open(c, account.ReadRecordings)
	if err != nil {
		return nil, err
	}
	all, err := a.Recordings.SharedWith(c.Context(), to)
	if err != nil {
		return nil, err
	}
	out := make([]shareJSON, len(all))
	for i, sh := range all {
		out[i] = shareJSON{sh.Recipient, sh.Rights.Edit}
	}
	return struct {
		Shares []shareJSON `json:"shares"`
	}{out}, nil
}

func (a API) unshare(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	email, err := c.text("email")
	if err != nil {
		return nil, err
	}
	return deleted(), a.Recordings.Unshare(c.Context(), to, email)
}
