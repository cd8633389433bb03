package queue

import (
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Bury puts a message among a topic's dead letters at once.
func (q *Queue) Bury(topic string, payload []byte) error {
	value, err := json.Marshal(Message{Payload: payload, FailedAt: time.Now().UTC()})
	if err == nil {
		err = q.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.Bucket(dead()).CreateBucketIfNotExists([]byte(topic))
			if err != nil {
				return err
			}
			return appendTo(b, value)
		})
	}
	if err != nil {
		return fmt.Errorf("queue: bury: %w", err)
	}
	return nil
}

// bury moves a message to the dead letters in one step.
func (q *Queue) bury(topic string, m *Message) error {
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return q.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.Bucket(dead()).CreateBucketIfNotExists([]byte(topic))
		if err != nil {
			return err
		}
		if err := b.Put(key(m.ID), value); err != nil {
			return err
		}
		return tx.Bucket(live()).Bucket([]byte(topic)).Delete(key(m.ID))
	})
}

// Dead returns a topic's dead letters, oldest first.
func (q *Queue) Dead(topic string) ([]Message, error) {
	var letters []Message
	err := q.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(dead()).Bucket([]byte(topic))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			m, err := decode(k, v)
			if err == nil {
				letters = append(letters, *m)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("queue: dead letters: %w", err)
	}
	return letters, nil
}

// Redrive puts a topic's dead letters at the end of the topic with all their
// attempts before them, and returns how many there were.
func (q *Queue) Redrive(topic string) (int, error) {
	n := 0
	err := q.db.Update(func(tx *bbolt.Tx) error {
		from := tx.Bucket(dead()).Bucket([]byte(topic))
		if from == nil {
			return nil
		}
		to, err := tx.Bucket(live()).CreateBucketIfNotExists([]byte(topic))
		if err != nil {
			return err
		}
		if n, err = move(from, to); err != nil {
			return err
		}
		return tx.Bucket(dead()).DeleteBucket([]byte(topic))
	})
	if err != nil {
		return 0, fmt.Errorf("queue: redrive: %w", err)
	}
	q.signal(topic)
	return n, nil
}

func move(from, to *bbolt.Bucket) (int, error) {
	n := 0
	err := from.ForEach(func(k, v []byte) error {
		m, err := decode(k, v)
		if err != nil {
			return err
		}
		value, err := json.Marshal(Message{Payload: m.Payload})
		if err != nil {
			return err
		}
		n++
		return appendTo(to, value)
	})
	return n, err
}
