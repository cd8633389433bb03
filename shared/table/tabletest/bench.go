package tabletest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"latchkey/shared/table"
)

// Bench measures the requests that Latchkey makes most.
func Bench(b *testing.B, open func(*testing.B) table.Engine) {
	b.Run("Get", func(b *testing.B) { benchGet(b, open(b)) })
	b.Run("Claim", func(b *testing.B) { benchClaim(b, open(b)) })
	b.Run("Count in parallel", func(b *testing.B) { benchCount(b, open(b)) })
	b.Run("Create", func(b *testing.B) { benchCreate(b, open(b)) })
	b.Run("Query 100", func(b *testing.B) { benchQuery(b, open(b)) })
}

func share() table.Item {
	return at("p", "s", table.Item{"limit": int64(5), "expires": int64(2000), "owner": "o", "made": "2023-11-27", "state": "open",
		"bucket": "media", "object": "an/object/of/some/length.mp3", "name": "interview.mp3", "size": int64(123456)})
}

func commit(b *testing.B, e table.Engine, writer string, items ...table.Item) {
	b.Helper()
	ops := make([]table.Op, len(items))
	for i := range items {
		ops[i].Put = &table.Put{Item: items[i]}
	}
	if err := e.Commit(b.Context(), writer, ops...); err != nil {
		b.Fatal(err)
	}
}

func benchGet(b *testing.B, e table.Engine) {
	commit(b, e, "w", share())
	b.ReportAllocs()
	for b.Loop() {
		if it, err := e.Get(b.Context(), key("p", "s"), true); err != nil || it == nil {
			b.Fatal(it, err)
		}
	}
}

func benchClaim(b *testing.B, e table.Engine) {
	commit(b, e, "w", share())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Update(b.Context(), ClaimUpdate(key("p", "s"), "the one claim", 1000)); err != nil {
			b.Fatal(err)
		}
	}
}

func benchCount(b *testing.B, e table.Engine) {
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Update(b.Context(), table.Update{Key: key("p", "n"), Add: map[string]int64{"n": 1}}); err != nil {
				b.Error(err)
			}
		}
	})
}

func benchCreate(b *testing.B, e table.Engine) {
	var n atomic.Int64
	b.ReportAllocs()
	for b.Loop() {
		i := fmt.Sprint(n.Add(1))
		it := share()
		it[table.SK] = i
		commit(b, e, i, it, at("event", i, table.Item{"kind": "created"}))
	}
}

func benchQuery(b *testing.B, e table.Engine) {
	for i := range 100 {
		it := share()
		it[table.SK] = fmt.Sprintf("%03d", i)
		commit(b, e, fmt.Sprint(i), it)
	}
	b.ReportAllocs()
	for b.Loop() {
		if page, err := e.Query(b.Context(), table.Query{PK: "p", Limit: 100}); err != nil || len(page.Items) != 100 {
			b.Fatal(len(page.Items), err)
		}
	}
}
