package bolt

import (
	"context"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"latchkey/shared/table/internal/eval"
)

// plan reads what it needs and says what to write. It must not write.
type plan func(*bbolt.Tx) ([]eval.Write, error)

// job is one write of one caller.
type job struct {
	plan    plan
	expired bool // what it deletes is marked so
	done    chan error
}

// group lets concurrent writers share a transaction, and so its fsync. A lone
// writer never waits for company; those who come while a transaction is being
// written make up the next one.
type group struct {
	commit func([]*job)

	mu    sync.Mutex
	queue []*job
	busy  bool
}

func (g *group) do(j *job) error {
	j.done = make(chan error, 1)
	g.mu.Lock()
	g.queue = append(g.queue, j)
	start := !g.busy
	g.busy = true
	g.mu.Unlock()
	if start {
		go g.run()
	}
	return <-j.done
}

func (g *group) run() {
	for {
		g.mu.Lock()
		jobs := g.queue
		g.queue = nil
		g.busy = len(jobs) > 0
		g.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		g.commit(jobs)
	}
}

// write runs a plan and returns when its writes are durable. A context that
// ends meanwhile does not stop it.
func (e *Engine) write(ctx context.Context, expired bool, p plan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.group.do(&job{plan: p, expired: expired})
}

// commit writes jobs in one transaction. A job whose plan fails has written
// nothing and leaves the others alone; a failure to write fails them all.
func (e *Engine) commit(jobs []*job) {
	errs := make([]error, len(jobs))
	changed, err := e.transact(jobs, errs)
	if changed && err == nil {
		e.notify()
	}
	for i, j := range jobs {
		if err != nil {
			errs[i] = fmt.Errorf("bolt: %w", err)
		}
		j.done <- errs[i]
	}
}

func (e *Engine) transact(jobs []*job, errs []error) (changed bool, err error) {
	tx, err := e.db.Begin(true)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil || !changed {
			_ = tx.Rollback() // of no news after a failure or a commit
		}
	}()
	for i, j := range jobs {
		var writes []eval.Write
		if writes, errs[i] = j.plan(tx); errs[i] != nil {
			continue
		}
		for _, w := range writes {
			if w.Empty() {
				continue
			}
			changed = true
			if err := e.store(tx, w, j.expired); err != nil {
				return changed, err
			}
		}
	}
	if !changed {
		return false, nil
	}
	return true, tx.Commit()
}
