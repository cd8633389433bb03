package store

import (
	"cmp"
	"context"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/table"
)

// Shares implements share.Store.
type Shares struct {
	Table table.Engine
	Now   func() time.Time
}

var _ share.Store = Shares{}

func shareKey(ref share.Ref) table.Key { return table.Key{PK: "share#" + string(ref), SK: "share"} }

func errShare() error { return fault.New(fault.NotFound, "link not found") }

// NextNumber implements share.Store.
func (s Shares) NextNumber(ctx context.Context, organization string) (int64, error) {
	return next(ctx, s.Table, organization, "link")
}

// Replay implements share.Store.
func (s Shares) Replay(ctx context.Context, once account.Once) (string, error) {
	return replay(ctx, s.Table, once, s.Now())
}

// Add implements share.Store.
func (s Shares) Add(ctx context.Context, sh share.Share, e share.Event, once account.Once) error {
	pointer := item("number#"+sh.Organization, number(sh.Number))
	pointer["ref"] = string(sh.Ref)
	ops := append([]table.Op{ready(sh)}, shareOps(sh)...)
	ops = append(ops, fresh(pointer))
	ops = append(ops, eventOps(e)...)
	ops = append(ops, onceOp(once, sh.ID, s.Now())...)
	err := replayed(commit(ctx, s.Table, sh.ID, ops...), once)
	if r := table.Refused(err); r != nil && r.Reasons[0].Failed {
		return errNotReady()
	}
	return err
}

func errNotReady() error { return fault.New(fault.Conflict, "the file or document is not ready") }

// ready requires the share's file to be ready still, or its document not to
// be on its way out: while it is being deleted nobody can make a link to it.
func ready(sh share.Share) table.Op {
	switch t := sh.Target; {
	case t.DocumentID != "":
		return table.Op{Check: &table.Check{Key: documentKey(sh.Organization, t.RecordingID, t.DocumentID), If: staying()}}
	case t.Spoken():
		return table.Op{Check: &table.Check{Key: recordingKey(sh.Organization, t.RecordingID), If: staying()}}
	}
	return table.Op{Check: &table.Check{
		Key: fileKey(sh.Organization, sh.Target.FileID), If: table.Equal("state", string(file.Ready)),
	}}
}

// shareOps puts a share, and its card where lists look for it.
func shareOps(sh share.Share) []table.Op {
	ops := []table.Op{fresh(shareItem(sh))}
	for _, pk := range []string{"links#" + sh.Organization, subjectLinks(sh.Organization, sh.Target.Subject())} {
		card := item(pk, sh.ID)
		card["ref"], card["kind"], card["file"] = string(sh.Ref), string(sh.Kind), sh.Target.FileID
		setString(card, "recipient", sh.Recipient)
		ops = append(ops, fresh(card))
	}
	return ops
}

// subjectLinks is where the shares of a file or document are.
func subjectLinks(organization, id string) string { return "filelinks#" + organization + "#" + id }

func shareItem(sh share.Share) table.Item {
	it := table.Item{
		table.PK: shareKey(sh.Ref).PK, table.SK: shareKey(sh.Ref).SK,
		"id": sh.ID, "org": sh.Organization, "kind": string(sh.Kind), "sealed": sh.Sealed,
		"file": sh.Target.FileID, "media": sh.Target.MediaID, "object": sh.Target.Object,
		"name": sh.Target.Name, "type": sh.Target.ContentType,
		"limit": sh.Limit, "count": string(sh.Counting),
		"by": sh.CreatedBy, "created": millis(sh.CreatedAt),
	}
	if sh.Number > 0 {
		it["number"] = sh.Number
	}
	if sh.Counting == share.CountItems {
		it["used"] = sh.Used
	}
	setTime(it, "expires", sh.ExpiresAt)
	for name, value := range map[string]string{
		"note": sh.Note, "parent": string(sh.Parent), "parentid": sh.ParentID,
		"mailing": sh.Mailing, "recipient": sh.Recipient, "mail": string(sh.Mail),
		"rec": sh.Target.RecordingID, "doc": sh.Target.DocumentID, "rights": rightsText(sh.Rights),
	} {
		setString(it, name, value)
	}
	return it
}

