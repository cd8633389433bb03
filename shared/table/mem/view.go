package mem

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"

	"latchkey/shared/table"
	"latchkey/shared/table/internal/eval"
)

// view is the items in the order of the table's key or of an index.
type view struct {
	index      table.Index
	partitions map[string][]entry // sorted
}

// entry is the place of one item in a partition.
type entry struct {
	sk  string
	key table.Key
}

func (a entry) compare(b entry) int {
	return cmp.Or(cmp.Compare(a.sk, b.sk), cmp.Compare(a.key.PK, b.key.PK), cmp.Compare(a.key.SK, b.key.SK))
}

func newView(ix table.Index) view {
	return view{index: ix, partitions: map[string][]entry{}}
}

// write moves an item to where its new state belongs.
func (v *view) write(w eval.Write) {
	oldPK, oldSK, was := v.place(w.Old)
	newPK, newSK, is := v.place(w.New)
	if was == is && oldPK == newPK && oldSK == newSK {
		return
	}
	if was {
		v.remove(oldPK, entry{oldSK, w.Key})
	}
	if is {
		v.insert(newPK, entry{newSK, w.Key})
	}
}

func (v *view) place(it table.Item) (pk, sk string, ok bool) {
	pk, okPK := it[v.index.PK].(string)
	sk, okSK := it[v.index.SK].(string)
	return pk, sk, okPK && okSK
}

func (v *view) insert(pk string, en entry) {
	p := v.partitions[pk]
	i, _ := slices.BinarySearchFunc(p, en, entry.compare)
	v.partitions[pk] = slices.Insert(p, i, en)
}

func (v *view) remove(pk string, en entry) {
	p := v.partitions[pk]
	i, found := slices.BinarySearchFunc(p, en, entry.compare)
	if found {
		p = slices.Delete(p, i, i+1)
	}
	if v.partitions[pk] = p; len(p) == 0 {
		delete(v.partitions, pk)
	}
}

// Query returns one page of copies.
func (e *Engine) Query(ctx context.Context, q table.Query) (table.Page, error) {
	ix, err := eval.CheckQuery(e.schema, q)
	if err != nil {
		return table.Page{}, err
	}
	var after *entry
	if q.Token != "" {
		pos, err := table.OpenToken(e.pageKey, q)
		if err != nil {
			return table.Page{}, err
		}
		after = &entry{pos.IndexSK, pos.Key}
		if q.Index == "" {
			after.sk = pos.Key.SK
		}
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	pager := eval.NewPager(q, ix, e.pageKey)
	for _, en := range e.view(q.Index).entries(q, after) {
		it := e.items[en.key]
		if q.Index != "" {
			it = eval.Project(ix, it)
		}
		if !pager.Add(eval.Clone(it)) {
			break
		}
	}
	return pager.Page(), ctx.Err()
}

func (e *Engine) view(index string) *view {
	i := slices.IndexFunc(e.views, func(v view) bool { return v.index.Name == index })
	return &e.views[i]
}

// entries returns what a query sees behind after, in its order.
func (v *view) entries(q table.Query, after *entry) []entry {
	p := v.partitions[q.PK]
	from := sort.Search(len(p), func(i int) bool { return p[i].sk >= q.Prefix })
	to := from + sort.Search(len(p)-from, func(i int) bool { return !strings.HasPrefix(p[from+i].sk, q.Prefix) })
	p = p[from:to]
	if q.Descending {
		p = slices.Clone(p)
		slices.Reverse(p)
	}
	if after == nil {
		return p
	}
	return p[sort.Search(len(p), func(i int) bool {
		c := p[i].compare(*after)
		return c > 0 && !q.Descending || c < 0 && q.Descending
	}):]
}
