package transcript

import "slices"

// Unknown stands for a Start of a Word that is not known, or for a Confidence
// of one of which nothing is known but its text, until Realign finds them. It
// is not valid.
const Unknown = -1

// Unaligned are the words of a text of which nothing else is known. Its white
// space stays as FromText says.
func Unaligned(text string) []Word {
	words := FromText("", 0, 0, text).Words
	for i := range words {
		words[i].Start, words[i].End, words[i].Confidence = Unknown, Unknown, Unknown
	}
	return words
}

// Aligned reports whether no word is Unknown.
func (t Transcript) Aligned() bool {
	for i := range t.Segments {
		for j := range t.Segments[i].Words {
			if w := &t.Segments[i].Words[j]; w.Start == Unknown || w.Confidence == Unknown {
				return false
			}
		}
	}
	return true
}

// Realign gives the words of an edited transcript that are Unknown what they
// had in the transcript before the edit. A segment of which only the text was
// given, and that was there with the same text and times, is what it was. Of
// the others, a word that is still there keeps its
// times and confidence and, if nothing is known but its text, its marks. One
// that took another's place takes its times and marks; other new ones share
// the time between their neighbours, by length. Segments keep what they were
// given; a word whose time is outside of its segment is as good as new, unless
// the whole segment was moved. Words are the same whatever their case and
// punctuation. The result is valid if all that was given is. What has more
// than MaxWords, and is not valid therefore, is not looked at further.
func Realign(was, now Transcript) Transcript {
	if now.Aligned() {
		return now
	}
	if now.words() > MaxWords {
		return now.estimated()
	}
	r := realigner{keys: map[string]int32{}}
	same, left := unchanged(was, now)
	r.old = r.atoms(was, true, left)
	r.new = r.atoms(now, false, func(i int) bool { return same[i] < 0 })
	r.match = align(keys(r.old), keys(r.new))
	r.around()
	out := Transcript{make([]Segment, len(now.Segments))}
	for i, next := 0, 0; i < len(out.Segments); i++ {
		if same[i] >= 0 {
			out.Segments[i] = now.Segments[i]
			out.Segments[i].Words = was.Segments[same[i]].Words
			continue
		}
		first := next
		for next < len(r.new) && r.new[next].segment == i {
			next++
		}
		out.Segments[i] = r.segment(was, now.Segments[i], first, next)
	}
	return out
}

func (t Transcript) words() (n int) {
	for i := range t.Segments {
		n += len(t.Segments[i].Words)
	}
	return n
}

// estimated is the transcript with the words of each segment sharing its time.
func (t Transcript) estimated() Transcript {
	out := Transcript{make([]Segment, len(t.Segments))}
	for i, s := range t.Segments {
		s.Words = spread(slices.Clone(s.Words), s.Start, s.End)
		for j := range s.Words {
			s.Words[j].Confidence = max(s.Words[j].Confidence, 0)
		}
		out.Segments[i] = s
	}
	return out
}

// unchanged tells for each segment of now of which nothing is known but text
// and times which one of was it is, or -1: that keeps all that it had. left
// tells whether a segment of was is none of them.
func unchanged(was, now Transcript) (same []int, left func(i int) bool) {
	type key struct {
		start, end int64
		text       string
	}
	keyOf := func(s Segment) key { return key{s.Start, s.End, s.Text()} }
	there := make(map[key]int, len(was.Segments))
	for i := len(was.Segments) - 1; i >= 0; i-- {
		there[keyOf(was.Segments[i])] = i
	}
	same, taken := make([]int, len(now.Segments)), make([]bool, len(was.Segments))
	for i, s := range now.Segments {
		same[i] = -1
		if slices.ContainsFunc(s.Words, func(w Word) bool { return w.Start != Unknown || w.Confidence != Unknown }) {
			continue
		}
		if j, ok := there[keyOf(s)]; ok && !taken[j] {
			same[i], taken[j] = j, true
		}
	}
	return same, func(i int) bool { return !taken[i] }
}
