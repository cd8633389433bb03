package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

func productKey(organization, recordingID, name string) table.Key {
	return table.Key{PK: "products#" + organization + "#" + recordingID, SK: name}
}

// productID finds a product by its id alone.
func productID(organization, id string) table.Key {
	return table.Key{PK: "productid#" + organization, SK: id}
}

// productRef finds a product by its Ref.
func productRef(ref string) table.Key { return table.Key{PK: "productref#" + ref, SK: "product"} }

func errProduct() error { return fault.New(fault.NotFound, "there is no such thing") }

func errProductChanged() error {
	return fault.New(fault.Stale, "it was changed meanwhile, or is gone")
}

// AddProduct implements recording.Store.
func (s Recordings) AddProduct(ctx context.Context, p recording.Product, instead string, jobs []job.Job, once account.Once) error {
	it, err := productItem(p)
	if err != nil {
		return err
	}
	room := table.Update{
		Key: recordingKey(p.Organization, p.Recording), Add: map[string]int64{"products": 1},
		If: table.And(staying(), below("products", recording.MaxProducts)),
	}
	if p.Status == recording.Queued {
		room.If = table.And(room.If, table.Equal("status", string(recording.Completed)))
	}
	place := fresh(it)
	if instead != "" {
		place.Put.If = table.Equal("id", instead)
		room.Add = map[string]int64{"products": 0}
	}
	ops := []table.Op{{Update: &room}, place, fresh(productPointer(p))}
	if instead != "" {
		ops = append(ops, remove(productID(p.Organization, instead).PK, instead))
	}
	if p.Ref != "" {
		at := item(productRef(p.Ref).PK, productRef(p.Ref).SK)
		at["org"], at["id"] = p.Organization, p.ID
		ops = append(ops, fresh(at))
	}
	ops = append(ops, jobOps(s.Now(), jobs...)...)
	ops = append(ops, onceOp(once, p.ID, s.Now())...)
	err = replayed(commit(ctx, s.Table, p.ID, ops...), once)
	switch r := table.Refused(err); {
	case r == nil:
		return err
	case r.Reasons[0].Failed:
		return refusedPart(r.Reasons[0].Item, errRecording(), fullOrWaiting(r.Reasons[0].Item))
	}
	return errProductChanged()
}

func productPointer(p recording.Product) table.Item {
	it := item(productID(p.Organization, p.ID).PK, p.ID)
	it["recording"], it["name"] = p.Recording, p.Name()
	return it
}

// fullOrWaiting says why nothing is made of a recording that is there.
func fullOrWaiting(it table.Item) error {
	if it.Int("products") >= recording.MaxProducts {
		return fault.New(fault.Conflict, "%d things can be made of a recording", recording.MaxProducts)
	}
	return fault.Wrap(fault.Conflict, recording.ErrNoTranscript, "there is no transcript yet")
}

func productItem(p recording.Product) (table.Item, error) {
	it := item(productKey(p.Organization, p.Recording, p.Name()).PK, p.Name())
	options, err := json.Marshal(map[recording.ProductKind]any{
		recording.BurnedIn: p.BurnIn, recording.Exported: p.Export, recording.Summarized: p.Hints,
	}[p.Kind])
	if err != nil {
		return nil, fmt.Errorf("product: %w", err)
	}
	it["id"], it["kind"], it["options"] = p.ID, string(p.Kind), string(options)
	it["created"] = millis(p.CreatedAt)
	for name, value := range map[string]string{"language": p.Language, "prompt": p.Prompt, "batch": p.Batch, "by": p.CreatedBy, "ref": p.Ref, "sealed": p.Sealed, "filename": p.Filename} {
		setString(it, name, value)
	}
	u := productFields(p)
	for name, value := range u.Set {
		it[name] = value
	}
	return it, nil
}

// productFields are those that change.
func productFields(p recording.Product) table.Update {
	u := table.Update{
		Key: productKey(p.Organization, p.Recording, p.Name()),
		Set: table.Item{"status": string(p.Status), "updated": millis(p.UpdatedAt)},
	}
	for name, value := range map[string]string{
		"reason": p.Reason, "document": p.Document, "text": p.Text, "textkey": p.TextKey, "file": p.File, "source": p.Source,
	} {
		assign(&u, name, value != "", value)
	}
	return u
}

