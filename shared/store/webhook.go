package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/table"
	"latchkey/shared/webhook"
)

// Webhooks implements webhook.Store.
type Webhooks struct {
	Table table.Engine
	Now   func() time.Time
}

var _ webhook.Store = Webhooks{}

func webhookKey(organization, id string) table.Key {
	return table.Key{PK: "webhooks#" + organization, SK: id}
}

func deliveryKey(organization, hook, id string) table.Key {
	return table.Key{PK: "deliveries#" + organization + "#" + hook, SK: id}
}

func webhookItem(w webhook.Webhook) table.Item {
	key := webhookKey(w.Organization, w.ID)
	it := item(key.PK, key.SK)
	it["org"], it["url"], it["signing"], it["disabled"], it["revision"] = w.Organization, w.URL, w.Signing, w.Disabled, w.Revision
	it["by"], it["created"], it["updated"] = w.CreatedBy, millis(w.CreatedAt), millis(w.UpdatedAt)
	events := make(table.Set, len(w.Events))
	for i, e := range w.Events {
		events[i] = string(e)
	}
	it["events"] = events
	setString(it, "secret", w.Secret)
	setString(it, "reason", w.Reason)
	if len(w.Previous) > 0 {
		it["previous"] = text(w.Previous)
	}
	return it
}

// text is a list as one attribute.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of texts, numbers and times
	}
	return string(b)
}

func webhookOf(it table.Item) (webhook.Webhook, error) {
	w := webhook.Webhook{
		ID: it.String(table.SK), Organization: it.String("org"), URL: it.String("url"),
		Secret: it.String("secret"), Signing: it.String("signing"), Disabled: it.Bool("disabled"), Reason: it.String("reason"),
		CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"), UpdatedAt: timeOf(it, "updated"), Revision: it.String("revision"),
	}
	for _, e := range slices.Sorted(slices.Values(it.Strings("events"))) {
		w.Events = append(w.Events, webhook.Event(e))
	}
	return w, untext(it, "previous", &w.Previous)
}

func untext(it table.Item, name string, v any) error {
	if it.String(name) == "" {
		return nil
	}
	return json.Unmarshal([]byte(it.String(name)), v)
}

// Replay implements webhook.Store.
func (s Webhooks) Replay(ctx context.Context, once account.Once) (string, error) {
	return replay(ctx, s.Table, once, s.Now())
}

// AddWebhook implements webhook.Store.
func (s Webhooks) AddWebhook(ctx context.Context, w webhook.Webhook, once account.Once) error {
	ops := append([]table.Op{fresh(webhookItem(w))}, onceOp(once, w.ID, s.Now())...)
	return replayed(commit(ctx, s.Table, w.Revision, ops...), once)
}

