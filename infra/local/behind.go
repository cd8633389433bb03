package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"latchkey/infra/local/event"
	"latchkey/infra/local/queue"
	"latchkey/shared/effect"
	"latchkey/shared/journal"
	"latchkey/shared/table"
)

// stream hands the table's changes to the events function, as its stream
// does on AWS.
func (d *domain) stream(h effect.Handler) func(context.Context) {
	deliver := func(ctx context.Context, changes []table.Change) error {
		payload, err := d.Events.Changes("latchkey", changes)
		if err != nil {
			return err
		}
		answer, err := h.Handle(ctx, payload)
		if err != nil {
			return err
		}
		return failures(answer)
	}
	return func(ctx context.Context) {
		if err := d.table.Feed(ctx, "events", deliver); err != nil && ctx.Err() == nil {
			journal.New(d.Log, stackName).Error("the table's feed ended", "cause", err.Error())
		}
	}
}

// sweep does every minute what template.yaml's schedule does, and at once what
// came due while nothing ran.
func (d *domain) sweep(ctx context.Context) {
	h := effect.Sweep{Mails: d.shares, Jobs: d.jobs, Log: journal.New(d.Log, stackName), Now: time.Now}
	sweep := func() {
		if err := h.Handle(ctx, effect.Tick{}); err != nil && ctx.Err() == nil {
			journal.New(d.Log, stackName).Error("sweep", "cause", err.Error())
		}
	}
	sweep()
	every(ctx, time.Minute, sweep)
}

// expire deletes what DynamoDB's TTL would.
func (d *domain) expire(ctx context.Context) {
	every(ctx, time.Hour, func() {
		if _, err := d.table.Expire(ctx); err != nil && ctx.Err() == nil {
			journal.New(d.Log, stackName).Error("expire", "cause", err.Error())
		}
	})
}

func every(ctx context.Context, d time.Duration, f func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}

// lines is the functions' log: each line goes on to its reader, and those
// with an audit event to the events function as well, as a subscription
// filter brings them there. Like it, it is best effort and delays nobody.
type lines struct {
	out    io.Writer
	events event.Maker
	queue  *queue.Queue

	mu      sync.Mutex
	waiting []string
	wake    chan struct{}
}

// maxWaiting bounds the audit lines kept while the queue is slow.
const maxWaiting = 100_000

func newLines(out io.Writer, events event.Maker, q *queue.Queue) *lines {
	return &lines{out: out, events: events, queue: q, wake: make(chan struct{}, 1)}
}

func (l *lines) Write(line []byte) (int, error) {
	if _, ok := journal.ParseAudit(line); ok {
		l.mu.Lock()
		if len(l.waiting) < maxWaiting {
			l.waiting = append(l.waiting, string(bytes.TrimSpace(line)))
		}
		l.mu.Unlock()
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
	return l.out.Write(line)
}

// forward queues audit lines until ctx ends, and then those that are left.
func (l *lines) forward(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			l.flush()
			return
		case <-l.wake:
			l.flush()
		}
	}
}

func (l *lines) flush() {
	l.mu.Lock()
	batch := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	payload, err := l.events.Logs("/aws/lambda/latchkey-open", "local", "audit", batch)
	if err == nil {
		err = l.queue.Put(context.Background(), linesTopic, payload)
	}
	if err != nil {
		journal.New(l.out, stackName).Error("audit lines lost", "cause", err.Error(), "lines", len(batch))
	}
}

func failures(answer any) error {
	if r, ok := answer.(effect.Answer); ok && len(r.BatchItemFailures) > 0 {
		return fmt.Errorf("events: change %s failed", r.BatchItemFailures[0].ItemIdentifier)
	} else if !ok {
		return errors.New("events: no answer to a batch of changes")
	}
	return nil
}
