package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

func errChanged() error { return fault.New(fault.Conflict, "the link was changed meanwhile") }

// Reseal implements share.Store.
func (s Shares) Reseal(ctx context.Context, sh share.Share, sealed string) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: shareKey(sh.Ref), Set: table.Item{"sealed": sealed}, If: table.Equal("sealed", sh.Sealed),
	})
	if table.Refused(err) != nil {
		return nil
	}
	return err
}

// Delete implements share.Store.
func (s Shares) Delete(ctx context.Context, shares []share.Share, events []share.Event) error {
	var c chunk
	for i, sh := range shares {
		key := shareKey(sh.Ref)
		ops := []table.Op{
			remove(key.PK, key.SK),
			remove("links#"+sh.Organization, sh.ID),
			remove(subjectLinks(sh.Organization, sh.Target.Subject()), sh.ID),
		}
		if sh.Number > 0 {
			ops = append(ops, remove("number#"+sh.Organization, number(sh.Number)))
		}
		if err := c.add(ctx, s.Table, events[i].ID, append(ops, eventOps(events[i])...)); err != nil {
			return err
		}
	}
	return c.flush(ctx, s.Table)
}

// AddMailing implements share.Store.
func (s Shares) AddMailing(ctx context.Context, m share.Mailing, shares []share.Share) error {
	it := item("mailing#"+m.ID, "mailing")
	it["org"], it["by"], it["created"], it["base"] = m.Organization, m.CreatedBy, millis(m.CreatedAt), m.Base
	setString(it, "sender", m.Sender)
	setString(it, "reply", m.ReplyTo)
	setString(it, "message", m.Message)
	c := chunk{writer: m.ID, ops: []table.Op{fresh(it)}}
	checked := make(map[string]bool) // files and documents, in the chunk being gathered
	letters := make(map[string]table.Set)
	for _, sh := range shares {
		letters[sh.Recipient] = append(letters[sh.Recipient], string(sh.Ref))
		ops := shareOps(sh)
		if len(c.ops)+len(ops)+1 > table.MaxCommitOps {
			if err := s.flushMailing(ctx, &c); err != nil {
				return err
			}
			clear(checked)
		}
		if id := sh.Target.Subject(); !checked[id] {
			checked[id] = true
			ops = append(ops, ready(sh))
		}
		if err := c.add(ctx, s.Table, sh.ID, ops); err != nil {
			return err
		}
	}
	for _, recipient := range slices.Sorted(maps.Keys(letters)) {
		it := item("mailing#"+m.ID, letterKey(recipient))
		it["refs"] = letters[recipient]
		if err := c.add(ctx, s.Table, m.ID+recipient, []table.Op{fresh(it)}); err != nil {
			return err
		}
	}
	return s.flushMailing(ctx, &c)
}

func letterKey(recipient string) string { return "to#" + strings.ToLower(recipient) }

// Addressed implements share.Store.
func (s Shares) Addressed(ctx context.Context, mailing, recipient string) ([]share.Share, error) {
	letter, err := s.Table.Get(ctx, table.Key{PK: "mailing#" + mailing, SK: letterKey(recipient)}, true)
	if err != nil || letter == nil {
		return nil, err
	}
	keys := make([]table.Key, 0, len(letter.Strings("refs")))
	for _, ref := range letter.Strings("refs") {
		keys = append(keys, shareKey(share.Ref(ref)))
	}
	items, err := batchGet(ctx, s.Table, keys)
	shares := make([]share.Share, len(items))
	for i, it := range items {
		shares[i] = shareOf(it)
	}
	return shares, err
}

// flushMailing commits a chunk of a mailing; its puts are new, so that a
// refusal can only be a file's.
func (s Shares) flushMailing(ctx context.Context, c *chunk) error {
	err := c.flush(ctx, s.Table)
	if table.Refused(err) != nil {
		return errNotReady()
	}
	return err
}

// Mailing implements share.Store.
func (s Shares) Mailing(ctx context.Context, id string) (share.Mailing, error) {
	it, err := s.Table.Get(ctx, table.Key{PK: "mailing#" + id, SK: "mailing"}, true)
	if err != nil || it == nil {
		return share.Mailing{}, cmp.Or(err, error(fault.New(fault.NotFound, "mailing not found")))
	}
	return share.Mailing{
		ID: id, Organization: it.String("org"), Sender: it.String("sender"), ReplyTo: it.String("reply"),
		Message: it.String("message"), Base: it.String("base"), CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"),
	}, nil
}

// Mailed implements share.Store.
func (s Shares) Mailed(ctx context.Context, shares []share.Share, events []share.Event) error {
	var c chunk
	for i, sh := range shares {
		ops := append([]table.Op{noteMail(sh)}, eventOps(events[i])...)
		if len(c.ops)+len(ops) > table.MaxCommitOps {
			if err := s.flushMailed(ctx, &c); err != nil {
				return err
			}
		}
		if err := c.add(ctx, s.Table, events[i].ID, ops); err != nil {
			return err
		}
	}
	return s.flushMailed(ctx, &c)
}

