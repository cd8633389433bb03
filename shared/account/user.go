package account

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
)

// MaxUsers bounds the users of one organization: all are listed at once.
const MaxUsers = 1000

// User is a person of an organization.
type User struct {
	ID           string // UUID
	Organization string
	Email        string
	Name         string
	Role         Role
	State        State
	Joining      Joining // where they stand if they were new to a share, or ""
	Passwords    int64   // how often they have set a password: 0 is who has none
	Handed       int64   // counts up with each file that they are handed
	Offered      int64   // counts up with each one-time token that they are mailed
	CreatedAt    time.Time
}

// Short is the user's id where ids have 8 characters; no two users of one
// organization have the same.
func (u User) Short() string { return ident.Short(u.ID) }

// is reports whether id is one of the user's two.
func (u User) is(id string) bool { return u.ID == id || u.Short() == id }

// NewUser asks for somebody to be invited.
type NewUser struct {
	Email string
	Name  string // or "" for what the address begins with
	Role  string // in any case
	Base  string // origin of the stack, which the mail names
}

// Invitation is what a new user is told.
type Invitation struct {
	To           string
	Sender       string // name of who invites them, or ""
	ReplyTo      string
	Organization Organization
	Role         Role
	Base         string
}

// Post mails invitations. It tries each once: Unavailable, with the reason, if
// one was not sent.
type Post interface {
	Invite(ctx context.Context, i Invitation) error
}

// Users lists the organization's users, oldest first.
func (s *Service) Users(ctx context.Context, who Principal) ([]User, error) {
	if err := who.Require(ReadUsers); err != nil {
		return nil, err
	}
	return s.users(ctx, who.Organization)
}

func (s *Service) users(ctx context.Context, organization string) ([]User, error) {
	users, err := s.Store.Users(ctx, organization)
	slices.SortFunc(users, func(a, b User) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return users, err
}

// Invite makes a user, who needs no registration, and mails them who invited
// them, to what and as what. Nothing in the mail lets anybody in: keys are made
// by CreateKey. Unavailable if the mail was not sent: the user stays, and asking
// again mails it. So does asking again for who was invited in that role and has
// set no password since: they stay as they are. Any other address that a user
// has, here or elsewhere, is Invalid; Conflict at MaxUsers.
func (s *Service) Invite(ctx context.Context, who Principal, n NewUser) (User, error) {
	if err := who.Require(ManageUsers); err != nil {
		return User{}, err
	}
	u, err := s.newUser(who.Organization, n)
	if err != nil {
		return User{}, err
	}
	o, err := s.invited(ctx, who, &u)
	if err != nil {
		return User{}, err
	}
	i := Invitation{To: u.Email, Sender: who.Name, ReplyTo: who.Email, Organization: o, Role: u.Role, Base: n.Base}
	return u, s.Post.Invite(ctx, i)
}

// invited adds a user to the principal's organization, unless they were invited
// there before as they are now, and returns it.
func (s *Service) invited(ctx context.Context, who Principal, u *User) (Organization, error) {
	was, err := s.At(ctx, who.Organization, u.Email)
	switch {
	case err == nil && was.State == Active && was.Joining == "" && was.Passwords == 0 && was.Role == u.Role && was.ID != who.User:
		*u = was
		return s.Store.Organization(ctx, who.Organization)
	case err != nil && !fault.Is(err, fault.NotFound) && !errors.Is(err, ErrElsewhere):
		return Organization{}, err
	}
	return s.addUser(ctx, u)
}

// addUser gives a user an id and adds them to their organization, which it
// returns. Errors are those of Invite.
func (s *Service) addUser(ctx context.Context, u *User) (in Organization, err error) {
	err = s.changeUsers(ctx, u.Organization, func(o Organization, users []User) error {
		if len(users) >= MaxUsers {
			return fault.New(fault.Conflict, "an organization can have %d users", MaxUsers)
		}
		u.ID = s.IDs.UUID()
		for slices.ContainsFunc(users, func(v User) bool { return v.is(u.Short()) }) {
			u.ID = s.IDs.UUID()
		}
		in = o
		return s.Store.AddUser(ctx, *u, o.Roster)
	})
	return in, err
}

func (s *Service) newUser(organization string, n NewUser) (User, error) {
	if n.Email == "" {
		return User{}, fault.Field(fault.Missing, "email", "is missing")
	}
	email, err := address.Parse(n.Email)
	if err != nil {
		return User{}, fault.Field(fault.Invalid, "email", "is not an email address")
	}
	if n.Name == "" {
		n.Name, _, _ = strings.Cut(email, "@")
	}
	role, err := readRole(n.Role)
	if err == nil {
		err = checkName("name", n.Name)
	}
	return User{Organization: organization, Email: email, Name: n.Name, Role: role, State: Active, CreatedAt: s.Now()}, err
}

func readRole(name string) (Role, error) {
	role, ok := ParseRole(name)
	switch {
	case name == "":
		return "", fault.Field(fault.Missing, "role", "is missing")
	case !ok:
		return "", fault.Field(fault.Invalid, "role", "must be one of: %s", joined(Roles()))
	}
	return role, nil
}

// ChangeRole gives a user another role, in any case; id is their ID or their
// Short. Every function knows of it within CacheFor: then the keys of who is
// disabled open nothing, until they have another role. The last admin who is
// active stays one: to take that from them, themselves included, is Invalid.
func (s *Service) ChangeRole(ctx context.Context, who Principal, id, name string) (User, error) {
	if err := who.Require(ManageUsers); err != nil {
		return User{}, err
	}
	var changed User
	err := s.changeUsers(ctx, who.Organization, func(o Organization, users []User) error {
		i := slices.IndexFunc(users, func(u User) bool { return u.is(id) })
		if i < 0 {
			return fault.New(fault.NotFound, "user not found")
		}
		role, err := readRole(name)
		if err != nil {
			return err
		}
		was := users[i]
		changed = was
		changed.Role = role
		admin := func(u User) bool { return u.Role == Admin && u.State == Active }
		users[i] = changed
		switch {
		case role == was.Role:
			return nil
		case admin(was) && !slices.ContainsFunc(users, admin):
			return fault.Field(fault.Invalid, "role", "cannot be taken from the last admin")
		}
		return s.Store.ChangeRole(ctx, s.IDs.UUID(), was, role, o.Roster)
	})
	if err != nil {
		return User{}, err
	}
	s.forget(func(c cached) bool { return c.user.ID == changed.ID })
	return changed, nil
}

// rosterAttempts bounds how often a change of users is tried again when
// others come in between; each time one of them has got on.
const rosterAttempts = 20

// changeUsers calls change with an organization and its users as they are
// now. What it decides holds when it is written: each change of an
// organization's users counts its roster up, and is Stale if another came
// before.
func (s *Service) changeUsers(ctx context.Context, organization string, change func(o Organization, users []User) error) error {
	for attempt := 1; ; attempt++ {
		o, err := s.Store.Organization(ctx, organization) // first: users that were changed since are another roster's
		if err != nil {
			return err
		}
		users, err := s.users(ctx, organization)
		if err != nil {
			return err
		}
		if err = change(o, users); !fault.Is(err, fault.Stale) {
			return err
		}
		if attempt == rosterAttempts {
			return fault.Wrap(fault.Unavailable, err, "the users are being changed, try again")
		}
	}
}
