// Command local runs the whole of Latchkey on this machine: a gateway with
// template.yaml's routes, the functions, a table, an S3, an SES with an inbox
// and the queues between them, in one process, with its data in one folder. It
// refuses to be reachable from other machines. With LATCHKEY_SERVE it leaves
// gateway and functions to somebody else, in that network of this machine's,
// and serves them AWS's endpoints.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTimeout is how long a clean end may take; after it the process ends
// anyway, which loses nothing: everything that was acknowledged is on disk.
const stopTimeout = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		time.AfterFunc(stopTimeout, func() { fail(fmt.Errorf("not everything ended within %v", stopTimeout)) })
	})
	if err := run(ctx, os.Getenv, os.Stdout, wire); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "latchkey:", err)
	os.Exit(1)
}

// run starts everything, says so on out, and returns when ctx has ended and
// everything has stopped, or when something could not start.
func run(ctx context.Context, getenv func(string) string, out io.Writer, wire wiring) error {
	set, err := readSettings(getenv)
	if err != nil {
		return err
	}
	unlock, err := lock(set.data)
	if err != nil {
		return err
	}
	defer unlock()
	st, err := start(ctx, set, wire)
	if err != nil {
		return err
	}
	if err := st.announce(out); err != nil {
		return st.stop(err)
	}
	return st.stop(st.wait(ctx))
}
