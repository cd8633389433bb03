package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/table"
)

// Accounts implements account.Store.
type Accounts struct {
	Table table.Engine
	Now   func() time.Time
}

var _ account.Store = Accounts{}

// Found implements account.Store.
func (s Accounts) Found(ctx context.Context, o account.Organization, u account.User, k account.Key) error {
	org := item(organizationKey(o.ID).PK, organizationKey(o.ID).SK)
	org["name"], org["standing"], org["created"] = o.Name, string(o.Standing), millis(o.CreatedAt)
	ops := append([]table.Op{
		unique(nameKey(o.Name), o.ID), emailOp(u),
		fresh(org), fresh(userItem(u)), put(userIDItem(u)),
	}, keyOps(k)...)
	err := commit(ctx, s.Table, o.ID, ops...)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return fault.Field(fault.Conflict, "organization", "exists already")
	} else if r != nil && r.Reasons[1].Failed {
		return fault.Field(fault.Conflict, "email", "belongs to a user already")
	}
	return err
}

func organizationKey(id string) table.Key { return table.Key{PK: "org#" + id, SK: "org"} }

func nameKey(name string) string { return "orgname#" + strings.ToLower(name) }

func emailKey(email string) string { return "email#" + strings.ToLower(email) }

// unique claims what only one may have.
func unique(pk, ref string) table.Op {
	it := item(pk, "-")
	it["ref"] = ref
	return fresh(it)
}

func organizationOf(it table.Item) account.Organization {
	o := account.Organization{
		ID: strings.TrimPrefix(it.String(table.PK), "org#"), Name: it.String("name"),
		// Organizations of before have none.
		Standing: cmp.Or(account.Standing(it.String("standing")), account.Good),
		Roster:   it.Int("roster"), CreatedAt: timeOf(it, "created"),
	}
	if text := it.String("keywords"); text != "" {
		o.Keywords = strings.Split(text, "\n")
	}
	return o
}

func userKey(organization, id string) table.Key {
	return table.Key{PK: "org#" + organization, SK: userPrefix + id}
}

const userPrefix = "user#"

func userItem(u account.User) table.Item {
	it := item(userKey(u.Organization, u.ID).PK, userKey(u.Organization, u.ID).SK)
	it["email"], it["name"], it["role"], it["state"] = u.Email, u.Name, string(u.Role), string(u.State)
	it["created"] = millis(u.CreatedAt)
	setString(it, "joining", string(u.Joining))
	return it
}

func userOf(it table.Item) account.User {
	return account.User{
		ID:           strings.TrimPrefix(it.String(table.SK), userPrefix),
		Organization: strings.TrimPrefix(it.String(table.PK), "org#"),
		Email:        it.String("email"), Name: it.String("name"),
		Role: account.Role(it.String("role")), State: account.State(it.String("state")),
		Joining: account.Joining(it.String("joining")), Passwords: it.Int("passwords"),
		Handed: it.Int("handed"), Offered: it.Int("offered"), CreatedAt: timeOf(it, "created"),
	}
}

// keyOps puts a key twice: where a request finds it, and in its
// organization's list.
func keyOps(k account.Key) []table.Op {
	return []table.Op{fresh(keyItem(keyKey(k.ID), k)), fresh(keyItem(table.Key{PK: "keys#" + k.Organization, SK: k.ID}, k))}
}

func keyKey(id string) table.Key { return table.Key{PK: "key#" + id, SK: "key"} }

func keyItem(at table.Key, k account.Key) table.Item {
	it := item(at.PK, at.SK)
	it["id"], it["org"], it["user"], it["name"] = k.ID, k.Organization, k.User, k.Name
	it["hash"], it["created"] = k.Hash, millis(k.CreatedAt)
	return it
}

func keyOf(it table.Item) account.Key {
	return account.Key{
		ID: it.String("id"), Organization: it.String("org"), User: it.String("user"),
		Name: it.String("name"), Hash: it.Bytes("hash"), CreatedAt: timeOf(it, "created"),
		Session: it.String("session"), Passwords: it.Int("passwords"), Until: timeOf(it, "until"),
	}
}

// Key implements account.Store.
func (s Accounts) Key(ctx context.Context, id string) (k account.Key, u account.User, o account.Organization, err error) {
	it, err := s.Table.Get(ctx, keyKey(id), true)
	if err != nil || it == nil {
		return k, u, o, cmp.Or(err, error(fault.New(fault.NotFound, "key not found")))
	}
	k = keyOf(it)
	keys := []table.Key{organizationKey(k.Organization), userKey(k.Organization, k.User)}
	if k.Session != "" {
		keys = append(keys, sessionKey(k.Session))
	}
	items, err := s.Table.BatchGet(ctx, keys)
	if err != nil {
		return k, u, o, err
	}
	if slices.ContainsFunc(items, func(it table.Item) bool { return it == nil }) {
		return k, u, o, errUser()
	}
	return k, userOf(items[1]), organizationOf(items[0]), nil
}

