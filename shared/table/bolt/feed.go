package bolt

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"latchkey/shared/table"
)

// What one call of a Feed's handler gets at most, and how long a failed one
// waits: doubling from the first to the last.
const (
	feedChanges   = 100
	feedBytes     = 1 << 20
	firstBackoff  = 100 * time.Millisecond
	lastBackoff   = 30 * time.Second
	feedRetention = 24 * time.Hour // while there is no consumer; a DynamoDB stream's
)

// Feed hands the changes to a consumer until ctx ends, and returns why it
// stopped. Each batch is in order and handed over again, after a while, until
// handle returns nil; then it is acknowledged durably, so that a later Feed of
// the same consumer goes on behind it. A change may come twice. A new consumer
// begins with the oldest change that is kept. Changes are kept until every
// consumer there has ever been has acknowledged them, see Forget. A consumer
// can be fed by one Feed at a time.
func (e *Engine) Feed(ctx context.Context, consumer string, handle func(context.Context, []table.Change) error) error {
	if err := e.subscribe(consumer); err != nil {
		return err
	}
	defer e.unsubscribe(consumer)
	backoff := firstBackoff
	for {
		wake := e.wakeup()
		batch, last, err := e.unread(ctx, consumer)
		if err != nil {
			return err
		}
		switch {
		case len(batch) == 0:
			select {
			case <-wake:
			case <-ctx.Done():
			}
		case handle(ctx, batch) != nil:
			pause(ctx, backoff)
			backoff = min(2*backoff, lastBackoff)
		default:
			backoff = firstBackoff
			if err := e.acknowledge(consumer, last); err != nil {
				return err
			}
		}
	}
}

// Forget drops a consumer that will not come back, so that changes are no
// longer kept for it.
func (e *Engine) Forget(consumer string) error {
	err := e.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket([]byte(bucketCursors)).Delete([]byte(consumer)); err != nil {
			return err
		}
		return trim(tx, e.opts.Now())
	})
	if err != nil {
		return fmt.Errorf("bolt: forget consumer: %w", err)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (e *Engine) subscribe(consumer string) error {
	e.mu.Lock()
	busy := e.consumers[consumer]
	e.consumers[consumer] = true
	e.mu.Unlock()
	if busy {
		return fmt.Errorf("bolt: consumer %q is being fed already", consumer)
	}
	err := e.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketCursors))
		if b.Get([]byte(consumer)) != nil {
			return nil
		}
		return b.Put([]byte(consumer), sequenceKey(0))
	})
	if err != nil {
		e.unsubscribe(consumer)
		return fmt.Errorf("bolt: subscribe: %w", err)
	}
	return nil
}

func (e *Engine) unsubscribe(consumer string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.consumers, consumer)
}

// notify wakes every Feed; wakeup returns what the next notify closes.
func (e *Engine) notify() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.wake)
	e.wake = make(chan struct{})
}

func (e *Engine) wakeup() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.wake
}

// unread returns the next changes of a consumer and the last one's number.
func (e *Engine) unread(ctx context.Context, consumer string) (batch []table.Change, last uint64, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketCursors)).Get([]byte(consumer))
		if cursor == nil {
			return fmt.Errorf("consumer %q was forgotten", consumer)
		}
		last = binary.BigEndian.Uint64(cursor)
		c := tx.Bucket([]byte(bucketChanges)).Cursor()
		size := 0
		for key, value := c.Seek(sequenceKey(last + 1)); key != nil; key, value = c.Next() {
			size += len(value)
			if len(batch) == feedChanges || size > feedBytes && len(batch) > 0 {
				return nil
			}
			change, err := decodeChange(value)
			if err != nil {
				return err
			}
			last = binary.BigEndian.Uint64(key)
			change.ID = strconv.FormatUint(last, 10)
			batch = append(batch, change)
		}
		return nil
	})
	return batch, last, err
}

func (e *Engine) acknowledge(consumer string, seq uint64) error {
	err := e.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketCursors))
		if b.Get([]byte(consumer)) == nil {
			return fmt.Errorf("consumer %q was forgotten", consumer)
		}
		if err := b.Put([]byte(consumer), sequenceKey(seq)); err != nil {
			return err
		}
		return trim(tx, e.opts.Now())
	})
	if err != nil {
		return fmt.Errorf("bolt: acknowledge: %w", err)
	}
	return nil
}

// trim deletes the changes that every consumer has acknowledged; while there
// is none, those past the retention.
func trim(tx *bbolt.Tx, now time.Time) error {
	low, any := lowest(tx)
	b := tx.Bucket([]byte(bucketChanges))
	c := b.Cursor()
	for key, value := c.First(); key != nil; key, value = c.First() {
		if any && binary.BigEndian.Uint64(key) > low {
			return nil
		}
		if !any {
			change, err := decodeChange(value)
			if err != nil || now.Sub(change.At) < feedRetention {
				return err
			}
		}
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// lowest returns the smallest cursor, and whether there is a consumer.
func lowest(tx *bbolt.Tx) (seq uint64, any bool) {
	c := tx.Bucket([]byte(bucketCursors)).Cursor()
	for key, cursor := c.First(); key != nil; key, cursor = c.Next() {
		n := binary.BigEndian.Uint64(cursor)
		if !any || n < seq {
			seq = n
		}
		any = true
	}
	return seq, any
}
