package bolt

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// rebuild makes all indexes anew from the items.
func (e *Engine) rebuild(tx *bbolt.Tx) error {
	for _, name := range []string{bucketIndexes, bucketLag} {
		if err := tx.DeleteBucket([]byte(name)); err != nil {
			return err
		}
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	for _, ix := range e.opts.Schema.Indexes {
		b, err := tx.Bucket([]byte(bucketIndexes)).CreateBucket([]byte(ix.Name))
		if err != nil {
			return fmt.Errorf("index %q: %w", ix.Name, err)
		}
		if err := fill(b, ix, tx.Bucket([]byte(bucketItems))); err != nil {
			return fmt.Errorf("index %q: %w", ix.Name, err)
		}
	}
	return nil
}

func fill(b *bbolt.Bucket, ix table.Index, items *bbolt.Bucket) error {
	return items.ForEach(func(_, value []byte) error {
		it, err := decodeItem(value)
		if err != nil {
			return err
		}
		if key, projection := entry(ix, it); key != nil {
			return b.Put(key, projection)
		}
		return nil
	})
}

// entry returns an item's key and value in an index, or nil if it has no
// place there, as one whose attributes are no strings.
func entry(ix table.Index, it table.Item) (key, projection []byte) {
	ipk, okPK := it[ix.PK].(string)
	isk, okSK := it[ix.SK].(string)
	if !okPK || !okSK {
		return nil, nil
	}
	return indexKey(ipk, isk, it.Key()), encodeItem(eval.Project(ix, it))
}

// storeIndex brings an index up to a write. One that touches nothing the
// index shows does not touch the index.
func (e *Engine) storeIndex(tx *bbolt.Tx, ix table.Index, w eval.Write) error {
	oldKey, oldValue := entry(ix, w.Old)
	newKey, newValue := entry(ix, w.New)
	if oldKey != nil && !bytes.Equal(oldKey, newKey) {
		if err := e.putIndex(tx, ix.Name, oldKey, nil); err != nil {
			return err
		}
	}
	if newKey == nil || bytes.Equal(oldKey, newKey) && bytes.Equal(oldValue, newValue) {
		return nil
	}
	return e.putIndex(tx, ix.Name, newKey, newValue)
}

// putIndex changes an index now, or notes the change for CatchUp.
func (e *Engine) putIndex(tx *bbolt.Tx, index string, key, value []byte) error {
	if !e.opts.LagIndexes {
		return put(indexBucket(tx, index), key, value)
	}
	b := tx.Bucket([]byte(bucketLag))
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	note := appendString(nil, index)
	note = appendString(note, string(key))
	return b.Put(sequenceKey(seq), appendString(note, string(value)))
}

func indexBucket(tx *bbolt.Tx, index string) *bbolt.Bucket {
	return tx.Bucket([]byte(bucketIndexes)).Bucket([]byte(index))
}

// CatchUp lets reads on indexes see all that was written before.
func (e *Engine) CatchUp() error {
	if err := e.db.Update(catchUp); err != nil {
		return fmt.Errorf("bolt: catch up: %w", err)
	}
	return nil
}

func catchUp(tx *bbolt.Tx) error {
	b := tx.Bucket([]byte(bucketLag))
	c := b.Cursor()
	for key, note := c.First(); key != nil; key, note = c.First() {
		d := decoder{rest: string(note)}
		index, ikey, value := d.string(), d.string(), d.string()
		if d.failed {
			return errCorrupt
		}
		if err := put(indexBucket(tx, index), []byte(ikey), []byte(value)); err != nil {
			return err
		}
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
