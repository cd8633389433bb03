package main

import (
	"context"

	"latchkey/shared/seal"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/dynamo"
)

// paged is the table with page tokens under a key that all instances of the
// function share. It is derived from the sealing key, and asked for only when
// there is a list: starting needs no network, and a rotation needs no restart.
type paged struct {
	*dynamo.Engine
	client dynamo.API
	name   string
	keys   seal.Source
}

var _ table.Engine = paged{}

func newPaged(client dynamo.API, name string, keys seal.Source) paged {
	return paged{dynamo.New(client, name, store.Schema(), nil), client, name, keys}
}

// Query implements table.Engine.
func (p paged) Query(ctx context.Context, q table.Query) (table.Page, error) {
	keys, err := p.keys.Keys(ctx)
	if err != nil {
		return table.Page{}, err
	}
	return dynamo.New(p.client, p.name, store.Schema(), keys.Derive(store.PageKeyLabel)).Query(ctx, q)
}
