package fake

import (
	"context"
	"strings"
	"sync"

	"latchkey/shared/fault"
	"latchkey/shared/webhook"
)

// Receivers are all servers of the https web: they answer Status, 200 if it
// is 0, or fail with Err. It implements webhook.Poster.
type Receivers struct {
	Status int
	Err    error

	mu  sync.Mutex
	got []Posted
}

// Posted is what a receiver got.
type Posted struct {
	URL, Body string
	Headers   map[string]string
}

var _ webhook.Poster = (*Receivers)(nil)

// Check implements webhook.Poster.
func (r *Receivers) Check(url string) error {
	if !strings.HasPrefix(url, "https://") {
		return fault.New(fault.Invalid, "it must begin with https://")
	}
	return nil
}

// Post implements webhook.Poster.
func (r *Receivers) Post(_ context.Context, url string, headers map[string]string, body []byte) (int, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, Posted{url, string(body), headers})
	return max(r.Status, 200), "", r.Err
}

// Take returns what came, and forgets it.
func (r *Receivers) Take() []Posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.got
	r.got = nil
	return all
}
