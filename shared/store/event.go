package store

import (
	"cmp"
	"context"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// eventTime orders events as text.
const eventTime = "2006-01-02T15:04:05.000Z"

// eventOps puts an event into its share's trail and, when it came through a
// recipient's share, into that one's too. Putting it again changes nothing.
func eventOps(e share.Event) []table.Op {
	it := eventItem(e, e.Share)
	it["eventorg"], it["eventat"] = e.Organization, it[table.SK]
	ops := []table.Op{put(it)}
	if e.Via != "" {
		// Without the index's attributes: the organization's trail has it once.
		ops = append(ops, put(eventItem(e, e.Via)))
	}
	return ops
}

func eventItem(e share.Event, trail string) table.Item {
	it := item("events#"+e.Organization+"#"+trail, e.At.UTC().Format(eventTime)+"#"+e.ID)
	it["id"], it["org"], it["share"], it["type"] = e.ID, e.Organization, e.Share, string(e.Type)
	it["at"], it["automatic"] = millis(e.At), e.Automatic
	if account.IsTrial(e.Organization) {
		it[table.TTL] = e.At.Add(account.TrialFor).Unix()
	}
	for name, value := range map[string]string{
		"via": e.Via, "file": subjectText(e), "by": e.By, "from": e.From, "agent": e.Agent,
		"recipient": e.Recipient, "reason": e.Reason,
	} {
		setString(it, name, value)
	}
	return it
}

func eventOf(it table.Item) share.Event {
	e := share.Event{
		ID: it.String("id"), Organization: it.String("org"), Share: it.String("share"), Via: it.String("via"), Type: share.EventType(it.String("type")), At: time.UnixMilli(it.Int("at")).UTC(),
		By: it.String("by"), From: it.String("from"), Agent: it.String("agent"), Recipient: it.String("recipient"),
		Reason: it.String("reason"), Automatic: it.Bool("automatic"),
	}
	id := it.String("file")
	if recording, rest, ok := strings.Cut(id, "/"); ok {
		e.Recording, id = recording, rest
	}
	if ident.IsUUID(id) {
		e.File = id
	} else {
		e.Document = id
	}
	return e
}

// subjectText is what an event is about: the id of a file or document, behind
// that of the recording that it is of, if it is of one. One attribute has all:
// the index that lists an organization's events has its attributes for good.
func subjectText(e share.Event) string {
	id := cmp.Or(e.File, e.Document)
	if e.Recording != "" {
		id = e.Recording + "/" + id
	}
	return id
}

// AddEvents implements share.Store.
func (s Shares) AddEvents(ctx context.Context, events []share.Event) error {
	seen := make(map[string]bool, len(events))
	var c chunk
	for _, e := range events {
		if seen[e.Organization+e.ID] {
			continue // a batch may hold one delivery twice
		}
		seen[e.Organization+e.ID] = true
		if err := c.add(ctx, s.Table, e.ID, eventOps(e)); err != nil {
			return err
		}
	}
	return c.flush(ctx, s.Table)
}

// Events implements share.Store.
func (s Shares) Events(ctx context.Context, organization, id string, p file.Page) ([]share.Event, string, error) {
	q := table.Query{PK: "events#" + organization + "#" + id, Descending: true, Consistent: true}
	if id == "" {
		q = table.Query{Index: eventsIndex, PK: organization, Descending: true}
	}
	got, err := page(ctx, s.Table, q, p)
	if err != nil {
		return nil, "", err
	}
	events := make([]share.Event, len(got.Items))
	for i, it := range got.Items {
		events[i] = eventOf(it)
	}
	return events, got.Next, nil
}

// chunk gathers operations into commits of at most MaxCommitOps, each named
// after the first of its parts, so that repeating the work repeats the
// commits.
type chunk struct {
	writer string
	ops    []table.Op
}

func (c *chunk) add(ctx context.Context, t table.Engine, writer string, ops []table.Op) error {
	if len(c.ops)+len(ops) > table.MaxCommitOps {
		if err := c.flush(ctx, t); err != nil {
			return err
		}
	}
	if len(c.ops) == 0 {
		c.writer = writer
	}
	c.ops = append(c.ops, ops...)
	return nil
}

func (c *chunk) flush(ctx context.Context, t table.Engine) error {
	if len(c.ops) == 0 {
		return nil
	}
	ops := c.ops
	c.ops = nil
	return commit(ctx, t, c.writer, ops...)
}
