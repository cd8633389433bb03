package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"latchkey/shared/table/internal/eval"
)

// expireBatch bounds one transaction of Expire, so that writers are not held
// up for long.
const expireBatch = 200

// Expire deletes the items whose ttl has passed and returns how many. Their
// changes are marked Expired. Nothing else deletes them: call it now and then.
func (e *Engine) Expire(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := e.write(ctx, true, func(tx *bbolt.Tx) ([]eval.Write, error) {
			writes, err := e.expired(tx)
			n = len(writes)
			return writes, err
		})
		if err != nil {
			return total, err
		}
		total += n
		if n < expireBatch {
			return total, e.trimUnread()
		}
	}
}

// expired plans the deletion of the items that are longest past their ttl.
func (e *Engine) expired(tx *bbolt.Tx) ([]eval.Write, error) {
	var writes []eval.Write
	bound := ttlBound(e.opts.Now().Unix())
	c := tx.Bucket([]byte(bucketTTL)).Cursor()
	for key, _ := c.First(); key != nil && bytes.Compare(key, bound) < 0 && len(writes) < expireBatch; key, _ = c.Next() {
		it, err := decodeItem(tx.Bucket([]byte(bucketItems)).Get(key[len(bound):]))
		if err != nil {
			return nil, err
		}
		writes = append(writes, eval.Write{Key: it.Key(), Old: it})
	}
	return writes, nil
}

// trimUnread bounds what is kept while nobody consumes.
func (e *Engine) trimUnread() error {
	err := e.db.Update(func(tx *bbolt.Tx) error {
		if _, any := lowest(tx); any {
			return nil
		}
		return trim(tx, e.opts.Now())
	})
	if err != nil {
		return fmt.Errorf("bolt: trim changes: %w", err)
	}
	return nil
}
