package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// RegisterFor is how long a one-time token lets somebody register.
const RegisterFor = 24 * time.Hour

// Registration is what is mailed to who may register, or set a password.
type Registration struct {
	User User   // Invited, or active
	URL  string // of the page that their one-time token opens
}

// Passwords computes what is kept of passwords, slowly.
type Passwords interface {
	// Hash returns what is kept of a new one; Missing or Invalid (password).
	Hash(password string) (kept string, err error)
	// Check reports whether a password is the one that was kept, and whether
	// it is kept in a way that has been strengthened since. It takes as long
	// for "", which none is kept as.
	Check(password, kept string) (same, weak bool)
}

// Offer is a one-time token as it is kept.
type Offer struct {
	User      User  // as they are now
	Number    int64 // of all that they were offered
	Passwords int64 // of theirs when it was made
	Until     time.Time
}

// good reports whether a token may be used: whoever uses one has another
// password, and so it ends all that were made before.
func (o Offer) good(now time.Time) bool {
	return now.Before(o.Until) && o.User.registers() && o.User.Passwords == o.Passwords && o.User.Offered < o.Number+keptTokens
}

// InviteToRegister makes a one-time token, to be mailed, with which a user
// who is Invited registers, and one who is active sets a password, or another
// one. It is good for RegisterFor and once, and ends when another one is used.
// Of many the oldest end, but none within AttemptWindow: whoever may have one
// mailed cannot keep its owner from using it. Conflict for who is neither;
// Throttled when a user is mailed too many, or two within a minute.
func (s *Service) InviteToRegister(ctx context.Context, userID string) (token string, err error) {
	u, err := s.Joining(ctx, userID)
	if err != nil {
		return "", err
	}
	if !u.registers() {
		return "", fault.New(fault.Conflict, "the user cannot register")
	}
	minute := s.Now().UTC().Truncate(time.Minute).Format(time.RFC3339)
	if _, err := s.attempt(ctx, limit{name: "invitations " + u.ID + " " + minute, most: 1}, limit{name: "invitations " + u.ID, most: maxInvitations}); err != nil {
		return "", err
	}
	token = s.IDs.Secret()
	err = s.Store.OfferRegistration(ctx, s.IDs.UUID(), u, tokenHash(token), s.Now().Add(RegisterFor))
	if fault.Is(err, fault.Stale) {
		return "", fault.New(fault.Conflict, "the user cannot register")
	}
	return token, err
}

// registers reports whether a user may set a password.
func (u User) registers() bool {
	return u.Role != Disabled && (u.Joining == Invited || u.State == Active)
}

// tokenHash is what is kept of a token: its SHA-256.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Registering returns whom a one-time token is for, and spends nothing;
// NotFound for one that is spent, over, ended by others or unknown.
func (s *Service) Registering(ctx context.Context, token string) (User, error) {
	if len(token) != ident.SecretLength {
		return User{}, errRegister()
	}
	o, err := s.Store.Registration(ctx, tokenHash(token))
	if fault.Is(err, fault.NotFound) || err == nil && !o.good(s.Now()) {
		return User{}, errRegister()
	}
	return o.User, err
}

func errRegister() error { return fault.New(fault.NotFound, "the link is not valid any more") }

// Register spends a one-time token: who was Invited has the name and password
// they chose and is Waiting; who is active has that password and keeps their
// name, and what was signed in with another one ends. A name is required of
// the former alone. NotFound as of Registering, also for all but one of those
// who use a token at the same time; Invalid (name, password); Throttled for a
// visitor who tried too many tokens that are none, until they have a good one.
func (s *Service) Register(ctx context.Context, token, name, password string, v Visitor) (User, error) {
	u, err := s.register(ctx, token, name, password)
	if fault.Is(err, fault.NotFound) {
		// Only what is none counts, so that no guesser keeps others out who are
		// behind the same address: a token is too long to be guessed.
		if _, throttled := s.attempt(ctx, limit{name: "registrations " + v.name(), most: maxTokens}); throttled != nil {
			err = throttled
		}
	}
	return u, err
}

func (s *Service) register(ctx context.Context, token, name, password string) (User, error) {
	u, err := s.Registering(ctx, token)
	if err != nil {
		return User{}, err
	}
	if u.Joining == Invited {
		if err := checkName("name", name); err != nil {
			return User{}, err
		}
		u.Name, u.Joining = name, Waiting
	}
	kept, err := s.Passwords.Hash(password)
	if err != nil {
		return User{}, err
	}
	if err := s.Store.Register(ctx, s.IDs.UUID(), tokenHash(token), u, kept); err != nil {
		if fault.Is(err, fault.Stale) {
			return User{}, errRegister()
		}
		return User{}, err
	}
	u.Passwords++
	s.forget(func(c cached) bool { return c.user.ID == u.ID })
	return u, nil
}
