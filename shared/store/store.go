// Package store keeps the domain's entities in the table: the key strings
// and attributes of each, written once for every engine. It refuses to
// decide anything: conditions mirror the domain's rules, and a refused write
// hands the item back to the domain to say why.
//
//	entity       pk                        sk
//	organization org#<org>                 org
//	user         org#<org>                 user#<user>
//	name, email  orgname#…, email#…        -            (unique)
//	user's org   userid#<user>             user         (and who was declined)
//	register     register#<hash>           register     (a one-time token)
//	session      session#<session>         session
//	refresh      session#<session>         refresh#<hash>
//	attempts     attempts#<hash>           <end of their window>
//	familiar     familiar#<hash>           familiar     (a visitor at an address)
//	key          key#<key>                 key          (or an access token)
//	key of org   keys#<org>                <key>
//	counter      counter#<org>             media | link
//	file         files#<org>               <file>       (ids sort by time)
//	file of asset asset_document#<org>#<asset> <file> (and maintenance_file)
//	media id     media#<org>               <number>
//	share        share#<ref>               share
//	claim        share#<ref>               claim#<claim>
//	share card   links#<org>               <share>      (what never changes)
//	share of file filelinks#<org>#<file>   <share>      (or of a document)
//	number       number#<org>              <number>
//	event        events#<org>#<share>      <time>#<event>
//	mailing      mailing#<mailing>         mailing
//	letter       mailing#<mailing>         to#<address>
//	deferred     deferred#<id>             mail
//	suppressed   suppressed#<org>          <address>
//	recording    rec#<org>                 <recording>
//	its id       recid#<recording>         recording    (unique everywhere)
//	recordings   counter#<org>             recordings   (how many there are)
//	document     doc#<org>#<recording>     <document>
//	product      products#<org>#<recording> <name>
//	its id       productid#<org>           <product>
//	its token    productref#<ref>          product
//	job          job#<job>                 job
//	job card     jobs#<org>                <time>#<job> (of those asked for)
//	batch        batches#<org>#<folder>    <batch>
//	its id       batchid#<org>             <batch>
//	comment      comments#<org>#<document> <comment>
//	webhook      webhooks#<org>            <webhook>
//	delivery     deliveries#<org>#<webhook> <event>
//	once         once#<hash>               once
package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

// The indexes.
const (
	eventsIndex = "events" // events of an organization by time
	dueIndex    = "due"    // deferred mails by the time of their next attempt
)

// Schema is the indexes that the table must have; template.yaml says the same.
func Schema() table.Schema {
	return table.Schema{Indexes: []table.Index{
		{Name: eventsIndex, PK: "eventorg", SK: "eventat", Project: []string{
			"id", "org", "share", "via", "file", "type", "at", "by", "from", "agent", "recipient", "reason", "automatic",
		}},
		{Name: dueIndex, PK: "due", SK: "dueat", Project: []string{
			"id", "org", "mailing", "recipient", "shares", "attempts",
		}},
	}}
}

// PageKeyLabel derives the key of page tokens from the sealing key.
const PageKeyLabel = "page tokens"

// millis is how times are stored: integers that conditions can compare.
func millis(t time.Time) int64 { return t.UnixMilli() }

func timeOf(it table.Item, name string) time.Time {
	ms := it.Int(name)
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// setTime sets a time attribute unless it is zero: absent means never.
func setTime(it table.Item, name string, t time.Time) {
	if !t.IsZero() {
		it[name] = millis(t)
	}
}

// setString sets an attribute unless it is empty.
func setString(it table.Item, name, value string) {
	if value != "" {
		it[name] = value
	}
}

func item(pk, sk string) table.Item { return table.Item{table.PK: pk, table.SK: sk} }

// fresh is a put that must not replace anything.
func fresh(it table.Item) table.Op {
	return table.Op{Put: &table.Put{Item: it, If: table.Absent(table.PK)}}
}

func put(it table.Item) table.Op { return table.Op{Put: &table.Put{Item: it}} }

func remove(pk, sk string) table.Op {
	return table.Op{Delete: &table.Delete{Key: table.Key{PK: pk, SK: sk}}}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// commit is Commit, tried again while others get in its way.
func commit(ctx context.Context, t table.Engine, writer string, ops ...table.Op) error {
	return busy(table.Retry(ctx, func() error { return t.Commit(ctx, writer, ops...) }))
}

// busy is what a conflict is that did not end in time: nothing was written,
// and the caller may try again.
func busy(err error) error {
	if errors.Is(err, table.ErrConflict) {
		return fault.Wrap(fault.Unavailable, err, "too many changes at once, try again")
	}
	return err
}

// update is Update, tried again while a Commit on the item gets in its way.
func update(ctx context.Context, t table.Engine, u table.Update) (table.Item, error) {
	var it table.Item
	err := table.Retry(ctx, func() (err error) {
		it, err = t.Update(ctx, u)
		return err
	})
	return it, busy(err)
}

// next returns a number never returned before for a counter.
func next(ctx context.Context, t table.Engine, organization, counter string) (int64, error) {
	it, err := update(ctx, t, table.Update{
		Key: table.Key{PK: "counter#" + organization, SK: counter},
		Add: map[string]int64{"n": 1},
	})
	return it.Int("n"), err
}

// onceOp remembers that once made ref. It is the last operation of a commit,
// so that replayed finds it.
func onceOp(o account.Once, ref string, now time.Time) []table.Op {
	if o.Key == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(o.Key))
	it := item("once#"+base64.RawURLEncoding.EncodeToString(sum[:]), "once")
	it["digest"], it["ref"], it[table.TTL] = o.Digest, ref, now.Add(account.OnceFor).Unix()
	return []table.Op{{Put: &table.Put{
		Item: it, If: table.Or(table.Absent(table.PK), table.Less(table.TTL, now.Unix())),
	}}}
}

// replay returns what once made, or "" if it was not done in its time.
func replay(ctx context.Context, t table.Engine, o account.Once, now time.Time) (string, error) {
	ops := onceOp(o, "", now)
	if ops == nil {
		return "", nil
	}
	it, err := t.Get(ctx, ops[0].Put.Item.Key(), true)
	if err != nil || it == nil || it.Int(table.TTL) < now.Unix() {
		return "", err
	}
	return madeBy(it, o)
}

// madeBy reads the record of a once; Invalid if it was another request's.
func madeBy(it table.Item, o account.Once) (string, error) {
	if it.String("digest") != o.Digest {
		return "", fault.Field(fault.Invalid, "Idempotency-Key", "was used with another request")
	}
	return it.String("ref"), nil
}

// replayed turns a commit refused by its onceOp into what the first one
// made, and leaves every other error alone.
func replayed(err error, o account.Once) error {
	r := table.Refused(err)
	if o.Key == "" || r == nil || !r.Reasons[len(r.Reasons)-1].Failed {
		return err
	}
	ref, err := madeBy(r.Reasons[len(r.Reasons)-1].Item, o)
	if err != nil {
		return err
	}
	return &account.ReplayedError{Ref: ref}
}

// page asks the table for a page; a cursor that is not ours is the caller's
// mistake.
func page(ctx context.Context, t table.Engine, q table.Query, p file.Page) (table.Page, error) {
	q.Limit, q.Token = p.Limit, p.Cursor
	got, err := t.Query(ctx, q)
	if errors.Is(err, table.ErrToken) {
		return table.Page{}, fault.Field(fault.Invalid, "cursor", "is not one from this list")
	}
	return got, err
}
