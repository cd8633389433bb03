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
	org := item("org#"+o.ID, "org")
	org["name"], org["created"] = o.Name, millis(o.CreatedAt)
	unique := func(pk, ref string) table.Op {
		it := item(pk, "-")
		it["ref"] = ref
		return fresh(it)
	}
	ops := append([]table.Op{
		unique("orgname#"+strings.ToLower(o.Name), o.ID),
		unique("email#"+strings.ToLower(u.Email), u.ID),
		fresh(org), fresh(userItem(u)),
	}, keyOps(k)...)
	err := commit(ctx, s.Table, o.ID, ops...)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return fault.Field(fault.Conflict, "organization", "exists already")
	} else if r != nil && r.Reasons[1].Failed {
		return fault.Field(fault.Conflict, "email", "belongs to a user already")
	}
	return err
}

func userItem(u account.User) table.Item {
	it := item("org#"+u.Organization, "user#"+u.ID)
	it["email"], it["name"], it["role"], it["state"] = u.Email, u.Name, string(u.Role), string(u.State)
	it["created"] = millis(u.CreatedAt)
	return it
}

func userOf(it table.Item) account.User {
	return account.User{
		ID:           strings.TrimPrefix(it.String(table.SK), "user#"),
		Organization: strings.TrimPrefix(it.String(table.PK), "org#"),
		Email:        it.String("email"), Name: it.String("name"),
		Role: account.Role(it.String("role")), State: account.State(it.String("state")),
		CreatedAt: timeOf(it, "created"),
	}
}

// keyOps puts a key twice: where a request finds it, and in its
// organization's list.
func keyOps(k account.Key) []table.Op {
	ops := make([]table.Op, 0, 2)
	for _, it := range []table.Item{item("key#"+k.ID, "key"), item("keys#"+k.Organization, k.ID)} {
		it["id"], it["org"], it["user"], it["name"] = k.ID, k.Organization, k.User, k.Name
		it["hash"], it["created"] = k.Hash, millis(k.CreatedAt)
		ops = append(ops, fresh(it))
	}
	return ops
}

func keyOf(it table.Item) account.Key {
	return account.Key{
		ID: it.String("id"), Organization: it.String("org"), User: it.String("user"),
		Name: it.String("name"), Hash: it.Bytes("hash"), CreatedAt: timeOf(it, "created"),
	}
}

// Key implements account.Store.
func (s Accounts) Key(ctx context.Context, id string) (account.Key, account.User, error) {
	it, err := s.Table.Get(ctx, table.Key{PK: "key#" + id, SK: "key"}, true)
	if err != nil || it == nil {
		return account.Key{}, account.User{}, cmp.Or(err, error(fault.New(fault.NotFound, "key not found")))
	}
	k := keyOf(it)
	it, err = s.Table.Get(ctx, table.Key{PK: "org#" + k.Organization, SK: "user#" + k.User}, true)
	if err != nil || it == nil {
		return account.Key{}, account.User{}, cmp.Or(err, error(fault.New(fault.NotFound, "user not found")))
	}
	return k, userOf(it), nil
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
	err := commit(ctx, s.Table, id, table.Op{Delete: &listed}, remove("key#"+id, "key"))
	if table.Refused(err) != nil {
		return fault.New(fault.NotFound, "key not found")
	}
	return err
}
