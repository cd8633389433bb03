package transcript

import (
	"strings"
	"unicode"
)

// atom is a word, or a piece of one that holds several, or several characters
// of a script without spaces.
type atom struct {
	key         int32
	segment     int
	of          *Word // the word
	start, end  int64
	first, last bool // of its word
}

type realigner struct {
	keys     map[string]int32
	old, new []atom
	match    []int32 // for each of new, the index in old, or -1

	before, after []int32 // see around
}

// atoms cuts the wanted segments of a transcript; times are those of the
// words, shared.
func (r *realigner) atoms(t Transcript, timed bool, wanted func(i int) bool) []atom {
	var all []atom
	for i := range t.Segments {
		if !wanted(i) {
			continue
		}
		for j := range t.Segments[i].Words {
			w := &t.Segments[i].Words[j]
			pieces := wordsOf(w.Text)
			if timed {
				spread(pieces, w.Start, w.End)
			}
			for k, p := range pieces {
				all = append(all, atom{r.key(p.Text), i, w, p.Start, p.End, k == 0, k == len(pieces)-1})
			}
		}
	}
	return all
}

// key is the same for words that are.
func (r *realigner) key(s string) int32 {
	s = strings.TrimFunc(s, breaks)
	if bare := strings.TrimFunc(s, unicode.IsPunct); bare != "" {
		s = strings.ToLower(bare)
	}
	k, ok := r.keys[s]
	if !ok {
		k = int32(len(r.keys))
		r.keys[s] = k
	}
	return k
}

func keys(atoms []atom) []int32 {
	out := make([]int32, len(atoms))
	for i := range atoms {
		out[i] = atoms[i].key
	}
	return out
}

// placed is a word of the result, until its times are found.
type placed struct {
	Word
	given    bool // with its times
	known    bool // its times
	from, to int  // the atoms of new that it consists of
}

// segment makes a segment of which new[first:next] are the atoms.
func (r *realigner) segment(was Transcript, s Segment, first, next int) Segment {
	offset := r.moved(was, s, first, next)
	words := make([]placed, 0, next-first)
	for i := first; i < next; {
		p := r.place(s, i, next, offset)
		words, i = append(words, p), p.to
	}
	inTurn(words)
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && !words[j].known {
			j++
		}
		if i < j {
			r.fill(s, words, i, j, offset)
		}
		i = j + 1
	}
	s.Words = nil
	for _, p := range words {
		p.Confidence = max(p.Confidence, 0)
		s.Words = append(s.Words, p.Word)
	}
	return s
}

// inTurn forgets times that were found and are not in the order of the words.
func inTurn(words []placed) {
	at := int64(MaxTime)
	for i := len(words) - 1; i >= 0; i-- {
		if p := &words[i]; p.given {
			at = p.Start
		} else {
			p.known = p.known && p.Start <= at
		}
	}
	at = 0
	for i := range words {
		p := &words[i]
		p.known = p.given || p.known && p.Start >= at
		if p.known {
			at = p.Start
		}
	}
}

// place makes the word that begins with atom i of new.
func (r *realigner) place(s Segment, i, next int, offset int64) placed {
	n := &r.new[i]
	p := placed{Word: *n.of, from: i, to: i + 1}
	for p.to < next && !r.new[p.to].first {
		p.to++
	}
	if n.of.Start != Unknown {
		p.given, p.known = true, true
		return p
	}
	m := r.match[i]
	if m < 0 {
		return p
	}
	o := &r.old[m]
	if n.of.Confidence == Unknown {
		p.to = max(p.to, r.whole(i, next))
		for k := p.from + 1; k < p.to; k++ {
			if r.new[k].of.Confidence == Unknown && r.new[k].first {
				p.Text += r.new[k].of.Text
			}
		}
		p.Confidence, p.Highlight, p.Strikethrough = o.of.Confidence, o.of.Highlight, o.of.Strikethrough
	} else if p.Confidence == 0 {
		p.Confidence = o.of.Confidence
	}
	end := r.match[p.to-1]
	if end < m {
		return p
	}
	p.Start, p.End = o.start+offset, r.old[end].end+offset
	p.known = p.End > s.Start && p.Start < s.End || p.Start >= s.Start && p.End <= s.End
	p.Start, p.End = max(p.Start, s.Start), min(max(p.End, p.Start), s.End)
	return p
}

// whole is where the atoms of new end that are, from i on, all those of one
// word of old; 0 if they are not.
func (r *realigner) whole(i, next int) int {
	m := r.match[i]
	if !r.old[m].first {
		return 0
	}
	for k := i; k < next && r.match[k] == m && r.new[k].of.Confidence == Unknown && r.new[k].last; k, m = k+1, m+1 {
		if r.old[m].last {
			return k + 1
		}
	}
	return 0
}

// moved is how far a segment was moved as a whole: from where there is another
// of the same duration from which all of its words are that were there.
func (r *realigner) moved(was Transcript, s Segment, first, next int) int64 {
	from := -1
	for _, m := range r.match[first:next] {
		switch {
		case m < 0:
		case from < 0:
			from = r.old[m].segment
		case from != r.old[m].segment:
			return 0
		}
	}
	if from < 0 || was.Segments[from].End-was.Segments[from].Start != s.End-s.Start {
		return 0
	}
	return s.Start - was.Segments[from].Start
}

// fill finds times for words[i:j], of which none are known.
func (r *realigner) fill(s Segment, words []placed, i, j int, offset int64) {
	start, end := s.Start, s.End
	if j < len(words) {
		end = words[j].Start
	}
	if i > 0 {
		start = min(words[i-1].End, end)
	}
	gone := r.gone(words[i].from, words[j-1].to, start-offset, end-offset)
	if len(gone) == j-i {
		for k := range gone {
			w, g := &words[i+k], &gone[k]
			w.Start, w.End = g.start+offset, g.end+offset
			if w.Confidence == Unknown {
				w.Highlight, w.Strikethrough = g.of.Highlight, g.of.Strikethrough
			}
		}
		return
	}
	if len(gone) > 0 {
		start, end = gone[0].start+offset, gone[len(gone)-1].end+offset
	}
	run := make([]Word, j-i)
	for k := range run {
		run[k] = words[i+k].Word
	}
	for k, w := range spread(run, start, end) {
		words[i+k].Start, words[i+k].End = w.Start, w.End
	}
}

// gone are the words of old that stood between what is around new[from:to],
// and of which nothing is left, one after the other within start and end.
// Where too many are gone, none of them tells anything of a new one.
func (r *realigner) gone(from, to int, start, end int64) (out []atom) {
	const tooMany = 2000
	first, next := 0, len(r.old)
	if from > 0 {
		first = int(r.before[from-1])
	}
	if to < len(r.after) {
		next = int(r.after[to])
	}
	if next-first > tooMany {
		return nil
	}
	for _, o := range r.old[min(first, next):next] {
		if o.start >= start && o.end <= end {
			out = append(out, o)
			start = o.start
		}
	}
	return out
}

// around notes for each of new where the atoms of old end that are matched by
// it or before it, and where those begin that are matched by it or after it.
func (r *realigner) around() {
	r.before, r.after = make([]int32, len(r.match)), make([]int32, len(r.match))
	at := int32(0)
	for i, m := range r.match {
		if m >= 0 {
			at = m + 1
		}
		r.before[i] = at
	}
	at = int32(len(r.old))
	for i := len(r.match) - 1; i >= 0; i-- {
		if r.match[i] >= 0 {
			at = r.match[i]
		}
		r.after[i] = at
	}
}
