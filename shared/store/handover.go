package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/handover"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// Handovers implements handover.Store.
type Handovers struct {
	Table table.Engine
	Now   func() time.Time
}

var _ handover.Store = Handovers{}

func handoverKey(ref handover.Ref) table.Key {
	return table.Key{PK: "handover#" + string(ref), SK: "handover"}
}

func errHandover() error { return fault.New(fault.NotFound, "share not found") }

// sameKey is where the handover is found that was made last of a sender, file
// and asset to a recipient.
func sameKey(h handover.Handover) table.Key {
	return table.Key{PK: "handed#" + h.Organization + "#" + h.Recipient, SK: h.SenderID + "#" + h.Target.FileID + "#" + h.AssetID}
}

func sentKey(organization, user, id string) table.Key {
	return table.Key{PK: "sent#" + organization + "#" + user, SK: id}
}

// receivedKey needs no organization: a recipient is asked about by their id
// alone.
func receivedKey(user, id string) table.Key { return table.Key{PK: "received#" + user, SK: id} }

// handoverCards are where lists look for a handover.
func handoverCards(h handover.Handover) []table.Key {
	return []table.Key{
		{PK: "handovers#" + h.Organization, SK: h.ID}, sentKey(h.Organization, h.SenderID, h.ID),
		{PK: "filehandovers#" + h.Organization + "#" + h.Target.FileID, SK: h.ID}, receivedKey(h.Recipient, h.ID),
	}
}

func handoverItem(h handover.Handover) table.Item {
	it := item(handoverKey(h.Ref).PK, handoverKey(h.Ref).SK)
	for name, value := range map[string]string{
		"id": h.ID, "org": h.Organization, "file": h.Target.FileID, "object": h.Target.Object, "name": h.Target.Name,
		"type": h.Target.ContentType, "asset": h.AssetID, "sender": h.SenderID, "sendername": h.SenderName,
		"senderemail": h.SenderEmail, "user": h.Recipient, "recipient": h.RecipientEmail, "message": h.Message,
		"mail": string(h.Mail), "sealed": h.Sealed,
	} {
		setString(it, name, value)
	}
	if h.Title != h.Target.Name {
		setString(it, "title", h.Title)
	}
	it["media"], it["created"] = h.Target.MediaID, millis(h.CreatedAt)
	return it
}

func handoverOf(it table.Item) handover.Handover {
	return handover.Handover{
		ID: it.String("id"), Organization: it.String("org"),
		Target: share.Target{
			FileID: it.String("file"), MediaID: it.Int("media"), Object: it.String("object"), Name: it.String("name"), ContentType: it.String("type"),
		},
		Title: cmp.Or(it.String("title"), it.String("name")), AssetID: it.String("asset"), SenderID: it.String("sender"), SenderName: it.String("sendername"), SenderEmail: it.String("senderemail"),
		Recipient: it.String("user"), RecipientEmail: it.String("recipient"), Message: it.String("message"),
		CreatedAt: timeOf(it, "created"), RevokedAt: timeOf(it, "revoked"), Mail: share.MailState(it.String("mail")),
		Ref: handover.Ref(strings.TrimPrefix(it.String(table.PK), "handover#")), Sealed: it.String("sealed"),
	}
}

// Same implements handover.Store.
func (s Handovers) Same(ctx context.Context, h handover.Handover) (handover.Handover, error) {
	return s.behind(ctx, sameKey(h))
}

// behind reads the handover that a card or pointer names.
func (s Handovers) behind(ctx context.Context, key table.Key) (handover.Handover, error) {
	card, err := s.Table.Get(ctx, key, true)
	if err != nil || card == nil || card.String("ref") == "" {
		return handover.Handover{}, cmp.Or(err, errHandover())
	}
	return s.ByRef(ctx, handover.Ref(card.String("ref")))
}

// Add implements handover.Store.
func (s Handovers) Add(ctx context.Context, h handover.Handover, was handover.Ref, e share.Event) error {
	pointer := item(sameKey(h).PK, sameKey(h).SK)
	pointer["ref"] = string(h.Ref)
	point := fresh(pointer)
	if was != "" {
		point.Put.If = table.Equal("ref", string(was))
	}
	ops := []table.Op{
		ready(share.Share{Organization: h.Organization, Target: h.Target}),
		{Update: &table.Update{Key: userKey(h.Organization, h.Recipient), Add: map[string]int64{"handed": 1}, If: table.Exists(table.PK)}},
		point, fresh(handoverItem(h)),
	}
	for _, key := range handoverCards(h) {
		card := item(key.PK, key.SK)
		card["ref"], card["org"], card["file"] = string(h.Ref), h.Organization, h.Target.FileID
		setString(card, "asset", h.AssetID)
		ops = append(ops, fresh(card))
	}
	err := commit(ctx, s.Table, h.ID, append(ops, eventOps(e)...)...)
	switch r := table.Refused(err); {
	case r == nil:
		return err
	case r.Reasons[0].Failed:
		return errNotReady()
	}
	return fault.New(fault.Stale, "the recipient or the share was changed meanwhile")
}

// Reseal implements handover.Store.
func (s Handovers) Reseal(ctx context.Context, h handover.Handover, sealed string) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: handoverKey(h.Ref), Set: table.Item{"sealed": sealed}, If: table.Equal("sealed", h.Sealed),
	})
	if table.Refused(err) != nil {
		return nil
	}
	return err
}

// Again implements handover.Store.
func (s Handovers) Again(ctx context.Context, h handover.Handover) error {
	u := table.Update{
		Key: handoverKey(h.Ref), Set: table.Item{"mail": string(h.Mail)}, If: table.And(table.Exists(table.PK), table.Absent("revoked")),
	}
	assign(&u, "message", h.Message != "", h.Message)
	_, err := update(ctx, s.Table, u)
	if table.Refused(err) != nil {
		return fault.New(fault.Stale, "the share was revoked meanwhile")
	}
	return err
}

