package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
	"latchkey/shared/table/bolt"
)

func write(t *testing.T, e table.Engine, sks ...string) {
	t.Helper()
	for _, sk := range sks {
		_, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "p", SK: sk}, Add: map[string]int64{"n": 1}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func seen(changes []table.Change) []string {
	var s []string
	for _, c := range changes {
		s = append(s, fmt.Sprint(c.New.String(table.SK), c.New.Int("n")))
	}
	return s
}

func wantSeen(t *testing.T, what string, got []table.Change, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, seen(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// A consumer goes on where it was, also over a restart; a new one begins with
// the oldest change kept.
func TestFeedRemembers(t *testing.T) {
	path := file(t)
	e := open(t, path, bolt.Options{})
	write(t, e, "a", "b")
	first := drain(t, e, "one")
	wantSeen(t, "first", first, "a1", "b1")
	write(t, e, "a")
	_ = e.Close()
	e = open(t, path, bolt.Options{})
	wantSeen(t, "after a restart", drain(t, e, "one"), "a2")
	wantSeen(t, "nothing new", drain(t, e, "one"))
	write(t, e, "c")
	wantSeen(t, "another consumer", drain(t, e, "two"), "c1")
	wantSeen(t, "the first", drain(t, e, "one"), "c1")
}

// A batch whose handler fails comes again after a while, the same, and no
// later change overtakes it.
func TestFeedRetries(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		e := open(t, path, bolt.Options{})
		write(t, e, "a", "b")
		ctx, cancel := context.WithCancel(t.Context())
		var got []table.Change
		var at []time.Duration
		begin := time.Now()
		err := e.Feed(ctx, "c", func(_ context.Context, batch []table.Change) error {
			got = append(got, batch...)
			at = append(at, time.Since(begin))
			switch len(at) {
			case 1:
				write(t, e, "c")
				return errors.New("not now")
			case 2, 3:
				return errors.New("not yet")
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Feed returned %v", err)
		}
		wantSeen(t, "changes", got, "a1", "b1", "a1", "b1", "c1", "a1", "b1", "c1", "a1", "b1", "c1")
		if d := cmp.Diff([]time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond}, at); d != "" {
			t.Errorf("times (-want +got):\n%s", d)
		}
		if got[0].ID != got[2].ID || got[0].ID == got[1].ID || !got[0].At.Equal(got[2].At) {
			t.Errorf("the repeat is not the same change: %+v, %+v", got[0], got[2])
		}
		_ = e.Close()
	})
}

// A waiting Feed is woken by a write.
func TestFeedWakes(t *testing.T) {
	e := open(t, file(t), bolt.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan table.Change), make(chan error)
	go func() {
		ended <- e.Feed(ctx, "c", func(_ context.Context, batch []table.Change) error {
			for _, c := range batch {
				got <- c
			}
			return nil
		})
	}()
	for _, sk := range []string{"a", "b", "c"} {
		write(t, e, sk)
		if c := <-got; c.New.String(table.SK) != sk {
			t.Errorf("change of %q, want %q", c.New.String(table.SK), sk)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Feed returned %v", err)
	}
}

func TestFeedOncePerConsumer(t *testing.T) {
	e := open(t, file(t), bolt.Options{})
	write(t, e, "a")
	ctx, cancel := context.WithCancel(t.Context())
	_ = e.Feed(ctx, "c", func(context.Context, []table.Change) error {
		if err := e.Feed(ctx, "c", nil); err == nil {
			t.Error("a second Feed of the consumer started")
		}
		if err := e.Feed(ctx, "c", nil); err == nil {
			t.Error("a third Feed of the consumer started")
		}
		cancel()
		return nil
	})
}

// Batches are bounded in changes and in bytes.
func TestFeedBatches(t *testing.T) {
	e := open(t, file(t), bolt.Options{NoSync: true})
	for i := range 250 {
		write(t, e, fmt.Sprint(i))
	}
	for i := range 4 {
		_, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "p", SK: fmt.Sprint("large", i)}, Set: table.Item{"b": make([]byte, 399<<10)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	total := 0
	ctx, cancel := context.WithCancel(t.Context())
	_ = e.Feed(ctx, "c", func(_ context.Context, batch []table.Change) error {
		sizes = append(sizes, len(batch))
		if total += len(batch); total == 254 {
			cancel()
		}
		return nil
	})
	if d := cmp.Diff([]int{100, 100, 52, 2}, sizes); d != "" {
		t.Errorf("batches (-want +got):\n%s", d)
	}
}

// What every consumer has acknowledged is deleted; what one has not stays.
func TestFeedTrims(t *testing.T) {
	e := open(t, file(t), bolt.Options{})
	write(t, e, "a")
	drain(t, e, "one")
	drain(t, e, "two")
	write(t, e, "b")
	drain(t, e, "one")
	wantSeen(t, "kept for two, seen by three", drain(t, e, "three"), "b1")
	wantSeen(t, "kept for two", drain(t, e, "two"), "b1")
	write(t, e, "c")
	drain(t, e, "two")
	drain(t, e, "three")
	for _, c := range []string{"one"} {
		if err := e.Forget(c); err != nil {
			t.Fatal(err)
		}
	}
	wantSeen(t, "nothing is kept for one that was forgotten", drain(t, e, "four"))
}

// While nobody consumes, changes are kept for a day.
func TestFeedWithoutConsumers(t *testing.T) {
	c := newClock()
	e := open(t, file(t), bolt.Options{Now: c.Now})
	write(t, e, "a")
	c.now = c.now.Add(23 * time.Hour)
	write(t, e, "b")
	c.now = c.now.Add(2 * time.Hour)
	if _, err := e.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, "kept", drain(t, e, "c"), "b1")
	write(t, e, "d")
	c.now = c.now.Add(48 * time.Hour)
	if _, err := e.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, "kept for a consumer", drain(t, e, "c"), "d1")
}
