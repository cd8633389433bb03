package bolt_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
	"latchkey/shared/table/bolt"
	"latchkey/shared/table/tabletest"
)

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newClock() *clock { return &clock{time.Date(2023, 11, 27, 12, 0, 0, 0, time.UTC)} }

func open(t testing.TB, path string, opts bolt.Options) *bolt.Engine {
	t.Helper()
	opts.PageKey = tabletest.PageKey()
	if opts.Schema.Indexes == nil {
		opts.Schema = tabletest.Schema()
	}
	e, err := bolt.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "table.db") }

// drain returns what a consumer has not seen yet.
func drain(t *testing.T, e *bolt.Engine, consumer string) []table.Change {
	t.Helper()
	return drainUntil(t, e, consumer, marker(t, e))
}

// marker writes an item that ends a drain, outside of what tests look at.
func marker(t *testing.T, e *bolt.Engine) int64 {
	t.Helper()
	it, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "marker", SK: "m"}, Add: map[string]int64{"n": 1}})
	if err != nil {
		t.Fatal(err)
	}
	return it.Int("n")
}

func drainUntil(t *testing.T, e *bolt.Engine, consumer string, mark int64) []table.Change {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []table.Change
	err := e.Feed(ctx, consumer, func(_ context.Context, batch []table.Change) error {
		for _, c := range batch {
			if c.New.String(table.PK) != "marker" {
				got = append(got, c)
			} else if c.New.Int("n") == mark {
				cancel()
			}
		}
		return nil
	})
	if ctx.Err() == nil {
		t.Fatalf("Feed stopped: %v", err)
	}
	return got
}

func harness(t *testing.T, opts bolt.Options) tabletest.Harness {
	c := newClock()
	opts.Now = c.Now
	e := open(t, file(t), opts)
	return tabletest.Harness{
		Engine:  e,
		Changes: func(t *testing.T) []table.Change { return drain(t, e, "suite") },
		Expire: func(t *testing.T, now time.Time) {
			c.now = now
			if _, err := e.Expire(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		CatchUp: func(t *testing.T) {
			if err := e.CatchUp(); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) tabletest.Harness { return harness(t, bolt.Options{}) })
}

func TestContractWithLaggingIndexes(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) tabletest.Harness {
		h := harness(t, bolt.Options{LagIndexes: true, NoSync: true})
		h.Rounds = 10 // the race has no index in it
		return h
	})
}

func indexed(t *testing.T, e table.Engine) []string {
	t.Helper()
	page, err := e.Query(t.Context(), table.Query{Index: "by-owner", PK: "o"})
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, it := range page.Items {
		notes = append(notes, it.String("note"))
	}
	return notes
}

func note(t *testing.T, e table.Engine, text string) {
	t.Helper()
	_, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "p", SK: "s"}, Set: table.Item{"owner": "o", "made": "m", "note": text}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestIndexLags(t *testing.T) {
	path := file(t)
	e := open(t, path, bolt.Options{LagIndexes: true})
	check := func(what string, e *bolt.Engine, want ...string) {
		t.Helper()
		if d := cmp.Diff(want, indexed(t, e)); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	note(t, e, "1")
	check("after the first write", e)
	if err := e.CatchUp(); err != nil {
		t.Fatal(err)
	}
	note(t, e, "2")
	note(t, e, "3")
	check("after more writes", e, "1")
	_ = e.Close()

	e = open(t, path, bolt.Options{LagIndexes: true})
	check("after a restart", e, "1")
	_ = e.Close()
	check("after a restart without lag", open(t, path, bolt.Options{}), "3")
}

// An index that the file was written without is
// there after the next start, and one that went is no more.
func TestSchemaChanges(t *testing.T) {
	path := file(t)
	e := open(t, path, bolt.Options{Schema: table.Schema{Indexes: []table.Index{{Name: "by-made", PK: "made", SK: table.SK}}}})
	note(t, e, "1")
	_ = e.Close()
	e = open(t, path, bolt.Options{})
	if d := cmp.Diff([]string{"1"}, indexed(t, e)); d != "" {
		t.Errorf("the new index (-want +got):\n%s", d)
	}
	if _, err := e.Query(t.Context(), table.Query{Index: "by-made", PK: "m"}); err == nil {
		t.Error("the old index is still there")
	}
}

func TestOpenTurnsAwayASecond(t *testing.T) {
	path := file(t)
	open(t, path, bolt.Options{})
	if e, err := bolt.Open(path, bolt.Options{}); err == nil {
		_ = e.Close()
		t.Fatal("the file was opened twice")
	}
}

func TestClosed(t *testing.T) {
	e := open(t, file(t), bolt.Options{})
	fed := make(chan error)
	go func() {
		fed <- e.Feed(t.Context(), "c", func(context.Context, []table.Change) error { return nil })
	}()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-fed; err == nil {
		t.Error("Feed ended without an error")
	}
	if _, err := e.Get(t.Context(), table.Key{PK: "p", SK: "s"}, true); err == nil {
		t.Error("Get works on a closed table")
	}
	if _, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "p", SK: "s"}}); err == nil {
		t.Error("Update works on a closed table")
	}
}

func TestExpireManyAtOnce(t *testing.T) {
	c := newClock()
	e := open(t, file(t), bolt.Options{Now: c.Now, NoSync: true})
	const batches, each = 5, 97 // more than one transaction's worth
	for i := range batches {
		ops := make([]table.Op, each)
		for j := range ops {
			it := table.Item{table.PK: "p", table.SK: string(rune('a'+i)) + string(rune('A'+j)), table.TTL: c.now.Unix() - int64(i)}
			ops[j].Put = &table.Put{Item: it}
		}
		if err := e.Commit(t.Context(), "w", ops...); err != nil {
			t.Fatal(err)
		}
	}
	n, err := e.Expire(t.Context())
	if want := (batches - 1) * each; err != nil || n != want {
		t.Fatalf("%d expired, error %v, want %d", n, err, want)
	}
}

func BenchmarkEngine(b *testing.B) {
	tabletest.Bench(b, func(b *testing.B) table.Engine { return open(b, file(b), bolt.Options{}) })
}

func BenchmarkEngineNoSync(b *testing.B) {
	tabletest.Bench(b, func(b *testing.B) table.Engine { return open(b, file(b), bolt.Options{NoSync: true}) })
}
