package latchkey

import (
	"context"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/webhook"
)

// webhookCall asks for something of a webhook, or of one of its deliveries.
type webhookCall struct {
	id, delivery string
	change       webhook.Change
	page         file.Page
	once         dialect.Once
}

func readNewWebhook(r *http.Request) (c webhookCall, err error) {
	o, once, err := readPost(r)
	if err != nil {
		return c, err
	}
	c.once = once
	if err := unknown(o, "", "url", "events", "secret"); err != nil {
		return c, err
	}
	c.change, err = parseWebhook(o)
	return c, err
}

func readWebhookChange(r *http.Request) (c webhookCall, err error) {
	c.id = r.PathValue("id")
	if _, err := query(r); err != nil {
		return c, err
	}
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return c, err
	}
	if err := unknown(o, "", "url", "events", "secret", "disabled"); err != nil {
		return c, err
	}
	if len(o) == 0 {
		return c, fault.New(fault.Missing, "nothing to change: give url, events, secret or disabled")
	}
	c.change, err = parseWebhook(o)
	return c, err
}

// parseWebhook takes null for the secret only: it takes the secret away.
func parseWebhook(o dialect.Object) (c webhook.Change, err error) {
	if c.URL, err = given(o, "url"); err != nil {
		return c, err
	}
	events, err := texts(o, "events")
	if err != nil {
		return c, err
	}
	if events != nil {
		c.Events = make([]webhook.Event, len(*events))
		for i, e := range *events {
			c.Events[i] = webhook.Event(e)
		}
	}
	if _, ok := o["secret"]; ok {
		secret, _, err := o.String("secret", "secret")
		if err != nil {
			return c, err
		}
		c.Secret = &secret
	}
	if v, ok := o["disabled"]; ok {
		disabled, is := v.(bool)
		if !is {
			return c, fault.Field(fault.Invalid, "disabled", "must be true or false")
		}
		c.Disabled = &disabled
	}
	return c, nil
}

// readWebhookPost reads a POST that says all by its path.
func readWebhookPost(r *http.Request) (c webhookCall, err error) {
	o, once, err := readPost(r)
	if err != nil {
		return c, err
	}
	c.id, c.delivery, c.once = r.PathValue("id"), r.PathValue("delivery"), once
	return c, unknown(o, "")
}

func readDeliveries(r *http.Request) (c webhookCall, err error) {
	c.id = r.PathValue("id")
	c.page, err = readPage(r)
	return c, err
}

func (a API) createWebhook(ctx context.Context, who account.Principal, c webhookCall) (webhook.Made, error) {
	return a.Webhooks.Create(ctx, who, c.change, c.once.By(who.User))
}

func (a API) rotateWebhook(ctx context.Context, who account.Principal, c webhookCall) (webhook.Made, error) {
	return a.Webhooks.Rotate(ctx, who, c.id, c.once.By(who.User))
}

// writeMadeWebhook shows a secret of ours this once.
func (a API) writeMadeWebhook(status int) func(*http.Request, webhook.Made) (dialect.Response, error) {
	return func(r *http.Request, m webhook.Made) (dialect.Response, error) {
		detail := "Keep the signing secret now: it is not shown again."
		if m.Secret == "" {
			detail = "This was done by an earlier request with the same Idempotency-Key, whose answer showed the secret. If it is lost, rotate it."
		}
		res, err := dialect.JSON(status, struct {
			Webhook webhookJSON `json:"webhook"`
			Secret  *string     `json:"signing_secret"`
			Detail  string      `json:"detail"`
		}{a.webhookOf(m.Webhook), dialect.OrNull(m.Secret), detail})
		if err == nil && status == http.StatusCreated {
			res.Header.Set("Location", r.URL.Path+"/"+m.Webhook.ID)
		}
		return res, err
	}
}

func (a API) listWebhooks(ctx context.Context, who account.Principal, _ struct{}) ([]webhook.Webhook, error) {
	return a.Webhooks.List(ctx, who)
}

func (a API) writeWebhooks(_ *http.Request, list []webhook.Webhook) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, struct {
		Webhooks []webhookJSON `json:"webhooks"`
	}{each(list, a.webhookOf)})
}

