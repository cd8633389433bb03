package store

import (
	"cmp"
	"context"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/table"
)

func errUser() error { return fault.New(fault.NotFound, "user not found") }

func errUserChanged() error { return fault.New(fault.Stale, "the user was changed meanwhile") }

// refusedUser is Stale for what a condition on a user refused.
func refusedUser(err error) error {
	if table.Refused(err) != nil {
		return errUserChanged()
	}
	return err
}

// userIDItem says of which organization a user is whose id alone is known.
func userIDItem(u account.User) table.Item {
	it := item(userIDKey(u.ID).PK, userIDKey(u.ID).SK)
	it["org"] = u.Organization
	return it
}

func userIDKey(id string) table.Key { return table.Key{PK: "userid#" + id, SK: "user"} }

// emailOp claims an address for a user.
func emailOp(u account.User) table.Op {
	op := unique(emailKey(u.Email), u.ID)
	op.Put.Item["org"] = u.Organization
	return op
}

// UserAt implements account.Joins.
func (s Accounts) UserAt(ctx context.Context, email string) (account.User, string, error) {
	at, err := s.Table.Get(ctx, table.Key{PK: emailKey(email), SK: "-"}, true)
	if err != nil {
		return account.User{}, "", err
	}
	organization, id := cmp.Or(at.String("org"), "none"), cmp.Or(at.String("ref"), "none")
	// Read for an address of nobody too: time does not tell.
	it, err := s.Table.Get(ctx, userKey(organization, id), true)
	switch {
	case err != nil:
		return account.User{}, "", err
	case at != nil && at.String("org") == "":
		return account.User{ID: id}, "", nil
	case it == nil:
		return account.User{}, "", errUser()
	}
	return userOf(it), it.String("password"), nil
}

// User implements account.Joins.
func (s Accounts) User(ctx context.Context, organization, id string) (account.User, error) {
	it, err := s.Table.Get(ctx, userKey(organization, id), true)
	if err != nil || it == nil {
		return account.User{}, cmp.Or(err, errUser())
	}
	return userOf(it), nil
}

// Known implements account.Joins.
func (s Accounts) Known(ctx context.Context, id string) (account.User, time.Time, error) {
	for again := false; ; again = true {
		it, err := s.Table.Get(ctx, userIDKey(id), true)
		if err != nil || it == nil {
			return account.User{}, time.Time{}, cmp.Or(err, errUser())
		}
		if until := timeOf(it, "until"); !until.IsZero() {
			return account.User{ID: id, Organization: it.String("org"), Joining: account.Declined}, until, nil
		}
		u, err := s.User(ctx, it.String("org"), id)
		if again || !fault.Is(err, fault.NotFound) {
			return u, time.Time{}, err
		}
		// They were declined since their id was read.
	}
}

func registerKey(hash string) table.Key { return table.Key{PK: "register#" + hash, SK: "register"} }

// OfferRegistration implements account.Joins. Two at the same moment have one
// number: then one more is kept.
func (s Accounts) OfferRegistration(ctx context.Context, writer string, was account.User, hash string, until time.Time) error {
	offer := item(registerKey(hash).PK, registerKey(hash).SK)
	offer["org"], offer["user"], offer["until"], offer[table.TTL] = was.Organization, was.ID, millis(until), until.Unix()
	offer["number"], offer["passwords"] = was.Offered+1, was.Passwords
	return refusedUser(commit(ctx, s.Table, writer, fresh(offer), table.Op{Update: &table.Update{
		Key: userKey(was.Organization, was.ID), Add: map[string]int64{"offered": 1}, If: stands(was),
	}}))
}

// stands holds when a user is where they stood.
func stands(was account.User) table.Cond {
	joining := table.Equal("joining", string(was.Joining))
	if was.Joining == "" {
		joining = table.Absent("joining")
	}
	return table.And(table.Equal("state", string(was.State)), joining)
}

// unchanged holds when a user is where they stood, with the role that they had.
func unchanged(was account.User) table.Cond {
	return table.And(stands(was), table.Equal("role", string(was.Role)))
}

// counts holds when so many are counted, of what is absent until there is one.
func counts(attr string, n int64) table.Cond {
	if n == 0 {
		return table.Absent(attr)
	}
	return table.Equal(attr, n)
}

// Registration implements account.Joins.
func (s Accounts) Registration(ctx context.Context, hash string) (account.Offer, error) {
	offer, err := s.Table.Get(ctx, registerKey(hash), true)
	if err != nil || offer == nil {
		return account.Offer{}, cmp.Or(err, errUser())
	}
	u, err := s.User(ctx, offer.String("org"), offer.String("user"))
	return account.Offer{User: u, Number: offer.Int("number"), Passwords: offer.Int("passwords"), Until: timeOf(offer, "until")}, err
}

// Register implements account.Joins.
func (s Accounts) Register(ctx context.Context, writer, hash string, u account.User, password string) error {
	change := table.Update{
		Key: userKey(u.Organization, u.ID), Set: table.Item{"name": u.Name, "state": string(u.State), "password": password},
		Add: map[string]int64{"passwords": 1},
		// Of all that are used at the same time one finds no other password.
		If: table.And(counts("passwords", u.Passwords), table.Equal("state", string(u.State))),
	}
	setString(change.Set, "joining", string(u.Joining))
	return refusedUser(commit(ctx, s.Table, writer, table.Op{Update: &change}, remove(registerKey(hash).PK, registerKey(hash).SK)))
}

// ReplacePassword implements account.Joins.
func (s Accounts) ReplacePassword(ctx context.Context, u account.User, was, password string) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: userKey(u.Organization, u.ID), Set: table.Item{"password": password}, If: table.Equal("password", was),
	})
	return refusedUser(err)
}

// Accept implements account.Joins. It counts no roster: the rules about all
// users of an organization ask only who is an admin, how many there are and
// which short ids, and this changes none of them. It is a commit, so that one
// whose answer is lost and that is sent again is not too late for itself.
func (s Accounts) Accept(ctx context.Context, writer string, was account.User, role account.Role) error {
	return refusedUser(commit(ctx, s.Table, writer, table.Op{Update: &table.Update{
		Key: userKey(was.Organization, was.ID), If: unchanged(was),
		Set: table.Item{"joining": string(account.Accepted), "state": string(account.Active), "role": string(role)},
	}}))
}

// Decline implements account.Joins. It counts no roster: that there is one
// user fewer breaks no decision about the others.
func (s Accounts) Decline(ctx context.Context, writer string, was account.User, knownUntil time.Time) error {
	known := userIDItem(was)
	known["until"], known[table.TTL] = millis(knownUntil), knownUntil.Unix()
	return refusedUser(commit(ctx, s.Table, writer, append(removeUser(was, unchanged(was)), put(known))...))
}

// removeUser deletes a user if a condition holds, and what claims their address.
func removeUser(u account.User, when table.Cond) []table.Op {
	return []table.Op{
		{Delete: &table.Delete{Key: userKey(u.Organization, u.ID), If: when}},
		{Delete: &table.Delete{Key: table.Key{PK: emailKey(u.Email), SK: "-"}, If: table.Equal("ref", u.ID)}},
	}
}

// Release implements account.Joins. It counts no roster, as Decline does not.
func (s Accounts) Release(ctx context.Context, writer string, was account.User) error {
	same := table.And(unchanged(was), counts("handed", was.Handed))
	id := userIDKey(was.ID)
	return refusedUser(commit(ctx, s.Table, writer, append(removeUser(was, same), remove(id.PK, id.SK))...))
}
