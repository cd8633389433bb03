package eval

import "latchkey/shared/table"

// Pager collects one page of a query.
type Pager struct {
	query table.Query
	index table.Index
	key   []byte
	bytes int
	full  bool
	items []table.Item
}

// NewPager returns an empty page of a checked query on ix, whose tokens are
// sealed under key.
func NewPager(q table.Query, ix table.Index, key []byte) *Pager {
	return &Pager{query: q, index: ix, key: key}
}

// Add takes the next item into the page and reports whether to go on. The
// item is then the page's own.
func (p *Pager) Add(it table.Item) bool {
	p.bytes += Size(it)
	if p.bytes > table.MaxPageBytes && len(p.items) > 0 {
		p.full = true
		return false
	}
	p.items = append(p.items, it)
	p.full = len(p.items) == p.query.Limit
	return !p.full
}

// Page returns what was collected. A page that reached its limit has a Next
// even if nothing follows, as DynamoDB does.
func (p *Pager) Page() table.Page {
	page := table.Page{Items: p.items}
	if p.full {
		page.Next = table.SealToken(p.key, p.query, PositionOf(p.index, p.items[len(p.items)-1]))
	}
	return page
}

// PositionOf returns the place of an item in an index, or in the table for
// the zero-named one.
func PositionOf(ix table.Index, it table.Item) table.Position {
	pos := table.Position{Key: it.Key()}
	if ix.Name != "" {
		pos.IndexSK = it.String(ix.SK)
	}
	return pos
}
