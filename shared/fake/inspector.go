package fake

import (
	"context"
	"sync"

	"latchkey/shared/recording"
)

// Inspector finds in all media what it was told that is in it. It implements
// recording.Inspector.
type Inspector struct {
	mu     sync.Mutex
	Facts  recording.Facts
	Err    error
	Before func() // unless nil, is done before anything else
	Asked  []recording.Media
}

var _ recording.Inspector = (*Inspector)(nil)

// Inspect implements recording.Inspector.
func (i *Inspector) Inspect(_ context.Context, m recording.Media) (recording.Facts, error) {
	if i.Before != nil {
		i.Before()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.Asked = append(i.Asked, m)
	return i.Facts, i.Err
}