func shareOf(it table.Item) share.Share {
	sh := share.Share{
		ID: it.String("id"), Organization: it.String("org"), Number: it.Int("number"),
		Kind: share.Kind(it.String("kind")), Ref: share.Ref(strings.TrimPrefix(it.String(table.PK), "share#")),
		Sealed: it.String("sealed"), Note: it.String("note"),
		Target: share.Target{
			FileID: it.String("file"), MediaID: it.Int("media"), Object: it.String("object"),
			Name: it.String("name"), ContentType: it.String("type"),
			RecordingID: it.String("rec"), DocumentID: it.String("doc"),
		},
		Rights:    rightsOf(it.String("rights")),
		ExpiresAt: timeOf(it, "expires"), Limit: it.Int("limit"), Counting: share.Counting(it.String("count")),
		Claims: it.Strings("claims"), RevokedAt: timeOf(it, "revoked"),
		CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"),
		Parent: share.Ref(it.String("parent")), ParentID: it.String("parentid"), Mailing: it.String("mailing"),
		Recipient: it.String("recipient"), Mail: share.MailState(it.String("mail")),
	}
	sh.Used = int64(len(sh.Claims))
	if sh.Counting == share.CountItems {
		sh.Used = it.Int("used")
	}
	return sh
}

// ByRef implements share.Store.
func (s Shares) ByRef(ctx context.Context, ref share.Ref) (share.Share, error) {
	it, err := s.Table.Get(ctx, shareKey(ref), true)
	if err != nil || it == nil {
		return share.Share{}, cmp.Or(err, errShare())
	}
	return shareOf(it), nil
}

// ByRefs implements share.Store.
func (s Shares) ByRefs(ctx context.Context, refs []share.Ref) (map[share.Ref]share.Share, error) {
	keys := make([]table.Key, len(refs))
	for i, ref := range refs {
		keys[i] = shareKey(ref)
	}
	items, err := batchGet(ctx, s.Table, keys)
	out := make(map[share.Ref]share.Share, len(items))
	for _, it := range items {
		sh := shareOf(it)
		out[sh.Ref] = sh
	}
	return out, err
}

// ByID implements share.Store.
func (s Shares) ByID(ctx context.Context, organization, id string) (share.Share, error) {
	card, err := s.Table.Get(ctx, table.Key{PK: "links#" + organization, SK: id}, true)
	if err != nil || card == nil {
		return share.Share{}, cmp.Or(err, errShare())
	}
	return s.ByRef(ctx, share.Ref(card.String("ref")))
}

// ByNumbers implements share.Store.
func (s Shares) ByNumbers(ctx context.Context, organization string, numbers []int64) ([]share.Share, error) {
	keys := make([]table.Key, 0, len(numbers))
	seen := make(map[int64]bool, len(numbers))
	for _, n := range numbers {
		if n > 0 && !seen[n] {
			seen[n] = true
			keys = append(keys, table.Key{PK: "number#" + organization, SK: number(n)})
		}
	}
	cards, err := batchGet(ctx, s.Table, keys)
	if err != nil {
		return nil, err
	}
	return s.ofCards(ctx, cards)
}

// batchGet is BatchGet for any number of keys, without what there is not.
func batchGet(ctx context.Context, t table.Engine, keys []table.Key) ([]table.Item, error) {
	out := make([]table.Item, 0, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), table.MaxBatchKeys)
		items, err := t.BatchGet(ctx, keys[:n])
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it != nil {
				out = append(out, it)
			}
		}
		keys = keys[n:]
	}
	return out, nil
}

// ofCards reads the shares behind cards, in their order.
func (s Shares) ofCards(ctx context.Context, cards []table.Item) ([]share.Share, error) {
	keys := make([]table.Key, len(cards))
	for i, card := range cards {
		keys[i] = shareKey(share.Ref(card.String("ref")))
	}
	items, err := batchGet(ctx, s.Table, keys)
	if err != nil {
		return nil, err
	}
	shares := make([]share.Share, len(items))
	for i, it := range items {
		shares[i] = shareOf(it)
	}
	return shares, nil
}

// List implements share.Store.
func (s Shares) List(ctx context.Context, organization string, f share.Filter, p file.Page) ([]share.Share, string, error) {
	pk := "links#" + organization
	if id := cmp.Or(f.File, f.Spoken); id != "" {
		pk = subjectLinks(organization, id)
	}
	got, err := page(ctx, s.Table, table.Query{PK: pk, Descending: true, Consistent: true}, p)
	if err != nil {
		return nil, "", err
	}
	cards := got.Items[:0]
	for _, card := range got.Items {
		if (f.Kind == "" || card.String("kind") == string(f.Kind)) &&
			(f.Recipient == "" || strings.EqualFold(card.String("recipient"), f.Recipient)) {
			cards = append(cards, card)
		}
	}
	shares, err := s.ofCards(ctx, cards)
	return shares, got.Next, err
}
