package fake

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// Contents keeps contents in memory. It implements recording.Contents.
type Contents struct {
	mu      sync.Mutex
	objects map[string][]byte
}

var _ recording.Contents = (*Contents)(nil)

// Put implements recording.Contents.
func (c *Contents) Put(_ context.Context, key string, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.objects == nil {
		c.objects = make(map[string][]byte)
	}
	c.objects[key] = slices.Clone(body)
	return nil
}

// Get implements recording.Contents.
func (c *Contents) Get(_ context.Context, key string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok := c.objects[key]
	if !ok {
		return nil, fault.New(fault.NotFound, "object not found")
	}
	return slices.Clone(body), nil
}

// Delete implements recording.Contents.
func (c *Contents) Delete(_ context.Context, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.objects, key)
	return nil
}

// DeleteAll implements recording.Contents.
func (c *Contents) DeleteAll(_ context.Context, prefix string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.objects, func(key string, _ []byte) bool { return strings.HasPrefix(key, prefix) })
	return nil
}

// Keys returns the keys of all contents, sorted.
func (c *Contents) Keys() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.objects))
}
