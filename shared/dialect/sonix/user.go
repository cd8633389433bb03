package sonix

import (
	"context"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
)

// Accounts is what this dialect needs of accounts.
type Accounts interface {
	dialect.Authenticator
	Users(ctx context.Context, who account.Principal) ([]account.User, error)
	Invite(ctx context.Context, who account.Principal, n account.NewUser) (account.User, error)
	ChangeRole(ctx context.Context, who account.Principal, id, role string) (account.User, error)
}

var _ Accounts = (*account.Service)(nil)

// userJSON is a user.
type userJSON struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

func userOf(u account.User) userJSON { return userJSON{u.Short(), u.Name, u.Email, string(u.Role)} }

func (a API) users(c call) (any, error) {
	all, err := a.Accounts.Users(c.Context(), c.who)
	if err != nil {
		return nil, err
	}
	out := make([]userJSON, len(all))
	for i, u := range all {
		out[i] = userOf(u)
	}
	return struct {
		Users []userJSON `json:"users"`
	}{out}, nil
}

func (a API) invite(c call) (any, error) {
	n := account.NewUser{Base: dialect.Origin(a.Origin, c.Request)}
	if err := c.texts(map[string]*string{"email": &n.Email, "name": &n.Name, "role": &n.Role}); err != nil {
		return nil, err
	}
	u, err := a.Accounts.Invite(c.Context(), c.who, n)
	if err != nil {
		return nil, err
	}
	return userOf(u), nil
}

func (a API) changeUser(c call) (any, error) {
	role, err := c.text("role")
	if err != nil {
		return nil, err
	}
	u, err := a.Accounts.ChangeRole(c.Context(), c.who, c.PathValue("user"), role)
	if err != nil {
		return nil, err
	}
	return userOf(u), nil
}
