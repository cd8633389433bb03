// Package bolt is the table embedded: one bbolt file, one process, durable
// when it answers. It is what runs where there is no DynamoDB, with the same
// semantics and a change feed in place of the stream. It refuses to be shared:
// a second process that opens the file is turned away.
package bolt

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// Options are the choices of Open. The zero value, with a Schema, is good.
type Options struct {
	Schema  table.Schema
	PageKey []byte           // authenticates page tokens
	Now     func() time.Time // time.Now if nil

	// LagIndexes keeps what is written from reads on indexes until CatchUp,
	// also over a restart, as DynamoDB may for a while.
	LagIndexes bool

	// NoSync leaves writes to the operating system: a crash of the machine,
	// though not of the process, may lose or corrupt the file.
	NoSync bool
}

// Engine is a table.Engine in a file.
type Engine struct {
	db    *bbolt.DB
	opts  Options
	group group

	mu        sync.Mutex
	wake      chan struct{}   // closed and replaced when there are new changes
	consumers map[string]bool // being fed
}

var _ table.Engine = (*Engine)(nil)

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = time.Second

// Open opens the table in a file, which it creates if need be. Indexes that
// the file was written without are built.
func Open(path string, opts Options) (*Engine, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, NoSync: opts.NoSync, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open table %s: %w", path, err)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	e := &Engine{db: db, opts: opts, wake: make(chan struct{}), consumers: map[string]bool{}}
	e.group.commit = e.commit
	if err := db.Update(e.prepare); err != nil {
		return nil, fmt.Errorf("prepare table %s: %w", path, closeAfter(db, err))
	}
	return e, nil
}

func closeAfter(db *bbolt.DB, err error) error {
	if cerr := db.Close(); cerr != nil {
		return fmt.Errorf("%w (and close: %w)", err, cerr)
	}
	return err
}

// Close closes the file. Calls that are under way finish first; later ones
// fail, and so does every Feed.
func (e *Engine) Close() error {
	err := e.db.Close()
	e.notify()
	return err
}

// Get returns an item.
func (e *Engine) Get(ctx context.Context, key table.Key, _ bool) (table.Item, error) {
	if err := eval.CheckKey(key); err != nil {
		return nil, err
	}
	var it table.Item
	err := e.view(ctx, func(tx *bbolt.Tx) (err error) {
		it, err = readItem(tx, key)
		return err
	})
	return it, err
}

// BatchGet returns items, all of one moment.
func (e *Engine) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if err := eval.CheckBatch(keys); err != nil {
		return nil, err
	}
	items := make([]table.Item, len(keys))
	err := e.view(ctx, func(tx *bbolt.Tx) (err error) {
		for i, key := range keys {
			if items[i], err = readItem(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
	return items, err
}

// Update changes one item.
func (e *Engine) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if err := eval.CheckUpdate(e.opts.Schema, u); err != nil {
		return nil, err
	}
	var it table.Item
	err := e.write(ctx, false, func(tx *bbolt.Tx) ([]eval.Write, error) {
		old, err := readItem(tx, u.Key)
		if err != nil {
			return nil, err
		}
		w, err := eval.PlanUpdate(u, old)
		it = eval.Clone(w.New)
		return []eval.Write{w}, err
	})
	if err != nil {
		return nil, err
	}
	return it, nil
}

// Commit does all of ops or none.
func (e *Engine) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if err := eval.CheckCommit(e.opts.Schema, writer, ops); err != nil {
		return err
	}
	return e.write(ctx, false, func(tx *bbolt.Tx) ([]eval.Write, error) {
		get := func(key table.Key) (table.Item, error) { return readItem(tx, key) }
		return eval.PlanCommit(get, writer, ops)
	})
}

func (e *Engine) view(ctx context.Context, f func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.db.View(f); err != nil {
		return fmt.Errorf("bolt: %w", err)
	}
	return nil
}
