//go:build !race

// The race detector's own allocations would be counted too.

package bench

import "testing"

// maxAllocs is the budget of one followed link, see BenchmarkFollow.
const maxAllocs = 180

func TestFollowAllocations(t *testing.T) {
	const runs = 500
	r := newRig(t)
	tokens := r.links(t, runs/uses+1, uses) // one run more than asked for warms up
	var out []byte
	n := 0
	got := testing.AllocsPerRun(runs, func() {
		out = r.follow(t, tokens[n/uses])
		n++
	})
	mustRedirect(t, out)
	if got > maxAllocs {
		t.Errorf("a limited link takes %.0f allocations, at most %d", got, maxAllocs)
	}
	t.Logf("%.0f allocations", got)
}
