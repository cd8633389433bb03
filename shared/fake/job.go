package fake

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// Queue keeps messages about jobs, and loses those that are for later, which
// a sweep tells of too. It implements job.Queue.
type Queue struct {
	mu       sync.Mutex
	messages []job.Message
	buried   []job.Letter
}

var _ job.Queue = (*Queue)(nil)

// Send implements job.Queue.
func (q *Queue) Send(_ context.Context, m job.Message, after time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if after == 0 {
		q.messages = append(q.messages, m)
	}
	return nil
}

// Bury implements job.Queue.
func (q *Queue) Bury(_ context.Context, l job.Letter) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.buried = append(q.buried, l)
	return nil
}

// Buried returns the dead letters so far.
func (q *Queue) Buried() []job.Letter {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.buried)
}

// Still is a heart that does not beat: nothing in a test lasts that long. It
// fits job.Service.Beats.
func Still() (<-chan time.Time, func()) { return nil, func() {} }

// Take returns the messages and forgets them.
func (q *Queue) Take() []job.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.messages
	q.messages = nil
	return all
}

// Sources are URLs with what they lead to; others lead to nothing. While Err
// is set it is what opening comes to. It implements recording.Sources.
type Sources struct {
	Contents map[string]string
	Err      error
}

var _ recording.Sources = (*Sources)(nil)

// Open implements recording.Sources.
func (s *Sources) Open(_ context.Context, url string, _ int64) (io.ReadCloser, error) {
	if s.Err != nil {
		return nil, s.Err
	}
	body, ok := s.Contents[url]
	if !ok {
		return nil, fault.New(fault.Invalid, "the server answered 404")
	}
	return io.NopCloser(strings.NewReader(body)), nil
}

// Herald keeps what is announced. It implements job.Worker.
type Herald struct {
	mu   sync.Mutex
	told []string
}

var _ job.Worker = (*Herald)(nil)

// Work implements job.Worker.
func (h *Herald) Work(_ context.Context, j job.Job) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, j.Subject)
	return nil
}

// GiveUp implements job.Worker.
func (h *Herald) GiveUp(context.Context, job.Job, string) error { return nil }

// Told returns the subjects of what was announced so far, without their ids.
func (h *Herald) Told() (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.told {
		_, s, _ = strings.Cut(s, "/")
		out = append(out, s)
	}
	return out
}