// Mailed implements handover.Store.
func (s Handovers) Mailed(ctx context.Context, h handover.Handover, e share.Event) error {
	u := table.Update{Key: handoverKey(h.Ref), Set: table.Item{"mail": string(h.Mail)}, If: heavier(h.Mail)}
	err := commit(ctx, s.Table, e.ID, append([]table.Op{{Update: &u}}, eventOps(e)...)...)
	if table.Refused(err) != nil { // the trail says it all the same
		return commit(ctx, s.Table, e.ID, eventOps(e)...)
	}
	return err
}

// Revoke implements handover.Store.
func (s Handovers) Revoke(ctx context.Context, h handover.Handover, e share.Event) error {
	u := table.Update{
		Key: handoverKey(h.Ref), Set: table.Item{"revoked": millis(h.RevokedAt)},
		If: table.And(table.Exists(table.PK), table.Absent("revoked")),
	}
	err := commit(ctx, s.Table, e.ID, append([]table.Op{{Update: &u}}, eventOps(e)...)...)
	if table.Refused(err) != nil {
		return nil // somebody was faster, or it is gone
	}
	return err
}

// ByRef implements handover.Store.
func (s Handovers) ByRef(ctx context.Context, ref handover.Ref) (handover.Handover, error) {
	it, err := s.Table.Get(ctx, handoverKey(ref), true)
	if err != nil || it == nil {
		return handover.Handover{}, cmp.Or(err, errHandover())
	}
	return handoverOf(it), nil
}

// ByID implements handover.Store.
func (s Handovers) ByID(ctx context.Context, organization, id string) (handover.Handover, error) {
	return s.behind(ctx, table.Key{PK: "handovers#" + organization, SK: id})
}

// Sent implements handover.Store. Its cards are small, and all are read: the
// API that asks counts them.
func (s Handovers) Sent(ctx context.Context, organization, user string, offset, limit int) ([]handover.Handover, int, error) {
	cards, err := queryAll(ctx, s.Table, sentKey(organization, user, "").PK)
	if err != nil {
		return nil, 0, err
	}
	slices.Reverse(cards) // ids sort by time
	n := len(cards)
	cards = cards[min(offset, n):min(offset+limit, n)]
	all, err := s.ofCards(ctx, cards)
	return all, n, err
}

// Received implements handover.Store.
func (s Handovers) Received(ctx context.Context, user string) ([]handover.Handover, error) {
	return s.list(ctx, receivedKey(user, "").PK)
}

// OfFile implements handover.Store.
func (s Handovers) OfFile(ctx context.Context, organization, fileID string) ([]handover.Handover, error) {
	return s.list(ctx, "filehandovers#"+organization+"#"+fileID)
}

func (s Handovers) list(ctx context.Context, pk string) ([]handover.Handover, error) {
	cards, err := queryAll(ctx, s.Table, pk)
	if err != nil {
		return nil, err
	}
	return s.ofCards(ctx, cards)
}

// ofCards reads the handovers behind cards, in their order, without those
// that are gone.
func (s Handovers) ofCards(ctx context.Context, cards []table.Item) ([]handover.Handover, error) {
	var keys []table.Key
	for _, card := range cards {
		if ref := card.String("ref"); ref != "" {
			keys = append(keys, handoverKey(handover.Ref(ref)))
		}
	}
	items, err := batchGet(ctx, s.Table, keys)
	out := make([]handover.Handover, len(items))
	for i, it := range items {
		out[i] = handoverOf(it)
	}
	return out, err
}

// Delete implements handover.Store.
func (s Handovers) Delete(ctx context.Context, h handover.Handover, keep time.Time, e share.Event) error {
	key, same := handoverKey(h.Ref), sameKey(h)
	ops := []table.Op{remove(key.PK, key.SK), remove(same.PK, same.SK)}
	trace := receivedKey(h.Recipient, h.ID)
	for _, card := range handoverCards(h) {
		if card != trace || keep.IsZero() {
			ops = append(ops, remove(card.PK, card.SK))
			continue
		}
		it := item(card.PK, card.SK)
		it["org"], it["file"], it[table.TTL] = h.Organization, h.Target.FileID, keep.Unix()
		setString(it, "asset", h.AssetID)
		ops = append(ops, put(it))
	}
	return commit(ctx, s.Table, e.ID, append(ops, eventOps(e)...)...)
}

// Trace implements handover.Store.
func (s Handovers) Trace(ctx context.Context, user, id string) (handover.Handover, error) {
	card, err := s.Table.Get(ctx, receivedKey(user, id), true)
	if err != nil || card == nil {
		return handover.Handover{}, cmp.Or(err, errHandover())
	}
	if ref := card.String("ref"); ref != "" {
		return s.ByRef(ctx, handover.Ref(ref))
	}
	return handover.Handover{
		ID: id, Organization: card.String("org"), Recipient: user, AssetID: card.String("asset"),
		Target: share.Target{FileID: card.String("file")},
	}, nil
}

// Count implements handover.Store.
func (s Handovers) Count(ctx context.Context, name string, until time.Time, by, limit int64) error {
	return Accounts(s).Count(ctx, name, until, by, limit)
}

// Suppress implements handover.Store.
func (s Handovers) Suppress(ctx context.Context, organization, address, reason string) error {
	return Shares(s).Suppress(ctx, organization, address, reason)
}

// Suppressed implements handover.Store.
func (s Handovers) Suppressed(ctx context.Context, organization string, addresses []string) ([]string, error) {
	return Shares(s).Suppressed(ctx, organization, addresses)
}
