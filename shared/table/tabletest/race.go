package tabletest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"latchkey/shared/table"
)

// What is raced for: claims on a share of so many uses.
const (
	raceLimit  = 5
	raceClaims = 64
)

func races() contract {
	return contract{
		"claims on a set win exactly as often as its limit": func(t *testing.T, h Harness) {
			raced(t, h, claimSet)
		},
		"claims by a commit with a counter win exactly as often as its limit": func(t *testing.T, h Harness) {
			raced(t, h, claimCommit)
		},
		"increments by many are all counted": countedByMany,
		"a revocation among claims is final": revokedAmongClaims,
	}
}

// ClaimUpdate is the update by which a limited share is used: it adds a claim
// unless the share is revoked, expired at now, or full; a claim that is there
// already may be added again.
func ClaimUpdate(k table.Key, id string, now int64) table.Update {
	return table.Update{Key: k, Insert: map[string]table.Set{"claims": {id}}, If: table.And(
		table.Exists(table.PK),
		table.Absent("revoked"),
		table.Greater("expires", now),
		table.Or(table.Contains("claims", id), table.Absent("claims"), table.SizeBelowAttr("claims", "limit")),
	)}
}

func claimSet(ctx context.Context, e table.Engine, k table.Key, id string) error {
	return table.Retry(ctx, func() error {
		_, err := e.Update(ctx, ClaimUpdate(k, id, 1000))
		return err
	})
}

// claimCommit is how limits above 64 are kept.
func claimCommit(ctx context.Context, e table.Engine, k table.Key, id string) error {
	claim := table.Item{table.PK: k.PK, table.SK: k.SK + "#" + id}
	return table.Retry(ctx, func() error {
		return e.Commit(ctx, id,
			table.Op{Put: &table.Put{Item: claim, If: table.Absent(table.PK)}},
			table.Op{Update: &table.Update{Key: k, Add: map[string]int64{"used": 1},
				If: table.And(table.Absent("revoked"), table.Or(table.Absent("used"), table.LessAttr("used", "limit")))}})
	})
}

// inParallel runs f for 0 to n-1 on so many goroutines, and in turn on one.
func inParallel(goroutines, n int, f func(i int)) {
	work := make(chan int)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range work {
				f(i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
}

func raced(t *testing.T, h Harness, claim func(context.Context, table.Engine, table.Key, string) error) {
	for round := range h.Rounds {
		k := key("p", fmt.Sprintf("%04d", round))
		put(t, h, at(k.PK, k.SK, table.Item{"limit": int64(raceLimit), "expires": int64(2000)}))
		errs := make([]error, raceClaims)
		inParallel(h.Racers, raceClaims, func(i int) { errs[i] = claim(t.Context(), h.Engine, k, fmt.Sprintf("%d#%d", round, i)) })
		won := table.Set{}
		for i, err := range errs {
			if err == nil {
				won = append(won, fmt.Sprintf("%d#%d", round, i))
			} else if table.Refused(err) == nil {
				t.Fatal(err)
			}
		}
		share := get(t, h, k)
		items := walk(t, h, table.Query{PK: k.PK, Prefix: k.SK + "#"})
		if used := len(share.Strings("claims")) + int(share.Int("used")); len(won) != raceLimit || used != raceLimit {
			t.Fatalf("round %d: %d of %d claims won, %d are counted, limit %d", round, len(won), raceClaims, used, raceLimit)
		}
		if len(items) != int(share.Int("used")) {
			t.Fatalf("round %d: %d claim items, %d counted", round, len(items), share.Int("used"))
		}
		for _, id := range won {
			if err := claim(t.Context(), h.Engine, k, id); err != nil {
				t.Fatalf("round %d: the repeat of a claim that won: %v", round, err)
			}
		}
		diff(t, "share after repeats", get(t, h, k), share)
	}
}

func countedByMany(t *testing.T, h Harness) {
	const adds = 256
	returned := make([]int64, adds)
	inParallel(h.Racers, adds, func(i int) {
		err := table.Retry(t.Context(), func() error {
			it, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "n"), Add: map[string]int64{"n": 1}})
			returned[i] = it.Int("n")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	seen := map[int64]bool{}
	for _, n := range returned {
		seen[n] = true
	}
	diff(t, "distinct numbers", len(seen), adds)
	diff(t, "count", get(t, h, key("p", "n")).Int("n"), int64(adds))
}

func revokedAmongClaims(t *testing.T, h Harness) {
	k := key("p", "s")
	put(t, h, at(k.PK, k.SK, table.Item{"limit": int64(1000), "expires": int64(2000)}))
	var left table.Set
	inParallel(h.Racers, raceClaims, func(i int) {
		if i != raceClaims/2 {
			_ = claimSet(t.Context(), h.Engine, k, fmt.Sprint(i)) // won or refused: no matter here
			return
		}
		err := table.Retry(t.Context(), func() error {
			it, err := h.Engine.Update(t.Context(), table.Update{Key: k, Set: table.Item{"revoked": true}})
			left = it.Strings("claims")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	diff(t, "claims, then and now", get(t, h, k).Strings("claims"), left)
}
