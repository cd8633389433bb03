package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/table"
)

func errSession() error { return fault.New(fault.NotFound, "session not found") }

func sessionKey(id string) table.Key { return table.Key{PK: "session#" + id, SK: "session"} }

func refreshKey(id, hash string) table.Key {
	return table.Key{PK: sessionKey(id).PK, SK: "refresh#" + hash}
}

// tokenOps puts a session's next tokens.
func tokenOps(id string, refresh account.Refreshing, access account.Key) []table.Op {
	r := item(refreshKey(id, refresh.Hash).PK, refreshKey(id, refresh.Hash).SK)
	r["until"], r[table.TTL] = millis(refresh.Until), refresh.Until.Unix()
	a := keyItem(keyKey(access.ID), access)
	a["session"], a["passwords"], a["until"], a[table.TTL] = access.Session, access.Passwords, millis(access.Until), access.Until.Unix()
	return []table.Op{fresh(r), fresh(a)}
}

// StartSession implements account.Sessions.
func (s Accounts) StartSession(ctx context.Context, in account.SignedIn, refresh account.Refreshing, access account.Key) error {
	it := item(sessionKey(in.ID).PK, sessionKey(in.ID).SK)
	it["org"], it["user"], it["passwords"] = in.Organization, in.User, in.Passwords
	it["until"], it[table.TTL] = millis(in.Until), in.Until.Unix()
	return commit(ctx, s.Table, in.ID, append(tokenOps(in.ID, refresh, access), fresh(it))...)
}

// SessionOf implements account.Sessions.
func (s Accounts) SessionOf(ctx context.Context, id, hash string) (in account.SignedIn, r account.Refreshing, u account.User, err error) {
	items, err := s.Table.BatchGet(ctx, []table.Key{sessionKey(id), refreshKey(id, hash)})
	if err != nil {
		return in, r, u, err
	}
	if items[0] == nil || items[1] == nil {
		return in, r, u, errSession()
	}
	in = account.SignedIn{
		ID: id, Organization: items[0].String("org"), User: items[0].String("user"),
		Passwords: items[0].Int("passwords"), Until: timeOf(items[0], "until"),
	}
	r = account.Refreshing{Hash: hash, Spent: items[1].Bool("spent"), Until: timeOf(items[1], "until")}
	u, err = s.User(ctx, in.Organization, in.User)
	return in, r, u, err
}

// Refresh implements account.Sessions. A spent token stays until its time is
// over, to be known again.
func (s Accounts) Refresh(ctx context.Context, writer string, in account.SignedIn, spent, next account.Refreshing, access account.Key) error {
	spend := table.Update{
		Key: refreshKey(in.ID, spent.Hash), Set: table.Item{"spent": true},
		If: table.And(table.Exists(table.PK), table.Absent("spent")),
	}
	ops := []table.Op{{Check: &table.Check{Key: sessionKey(in.ID), If: table.Exists(table.PK)}}, {Update: &spend}}
	err := commit(ctx, s.Table, writer, append(ops, tokenOps(in.ID, next, access)...)...)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return errSession()
	} else if r != nil && r.Reasons[1].Failed {
		return fault.New(fault.Conflict, "the refresh token is spent")
	}
	return err
}

// EndSession implements account.Sessions.
func (s Accounts) EndSession(ctx context.Context, id string) error {
	return commit(ctx, s.Table, id, remove(sessionKey(id).PK, sessionKey(id).SK))
}

// nameHash is what is kept of a name that is counted or remembered: who it
// is, is nobody's business.
func nameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Count implements account.Sessions.
func (s Accounts) Count(ctx context.Context, name string, until time.Time, by, limit int64) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: table.Key{PK: "attempts#" + nameHash(name), SK: number(until.Unix())},
		Add: map[string]int64{"n": by}, Set: table.Item{table.TTL: until.Unix()},
		If: table.Or(table.Absent("n"), table.Less("n", limit)),
	})
	if table.Refused(err) != nil {
		return fault.New(fault.Throttled, "too many attempts, try again later")
	}
	return err
}

func familiarKey(name string) table.Key {
	return table.Key{PK: "familiar#" + nameHash(name), SK: "familiar"}
}

// Remember implements account.Sessions.
func (s Accounts) Remember(ctx context.Context, name string, until, enough time.Time) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: familiarKey(name), Set: table.Item{"until": millis(until), table.TTL: until.Unix()},
		If: table.Or(table.Absent("until"), table.Less("until", millis(enough))),
	})
	if table.Refused(err) != nil {
		return nil
	}
	return err
}

// Remembered implements account.Sessions.
func (s Accounts) Remembered(ctx context.Context, name string) (time.Time, error) {
	it, err := s.Table.Get(ctx, familiarKey(name), true)
	return timeOf(it, "until"), err
}
