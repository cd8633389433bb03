package lexrank

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
)

// The parameters of LexRank (Erkan and Radev, "LexRank: Graph-based Lexical
// Centrality as Salience in Text Summarization", JAIR 22, 2004), but for the
// threshold: sentences of speech are short, and 0.1 leaves most of them alone.
const (
	threshold  = 0.05 // of the cosine from which on sentences are neighbours
	damping    = 0.85
	iterations = 100
	precise    = 1e-6
	alike      = 0.5 // from which on a sentence says what another one does
	block      = 1000
)

// weight is how much a term is in a sentence.
type weight struct {
	term int32
	w    float64
}

// texts are sentences as vectors of length 1, tf-idf.
type texts struct {
	stop    map[string]bool
	number  map[string]int32 // of a term
	idf     []float64        // of terms, by their numbers
	vectors [][]weight       // sorted by term
}

func vectors(all []sentence, stop map[string]bool) *texts {
	t := &texts{stop: stop, number: map[string]int32{}, vectors: make([][]weight, len(all))}
	var df []int
	for i, s := range all {
		for _, term := range t.terms(s.text) {
			n, ok := t.number[term]
			if !ok {
				n = int32(len(df))
				t.number[term], df = n, append(df, 0)
			}
			t.vectors[i] = append(t.vectors[i], weight{n, 1})
		}
		t.vectors[i] = summed(t.vectors[i])
		for _, w := range t.vectors[i] {
			df[w.term]++
		}
	}
	t.idf = make([]float64, len(df))
	for n, in := range df {
		t.idf[n] = math.Log(float64(1+len(all)) / float64(in))
	}
	for i := range t.vectors {
		t.weigh(t.vectors[i])
	}
	return t
}

// summed joins weights of the same term.
func summed(v []weight) []weight {
	slices.SortFunc(v, func(a, b weight) int { return cmp.Compare(a.term, b.term) })
	out := v[:0]
	for _, w := range v {
		if n := len(out); n > 0 && out[n-1].term == w.term {
			out[n-1].w += w.w
		} else {
			out = append(out, w)
		}
	}
	return out
}

func (t *texts) weigh(v []weight) {
	for i := range v {
		v[i].w *= t.idf[v[i].term]
	}
	unit(v)
}

// unit makes the length of a vector 1.
func unit(v []weight) []weight {
	sum := 0.0
	for _, w := range v {
		sum += w.w * w.w
	}
	for i := range v {
		v[i].w /= math.Sqrt(sum)
	}
	return v
}

// vector is another text, in the terms that are known; empty if there are none.
func (t *texts) vector(text string) []weight {
	var v []weight
	for _, term := range t.terms(text) {
		if n, ok := t.number[term]; ok {
			v = append(v, weight{n, 1})
		}
	}
	v = summed(v)
	t.weigh(v)
	return v
}

// cosine of two vectors.
func cosine(a, b []weight) (sum float64) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].term < b[0].term:
			a = a[1:]
		case a[0].term > b[0].term:
			b = b[1:]
		default:
			sum += a[0].w * b[0].w
			a, b = a[1:], b[1:]
		}
	}
	return sum
}

// terms are what a text is about: its words without those that say nothing,
// and pairs of characters where words have no spaces between them.
func (t *texts) terms(text string) (out []string) {
	for _, w := range wordsOf(text) {
		low := strings.ToLower(strings.ReplaceAll(w, "’", "'"))
		if t.stop[low] {
			continue
		}
		if runes := []rune(low); unspaced(runes[0]) {
			for i := range max(len(runes)-1, 1) {
				out = append(out, string(runes[i:min(i+2, len(runes))]))
			}
			continue
		}
		out = append(out, stem(low))
	}
	return out
}

// stem joins the commonest forms of a word: possessives, plurals, elisions.
func stem(w string) string {
	if _, rest, ok := strings.Cut(w, "'"); ok && len(rest) > 2 { // l'hôtel
		w = rest
	}
	w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "'")
	if n := len(w); n > 3 && w[n-1] == 's' && w[n-2] != 's' {
		w = w[:n-1]
	}
	return w
}

// wordsOf are the words of a text, and its numbers.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '’'
	})
	out := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "'’"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// ranked are sentences, the most central first; those that are nearer to a
// wish, if that is not empty, are more central (Otterbacher, Erkan and Radev,
// "Using Random Walks for Question-focused Sentence Retrieval", 2005). Of
// many, each block has its best, and these are ranked again: so memory and
// time stay within bounds, and no part of a long day is left out.
func (t *texts) ranked(ctx context.Context, which []int, wish []weight) []int {
	for len(which) > block {
		blocks := (len(which) + block - 1) / block
		keep := max(block/blocks, 1)
		var best []int
		for part := range slices.Chunk(which, block) {
			if ctx.Err() != nil {
				return which[:1]
			}
			best = append(best, t.order(part, wish)[:min(keep, len(part))]...)
		}
		slices.Sort(best)
		which = best
	}
	return t.order(which, wish)
}

// order ranks one block.
func (t *texts) order(which []int, wish []weight) []int {
	at := t.central(which, wish)
	order := make([]int, len(which))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[b], at[a]) })
	for i := range order {
		order[i] = which[order[i]]
	}
	return order
}

// central is how likely somebody is at each sentence who goes from neighbour
// to neighbour and now and then to any, or to one that is near the wish.
func (t *texts) central(which []int, wish []weight) []float64 {
	n := len(which)
	near := t.neighbours(which)
	home, sum := make([]float64, n), 0.0
	for i, s := range which {
		home[i] = 1e-3
		if len(wish) > 0 {
			home[i] += cosine(wish, t.vectors[s])
		}
		sum += home[i]
	}
	at, next := make([]float64, n), make([]float64, n)
	for i := range home {
		home[i] /= sum
		at[i] = home[i]
	}
	for range iterations {
		for i := range next {
			next[i] = (1 - damping) * home[i]
		}
		for i, to := range near {
			for _, j := range to {
				next[j] += damping * at[i] / float64(len(to))
			}
		}
		moved := 0.0
		for i := range at {
			moved += math.Abs(next[i] - at[i])
		}
		at, next = next, at
		if moved < precise {
			break
		}
	}
	return at
}

// neighbours are the sentences that are like each one, itself among them.
func (t *texts) neighbours(which []int) [][]int32 {
	in := map[int32][]int32{} // the sentences of a term so far
	near := make([][]int32, len(which))
	score := make([]float64, len(which))
	weights := map[int32][]float64{}
	for i, s := range which {
		near[i] = append(near[i], int32(i))
		var seen []int32
		for _, w := range t.vectors[s] {
			for k, j := range in[w.term] {
				if score[j] == 0 {
					seen = append(seen, j)
				}
				score[j] += w.w * weights[w.term][k]
			}
			in[w.term], weights[w.term] = append(in[w.term], int32(i)), append(weights[w.term], w.w)
		}
		for _, j := range seen {
			if score[j] > threshold {
				near[i], near[j] = append(near[i], j), append(near[j], int32(i))
			}
			score[j] = 0
		}
	}
	return near
}
