package account

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
)

// How long what a sign-in gives is good.
const (
	AccessFor  = 15 * time.Minute
	RefreshFor = 24 * time.Hour      // a refresh token that nobody uses
	SessionFor = 30 * 24 * time.Hour // all of a sign-in's
)

// Session is what somebody has who signed in. Access is taken wherever an API
// key is; Refresh gets the next Session, once.
type Session struct {
	At           time.Time // when it was given
	Access       string
	AccessUntil  time.Time
	Refresh      string
	RefreshUntil time.Time
	User         User
}

// SignedIn is a session as it is kept: all tokens that come of one sign-in,
// which RFC 9700, section 4.14.2, calls a family. They end together.
type SignedIn struct {
	ID           string
	Organization string
	User         string
	Passwords    int64 // of the user when they signed in: another password ends it
	Until        time.Time
}

// Refreshing is a refresh token as it is kept.
type Refreshing struct {
	Hash  string
	Spent bool
	Until time.Time
}

const refreshPrefix = "lr_"

func errSignIn() error { return fault.New(fault.Unauthenticated, "unknown address or wrong password") }

func errRefresh() error { return fault.New(fault.Unauthenticated, "the session has ended") }

// SignIn starts a session of the user with an address and a password; errors
// are those of Prove.
func (s *Service) SignIn(ctx context.Context, email, password string, v Visitor) (Session, error) {
	u, err := s.Prove(ctx, email, password, v)
	if err != nil {
		return Session{}, err
	}
	return s.start(ctx, u)
}

// Prove returns the user with an address and a password. An unknown address, a
// wrong password and a user who is not active are the same Unauthenticated
// fault, after the same work. Throttled for a visitor who was refused too
// often, at this address or at all; the latter holds for nobody who signed in
// from there within FamiliarFor. It says nothing else of the address.
func (s *Service) Prove(ctx context.Context, email, password string, v Visitor) (User, error) {
	known := "" // nobody's: what is no address may be longer than a key of the table
	if a, err := address.Parse(email); err == nil {
		email, known = a, a
	}
	all := "sign-ins " + v.name()
	here := all + " " + strings.ToLower(email)
	tried, err := s.attempt(ctx, limit{name: here, most: maxGuesses}, limit{name: all, most: maxFailures, familiar: here})
	if err != nil {
		return User{}, err
	}
	u, kept, err := s.Store.UserAt(ctx, known)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return User{}, err
	}
	same, weak := s.Passwords.Check(password, kept)
	if !same || !u.signsIn() {
		tried.failed(ctx)
		return User{}, errSignIn()
	}
	tried.succeeded(ctx, here)
	if weak {
		return u, s.strengthen(ctx, u, kept, password)
	}
	return u, nil
}

// strengthen keeps a password that was right as a new one is kept.
func (s *Service) strengthen(ctx context.Context, u User, was, password string) error {
	kept, err := s.Passwords.Hash(password)
	if err != nil {
		return err
	}
	err = s.Store.ReplacePassword(ctx, u, was, kept)
	if fault.Is(err, fault.Stale) { // another one was set: it ends this one's session
		return nil
	}
	return err
}

func (u User) signsIn() bool { return u.State == Active && u.Role != Disabled }

// over reports whether an access token has ended. Keys have no end.
func (k Key) over(u User, now time.Time) bool {
	return k.Session != "" && (u.Passwords != k.Passwords || !now.Before(k.Until))
}

func (s *Service) start(ctx context.Context, u User) (Session, error) {
	signedIn := SignedIn{
		ID: s.IDs.Chars(keyIDLength), Organization: u.Organization, User: u.ID, Passwords: u.Passwords, Until: s.Now().Add(SessionFor),
	}
	session, refresh, access := s.tokens(signedIn, u)
	return session, s.Store.StartSession(ctx, signedIn, refresh, access)
}

