package queue

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Consume hands a topic's messages to f, one at a time in the order of their
// Put, until ctx ends; then it returns nil. It returns ErrBusy if the topic
// has a consumer, and any error of the file itself. A message that f was
// working on when ctx ended is delivered again by the next Consume, unless f
// succeeded.
func (q *Queue) Consume(ctx context.Context, topic string, f Function) error {
	if !q.take(topic) {
		return ErrBusy
	}
	defer q.release(topic)
	wake := q.waker(topic)
	for ctx.Err() == nil {
		m, err := q.begin(topic)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		if m == nil {
			wait(ctx, wake, nil)
			continue
		}
		if err := q.deliver(ctx, topic, m, f); err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return nil
}

func (q *Queue) take(topic string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken[topic] {
		return false
	}
	q.taken[topic] = true
	return true
}

func (q *Queue) release(topic string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.taken, topic)
}

// begin returns the head of a topic, or nil, after counting the attempt on
// disk: a message that kills the process must not do so forever.
func (q *Queue) begin(topic string) (*Message, error) {
	var m *Message
	if err := q.db.View(func(tx *bbolt.Tx) (err error) {
		m, err = head(tx, topic)
		return err
	}); err != nil || m == nil {
		return nil, err
	}
	if m.Attempts >= q.opt.Attempts {
		m.Error, m.FailedAt = "the process ended during the last attempt", time.Now().UTC()
		if err := q.bury(topic, m); err != nil {
			return nil, err
		}
		return q.begin(topic)
	}
	m.Attempts++
	return m, q.write(live(), topic, m)
}

func head(tx *bbolt.Tx, topic string) (*Message, error) {
	b := tx.Bucket(live()).Bucket([]byte(topic))
	if b == nil {
		return nil, nil
	}
	k, v := b.Cursor().First()
	if k == nil {
		return nil, nil
	}
	return decode(k, v)
}

func decode(k, v []byte) (*Message, error) {
	m := &Message{ID: binary.BigEndian.Uint64(k)}
	if err := json.Unmarshal(v, m); err != nil {
		return nil, fmt.Errorf("message %d: %w", m.ID, err)
	}
	return m, nil
}

// deliver calls f and settles what becomes of the message.
func (q *Queue) deliver(ctx context.Context, topic string, m *Message, f Function) error {
	failure := protect(ctx, f, m.Payload)
	switch {
	case failure == nil:
		return q.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(live()).Bucket([]byte(topic)).Delete(key(m.ID)) })
	case ctx.Err() != nil:
		// The end of the process is not the message's fault.
		m.Attempts--
		return q.write(live(), topic, m)
	}
	m.Error, m.FailedAt = failure.Error(), time.Now().UTC()
	if m.Attempts >= q.opt.Attempts {
		return q.bury(topic, m)
	}
	if err := q.write(live(), topic, m); err != nil {
		return err
	}
	timer := time.NewTimer(q.backoff(m.Attempts))
	defer timer.Stop()
	wait(ctx, nil, timer.C)
	return nil
}

func protect(ctx context.Context, f Function, payload []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f(ctx, payload)
}

func (q *Queue) backoff(attempts int) time.Duration {
	d := q.opt.First
	for range attempts - 1 {
		if d *= 2; d >= q.opt.Most {
			return q.opt.Most
		}
	}
	return d
}

func wait(ctx context.Context, wake <-chan struct{}, due <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-due:
	}
}

func (q *Queue) write(bucket []byte, topic string, m *Message) error {
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return q.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Bucket([]byte(topic)).Put(key(m.ID), value) })
}
