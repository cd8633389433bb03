package queue_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/infra/local/queue"
)

// TestMain lets this binary stand in for a process that is killed: see
// TestKilled.
func TestMain(m *testing.M) {
	if path := os.Getenv("QUEUE_CRASH_FILE"); path != "" {
		crash(path)
	}
	os.Exit(m.Run())
}

func open(t *testing.T, path string, opt queue.Options) *queue.Queue {
	t.Helper()
	q, err := queue.Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q
}

func put(t *testing.T, q *queue.Queue, topic string, payloads ...string) {
	t.Helper()
	for _, p := range payloads {
		if err := q.Put(t.Context(), topic, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
}

// drain consumes until n deliveries were made and returns their payloads.
func drain(t *testing.T, q *queue.Queue, topic string, n int, f func(payload string) error) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	err := q.Consume(ctx, topic, func(_ context.Context, p []byte) error {
		got = append(got, string(p))
		err := f(string(p))
		if len(got) == n {
			cancel()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func accept(string) error { return nil }

func TestOrderPerTopic(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{})
	put(t, q, "a", "1", "2", "3")
	put(t, q, "b", "x")
	if diff := cmp.Diff([]string{"1", "2", "3"}, drain(t, q, "a", 3, accept)); diff != "" {
		t.Errorf("topic a (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"x"}, drain(t, q, "b", 1, accept)); diff != "" {
		t.Errorf("topic b (-want +got):\n%s", diff)
	}
}

func TestConsumerWaitsForPut(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{})
	const n = 200
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { put(t, q, "a", fmt.Sprint(i)) })
	}
	seen := map[string]bool{}
	for _, p := range drain(t, q, "a", n, accept) {
		seen[p] = true
	}
	wg.Wait()
	if len(seen) != n {
		t.Errorf("%d different messages, want %d", len(seen), n)
	}
}

func TestRetryKeepsOrder(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{First: time.Nanosecond})
	put(t, q, "a", "1", "2")
	failures := 2
	got := drain(t, q, "a", 4, func(string) error {
		if failures > 0 {
			failures--
			return errors.New("not yet")
		}
		return nil
	})
	if diff := cmp.Diff([]string{"1", "1", "1", "2"}, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func TestDeadLetters(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{Attempts: 3, First: time.Nanosecond})
	put(t, q, "a", "poison", "panics", "good")
	got := drain(t, q, "a", 7, func(p string) error {
		switch p {
		case "poison":
			return errors.New("no")
		case "panics":
			panic("ouch")
		}
		return nil
	})
	if diff := cmp.Diff([]string{"poison", "poison", "poison", "panics", "panics", "panics", "good"}, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	letters, err := q.Dead("a")
	if err != nil {
		t.Fatal(err)
	}
	want := []queue.Message{
		{ID: 1, Payload: []byte("poison"), Attempts: 3, Error: "no"},
		{ID: 2, Payload: []byte("panics"), Attempts: 3, Error: "panic: ouch"},
	}
	if diff := cmp.Diff(want, letters, cmpopts.IgnoreFields(queue.Message{}, "FailedAt")); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}

	if n, err := q.Redrive("a"); n != 2 || err != nil {
		t.Fatalf("Redrive = %d, %v", n, err)
	}
	if diff := cmp.Diff([]string{"poison", "panics"}, drain(t, q, "a", 2, accept)); diff != "" {
		t.Errorf("redriven (-want +got):\n%s", diff)
	}
	if letters, err := q.Dead("a"); len(letters) != 0 || err != nil {
		t.Errorf("dead letters after Redrive = %v, %v", letters, err)
	}
}

func TestBackoff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q")
	synctest.Test(t, func(t *testing.T) {
		q, err := queue.Open(path, queue.Options{Attempts: 5, First: time.Second, Most: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer q.Close()
		put(t, q, "a", "1")
		var at []time.Duration
		began := time.Now()
		drain(t, q, "a", 5, func(string) error {
			at = append(at, time.Since(began).Truncate(time.Second))
			return errors.New("no")
		})
		want := []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second, 9 * time.Second}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// Ending a consumer in the middle of a message spends no attempt and loses
// nothing.
func TestEndInTheMiddle(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{Attempts: 1})
	put(t, q, "a", "1")
	for range 3 {
		drain(t, q, "a", 1, func(string) error { return nil })
		put(t, q, "a", "1")
		ctx, cancel := context.WithCancel(t.Context())
		err := q.Consume(ctx, "a", func(ctx context.Context, _ []byte) error {
			cancel()
			return ctx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if letters, err := q.Dead("a"); len(letters) != 0 || err != nil {
		t.Errorf("dead letters = %v, %v", letters, err)
	}
	if got := drain(t, q, "a", 1, accept); len(got) != 1 {
		t.Errorf("left = %v", got)
	}
}

func TestOneConsumer(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "q"), queue.Options{})
	put(t, q, "a", "1")
	drain(t, q, "a", 1, func(string) error {
		if err := q.Consume(t.Context(), "a", nil); !errors.Is(err, queue.ErrBusy) {
			t.Errorf("second consumer = %v, want ErrBusy", err)
		}
		return nil
	})
}

func TestFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q")
	open(t, path, queue.Options{})
	if q, err := queue.Open(path, queue.Options{}); err == nil {
		q.Close()
		t.Error("a file was opened twice")
	}
}

// crash puts messages, begins to work on the first and waits to be killed.
func crash(path string) {
	q, err := queue.Open(path, queue.Options{Attempts: 2})
	if err != nil {
		panic(err)
	}
	if os.Getenv("QUEUE_CRASH_PUT") != "" {
		for _, p := range []string{"1", "2"} {
			if err := q.Put(context.Background(), "a", []byte(p)); err != nil {
				panic(err)
			}
		}
	}
	q.Consume(context.Background(), "a", func(_ context.Context, p []byte) error {
		fmt.Printf("working on %s\n", p)
		select {}
	})
}

func killInTheMiddle(t *testing.T, path string, env ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "QUEUE_CRASH_FILE="+path)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	return strings.TrimSpace(line)
}

func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q")
	got := []string{
		killInTheMiddle(t, path, "QUEUE_CRASH_PUT=1"),
		killInTheMiddle(t, path),
	}
	if diff := cmp.Diff([]string{"working on 1", "working on 1"}, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	// Two attempts began and killed their process: the message had its share.
	q := open(t, path, queue.Options{Attempts: 2})
	delivered := drain(t, q, "a", 1, accept)
	letters, err := q.Dead("a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2"}, delivered); diff != "" || len(letters) != 1 {
		t.Errorf("delivered (-want +got):\n%sdead letters = %v, want one", diff, letters)
	}
}
