// Package runtime runs a Lambda function's own binary as Lambda does: in
// processes that ask for their work over the Runtime API (Lambda Developer
// Guide, "Using the Lambda runtime API"), one invocation at a time each, more
// processes for more at once, a new one after a crash or a time-out. It
// refuses to know what is invoked; retries and event sources are its caller's.
package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Limits of Lambda (Developer Guide, "Lambda quotas" and "Understanding the
// Lambda execution environment lifecycle"). An answer may have 100 bytes more
// than a payload, as its message says.
const (
	MaxPayload = 6 << 20
	MaxAnswer  = MaxPayload + 100
	initTime   = 10 * time.Second
)

// defaultProcesses is how many run at most unless told; Lambda's account
// limit of 1,000 is more than one machine has room for.
const defaultProcesses = 8

// Config says what to run.
type Config struct {
	Name      string        // for messages
	ARN       string        // told to the function
	Command   string        // absolute path of its bootstrap
	Dir       string        // where it runs; ours if ""
	Env       []string      // all that the process sees, besides AWS_LAMBDA_RUNTIME_API
	Timeout   time.Duration // of one invocation
	Log       io.Writer     // gets its output, whole lines at a time, from many goroutines
	Started   Started       // or nil
	Processes int           // at most at once; who finds none free waits. 8 if 0
}

// Started is told of each cold start, and how long the process took from exec
// to asking for work.
type Started func(took time.Duration)

// Error is an invocation that failed, in Lambda's own words: the "errorType"
// and "errorMessage" of the answer to whoever invoked.
type Error struct {
	Type    string
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Payload is the error as an invocation's answer.
func (e *Error) Payload() []byte {
	b, _ := json.Marshal(map[string]string{"errorType": e.Type, "errorMessage": e.Message}) // of strings it cannot fail
	return b
}

// Types of errors that are Lambda's refusal and not the function's failure
// (API Reference, Invoke, "Errors").
const (
	Throttled = "TooManyRequestsException"
	TooLarge  = "RequestTooLargeException"
)

// Function is a function's processes.
type Function struct {
	c     Config
	slots chan struct{}

	mu     sync.Mutex
	idle   []*process
	all    map[*process]bool
	closed bool
	held   bool
}

// New returns a function without a process: the first invocation is a cold
// start.
func New(c Config) *Function {
	if c.Processes == 0 {
		c.Processes = defaultProcesses
	}
	return &Function{c: c, slots: make(chan struct{}, c.Processes), all: map[*process]bool{}}
}

// Invoke hands a payload to a process and returns what it answers. What the
// function itself says went wrong, its end, its time-out, a payload above
// MaxPayload, an answer above MaxAnswer and that it is held back are an *Error.
// ctx bounds the wait for a free process; once begun, an invocation runs on as
// it does on Lambda.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if f.isHeld() {
		return nil, &Error{Throttled, "Rate Exceeded."}
	}
	if len(payload) > MaxPayload {
		return nil, &Error{TooLarge, fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", MaxPayload)}
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.slots }()
	for {
		p, err := f.take()
		if err != nil {
			return nil, err
		}
		answer, err := p.invoke(payload)
		f.give(p)
		if !errors.Is(err, errNotTaken) {
			return answer, err
		}
		// It ended between two invocations: this one has not begun.
	}
}

// Hold refuses invocations from now on, or lets them in again: what a reserved
// concurrency of 0 does.
func (f *Function) Hold(held bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = held
}

func (f *Function) isHeld() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held
}

// take returns a process that waits for work, a new one if none does.
func (f *Function) take() (*process, error) {
	f.mu.Lock()
	if n := len(f.idle); n > 0 {
		p := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.mu.Unlock()
		return p, nil
	}
	if f.closed {
		f.mu.Unlock()
		return nil, &Error{"ServiceException", f.c.Name + " is closed"}
	}
	from := time.Now()
	p, err := begin(f.c)
	if err != nil {
		f.mu.Unlock()
		return nil, err
	}
	f.all[p] = true
	f.mu.Unlock()
	if err := p.init(); err != nil {
		f.give(p)
		return nil, err
	}
	if f.c.Started != nil {
		f.c.Started(time.Since(from))
	}
	return p, nil
}

// give keeps a process for the next invocation unless it has ended.
func (f *Function) give(p *process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.hasEnded() {
		delete(f.all, p)
		f.idle = slices.DeleteFunc(f.idle, func(q *process) bool { return p == q })
		return
	}
	f.idle = append(f.idle, p)
}

// Close ends all processes, whatever they are doing, and waits for them.
func (f *Function) Close() error {
	f.mu.Lock()
	f.closed = true
	var all []*process
	for p := range f.all {
		all = append(all, p)
	}
	f.idle = nil
	f.mu.Unlock()
	for _, p := range all {
		p.kill()
	}
	return nil
}
