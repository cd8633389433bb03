package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/mail/address"
)

// DeclinedFor is how long it is known of a user's id that they were declined,
// when nothing else of them is.
const DeclinedFor = 30 * 24 * time.Hour

// Joining is where somebody stands who was new when a file was shared with
// them; "" is a user like any other. All but who is accepted are deactivated.
type Joining string

// The steps, in their order.
const (
	Invited  Joining = "invited"  // has not registered
	Waiting  Joining = "waiting"  // has, and waits for an admin to decide
	Accepted Joining = "accepted" // is active, with a role
	Declined Joining = "declined" // is deleted: their id and organization are known for DeclinedFor
)

// ErrElsewhere is the cause of the Invalid fault of an address that another
// organization's user has.
var ErrElsewhere = errors.New("account: a user of another organization")

// Recruit returns the organization's user with an address, or makes one, who
// is Deactivated and Invited, and says so. However many ask for one address at
// the same time, one user is made. Invalid (email) for what is no address, and
// with the cause ErrElsewhere for that of another organization's user;
// Conflict at MaxUsers. That user is returned with ErrElsewhere.
func (s *Service) Recruit(ctx context.Context, who Principal, email string) (u User, created bool, err error) {
	if err := who.Require(ShareFiles); err != nil {
		return User{}, false, err
	}
	email, err = address.Parse(email)
	if err != nil {
		return User{}, false, fault.Field(fault.Invalid, "email", "is not an email address")
	}
	for attempt := 1; ; attempt++ {
		u, err := s.At(ctx, who.Organization, email)
		if !fault.Is(err, fault.NotFound) {
			return u, false, err
		}
		u, err = s.newUser(who.Organization, NewUser{Email: email, Role: string(Technician)})
		if err != nil {
			return User{}, false, err
		}
		u.State, u.Joining = Deactivated, Invited
		_, err = s.addUser(ctx, &u)
		// Somebody else may have made them since they were looked for.
		if fault.Is(err, fault.Invalid) && attempt < rosterAttempts {
			continue
		}
		return u, err == nil, err
	}
}

// At returns the organization's user with an address, NotFound if nobody has
// it, or what Recruit says of another organization's.
func (s *Service) At(ctx context.Context, organization, email string) (User, error) {
	u, _, err := s.Store.UserAt(ctx, email)
	if err == nil && u.Organization == "" { // from before an address told whose it is
		u, err = s.Store.User(ctx, organization, u.ID)
		if fault.Is(err, fault.NotFound) {
			return User{}, errElsewhere()
		}
	}
	if err == nil && u.Organization != organization {
		return u, errElsewhere()
	}
	return u, err
}

func errElsewhere() error {
	return &fault.Error{Kind: fault.Invalid, Field: "email", Message: "cannot be shared with", Cause: ErrElsewhere}
}

// Provisional reports whether somebody is a user for nothing but what they
// were handed: they have not registered, and nobody has disabled them.
func (u User) Provisional() bool { return u.Joining == Invited && u.Role != Disabled }

// Release deletes a user who is Provisional and, as whoever asks has looked up
// since they read u, holds nothing: their address and their seat are free,
// their one-time token ends, and nothing is known of their id. Stale if they
// have registered, were disabled or were handed something since u was read,
// or are gone.
func (s *Service) Release(ctx context.Context, u User) error {
	if !u.Provisional() {
		return fault.New(fault.Stale, "the user has more than what they were handed")
	}
	if err := s.Store.Release(ctx, s.IDs.UUID(), u); err != nil {
		return err
	}
	s.forget(func(c cached) bool { return c.user.ID == u.ID })
	return nil
}

// User returns a user of an organization, or NotFound.
func (s *Service) User(ctx context.Context, organization, id string) (User, error) {
	return s.Store.User(ctx, organization, id)
}

// Joining returns a user by their id alone, for who holds that and nothing
// else, or NotFound. Who is Declined has an ID and an Organization, until
// DeclinedFor is over.
func (s *Service) Joining(ctx context.Context, id string) (User, error) {
	u, until, err := s.Store.Known(ctx, id)
	if err == nil && !until.IsZero() && !s.Now().Before(until) {
		return User{}, errUser()
	}
	return u, err
}

func errUser() error { return fault.New(fault.NotFound, "user not found") }

// Waits reports whether it is to be decided about somebody: they have
// registered, and nobody has disabled them.
func (u User) Waits() bool { return u.Joining == Waiting && u.Role != Disabled }

// Waiting lists who waits for a decision in the caller's organization, oldest first.
func (s *Service) Waiting(ctx context.Context, who Principal) ([]User, error) {
	if err := who.Require(DecideShares); err != nil {
		return nil, err
	}
	users, err := s.users(ctx, who.Organization)
	return slices.DeleteFunc(users, func(u User) bool { return !u.Waits() }), err
}

// Accept makes a user who Waits Active, with one of MarketplaceRoles, in any
// case. Whom an admin disabled waits no more, until they have another role. NotFound for the user of another organization, as for nobody's;
// Conflict in another state. Of many who accept and decline at the same time
// one succeeds.
func (s *Service) Accept(ctx context.Context, who Principal, id, role string) (User, error) {
	if err := who.Require(DecideShares); err != nil {
		return User{}, err
	}
	r, ok := ParseRole(role)
	switch {
	case role == "":
		return User{}, fault.Field(fault.Missing, "role", "is missing")
	case !ok || !slices.Contains(MarketplaceRoles(), r):
		return User{}, fault.Field(fault.Invalid, "role", "must be one of: %s", joined(MarketplaceRoles()))
	}
	u, err := s.undecided(ctx, who, id)
	if err != nil {
		return User{}, err
	}
	if err := s.Store.Accept(ctx, s.IDs.UUID(), u, r); err != nil {
		return User{}, decided(err)
	}
	s.forget(func(c cached) bool { return c.user.ID == u.ID })
	u.State, u.Joining, u.Role = Active, Accepted, r
	return u, nil
}

// Decline deletes a user who Waits, and returns them as they were, but
// Declined. Errors are those of Accept.
func (s *Service) Decline(ctx context.Context, who Principal, id string) (User, error) {
	if err := who.Require(DecideShares); err != nil {
		return User{}, err
	}
	u, err := s.undecided(ctx, who, id)
	if err != nil {
		return User{}, err
	}
	if err := s.Store.Decline(ctx, s.IDs.UUID(), u, s.Now().Add(DeclinedFor)); err != nil {
		return User{}, decided(err)
	}
	s.forget(func(c cached) bool { return c.user.ID == u.ID })
	u.Joining = Declined
	return u, nil
}

// undecided returns a user who waits for the caller's decision.
func (s *Service) undecided(ctx context.Context, who Principal, id string) (User, error) {
	u, err := s.Joining(ctx, id)
	switch {
	case err != nil:
		return User{}, err
	case u.Organization != who.Organization:
		return User{}, errUser()
	case !u.Waits():
		return User{}, errDecided()
	}
	return u, nil
}

func errDecided() error { return fault.New(fault.Conflict, "the user does not wait for a decision") }

// decided is the fault of who was too late.
func decided(err error) error {
	if fault.Is(err, fault.Stale) {
		return errDecided()
	}
	return err
}