// Organization implements account.Store.
func (s Accounts) Organization(ctx context.Context, id string) (account.Organization, error) {
	it, err := s.Table.Get(ctx, organizationKey(id), true)
	if err != nil || it == nil {
		return account.Organization{}, cmp.Or(err, error(fault.New(fault.NotFound, "organization not found")))
	}
	return organizationOf(it), nil
}

// ChangeOrganization implements account.Store.
func (s Accounts) ChangeOrganization(ctx context.Context, writer string, was account.Organization, c account.OrganizationChange) error {
	u := table.Update{Key: organizationKey(was.ID), Set: table.Item{}, If: table.Exists(table.PK)}
	if c.Standing != nil {
		u.Set["standing"] = string(*c.Standing)
	}
	if c.Keywords != nil {
		assign(&u, "keywords", len(*c.Keywords) > 0, strings.Join(*c.Keywords, "\n"))
	}
	var ops []table.Op
	if c.Name != nil {
		u.Set["name"], u.If = *c.Name, table.Equal("name", was.Name)
		if nameKey(*c.Name) != nameKey(was.Name) {
			ops = append(ops, unique(nameKey(*c.Name), was.ID), remove(nameKey(was.Name), "-"))
		}
	}
	err := commit(ctx, s.Table, writer, append(ops, table.Op{Update: &u})...)
	if r := table.Refused(err); r != nil && len(ops) > 0 && r.Reasons[0].Failed {
		return fault.Field(fault.Conflict, "name", "is another organization's")
	} else if r != nil {
		return fault.New(fault.Stale, "the organization was changed meanwhile")
	}
	return err
}

// Users implements account.Store.
func (s Accounts) Users(ctx context.Context, organization string) ([]account.User, error) {
	items, err := queryAll(ctx, s.Table, organizationKey(organization).PK)
	var out []account.User
	for _, it := range items {
		if strings.HasPrefix(it.String(table.SK), userPrefix) {
			out = append(out, userOf(it))
		}
	}
	return out, err
}

// AddUser implements account.Store.
func (s Accounts) AddUser(ctx context.Context, u account.User, roster int64) error {
	err := commit(ctx, s.Table, u.ID, emailOp(u), fresh(userItem(u)), countRoster(u.Organization, roster), put(userIDItem(u)))
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return fault.Field(fault.Invalid, "email", "cannot be invited")
	}
	return staleRoster(err)
}

// ChangeRole implements account.Store.
func (s Accounts) ChangeRole(ctx context.Context, writer string, was account.User, role account.Role, roster int64) error {
	u := table.Update{Key: userKey(was.Organization, was.ID), Set: table.Item{"role": string(role)}, If: table.Exists(table.PK)}
	return staleRoster(commit(ctx, s.Table, writer, table.Op{Update: &u}, countRoster(was.Organization, roster)))
}

// countRoster counts an organization's roster up, if it is the one that is known.
func countRoster(organization string, roster int64) table.Op {
	known := table.Equal("roster", roster)
	if roster == 0 {
		known = table.And(table.Exists(table.PK), table.Absent("roster"))
	}
	return table.Op{Update: &table.Update{Key: organizationKey(organization), Add: map[string]int64{"roster": 1}, If: known}}
}

func staleRoster(err error) error {
	if table.Refused(err) != nil {
		return fault.New(fault.Stale, "the users were changed meanwhile")
	}
	return err
}

// Replay implements account.Store.
func (s Accounts) Replay(ctx context.Context, once account.Once) (string, error) {
	return replay(ctx, s.Table, once, s.Now())
}

// AddKey implements account.Store.
func (s Accounts) AddKey(ctx context.Context, k account.Key, once account.Once) error {
	ops := append(keyOps(k), onceOp(once, k.ID, s.Now())...)
	return replayed(commit(ctx, s.Table, k.ID, ops...), once)
}

// Keys implements account.Store.
func (s Accounts) Keys(ctx context.Context, organization string) ([]account.Key, error) {
	var keys []account.Key
	q := table.Query{PK: "keys#" + organization, Consistent: true}
	for {
		p, err := s.Table.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, it := range p.Items {
			keys = append(keys, keyOf(it))
		}
		if q.Token = p.Next; p.Next == "" {
			break
		}
	}
	slices.SortFunc(keys, func(a, b account.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return keys, nil
}

// DeleteKey implements account.Store.
func (s Accounts) DeleteKey(ctx context.Context, organization, id string) error {
	listed := table.Delete{Key: table.Key{PK: "keys#" + organization, SK: id}, If: table.Exists(table.PK)}
	err := commit(ctx, s.Table, id, table.Op{Delete: &listed}, remove(keyKey(id).PK, keyKey(id).SK))
	if table.Refused(err) != nil {
		return fault.New(fault.NotFound, "key not found")
	}
	return err
}
