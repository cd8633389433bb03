package recording

import (
	"context"
	"time"

	"latchkey/shared/share"
)

// Store keeps recordings, documents and comments. Whoever builds it says here
// what each method promises.
type Store interface{}

// Contents keeps the documents' contents, one object for each version.
type Contents interface {
	Put(ctx context.Context, key string, body []byte) error // body is gzip
	Get(ctx context.Context, key string) ([]byte, error)    // or NotFound
	Delete(ctx context.Context, key string) error
	// DeleteAll removes every object whose key begins with prefix, and all
	// their versions.
	DeleteAll(ctx context.Context, prefix string) error
}

// Player makes URLs that play media inline, without any network.
type Player interface {
	Playback(ctx context.Context, t share.Target, life time.Duration) (string, error)
}

// Shares is what this needs of shares.
type Shares interface{}