func productOf(it table.Item) (recording.Product, error) {
	pk := strings.SplitN(it.String(table.PK), "#", 3)
	p := recording.Product{
		ID: it.String("id"), Organization: pk[1], Recording: pk[2], Kind: recording.ProductKind(it.String("kind")),
		Status: recording.Status(it.String("status")), Reason: it.String("reason"), Language: it.String("language"), Prompt: it.String("prompt"),
		Batch: it.String("batch"), Document: it.String("document"), Text: it.String("text"), TextKey: it.String("textkey"), File: it.String("file"),
		Ref: it.String("ref"), Sealed: it.String("sealed"), Source: it.String("source"), Filename: it.String("filename"),
		CreatedBy: it.String("by"), CreatedAt: timeOf(it, "created"), UpdatedAt: timeOf(it, "updated"),
	}
	to := map[recording.ProductKind]any{recording.BurnedIn: &p.BurnIn, recording.Exported: &p.Export, recording.Summarized: &p.Hints}[p.Kind]
	if to == nil {
		return p, nil
	}
	if err := json.Unmarshal([]byte(it.String("options")), to); err != nil {
		return p, fmt.Errorf("product %s: %w", p.ID, err)
	}
	return p, nil
}

// Product implements recording.Store.
func (s Recordings) Product(ctx context.Context, organization, id string) (recording.Product, error) {
	at, err := s.Table.Get(ctx, productID(organization, id), true)
	if err != nil || at == nil {
		return recording.Product{}, orNone(err, errProduct())
	}
	it, err := s.Table.Get(ctx, productKey(organization, at.String("recording"), at.String("name")), true)
	if err != nil || it == nil || it.String("id") != id {
		return recording.Product{}, orNone(err, errProduct())
	}
	return productOf(it)
}

// ProductByRef implements recording.Store.
func (s Recordings) ProductByRef(ctx context.Context, ref string) (recording.Product, error) {
	at, err := s.Table.Get(ctx, productRef(ref), true)
	if err != nil || at == nil {
		return recording.Product{}, orNone(err, errProduct())
	}
	return s.Product(ctx, at.String("org"), at.String("id"))
}

func orNone(err, none error) error {
	if err != nil {
		return err
	}
	return none
}

// Products implements recording.Store.
func (s Recordings) Products(ctx context.Context, organization, recordingID string) ([]recording.Product, error) {
	items, err := queryAll(ctx, s.Table, productKey(organization, recordingID, "").PK)
	if err != nil {
		return nil, err
	}
	out := make([]recording.Product, len(items))
	for i, it := range items {
		if out[i], err = productOf(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// changed is the change of a product that is still what was read.
func changedProduct(was, now recording.Product) table.Op {
	u := productFields(now)
	u.If = table.And(table.Equal("id", was.ID), table.Equal("status", string(was.Status)), same("file", was.File))
	return table.Op{Update: &u}
}

// ChangeProduct implements recording.Store.
func (s Recordings) ChangeProduct(ctx context.Context, was, now recording.Product) error {
	_, err := update(ctx, s.Table, *changedProduct(was, now).Update)
	if table.Refused(err) != nil {
		return errProductChanged()
	}
	return err
}

// SealProduct implements recording.Store.
func (s Recordings) SealProduct(ctx context.Context, p recording.Product, was string) error {
	_, err := update(ctx, s.Table, table.Update{
		Key: productKey(p.Organization, p.Recording, p.Name()), Set: table.Item{"sealed": p.Sealed}, If: table.Equal("sealed", was),
	})
	if table.Refused(err) != nil {
		return errProductChanged()
	}
	return err
}

// FinishTranslation implements recording.Store.
func (s Recordings) FinishTranslation(ctx context.Context, was, now recording.Product, d recording.Document, jobs ...job.Job) error {
	ops := []table.Op{
		{Update: &table.Update{
			Key: recordingKey(d.Organization, d.Recording), Set: table.Item{"updated": millis(d.CreatedAt)},
			Add: map[string]int64{"documents": 1}, If: table.And(staying(), below("documents", recording.MaxDocuments)),
		}},
		fresh(documentItem(d)), changedProduct(was, now),
	}
	ops = append(ops, jobOps(s.Now(), jobs...)...)
	err := commit(ctx, s.Table, d.ID, ops...)
	switch r := table.Refused(err); {
	case r == nil:
		return err
	case r.Reasons[0].Failed:
		return refusedPart(r.Reasons[0].Item, errRecording(), errDocuments())
	}
	return errProductChanged()
}

// DeleteProduct implements recording.Store.
func (s Recordings) DeleteProduct(ctx context.Context, p recording.Product) error {
	key := productKey(p.Organization, p.Recording, p.Name())
	ops := []table.Op{
		{Delete: &table.Delete{Key: key, If: table.Or(table.Absent(table.PK), same("file", p.File))}},
		remove(productID(p.Organization, p.ID).PK, p.ID),
	}
	if p.Ref != "" {
		ops = append(ops, remove(productRef(p.Ref).PK, productRef(p.Ref).SK))
	}
	err := commit(ctx, s.Table, "delete "+p.ID, ops...)
	if table.Refused(err) != nil {
		return errProductChanged()
	}
	return err
}
