package bench

import (
	"context"
	"math"

	"latchkey/shared/table"
)

// meter counts the request units that DynamoDB bills for what passes it
// (Developer Guide, "Read and write operations"): a write is 1 unit per KB,
// a consistent read 1 per 4 KB, an item of a transaction twice that, and
// what an index projects is written once more.
type meter struct {
	table.Engine
	schema        table.Schema
	reads, writes float64
}

func (m *meter) Get(ctx context.Context, key table.Key, consistent bool) (table.Item, error) {
	it, err := m.Engine.Get(ctx, key, consistent)
	m.read(it, consistent)
	return it, err
}

func (m *meter) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	items, err := m.Engine.BatchGet(ctx, keys)
	for _, it := range items {
		m.read(it, true)
	}
	return items, err
}

func (m *meter) Update(ctx context.Context, u table.Update) (table.Item, error) {
	it, err := m.Engine.Update(ctx, u)
	m.writes += units(size(it), 1<<10)
	return it, err
}

func (m *meter) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	for _, op := range ops {
		n := 1.0 // an update, a delete or a check of an item within 1 KB, as all of these are
		if op.Put != nil {
			n = units(size(op.Put.Item), 1<<10)
			m.writes += m.indexed(op.Put.Item)
		}
		m.writes += 2 * n
	}
	return m.Engine.Commit(ctx, writer, ops...)
}

func (m *meter) read(it table.Item, consistent bool) {
	n := units(size(it), 4<<10)
	if !consistent {
		n /= 2
	}
	m.reads += n
}

// indexed is what the indexes cost that an item is put into.
func (m *meter) indexed(it table.Item) (n float64) {
	for _, ix := range m.schema.Indexes {
		if it.String(ix.PK) == "" || it.String(ix.SK) == "" {
			continue
		}
		projected := table.Item{table.PK: it[table.PK], table.SK: it[table.SK], ix.PK: it[ix.PK], ix.SK: it[ix.SK]}
		for _, name := range ix.Project {
			if v, ok := it[name]; ok {
				projected[name] = v
			}
		}
		n += units(size(projected), 1<<10)
	}
	return n
}

// units is at least 1: asking for what is not there costs too.
func units(bytes, unit int) float64 { return max(1, math.Ceil(float64(bytes)/float64(unit))) }

// size is an item's, with numbers at their longest ("DynamoDB item sizes and
// formats").
func size(it table.Item) (n int) {
	for name, v := range it {
		n += len(name)
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		case table.Set:
			for _, member := range v {
				n += len(member)
			}
		case int64:
			n += 11
		default:
			n++
		}
	}
	return n
}
