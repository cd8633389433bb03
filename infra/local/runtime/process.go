package runtime

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

// errNotTaken means that the process ended before it took the invocation.
var errNotTaken = errors.New("runtime: not taken")

// waitDelay bounds the wait for the output of what a killed process started.
const waitDelay = time.Second

// process is one execution environment: a process and its Runtime API.
type process struct {
	c      Config
	cmd    *exec.Cmd
	server *http.Server
	log    *lineWriter

	next  chan *invocation // taken by the process
	ready chan struct{}    // closed when it first asks
	ended chan struct{}    // closed when it has ended; then exit holds
	exit  error

	mu      sync.Mutex
	asked   bool
	current *invocation
	failed  *Error // of init
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome // of one
}

type outcome struct {
	answer []byte
	err    error
}

// begin starts a process with a Runtime API of its own.
func begin(c Config) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime: %s: %w", c.Name, err)
	}
	p := &process{
		c: c, log: &lineWriter{out: c.Log},
		next: make(chan *invocation), ready: make(chan struct{}), ended: make(chan struct{}),
	}
	p.server = &http.Server{Handler: p.api(), ReadHeaderTimeout: initTime}
	p.cmd = exec.Command(c.Command)
	p.cmd.Dir, p.cmd.WaitDelay = c.Dir, waitDelay
	p.cmd.Env = append(c.Env[:len(c.Env):len(c.Env)], "AWS_LAMBDA_RUNTIME_API="+l.Addr().String())
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		l.Close()
		return nil, &Error{"Runtime.InvalidEntrypoint", err.Error()}
	}
	go func() { _ = p.server.Serve(l) }() // until it is closed
	go p.wait()
	return p, nil
}

// wait reaps the process. Its API goes with it.
func (p *process) wait() {
	p.exit = p.cmd.Wait()
	p.log.flush()
	_ = p.server.Close()
	close(p.ended)
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// init waits until the process asks for work. One that does not is ended.
func (p *process) init() error {
	limit := time.NewTimer(initTime)
	defer limit.Stop()
	select {
	case <-p.ready:
		return nil
	case <-p.ended:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.failed != nil {
			return p.failed
		}
		return p.exited()
	case <-limit.C:
		p.kill()
		return &Error{"Sandbox.Timedout", fmt.Sprintf("%s did not initialize within %v", p.c.Name, initTime)}
	}
}

// invoke hands over one payload. A process that is late is ended.
func (p *process) invoke(payload []byte) ([]byte, error) {
	limit := time.NewTimer(p.c.Timeout)
	defer limit.Stop()
	inv := &invocation{id: newID(), payload: payload, deadline: time.Now().Add(p.c.Timeout), done: make(chan outcome, 1)}
	select {
	case p.next <- inv:
	case <-p.ended:
		return nil, errNotTaken
	case <-limit.C:
		p.kill() // it neither works nor asks for work
		return nil, errNotTaken
	}
	select {
	case o := <-inv.done:
		return o.answer, o.err
	case <-limit.C:
		p.kill()
		return nil, &Error{"Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, p.c.Timeout.Seconds())}
	case <-p.ended:
		select {
		case o := <-inv.done: // its last word
			return o.answer, o.err
		default:
			return nil, p.exited()
		}
	}
}

// exited is the error of a process that has ended.
func (p *process) exited() *Error {
	if p.exit == nil {
		return &Error{"Runtime.ExitError", "Runtime exited without providing a reason"}
	}
	return &Error{"Runtime.ExitError", "Runtime exited with error: " + p.exit.Error()}
}

// newID has the form of Lambda's request ids.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// lineWriter hands on whole lines, each in one Write.
type lineWriter struct {
	out  io.Writer
	rest []byte
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.rest = append(w.rest, b...)
	for {
		n := bytes.IndexByte(w.rest, '\n') + 1
		if n == 0 {
			return len(b), nil
		}
		if _, err := w.out.Write(w.rest[:n:n]); err != nil {
			return 0, err
		}
		w.rest = w.rest[n:]
	}
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		_, _ = w.out.Write(append(w.rest, '\n'))
		w.rest = nil
	}
}
