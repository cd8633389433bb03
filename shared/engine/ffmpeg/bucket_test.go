//go:build engines

package ffmpeg

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"latchkey/shared/fault"
)

// bucket is a Bucket in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	streams int // objects that were stored
}

// holding is a bucket with a file, under its path.
func holding(t testing.TB, files ...string) *bucket {
	t.Helper()
	b := &bucket{objects: map[string][]byte{}}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.objects[f] = body
	}
	return b
}

func (b *bucket) Open(_ context.Context, key string) (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, ok := b.objects[key]
	if !ok {
		return nil, fault.New(fault.NotFound, "file not found")
	}
	return io.NopCloser(bytes.NewReader(body)), nil
}

func (b *bucket) Has(_ context.Context, key string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.objects[key]
	return ok, nil
}

func (b *bucket) Stream(_ context.Context, key string, from io.Reader) error {
	body, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[key] = body
	b.streams++
	return nil
}

func (b *bucket) DeleteAll(_ context.Context, prefix string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.objects {
		if strings.HasPrefix(key, prefix) {
			delete(b.objects, key)
		}
	}
	return nil
}

// kept are the names of what is kept of renderings.
func (b *bucket) kept() (names []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.objects {
		if strings.HasPrefix(key, Prefix) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	return names
}