func noteMail(sh share.Share) table.Op {
	return table.Op{Update: &table.Update{
		Key: shareKey(sh.Ref), Set: table.Item{"mail": string(sh.Mail)}, If: heavier(sh.Mail),
	}}
}

// heavier holds when there is an item whose mail is in no state that this one
// does not replace.
func heavier(mail share.MailState) table.Cond {
	conds := []table.Cond{table.Exists(table.PK)}
	for _, state := range mail.Outweighed() {
		conds = append(conds, table.Not(table.Equal("mail", string(state))))
	}
	return table.And(conds...)
}

// flushMailed commits a chunk without what was refused: a share that knows
// better already, or was deleted with its file. Their mail is in the audit
// trail all the same.
func (s Shares) flushMailed(ctx context.Context, c *chunk) error {
	writer, ops := c.writer, c.ops
	err := c.flush(ctx, s.Table)
	for r := table.Refused(err); r != nil; r = table.Refused(err) { // feedback comes in between, of one after the other
		left := make([]table.Op, 0, len(ops))
		for i, op := range ops {
			if !r.Reasons[i].Failed {
				left = append(left, op)
			}
		}
		ops = left
		err = commit(ctx, s.Table, writer, ops...)
	}
	return err
}

func suppressedKey(organization, address string) table.Key {
	return table.Key{PK: "suppressed#" + organization, SK: strings.ToLower(address)}
}

// Suppressed implements share.Store.
func (s Shares) Suppressed(ctx context.Context, organization string, addresses []string) ([]string, error) {
	var keys []table.Key
	by := make(map[string][]string, len(addresses)) // sort key to addresses, which differ only in case
	for _, a := range addresses {
		key := suppressedKey(organization, a)
		if by[key.SK] == nil {
			keys = append(keys, key)
		}
		by[key.SK] = append(by[key.SK], a)
	}
	items, err := batchGet(ctx, s.Table, keys)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, it := range items {
		out = append(out, by[it.String(table.SK)]...)
	}
	return out, nil
}

// Suppress implements share.Store.
func (s Shares) Suppress(ctx context.Context, organization, address, reason string) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: suppressedKey(organization, address), Set: table.Item{"reason": reason},
	})
	return err
}

func deferredKey(id string) table.Key { return table.Key{PK: "deferred#" + id, SK: "mail"} }

// dueNow is the one partition of the due index: deferred mails are few, and
// one sweep reads them all.
const dueNow = "mail"

func dueAt(t time.Time, id string) string { return t.UTC().Format(eventTime) + "#" + id }

// Defer implements share.Store.
func (s Shares) Defer(ctx context.Context, mails []share.Deferred) error {
	var c chunk
	for _, d := range mails {
		it := item(deferredKey(d.ID).PK, deferredKey(d.ID).SK)
		it["id"], it["org"], it["mailing"], it["recipient"] = d.ID, d.Organization, d.Mailing, d.Recipient
		it["shares"], it["attempts"] = table.Set(d.Shares), int64(d.Attempts)
		it["due"], it["dueat"] = dueNow, dueAt(d.At, d.ID)
		if err := c.add(ctx, s.Table, d.ID, []table.Op{fresh(it)}); err != nil {
			return err
		}
	}
	return c.flush(ctx, s.Table)
}

// Due implements share.Store.
func (s Shares) Due(ctx context.Context, now time.Time, limit int, next func(share.Deferred) time.Time) ([]share.Deferred, error) {
	got, err := s.Table.Query(ctx, table.Query{Index: dueIndex, PK: dueNow, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []share.Deferred
	for _, it := range got.Items {
		if it.String("dueat") > dueAt(now, "~") {
			break
		}
		d, err := s.take(ctx, it, next)
		if err != nil {
			return nil, err
		}
		if d.ID != "" {
			out = append(out, d)
		}
	}
	return out, nil
}

// take postpones a due mail for its taker; a zero Deferred if someone else
// took or settled it, which the lagging index did not show.
func (s Shares) take(ctx context.Context, it table.Item, next func(share.Deferred) time.Time) (share.Deferred, error) {
	d := share.Deferred{
		ID: it.String("id"), Organization: it.String("org"), Mailing: it.String("mailing"),
		Recipient: it.String("recipient"), Shares: it.Strings("shares"), Attempts: int(it.Int("attempts")),
	}
	d.At = next(d)
	_, err := update(ctx, s.Table, table.Update{
		Key: deferredKey(d.ID), Set: table.Item{"dueat": dueAt(d.At, d.ID)}, Add: map[string]int64{"attempts": 1},
		If: table.Equal("attempts", int64(d.Attempts)),
	})
	if table.Refused(err) != nil {
		return share.Deferred{}, nil
	}
	d.Attempts++
	return d, err
}

// Settle implements share.Store.
func (s Shares) Settle(ctx context.Context, d share.Deferred) error {
	return commit(ctx, s.Table, d.ID, remove(deferredKey(d.ID).PK, deferredKey(d.ID).SK))
}
