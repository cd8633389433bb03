// Package process runs other people's programs on what somebody uploaded, and
// bounds their time, memory and what they print. It refuses to leave any of
// them running.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Command is how a program is run.
type Command struct {
	Folder string        // that it works in
	Limit  time.Duration // how long it may take
	Memory int           // KiB that it may allocate, or 0 for no limit
	Env    []string      // nil for that of this process
	In     io.Reader     // nil for none
	Out    io.Writer     // nil for none
}

// Bare is an environment without anything of this process, in which there are
// credentials.
func Bare(folder string) []string {
	return []string{"LC_ALL=C.UTF-8", "HOME=" + folder, "TMPDIR=" + folder}
}

// Failure is how a program ended that failed, or was too slow.
type Failure struct {
	Slow    bool   // its time was over
	Said    string // the last of what it printed to its standard error
	program string
	cause   error
}

// Error implements error.
func (f *Failure) Error() string { return fmt.Sprintf("%s: %v: %s", f.program, f.cause, f.Said) }

// Unwrap is what ended it.
func (f *Failure) Unwrap() error { return f.cause }

// Exited reports whether it ended by itself: neither did a signal end it, nor
// could it not be started.
func (f *Failure) Exited() bool {
	exit, ok := errors.AsType[*exec.ExitError](f.cause)
	return ok && exit.ExitCode() >= 0
}

// Run runs a program until it ends, its time is over or ctx ends. Then neither
// it nor a process that it has started is left. The error is ctx's cause, or a
// *Failure.
func (c Command) Run(ctx context.Context, path string, args ...string) error {
	limited, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	said := &tail{}
	cmd := exec.CommandContext(limited, path, args...)
	if c.Memory > 0 { // the shell sets the limit and becomes the program
		cmd = exec.CommandContext(limited, "/bin/sh", append([]string{"-c", fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, c.Memory), path}, args...)...)
	}
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, c.Folder, c.In, c.Out, said
	cmd.WaitDelay = 5 * time.Second
	err := alone(cmd)
	switch name := filepath.Base(path); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", name, context.Cause(ctx))
	default:
		return &Failure{Slow: limited.Err() != nil, Said: said.String(), program: name, cause: err}
	}
}

// Output is Run, and returns what the program printed. It fails if that is
// more than so many bytes.
func (c Command) Output(ctx context.Context, most int, path string, args ...string) ([]byte, error) {
	var out bytes.Buffer
	b := &bounded{&out, most}
	c.Out = b
	err := c.Run(ctx, path, args...)
	if failed, ok := errors.AsType[*Failure](err); ok && b.left < 0 {
		failed.cause = errTooMuch // whatever became of the program then
	}
	return out.Bytes(), err
}

// Bounded passes on what is written to it, up to so many bytes.
func Bounded(to io.Writer, most int) io.Writer { return &bounded{to, most} }

var errTooMuch = errors.New("more is printed than is read")

type bounded struct {
	to   io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooMuch
	}
	return b.to.Write(p)
}

// tail keeps the last of what is written to it.
type tail struct{ last []byte }

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if n := len(t.last) - tailBytes; n > 0 {
		t.last = append(t.last[:0], t.last[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(strings.TrimSpace(string(t.last)), "?") }