// Webhooks implements webhook.Store.
func (s Webhooks) Webhooks(ctx context.Context, organization string) ([]webhook.Webhook, error) {
	items, err := queryAll(ctx, s.Table, webhookKey(organization, "").PK)
	if err != nil {
		return nil, err
	}
	out := make([]webhook.Webhook, len(items))
	for i, it := range items {
		if out[i], err = webhookOf(it); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b webhook.Webhook) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Webhook implements webhook.Store.
func (s Webhooks) Webhook(ctx context.Context, organization, id string) (webhook.Webhook, error) {
	it, err := s.Table.Get(ctx, webhookKey(organization, id), true)
	if err != nil || it == nil {
		return webhook.Webhook{}, cmp.Or(err, error(fault.New(fault.NotFound, "webhook not found")))
	}
	return webhookOf(it)
}

// replace puts an item where one is at a revision, with what goes with it.
func (s Webhooks) replace(ctx context.Context, was string, it table.Item, once account.Once, ref string, with ...table.Op) error {
	ops := append([]table.Op{{Put: &table.Put{Item: it, If: table.Equal("revision", was)}}}, with...)
	err := replayed(commit(ctx, s.Table, it.String("revision"), append(ops, onceOp(once, ref, s.Now())...)...), once)
	if table.Refused(err) != nil {
		return fault.New(fault.Stale, "it was changed meanwhile")
	}
	return err
}

// ChangeWebhook implements webhook.Store.
func (s Webhooks) ChangeWebhook(ctx context.Context, was string, now webhook.Webhook, once account.Once) error {
	return s.replace(ctx, was, webhookItem(now), once, now.ID)
}

// DeleteWebhook implements webhook.Store.
func (s Webhooks) DeleteWebhook(ctx context.Context, organization, id string) error {
	key := webhookKey(organization, id)
	return commit(ctx, s.Table, "delete "+id, remove(key.PK, key.SK))
}

func deliveryItem(d webhook.Delivery) table.Item {
	key := deliveryKey(d.Organization, d.Webhook, d.ID)
	it := item(key.PK, key.SK)
	it["org"], it["webhook"], it["event"], it["state"], it["revision"] = d.Organization, d.Webhook, string(d.Event), string(d.State), d.Revision
	it["body"], it["round"], it["tries"], it["created"] = d.Body, d.Round, d.Tries, millis(d.CreatedAt)
	it[table.TTL] = d.KeepUntil.Unix()
	setTime(it, "next", d.NextAt)
	setString(it, "url", d.URL)
	if len(d.Attempts) > 0 {
		it["attempts"] = text(d.Attempts)
	}
	return it
}

func deliveryOf(it table.Item) (webhook.Delivery, error) {
	d := webhook.Delivery{
		ID: it.String(table.SK), Organization: it.String("org"), Webhook: it.String("webhook"), URL: it.String("url"),
		Event: webhook.Event(it.String("event")), Body: it.String("body"), State: webhook.State(it.String("state")),
		Round: it.Int("round"), Tries: it.Int("tries"), NextAt: timeOf(it, "next"), CreatedAt: timeOf(it, "created"),
		KeepUntil: time.Unix(it.Int(table.TTL), 0).UTC(), Revision: it.String("revision"),
	}
	return d, untext(it, "attempts", &d.Attempts)
}

// AddDelivery implements webhook.Store.
func (s Webhooks) AddDelivery(ctx context.Context, d webhook.Delivery, once account.Once) error {
	ops := []table.Op{fresh(deliveryItem(d)), fresh(jobItem(d.Job(), s.Now()))}
	err := replayed(commit(ctx, s.Table, d.Revision, append(ops, onceOp(once, d.ID, s.Now())...)...), once)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return nil
	}
	return err
}

// kept reports whether a delivery is not yet forgotten: the table may take
// days to delete it.
func (s Webhooks) kept(it table.Item) bool { return it != nil && it.Int(table.TTL) > s.Now().Unix() }

// Delivery implements webhook.Store.
func (s Webhooks) Delivery(ctx context.Context, organization, hook, id string) (webhook.Delivery, error) {
	it, err := s.Table.Get(ctx, deliveryKey(organization, hook, id), true)
	if err != nil || !s.kept(it) {
		return webhook.Delivery{}, cmp.Or(err, error(fault.New(fault.NotFound, "delivery not found")))
	}
	return deliveryOf(it)
}

// Deliveries implements webhook.Store.
func (s Webhooks) Deliveries(ctx context.Context, organization, hook string, p file.Page) ([]webhook.Delivery, string, error) {
	got, err := page(ctx, s.Table, table.Query{PK: deliveryKey(organization, hook, "").PK, Descending: true, Consistent: true}, p)
	if err != nil {
		return nil, "", err
	}
	var out []webhook.Delivery
	for _, it := range got.Items {
		if !s.kept(it) {
			continue
		}
		d, err := deliveryOf(it)
		if err != nil {
			return nil, "", err
		}
		d.Body = ""
		out = append(out, d)
	}
	return out, got.Next, nil
}

// ChangeDelivery implements webhook.Store.
func (s Webhooks) ChangeDelivery(ctx context.Context, was string, now webhook.Delivery) error {
	return s.replace(ctx, was, deliveryItem(now), account.Once{}, "")
}

// ReplayDelivery implements webhook.Store.
func (s Webhooks) ReplayDelivery(ctx context.Context, was string, now webhook.Delivery, once account.Once) error {
	return s.replace(ctx, was, deliveryItem(now), once, now.ID, fresh(jobItem(now.Job(), s.Now())))
}
