package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
	"latchkey/shared/mail/address"
)

const (
	keyPrefix   = "lk_"
	keyIDLength = 16
	cacheSize   = 1000
)

// Service is what can be done with accounts.
type Service struct {
	Store     Store
	Post      Post      // of invitations; nobody else needs it
	Passwords Passwords // for who registers or signs in; nobody else needs it
	IDs       ident.Source
	Now       func() time.Time

	mu    sync.Mutex
	cache map[string]cached // by key id
}

type cached struct {
	key          Key
	user         User
	organization Organization
	until        time.Time
}

// Authenticate returns who holds an API key. Every failure is the same
// Unauthenticated fault: nothing tells whether an id exists.
func (s *Service) Authenticate(ctx context.Context, key string) (Principal, error) {
	id, secret, ok := parseKey(key)
	if !ok {
		return Principal{}, errUnauthenticated()
	}
	c, err := s.lookUp(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return Principal{}, errUnauthenticated()
	}
	if err != nil {
		return Principal{}, err
	}
	hash, u := sha256.Sum256([]byte(secret)), c.user
	if subtle.ConstantTimeCompare(hash[:], c.key.Hash) != 1 || !u.signsIn() || c.key.over(u, s.Now()) {
		return Principal{}, errUnauthenticated()
	}
	return Principal{
		Organization: c.organization.ID, User: u.ID, Email: u.Email, Name: u.Name, Key: c.key.ID, Role: u.Role,
		Standing: c.organization.Standing, Keywords: c.organization.Keywords,
	}, nil
}

func errUnauthenticated() error {
	return fault.New(fault.Unauthenticated, "missing or unknown API key")
}

func parseKey(key string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(key, keyPrefix)
	if !ok {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	return id, secret, ok && len(id) == keyIDLength && len(secret) == ident.SecretLength
}

func (s *Service) lookUp(ctx context.Context, id string) (cached, error) {
	now := s.Now()
	s.mu.Lock()
	c, ok := s.cache[id]
	s.mu.Unlock()
	if ok && now.Before(c.until) {
		return c, nil
	}
	k, u, o, err := s.Store.Key(ctx, id)
	if err != nil {
		s.forget(func(c cached) bool { return c.key.ID == id })
		return cached{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Thrown away whole when full: a bound without bookkeeping on every call.
	if s.cache == nil || len(s.cache) >= cacheSize {
		s.cache = make(map[string]cached)
	}
	c = cached{k, u, o, now.Add(CacheFor)}
	s.cache[id] = c
	return c, nil
}

// forget takes what was changed here out of the cache: other functions know
// of it within CacheFor, this one at once.
func (s *Service) forget(changed func(cached) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.cache, func(_ string, c cached) bool { return changed(c) })
}

// CreateKey makes a key for the calling user, or for the active one of the
// organization who has the address email unless it is "". It returns the key
// with its secret form, which cannot be had again: a replay of the same Once
// returns the key with an empty secret.
func (s *Service) CreateKey(ctx context.Context, who Principal, name, email string, once Once) (Key, string, error) {
	if err := who.Require(ManageKeys); err != nil {
		return Key{}, "", err
	}
	if err := checkName("name", name); err != nil {
		return Key{}, "", err
	}
	if ref, err := s.Store.Replay(ctx, once); err != nil || ref != "" {
		return s.replayed(ctx, ref, err)
	}
	user, err := s.holder(ctx, who, email)
	if err != nil {
		return Key{}, "", err
	}
	keys, err := s.Store.Keys(ctx, who.Organization)
	if err != nil {
		return Key{}, "", err
	}
	k, secret := s.newKey(who.Organization, user, name)
	if len(keys) >= MaxKeys {
		return Key{}, "", fault.New(fault.Conflict, "an organization can have %d keys: delete one first", MaxKeys)
	}
	var replayed *ReplayedError
	switch err := s.Store.AddKey(ctx, k, once); {
	case errors.As(err, &replayed):
		return s.replayed(ctx, replayed.Ref, nil)
	case err != nil:
		return Key{}, "", err
	}
	return k, secret, nil
}

// holder is the id of the user who gets a key.
func (s *Service) holder(ctx context.Context, who Principal, email string) (string, error) {
	if email == "" {
		return who.User, nil
	}
	users, err := s.Store.Users(ctx, who.Organization)
	if err != nil {
		return "", err
	}
	// Who is not active yet may be gone tomorrow, and their key would stay.
	i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Email, email) && u.State == Active })
	if i < 0 {
		return "", fault.Field(fault.Invalid, "email", "is not the address of an active user")
	}
	return users[i].ID, nil
}

