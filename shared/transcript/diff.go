package transcript

import "slices"

// maxDifferences bounds how many tokens two pieces of text may differ in and
// still be compared word by word; maxDepth, how often pieces are cut.
const (
	maxDifferences = 500
	maxDepth       = 12
)

// alignment finds which tokens of b are tokens of a, in the same order: by
// what is unique in both, as patience diff does (B. Cohen), and between that
// by the shortest edit (E. Myers, An O(ND) Difference Algorithm, 1986).
type alignment struct {
	a, b  []int32
	match []int32 // for each of b, the index in a, or -1
}

func align(a, b []int32) []int32 {
	al := alignment{a, b, make([]int32, len(b))}
	for i := range al.match {
		al.match[i] = -1
	}
	al.region(0, len(a), 0, len(b), 0)
	return al.match
}

// region aligns a[a0:a1] with b[b0:b1].
func (al *alignment) region(a0, a1, b0, b1, depth int) {
	for a0 < a1 && b0 < b1 && al.a[a0] == al.b[b0] {
		al.match[b0] = int32(a0)
		a0, b0 = a0+1, b0+1
	}
	for a0 < a1 && b0 < b1 && al.a[a1-1] == al.b[b1-1] {
		a1, b1 = a1-1, b1-1
		al.match[b1] = int32(a1)
	}
	if a0 == a1 || b0 == b1 {
		return
	}
	if depth < maxDepth && a1-a0+b1-b0 > 64 {
		for _, n := range []int{3, 1} {
			if anchors := al.anchors(a0, a1, b0, b1, n); len(anchors) > 0 {
				for _, at := range anchors {
					al.match[at.b] = at.a
					al.region(a0, int(at.a), b0, int(at.b), depth+1)
					a0, b0 = int(at.a)+1, int(at.b)+1
				}
				al.region(a0, a1, b0, b1, depth+1)
				return
			}
		}
	}
	al.shortestEdit(a0, a1, b0, b1)
}

// anchor is a place in both.
type anchor struct{ a, b int32 }

// anchors are the places of runs of n tokens, n up to 3, that occur once in
// both regions, as many of them as are in the same order in both.
func (al *alignment) anchors(a0, a1, b0, b1, n int) []anchor {
	const twice = -1
	type place struct{ a, b int32 } // index plus 1, or twice
	places := make(map[[3]int32]place, b1-b0)
	gram := func(s []int32, i int) (g [3]int32) { copy(g[:], s[i:i+n]); return g }
	once := func(at int32, i int) int32 {
		if at != 0 {
			return twice
		}
		return int32(i) + 1
	}
	for i := b0; i+n <= b1; i++ {
		p := places[gram(al.b, i)]
		p.b = once(p.b, i)
		places[gram(al.b, i)] = p
	}
	for i := a0; i+n <= a1; i++ {
		if p, ok := places[gram(al.a, i)]; ok {
			p.a = once(p.a, i)
			places[gram(al.a, i)] = p
		}
	}
	var all []anchor
	for i := b0; i+n <= b1; i++ {
		if p := places[gram(al.b, i)]; p.a > 0 && p.b > 0 {
			all = append(all, anchor{p.a - 1, int32(i)})
		}
	}
	return increasing(all)
}

// increasing is the longest part of anchors, which are in the order of b, that
// is in the order of a too.
func increasing(all []anchor) []anchor {
	var tails []int // index of the smallest last anchor of each length
	before := make([]int, len(all))
	for i, at := range all {
		n, _ := slices.BinarySearchFunc(tails, at.a, func(t int, a int32) int { return int(all[t].a - a) })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	if len(tails) == 0 {
		return nil
	}
	var out []anchor
	for i := tails[len(tails)-1]; i >= 0; i = before[i] {
		out = append(out, all[i])
	}
	slices.Reverse(out)
	return out
}

// shortestEdit aligns by the fewest insertions and deletions, if
// maxDifferences are enough.
func (al *alignment) shortestEdit(a0, a1, b0, b1 int) {
	n, m := a1-a0, b1-b0
	most := min(n+m, maxDifferences)
	furthest := make([]int32, 2*most+2) // x on each diagonal k, at k+most
	var trace [][]int32
	for d := 0; d <= most; d++ {
		trace = append(trace, slices.Clone(furthest[most-d:most+d+1]))
		for k := -d; k <= d; k += 2 {
			x := al.step(furthest, most, k, d)
			y := x - k
			for x < n && y >= 0 && y < m && al.a[a0+x] == al.b[b0+y] {
				x, y = x+1, y+1
			}
			furthest[most+k] = int32(x)
			if x >= n && y >= m {
				al.trace(trace, a0, b0, n, m)
				return
			}
		}
	}
}

// step is how far an edit of d reaches on diagonal k before it follows what is
// equal.
func (al *alignment) step(furthest []int32, most, k, d int) int {
	switch {
	case d == 0:
		return 0
	case k == -d || k != d && furthest[most+k-1] < furthest[most+k+1]:
		return int(furthest[most+k+1]) // down: a token of b that is new
	}
	return int(furthest[most+k-1]) + 1 // right: a token of a that is gone
}

// trace goes the way of the edit back. trace[d] has the diagonals -d to d as
// they were before step d.
func (al *alignment) trace(trace [][]int32, a0, b0, x, y int) {
	for d := len(trace) - 1; d >= 0; d-- {
		before := trace[d]
		k := x - y
		fromX, fromY := 0, 0
		if d > 0 {
			down := k == -d || k != d && before[d+k-1] < before[d+k+1]
			if down {
				fromX = int(before[d+k+1])
				fromY = fromX - (k + 1)
			} else {
				fromX = int(before[d+k-1])
				fromY = fromX - (k - 1)
			}
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			al.match[b0+y] = int32(a0 + x)
		}
		x, y = fromX, fromY
	}
}