func (a API) changeWebhook(ctx context.Context, who account.Principal, c webhookCall) (webhook.Webhook, error) {
	return a.Webhooks.Update(ctx, who, c.id, c.change)
}

func (a API) writeWebhook(_ *http.Request, w webhook.Webhook) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, a.webhookOf(w))
}

func (a API) deleteWebhook(ctx context.Context, who account.Principal, id string) (struct{}, error) {
	return struct{}{}, a.Webhooks.Delete(ctx, who, id)
}

func (a API) testWebhook(ctx context.Context, who account.Principal, c webhookCall) (webhook.Delivery, error) {
	return a.Webhooks.Test(ctx, who, c.id, c.once.By(who.User))
}

func (a API) replayDelivery(ctx context.Context, who account.Principal, c webhookCall) (webhook.Delivery, error) {
	return a.Webhooks.Redeliver(ctx, who, c.id, c.delivery, c.once.By(who.User))
}

// writeDelivery answers 202: the attempt is made by somebody else.
func writeDelivery(_ *http.Request, d webhook.Delivery) (dialect.Response, error) {
	return dialect.JSON(http.StatusAccepted, deliveryOf(d))
}

func (a API) deliveries(ctx context.Context, who account.Principal, c webhookCall) (paged[webhook.Delivery], error) {
	list, next, err := a.Webhooks.Deliveries(ctx, who, c.id, c.page)
	return paged[webhook.Delivery]{list, next}, err
}

func writeDeliveries(r *http.Request, p paged[webhook.Delivery]) (dialect.Response, error) {
	res, err := dialect.JSON(http.StatusOK, struct {
		Deliveries []deliveryJSON `json:"deliveries"`
		Next       *string        `json:"next_cursor"`
	}{each(p.items, deliveryOf), dialect.OrNull(p.next)})
	if err == nil {
		nextPage(res.Header, r, p.next)
	}
	return res, err
}

type webhookJSON struct {
	ID             string   `json:"id"`
	URL            string   `json:"url"`
	Events         []string `json:"events"`
	HasSecret      bool     `json:"has_secret"`
	Disabled       bool     `json:"disabled"`
	DisabledReason *string  `json:"disabled_reason"`
	PreviousUntil  *stamp   `json:"previous_signing_secret_until"`
	CreatedBy      string   `json:"created_by"`
	CreatedAt      *stamp   `json:"created_at"`
	UpdatedAt      *stamp   `json:"updated_at"`
}

func (a API) webhookOf(w webhook.Webhook) webhookJSON {
	out := webhookJSON{
		ID: w.ID, URL: w.URL, Events: each(w.Events, func(e webhook.Event) string { return string(e) }), HasSecret: w.Secret != "",
		Disabled: w.Disabled, DisabledReason: dialect.OrNull(w.Reason), CreatedBy: w.CreatedBy, CreatedAt: stampOf(w.CreatedAt), UpdatedAt: stampOf(w.UpdatedAt),
	}
	if len(w.Previous) > 0 && a.Webhooks.Now().Before(w.Previous[0].Until) { // the newest
		out.PreviousUntil = stampOf(w.Previous[0].Until)
	}
	return out
}

type attemptJSON struct {
	At     *stamp  `json:"at"`
	Status *int    `json:"status"`
	Reason *string `json:"reason"`
}

type deliveryJSON struct {
	ID        string        `json:"id"`
	Event     string        `json:"event"`
	URL       *string       `json:"url"`
	State     string        `json:"state"`
	Attempts  []attemptJSON `json:"attempts"`
	NextAt    *stamp        `json:"next_attempt_at"`
	Replays   int64         `json:"replays"`
	CreatedAt *stamp        `json:"created_at"`
}

func deliveryOf(d webhook.Delivery) deliveryJSON {
	return deliveryJSON{
		ID: d.ID, Event: string(d.Event), URL: dialect.OrNull(d.URL), State: string(d.State),
		Attempts: each(d.Attempts, func(a webhook.Attempt) attemptJSON {
			return attemptJSON{stampOf(a.At), dialect.OrNull(a.Status), dialect.OrNull(a.Reason)}
		}),
		NextAt: stampOf(d.NextAt), Replays: d.Round, CreatedAt: stampOf(d.CreatedAt),
	}
}
