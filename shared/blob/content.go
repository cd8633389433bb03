package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"latchkey/shared/recording"
)

// Contents keeps the documents' contents, as gzip. Its other methods are the
// bucket's.
type Contents struct{ *Bucket }

var _ recording.Contents = Contents{}

// Put implements recording.Contents.
func (c Contents) Put(ctx context.Context, key string, body []byte) error {
	return c.Bucket.Put(ctx, key, bytes.NewReader(body), PutOptions{ContentType: "application/gzip"})
}

// Results are what engines write and read, as plain text.
type Results struct{ Contents }

// Put stores a text.
func (r Results) Put(ctx context.Context, key string, body []byte) error {
	return r.Bucket.Put(ctx, key, bytes.NewReader(body), PutOptions{ContentType: "text/plain; charset=utf-8"})
}

// Get implements recording.Contents.
func (c Contents) Get(ctx context.Context, key string) ([]byte, error) {
	r, _, err := c.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("blob: read: %w", err)
	}
	return body, nil
}
