// Package table is the single table: a thin interface with DynamoDB's own
// semantics, and nothing that DynamoDB cannot do in one request. Two engines
// implement it: dynamo (AWS SDK) and bolt (embedded, one process). The
// contract below is tested by tabletest, which every engine passes.
//
// It refuses to know what is stored: keys and attributes of each entity are
// the business of package store.
package table

import (
	"context"
	"time"
)

// Limits, which are DynamoDB's.
const (
	MaxItemBytes   = 400 << 10 // one item, attribute names included
	MaxCommitOps   = 100       // operations of one Commit
	MaxCommitBytes = 4 << 20   // all items of one Commit
	MaxPageBytes   = 1 << 20   // one page of a Query, before it is cut short
	MaxBatchKeys   = 100       // keys of one BatchGet
)

// The attribute names that the table itself uses.
const (
	PK     = "pk"
	SK     = "sk"
	TTL    = "ttl" // int64 Unix seconds; after it the item may be deleted, up to days later
	Writer = "_writer"
)

// Key names one item.
type Key struct{ PK, SK string }

// Set is a set of strings: unordered, without duplicates, never empty (an
// empty set is an absent attribute).
type Set []string

// Item is one item: attribute names to values. A value is a string, int64,
// bool, []byte or Set, and nothing else. "pk" and "sk" are always present as
// strings. The caller owns an item it gets and may change it.
type Item map[string]any

// Key returns the item's key.
func (it Item) Key() Key { return Key{it.String(PK), it.String(SK)} }

// String returns a string attribute, "" if absent or of another type.
func (it Item) String(name string) string { s, _ := it[name].(string); return s }

// Int returns an int64 attribute, 0 if absent or of another type.
func (it Item) Int(name string) int64 { n, _ := it[name].(int64); return n }

// Bool returns a bool attribute, false if absent or of another type.
func (it Item) Bool(name string) bool { b, _ := it[name].(bool); return b }

// Bytes returns a []byte attribute, nil if absent or of another type.
func (it Item) Bytes(name string) []byte { b, _ := it[name].([]byte); return b }

// Strings returns a Set attribute, nil if absent or of another type.
func (it Item) Strings(name string) Set { s, _ := it[name].(Set); return s }

// Index is a sparse secondary index: an item is in it while it has both
// attributes, which are strings. It projects the item's key, the two
// attributes and those named in Project, so that writes to other attributes
// (counters, claims) do not touch it.
type Index struct {
	Name    string
	PK, SK  string   // attribute names
	Project []string // further attributes that a Query on the index returns
}

// Schema is what an engine must know of the table besides its key: the
// secondary indexes. Every engine of one table is given the same one.
type Schema struct{ Indexes []Index }

// Index returns the index of that name, and whether there is one.
func (s Schema) Index(name string) (Index, bool) {
	for _, ix := range s.Indexes {
		if ix.Name == name {
			return ix, true
		}
	}
	return Index{}, false
}

// Engine is the table. Every method is safe for concurrent use.
//
// Errors: *RefusedError when a condition did not hold; ErrConflict when another
// write got in the way and nothing was written (the caller retries, see
// Retry); ErrTooLarge, ErrInvalid for requests that DynamoDB would refuse;
// ErrToken for a page token that is not one of ours or belongs to another
// query. Any other error says nothing about whether a write was done.
type Engine interface {
	// Get returns an item, or nil if there is none. A read that is not
	// consistent may return an earlier state. Items past their ttl may still
	// be returned.
	Get(ctx context.Context, key Key, consistent bool) (Item, error)

	// BatchGet returns up to MaxBatchKeys items in the order of keys, nil
	// where there is none, read consistently. No key may appear twice.
	BatchGet(ctx context.Context, keys []Key) ([]Item, error)

	// Query returns one page of items that share a partition key.
	Query(ctx context.Context, q Query) (Page, error)

	// Update changes one item, creating it if there is none and the condition
	// allows, and returns it as it is after the change. When the condition
	// does not hold it returns a *RefusedError with the item as it was.
	Update(ctx context.Context, u Update) (Item, error)

	// Commit does all of ops or none. An item may appear at most once, with
	// at most MaxCommitOps operations and MaxCommitBytes in all. writer names
	// this attempt at this piece of work: it is kept in each item put, so that
	// a repeated Commit whose first answer was lost is recognised as done
	// instead of refused. A writer must be unique for its piece of work.
	// A *RefusedError holds one Reason per operation.
	Commit(ctx context.Context, writer string, ops ...Op) error
}

// Query asks for the items of one partition in sort key order.
type Query struct {
	Index      string // name of an Index, or "" for the table itself
	PK         string
	Prefix     string // of the sort key, or "" for all
	Descending bool
	Limit      int    // items per page, 0 for as many as fit a page
	Token      string // Page.Next of the page before, or "" for the first
	Consistent bool   // the table only: reads on an index lag
}

// Page is one page of a Query. It may hold fewer items than Limit, even
// none, and still have a Next: only an empty Next means the end.
type Page struct {
	Items []Item
	Next  string // authenticated and bound to the query; "" at the end
}

// Update describes a change to one item. Each attribute may appear in one of
// Set, Remove, Add and Insert only.
type Update struct {
	Key    Key
	Set    Item             // attributes to set
	Remove []string         // attributes to remove
	Add    map[string]int64 // added to integers; an absent one counts as 0
	Insert map[string]Set   // added to string sets; an absent one counts as empty
	If     Cond             // zero: no condition
}

// Op is one operation of a Commit: exactly one field is set.
type Op struct {
	Put    *Put
	Update *Update // its new item is not returned: DynamoDB's transactions do not
	Delete *Delete
	Check  *Check
}

// Put writes a whole item, replacing any with its key.
type Put struct {
	Item Item
	If   Cond
}

// Delete removes an item; there being none is no failure by itself.
type Delete struct {
	Key Key
	If  Cond
}

// Check requires a condition of an item that the Commit does not change.
type Check struct {
	Key Key
	If  Cond
}

// Change is one entry of the change feed: at least once, in order per item.
type Change struct {
	ID      string    // the same on every delivery of this change
	At      time.Time // about when it happened
	Old     Item      // nil when the item was created
	New     Item      // nil when the item was deleted
	Expired bool      // deleted by the table itself because of its ttl
}
