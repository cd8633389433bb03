// Package queue is a small durable queue in one bbolt file: what EventBridge,
// a log subscription or SQS do between two functions on AWS. Delivery is at
// least once and in order per topic: the head of a topic is retried with
// back-off until its function succeeds or it has had its attempts, then it is
// kept as a dead letter and the next one is delivered. A message is gone only
// after its function returned without an error, so killing the process loses
// nothing and may deliver once more.
//
// It refuses to be fast or shared: one process, one consumer per topic.
package queue

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Defaults of Options.
const (
	defaultAttempts = 8
	defaultFirst    = 200 * time.Millisecond
	defaultMost     = 30 * time.Second
)

// batchDelay is how long a Put waits for others to share its disk write.
const batchDelay = 2 * time.Millisecond

// ErrBusy says that a topic already has a consumer.
var ErrBusy = errors.New("queue: topic is being consumed")

// Function takes one message. It must be idempotent.
type Function func(ctx context.Context, payload []byte) error

// Options tune retries. The zero value tries eight times over half a minute.
type Options struct {
	Attempts int           // before a message becomes a dead letter
	First    time.Duration // back-off after the first failure, then doubled
	Most     time.Duration // ceiling of the back-off
}

// Queue is an open queue file. It is safe for concurrent use.
type Queue struct {
	db  *bbolt.DB
	opt Options

	mu    sync.Mutex
	wake  map[string]chan struct{} // capacity 1, by topic
	taken map[string]bool
}

// Message is one message as it is stored.
type Message struct {
	ID       uint64    `json:"-"`
	Payload  []byte    `json:"payload"`
	Attempts int       `json:"attempts"` // deliveries begun
	Error    string    `json:"error,omitempty"`
	FailedAt time.Time `json:"failed_at,omitzero"`
}

// The two buckets of the file hold one bucket per topic.
func live() []byte { return []byte("live") }
func dead() []byte { return []byte("dead") }

// Open opens or makes a queue file. A file that another process has open is
// an error after one second.
func Open(path string, opt Options) (*Queue, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("queue: %s: %w", path, err)
	}
	db.MaxBatchDelay = batchDelay
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(live())
		if err != nil {
			return err
		}
		_, err = tx.CreateBucketIfNotExists(dead())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", errors.Join(err, db.Close()))
	}
	if opt.Attempts == 0 {
		opt.Attempts = defaultAttempts
	}
	if opt.First == 0 {
		opt.First = defaultFirst
	}
	if opt.Most == 0 {
		opt.Most = defaultMost
	}
	return &Queue{db: db, opt: opt, wake: map[string]chan struct{}{}, taken: map[string]bool{}}, nil
}

// Close closes the file. End all consumers first.
func (q *Queue) Close() error { return q.db.Close() }

// Put appends a message to a topic. When it returns nil the message is on
// disk.
func (q *Queue) Put(ctx context.Context, topic string, payload []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	value, err := json.Marshal(Message{Payload: payload})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	err = q.db.Batch(func(tx *bbolt.Tx) error {
		b, err := tx.Bucket(live()).CreateBucketIfNotExists([]byte(topic))
		if err != nil {
			return err
		}
		return appendTo(b, value)
	})
	if err != nil {
		return fmt.Errorf("queue: put: %w", err)
	}
	q.signal(topic)
	return nil
}

func appendTo(b *bbolt.Bucket, value []byte) error {
	id, err := b.NextSequence()
	if err != nil {
		return err
	}
	return b.Put(key(id), value)
}

func key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func (q *Queue) signal(topic string) {
	select {
	case q.waker(topic) <- struct{}{}:
	default: // already signalled
	}
}

func (q *Queue) waker(topic string) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.wake[topic]
	if c == nil {
		c = make(chan struct{}, 1)
		q.wake[topic] = c
	}
	return c
}
