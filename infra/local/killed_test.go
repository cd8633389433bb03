package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"latchkey/infra/local/queue"
	"latchkey/shared/account"
	"latchkey/shared/effect"
	"latchkey/shared/job"
	"latchkey/shared/store"
	"latchkey/shared/table/bolt"
)

// shift is a process of its own, with the table and the queue of a folder,
// that does one kind of job.
type shift struct {
	table *bolt.Engine
	queue *queue.Queue
	jobs  *job.Service
	work  func(context.Context) error
	later time.Duration // than it is
}

func (s *shift) now() time.Time { return time.Now().Add(s.later) }

func openShift(dir string) (s *shift, err error) {
	s = new(shift)
	if s.table, err = bolt.Open(filepath.Join(dir, "table.db"), bolt.Options{Schema: store.Schema(), PageKey: []byte("key")}); err != nil {
		return nil, err
	}
	if s.queue, err = queue.Open(filepath.Join(dir, "queue.db"), queue.Options{}); err != nil {
		return nil, err
	}
	s.jobs = &job.Service{
		Store: store.Jobs{Table: s.table, Now: s.now}, Queue: messages{s.queue}, Log: slog.New(slog.DiscardHandler), Now: s.now,
		Workers: map[job.Kind]job.Worker{job.Export: s}, Beats: func() (<-chan time.Time, func()) { return nil, func() {} },
	}
	return s, nil
}

func (s *shift) Work(ctx context.Context, _ job.Job) error { return s.work(ctx) }

func (s *shift) GiveUp(context.Context, job.Job, string) error { return nil }

// run does what the queue tells of, until done is told of a message.
func (s *shift) run(ctx context.Context, done func(error)) error {
	return s.queue.Consume(ctx, renderTopic, func(ctx context.Context, body []byte) error {
		err := worker(effect.Jobs{Jobs: s.jobs, Log: s.jobs.Log}.Handle).deliver(ctx, body)
		done(err)
		return err
	})
}

// dieAtWork is a process that is killed when it says that it works.
func dieAtWork(dir string) {
	s, err := openShift(dir)
	if err != nil {
		panic(err)
	}
	j := job.New(job.Export, account.Principal{Organization: "o"}, "it")
	if err := (store.Jobs{Table: s.table, Now: s.now}).Add(context.Background(), j); err != nil {
		panic(err)
	}
	if err := s.jobs.Tell(context.Background(), []job.Job{j}); err != nil {
		panic(err)
	}
	s.work = func(context.Context) error {
		fmt.Println("at work")
		select {}
	}
	_ = s.run(context.Background(), func(error) {})
}

// TestKilledAtWork: a job whose process is killed in the middle is picked up by
// the next one, when its lease has ended, and done once.
func TestKilledAtWork(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DIE_AT_WORK="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "at work\n" {
		t.Fatal(line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	s, err := openShift(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.table.Close()
	defer s.queue.Close()
	worked := 0
	s.work = func(context.Context) error { worked++; return nil }
	told, ctx := make(chan error), t.Context()
	go func() { _ = s.run(ctx, func(err error) { told <- err }) }()
	if err := <-told; err != nil { // the message that it had comes again
		t.Fatal(err)
	}
	for _, tt := range []struct {
		later time.Duration
		told  bool
	}{{0, false}, {2 * time.Minute, true}, {4 * time.Minute, false}, {24 * time.Hour, false}} {
		s.later = tt.later
		n, err := s.jobs.TellDue(ctx, s.now())
		if err != nil || n == 1 != tt.told {
			t.Fatalf("after %v: told of %d jobs, %v", tt.later, n, err)
		}
		if tt.told {
			if err := <-told; err != nil {
				t.Fatal(err)
			}
		}
		if worked == 1 != (tt.later >= 2*time.Minute) {
			t.Errorf("after %v: worked %d times", tt.later, worked)
		}
	}
	j, err := s.jobs.Store.Job(ctx, "export-it")
	if err != nil || j.State != job.Completed || j.Attempts != 2 || worked != 1 {
		t.Errorf("%+v, %v; worked %d times", j, err, worked)
	}
}
