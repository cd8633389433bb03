package bolt

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// The buckets of the file, and in meta the two facts about it.
const (
	bucketItems   = "items"   // itemKey → item
	bucketTTL     = "ttl"     // ttlKey → nothing
	bucketChanges = "changes" // sequence → change
	bucketCursors = "cursors" // consumer → sequence it has acknowledged
	bucketLag     = "lag"     // sequence → index entry not yet shown
	bucketIndexes = "indexes" // index name → bucket of indexKey → projection
	bucketMeta    = "meta"

	metaFormat = "format"
	metaSchema = "schema"
	format     = "1"
)

// prepare makes the buckets and brings the indexes up to the schema.
func (e *Engine) prepare(tx *bbolt.Tx) error {
	for _, name := range []string{bucketItems, bucketTTL, bucketChanges, bucketCursors, bucketLag, bucketIndexes, bucketMeta} {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	meta := tx.Bucket([]byte(bucketMeta))
	if f := meta.Get([]byte(metaFormat)); f != nil && string(f) != format {
		return fmt.Errorf("file of format %q, this program knows %q", f, format)
	}
	schema, err := json.Marshal(e.opts.Schema)
	if err != nil {
		return err
	}
	if string(meta.Get([]byte(metaSchema))) != string(schema) {
		if err := e.rebuild(tx); err != nil {
			return err
		}
	} else if !e.opts.LagIndexes {
		if err := catchUp(tx); err != nil {
			return err
		}
	}
	if err := meta.Put([]byte(metaFormat), []byte(format)); err != nil {
		return err
	}
	return meta.Put([]byte(metaSchema), schema)
}

func readItem(tx *bbolt.Tx, key table.Key) (table.Item, error) {
	return decodeItem(tx.Bucket([]byte(bucketItems)).Get(itemKey(key)))
}

// store writes one item and all that follows from it: its place in the
// indexes, its time to live and its change.
func (e *Engine) store(tx *bbolt.Tx, w eval.Write, expired bool) error {
	if err := put(tx.Bucket([]byte(bucketItems)), itemKey(w.Key), encodeItem(w.New)); err != nil {
		return err
	}
	for _, ix := range e.opts.Schema.Indexes {
		if err := e.storeIndex(tx, ix, w); err != nil {
			return err
		}
	}
	if err := storeTTL(tx, w); err != nil {
		return err
	}
	b := tx.Bucket([]byte(bucketChanges))
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	c := table.Change{At: e.opts.Now(), Old: w.Old, New: w.New, Expired: expired}
	return b.Put(sequenceKey(seq), encodeChange(c))
}

// put sets a value, or deletes the key if the value is empty.
func put(b *bbolt.Bucket, key, value []byte) error {
	if len(value) == 0 {
		return b.Delete(key)
	}
	return b.Put(key, value)
}

func storeTTL(tx *bbolt.Tx, w eval.Write) error {
	old, was := w.Old[table.TTL].(int64)
	ttl, is := w.New[table.TTL].(int64)
	if was == is && old == ttl {
		return nil
	}
	b := tx.Bucket([]byte(bucketTTL))
	if was {
		if err := b.Delete(ttlKey(old, w.Key)); err != nil {
			return err
		}
	}
	if !is {
		return nil
	}
	return b.Put(ttlKey(ttl, w.Key), nil)
}

func sequenceKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }
