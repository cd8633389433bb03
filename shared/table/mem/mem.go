// Package mem is the table in memory, for tests and benchmarks: exact and
// fast, and gone with the process. It refuses to be more: package bolt is the
// embedded engine that keeps things.
package mem

import (
	"context"
	"strconv"
	"sync"
	"time"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// Engine is a table.Engine in memory. Its reads are always consistent, also
// on an index.
type Engine struct {
	schema  table.Schema
	pageKey []byte

	mu      sync.RWMutex
	items   map[table.Key]table.Item // never changed in place
	views   []view                   // the table, then each index
	now     func() time.Time         // nil until Record
	changes []table.Change
	seq     int
}

var _ table.Engine = (*Engine)(nil)

// New returns an empty table whose page tokens are authenticated by pageKey.
func New(schema table.Schema, pageKey []byte) *Engine {
	e := &Engine{schema: schema, pageKey: pageKey, items: map[table.Key]table.Item{}}
	e.views = append(e.views, newView(table.Index{PK: table.PK, SK: table.SK}))
	for _, ix := range schema.Indexes {
		e.views = append(e.views, newView(ix))
	}
	return e
}

// Get returns a copy of an item.
func (e *Engine) Get(ctx context.Context, key table.Key, _ bool) (table.Item, error) {
	if err := eval.CheckKey(key); err != nil {
		return nil, err
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return eval.Clone(e.items[key]), ctx.Err()
}

// BatchGet returns copies of items, all of one moment.
func (e *Engine) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	if err := eval.CheckBatch(keys); err != nil {
		return nil, err
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	items := make([]table.Item, len(keys))
	for i, key := range keys {
		items[i] = eval.Clone(e.items[key])
	}
	return items, ctx.Err()
}

// Update changes one item.
func (e *Engine) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if err := eval.CheckUpdate(e.schema, u); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	w, err := eval.PlanUpdate(u, e.items[u.Key])
	if err != nil {
		return nil, err
	}
	e.write(w, false)
	return eval.Clone(w.New), nil
}

// Commit does all of ops or none.
func (e *Engine) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if err := eval.CheckCommit(e.schema, writer, ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	get := func(key table.Key) (table.Item, error) { return e.items[key], nil }
	writes, err := eval.PlanCommit(get, writer, ops)
	if err != nil {
		return err
	}
	for _, w := range writes {
		e.write(w, false)
	}
	return nil
}

// Record starts to keep the changes that Changes returns, dated by now.
func (e *Engine) Record(now func() time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = now
}

// Changes returns the changes since Record or the last call, in order, and
// forgets them.
func (e *Engine) Changes() []table.Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	changes := e.changes
	e.changes = nil
	return changes
}

// Expire deletes the items whose ttl is before now and returns how many.
func (e *Engine) Expire(now time.Time) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for key, it := range e.items {
		if ttl, ok := it[table.TTL].(int64); ok && ttl < now.Unix() {
			e.write(eval.Write{Key: key, Old: it}, true)
			n++
		}
	}
	return n
}

// write stores a planned write and records it.
func (e *Engine) write(w eval.Write, expired bool) {
	if w.Empty() {
		return
	}
	for i := range e.views {
		e.views[i].write(w)
	}
	if w.New == nil {
		delete(e.items, w.Key)
	} else {
		e.items[w.Key] = w.New
	}
	if e.now == nil {
		return
	}
	e.seq++
	e.changes = append(e.changes, table.Change{ID: strconv.Itoa(e.seq), At: e.now(),
		Old: eval.Clone(w.Old), New: eval.Clone(w.New), Expired: expired})
}