// tokens makes the next tokens of a session.
func (s *Service) tokens(in SignedIn, u User) (Session, Refreshing, Key) {
	now, id, secret, refresh := s.Now(), s.IDs.Chars(keyIDLength), s.IDs.Secret(), s.IDs.Secret()
	hash := sha256.Sum256([]byte(secret))
	access := Key{
		ID: id, Organization: in.Organization, User: in.User, Hash: hash[:], CreatedAt: now,
		Session: in.ID, Passwords: in.Passwords, Until: earlier(now.Add(AccessFor), in.Until),
	}
	next := Refreshing{Hash: tokenHash(refresh), Until: earlier(now.Add(RefreshFor), in.Until)}
	return Session{
		At: now, Access: keyPrefix + id + "_" + secret, AccessUntil: access.Until,
		Refresh: refreshPrefix + in.ID + "_" + refresh, RefreshUntil: next.Until, User: u,
	}, next, access
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Refresh spends a refresh token and returns the next tokens of its session.
// One that was spent before was stolen, or this one is: the session ends. Any
// that gets nothing is the same Unauthenticated fault.
func (s *Service) Refresh(ctx context.Context, refresh string) (Session, error) {
	in, spent, u, err := s.refreshing(ctx, refresh)
	if err != nil {
		return Session{}, err
	}
	now := s.Now()
	switch {
	case spent.Spent:
		return Session{}, s.reused(ctx, in)
	case !now.Before(spent.Until), !now.Before(in.Until), u.Passwords != in.Passwords, !u.signsIn():
		return Session{}, errRefresh()
	}
	session, next, access := s.tokens(in, u)
	switch err := s.Store.Refresh(ctx, s.IDs.UUID(), in, spent, next, access); {
	case fault.Is(err, fault.Conflict):
		return Session{}, s.reused(ctx, in)
	case fault.Is(err, fault.NotFound):
		return Session{}, errRefresh()
	case err != nil:
		return Session{}, err
	}
	return session, nil
}

// refreshing returns what a refresh token belongs to.
func (s *Service) refreshing(ctx context.Context, refresh string) (SignedIn, Refreshing, User, error) {
	rest, ok := strings.CutPrefix(refresh, refreshPrefix)
	id, secret, cut := strings.Cut(rest, "_")
	if !ok || !cut || len(id) != keyIDLength || len(secret) != ident.SecretLength {
		return SignedIn{}, Refreshing{}, User{}, errRefresh()
	}
	in, spent, u, err := s.Store.SessionOf(ctx, id, tokenHash(secret))
	if fault.Is(err, fault.NotFound) {
		err = errRefresh()
	}
	return in, spent, u, err
}

func (s *Service) reused(ctx context.Context, in SignedIn) error {
	if err := s.end(ctx, in); err != nil {
		return err
	}
	return errRefresh()
}

// SignOut ends the session of a refresh token, also of one that is spent or
// over. Here its access tokens end at once, elsewhere within CacheFor. One
// that is unknown is no failure (RFC 7009, section 2.2).
func (s *Service) SignOut(ctx context.Context, refresh string) error {
	in, _, _, err := s.refreshing(ctx, refresh)
	if fault.Is(err, fault.Unauthenticated) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, in)
}

// Leave ends the session of an access token, with all its tokens, as SignOut
// does. One that is over or unknown is no failure, and an API key stays.
func (s *Service) Leave(ctx context.Context, access string) error {
	who, err := s.Authenticate(ctx, access)
	if fault.Is(err, fault.Unauthenticated) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := s.lookUp(ctx, who.Key)
	if err != nil || c.key.Session == "" {
		return err
	}
	return s.end(ctx, SignedIn{ID: c.key.Session})
}

func (s *Service) end(ctx context.Context, in SignedIn) error {
	if err := s.Store.EndSession(ctx, in.ID); err != nil {
		return err
	}
	s.forget(func(c cached) bool { return c.key.Session == in.ID })
	return nil
}
