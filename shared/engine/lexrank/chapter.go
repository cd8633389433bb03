package lexrank

import (
	"cmp"
	"slices"
	"strings"

	"latchkey/shared/transcript"
)

// What chapters are like, unless a prompt says how many.
const (
	chapterTime  = 5 * 60_000 // milliseconds
	mostChapters = 20
	window       = 8 // sentences on each side of an end that are compared
)

// chapters begin where the words change most (Hearst, "TextTiling", 1997).
// Each has a line: when it begins, its keywords, and its most central
// sentence.
func (t *talk) chapters() []line {
	n := len(t.said)
	count := t.ask.count
	if count == 0 {
		count = min(max(int(t.said[n-1].start-t.said[0].start)/chapterTime, 2), mostChapters)
	}
	var lines []line
	begins := append(t.changes(count), n)
	for i := range begins[:len(begins)-1] {
		part := make([]int, 0, begins[i+1]-begins[i])
		for s := begins[i]; s < begins[i+1]; s++ {
			part = append(part, s)
		}
		best := part[0]
		for _, s := range t.ranked(t.ctx, part, nil) {
			if t.tells(s) {
				best = s
				break
			}
		}
		lines = append(lines, line{
			mark: transcript.Stamp(t.said[begins[i]].start) + " ",
			text: strings.Join(t.about(begins[i], begins[i+1], 3), ", ") + ": " + t.said[best].text,
		})
	}
	return lines
}

// changes are where the words change most, in order, 0 first.
func (t *talk) changes(count int) []int {
	n := len(t.said)
	apart := max(n/(2*count), 2) // sentences between two of them at least
	order := make([]int, 0, n)
	like := make([]float64, n)
	for i := apart; i <= n-apart; i++ {
		like[i] = cosine(t.sum(max(i-window, 0), i), t.sum(i, min(i+window, n)))
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(like[a], like[b]) })
	out := []int{0}
	for _, i := range order {
		if len(out) == count {
			break
		}
		if !slices.ContainsFunc(out, func(o int) bool { return max(o-i, i-o) < apart }) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// sum is the vector of sentences together.
func (t *talk) sum(from, to int) []weight {
	var v []weight
	for _, s := range t.vectors[from:to] {
		v = append(v, s...)
	}
	return unit(summed(v))
}