// replayed answers the key that an earlier request with the same Once made.
func (s *Service) replayed(ctx context.Context, ref string, err error) (Key, string, error) {
	if err != nil {
		return Key{}, "", err
	}
	k, _, _, err := s.Store.Key(ctx, ref)
	return k, "", err
}

func (s *Service) newKey(organization, user, name string) (Key, string) {
	id, secret := s.IDs.Chars(keyIDLength), s.IDs.Secret()
	hash := sha256.Sum256([]byte(secret))
	k := Key{ID: id, Organization: organization, User: user, Name: name, Hash: hash[:], CreatedAt: s.Now()}
	return k, keyPrefix + id + "_" + secret
}

// Keys lists the organization's keys, oldest first.
func (s *Service) Keys(ctx context.Context, who Principal) ([]Key, error) {
	if err := who.Require(ManageKeys); err != nil {
		return nil, err
	}
	return s.Store.Keys(ctx, who.Organization)
}

// DeleteKey ends a key and returns the time by which no function accepts it
// any more. A key cannot delete itself: that is how people lock themselves out.
func (s *Service) DeleteKey(ctx context.Context, who Principal, id string) (time.Time, error) {
	if err := who.Require(ManageKeys); err != nil {
		return time.Time{}, err
	}
	if id == who.Key {
		return time.Time{}, fault.New(fault.Conflict, "a key cannot delete itself: use another one")
	}
	if err := s.Store.DeleteKey(ctx, who.Organization, id); err != nil {
		return time.Time{}, err
	}
	s.forget(func(c cached) bool { return c.key.ID == id })
	return s.Now().Add(CacheFor), nil
}

// Founding is what a new organization starts with.
type Founding struct {
	Organization Organization
	User         User
	Key          string // shown this once
}

// Found makes an organization with an admin and that admin's first key.
func (s *Service) Found(ctx context.Context, organization, email, name string) (Founding, error) {
	if err := checkName("organization", organization); err != nil {
		return Founding{}, err
	}
	email, err := address.Parse(email)
	if err != nil {
		return Founding{}, fault.Field(fault.Invalid, "email", "is not an email address")
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if err := checkName("name", name); err != nil {
		return Founding{}, err
	}
	return s.found(ctx, Organization{ID: s.IDs.UUID(), Name: organization, Standing: Good}, email, name)
}

func (s *Service) found(ctx context.Context, o Organization, email, name string) (Founding, error) {
	o.CreatedAt = s.Now()
	u := User{ID: s.IDs.UUID(), Organization: o.ID, Email: email, Name: name, Role: Admin, State: Active, CreatedAt: o.CreatedAt}
	k, secret := s.newKey(o.ID, u.ID, "first key")
	if err := s.Store.Found(ctx, o, u, k); err != nil {
		return Founding{}, err
	}
	return Founding{Organization: o, User: u, Key: secret}, nil
}

func checkName(field, name string) error {
	switch n := utf8.RuneCountInString(name); {
	case strings.TrimSpace(name) == "":
		return fault.Field(fault.Missing, field, "is missing")
	case n > MaxNameLength:
		return fault.Field(fault.Invalid, field, "is longer than %d characters", MaxNameLength)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fault.Field(fault.Invalid, field, "has control characters")
	}
	return nil
}
