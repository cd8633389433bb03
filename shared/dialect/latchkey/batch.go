package latchkey

import (
	"context"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// maxBatch is the most links of one request: each takes a commit of its own,
// and all have to be done in a function's time.
const maxBatch = 100

// newLinks is one link to be made, or a batch of which each stands alone.
type newLinks struct {
	batch bool
	items []newItem
	once  dialect.Once
}

// newItem is a link to be made, or what is wrong with it.
type newItem struct {
	share.New
	path string // "links[3]", or "" for a single one
	err  error
}

func readNewLinks(r *http.Request) (newLinks, error) {
	o, key, err := readPost(r)
	if err != nil {
		return newLinks{}, err
	}
	n := newLinks{once: key}
	if _, n.batch = o["links"]; n.batch {
		n.items, err = readBatch(o)
		return n, err
	}
	one, err := newLink(o, "")
	n.items = []newItem{{New: one}}
	return n, err
}

func readBatch(o dialect.Object) ([]newItem, error) {
	if err := unknown(o, "", "links"); err != nil {
		return nil, err
	}
	list, _, err := o.Array("links", "links")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || len(list) > maxBatch {
		return nil, fault.Field(fault.Invalid, "links", "must have 1 to %d links", maxBatch)
	}
	items := make([]newItem, len(list))
	for i, v := range list {
		items[i].path = "links[" + strconv.Itoa(i) + "]"
		if o, ok := v.(dialect.Object); ok {
			items[i].New, items[i].err = newLink(o, items[i].path+".")
		} else {
			items[i].err = fault.Field(fault.Invalid, items[i].path, "must be an object")
		}
	}
	return items, nil
}

// newLinksResult is what became of each item.
type newLinksResult struct {
	batch bool
	links []share.Listed
	errs  []*fault.Error // by index, nil for a link that was made
}

func (a API) createLinks(ctx context.Context, who account.Principal, n newLinks) (newLinksResult, error) {
	out := newLinksResult{batch: n.batch, links: make([]share.Listed, len(n.items)), errs: make([]*fault.Error, len(n.items))}
	for i, item := range n.items {
		key := n.once
		if n.batch {
			key = key.Item(i)
		}
		var err error
		out.links[i], err = a.createItem(ctx, who, item, key)
		if err != nil && !n.batch {
			return newLinksResult{}, err
		}
		if err != nil {
			out.errs[i] = under(item.path, err)
		}
	}
	return out, nil
}

func (a API) createItem(ctx context.Context, who account.Principal, item newItem, key dialect.Once) (share.Listed, error) {
	if item.err != nil {
		return share.Listed{}, item.err
	}
	item.Once = key.By(who.User)
	return a.createLink(ctx, who, item.New)
}

// resultJSON is what became of one item of a batch.
type resultJSON struct {
	Status int       `json:"status"`
	Link   *linkJSON `json:"link,omitempty"`
	Error  *problem  `json:"error,omitempty"`
}

func (a API) writeNewLinks(r *http.Request, made newLinksResult) (dialect.Response, error) {
	if !made.batch {
		res, err := dialect.JSON(http.StatusCreated, a.shown(r, made.links[0]))
		if err == nil {
			res.Header.Set("Location", "/api/v1/links/"+made.links[0].ID)
		}
		return res, err
	}
	results := make([]resultJSON, len(made.links))
	for i, l := range made.links {
		results[i] = a.result(r, l, made.errs[i])
	}
	return dialect.JSON(http.StatusOK, struct {
		Results []resultJSON `json:"results"`
	}{results})
}

func (a API) result(r *http.Request, l share.Listed, e *fault.Error) resultJSON {
	if e == nil {
		link := a.shown(r, l)
		return resultJSON{Status: http.StatusCreated, Link: &link}
	}
	p := problemOf(r, e)
	if p.Status >= 500 {
		journal.From(r.Context()).Cause = e // the answer itself is a 200, and the log must know
	}
	return resultJSON{Status: p.Status, Error: &p}
}
