package tabletest

import (
	"context"
	"fmt"
	"sync/atomic"

	"latchkey/shared/table"
)

// Conflicting returns an engine whose first n writes conflict, as DynamoDB's
// may at any time. The embedded engines have no conflicts of their own.
func Conflicting(e table.Engine, n int64) table.Engine {
	c := &conflicting{Engine: e}
	c.left.Store(n)
	return c
}

type conflicting struct {
	table.Engine
	left atomic.Int64
}

func (c *conflicting) conflict() error {
	if c.left.Add(-1) >= 0 {
		return fmt.Errorf("tabletest: %w", table.ErrConflict)
	}
	return nil
}

func (c *conflicting) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if err := c.conflict(); err != nil {
		return nil, err
	}
	return c.Engine.Update(ctx, u)
}

func (c *conflicting) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if err := c.conflict(); err != nil {
		return err
	}
	return c.Engine.Commit(ctx, writer, ops...)
}
