package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// Query returns one page.
func (e *Engine) Query(ctx context.Context, q table.Query) (table.Page, error) {
	ix, err := eval.CheckQuery(e.opts.Schema, q)
	if err != nil {
		return table.Page{}, err
	}
	r := scan{prefix: append(partition(q.PK), q.Prefix...), descending: q.Descending}
	if q.Index != "" {
		r.prefix = append(partition(q.PK), escape(q.Prefix)...)
	}
	if q.Token != "" {
		if r.after, err = e.position(q); err != nil {
			return table.Page{}, err
		}
	}
	pager := eval.NewPager(q, ix, e.opts.PageKey)
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketItems))
		if q.Index != "" {
			b = indexBucket(tx, q.Index)
		}
		return r.each(b, pager.Add)
	})
	if err != nil {
		return table.Page{}, err
	}
	return pager.Page(), nil
}

// position returns the key in the file behind which a token's page begins.
func (e *Engine) position(q table.Query) ([]byte, error) {
	pos, err := table.OpenToken(e.opts.PageKey, q)
	if err != nil {
		return nil, err
	}
	if q.Index != "" {
		return indexKey(q.PK, pos.IndexSK, pos.Key), nil
	}
	return itemKey(pos.Key), nil
}

// scan is a walk over the keys with a prefix, behind a key if after is set.
type scan struct {
	prefix, after []byte
	descending    bool
}

// each calls add with each item in order until it has enough.
func (s scan) each(b *bbolt.Bucket, add func(table.Item) bool) error {
	c := b.Cursor()
	next := c.Next
	if s.descending {
		next = c.Prev
	}
	for key, value := s.first(c); bytes.HasPrefix(key, s.prefix); key, value = next() {
		it, err := decodeItem(value)
		if err != nil {
			return err
		}
		if !add(it) {
			return nil
		}
	}
	return nil
}

func (s scan) first(c *bbolt.Cursor) (key, value []byte) {
	if s.descending {
		return s.last(c)
	}
	if s.after == nil {
		return c.Seek(s.prefix)
	}
	key, value = c.Seek(s.after)
	if bytes.Equal(key, s.after) {
		return c.Next()
	}
	return key, value
}

// last finds the greatest key below the end of the walk.
func (s scan) last(c *bbolt.Cursor) (key, value []byte) {
	end := s.after
	if end == nil {
		end = after(s.prefix)
	}
	if key, _ := c.Seek(end); key == nil {
		return c.Last()
	}
	return c.Prev()
}
