package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name, script string
		limit        time.Duration
		memory, most int
		want         string
		check        func(f *Failure) bool // nil for one that succeeds
	}{
		{"prints", "printf hello; echo aside >&2", time.Minute, 1 << 20, 5, "hello", nil},
		{"reads and has nothing of our environment", `cat; env | grep -c LATCHKEY_SECRET; true`, time.Minute, 0, 100, "in0\n", nil},
		{"fails", "echo why >&2; exit 3", time.Minute, 0, 100, "", func(f *Failure) bool { return f.Exited() && !f.Slow && f.Said == "why" }},
		{"is killed", "kill -9 $$", time.Minute, 0, 100, "", func(f *Failure) bool { return !f.Exited() && !f.Slow }},
		{"is too slow", "sleep 600", 50 * time.Millisecond, 0, 100, "", func(f *Failure) bool { return f.Slow }},
		{"prints too much", "printf 123456", time.Minute, 0, 5, "", func(f *Failure) bool { return strings.Contains(f.Error(), "more is printed") }},
		{"prints too much, and fails", "yes; exit 1", time.Minute, 0, 5, "", func(f *Failure) bool { return strings.Contains(f.Error(), "more is printed") }},
		{"keeps the last of what it says", "yes no | head -c 99999 >&2; echo end >&2; exit 1", time.Minute, 0, 5, "",
			func(f *Failure) bool { return len(f.Said) <= tailBytes && strings.HasSuffix(f.Said, "no\nend") }},
	}
	t.Setenv("LATCHKEY_SECRET", "s")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Command{Folder: t.TempDir(), Limit: tt.limit, Memory: tt.memory, In: strings.NewReader("in")}
			c.Env = Bare(c.Folder)
			got, err := c.Output(t.Context(), tt.most, "/bin/sh", "-c", tt.script)
			failed, ok := errors.AsType[*Failure](err)
			if string(got) != tt.want || ok != (tt.check != nil) || ok && !tt.check(failed) || err != nil && !ok {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestMemory: a program gets no more than it may have.
func TestMemory(t *testing.T) {
	c := Command{Folder: t.TempDir(), Limit: time.Minute, Memory: 10 << 10}
	got, err := c.Output(t.Context(), 100, "/bin/sh", "-c", "ulimit -d")
	if err != nil || string(got) != "10240\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestCancel: of what is cancelled, nothing that it started is left.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r, w := io.Pipe()
	why, done := errors.New("no longer wanted"), make(chan error, 1)
	go func() {
		done <- Command{Folder: t.TempDir(), Limit: time.Minute, Out: w}.Run(ctx, "/bin/sh", "-c", "sleep 600 & echo $!; wait")
	}()
	var child int
	if _, err := fmt.Fscan(r, &child); err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	for running(child) {
		runtime.Gosched()
	}
}

// running reports whether there is a process that is more than a remainder.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}
