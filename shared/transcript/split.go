package transcript

import (
	"cmp"
	"slices"
	"sort"
	"unicode/utf8"
)

// Limits bound the captions that Split makes. Zero is no limit.
type Limits struct {
	LineLength int   // characters of a line
	LineWords  int   // words of a line
	Lines      int   // lines of a caption
	Characters int   // of a caption, of which a line break is one
	Words      int   // of a caption
	Duration   int64 // ms of a caption
	Silence    int64 // ms without a word inside a caption
	Gap        int64 // ms that must be between a caption and the next
	Rate       int   // characters a second at which a caption can be read: see Split
}

// DefaultLimits are those of Netflix's Timed Text Style Guide for adults: two
// lines of 42 characters, 7 seconds, 2 frames at 25 a second, 17 characters a
// second. A caption does not stay over a silence of 2 seconds.
var DefaultLimits = Limits{LineLength: 42, Lines: 2, Duration: 7000, Silence: 2000, Gap: 80, Rate: 17}

// Split cuts each segment into captions. They begin and end with their words,
// or with the segment; among the ways to keep to the limits it takes the one
// that breaks best, after punctuation and in pauses rather than between words
// that belong together, with captions of about the same length. A caption is
// broken into lines, likewise, by "\n" before a word; line breaks that were
// there stay only if no limit speaks of lines. Without LineLength, Lines says
// over how many a long caption is spread.
//
// Every word is kept, and every limit but Rate. A Word that holds several
// words stays one, unless it is beyond a limit alone: then these share its
// time, and its marks. A single word that is beyond a limit is a caption of
// its own, which ends after Duration all the same. Words without white space
// between them are one word, where their script writes it.
//
// Times stay but for this: a caption that ends too near the next is
// ended earlier by Gap, though not by more than half of the time until then,
// and its words with it; a caption that is too short to be read at Rate stays
// into the pause after it, as far as Duration, Gap and the next caption allow.
// Segments that overlap, as when two speak at once,
// owe each other no gap. A segment without words is no caption. The result is
// valid but for having perhaps more than MaxSegments.
func (t Transcript) Split(l Limits) Transcript {
	l = l.sane()
	var all []caption
	for i := range t.Segments {
		all = append(all, l.captions(&t.Segments[i])...)
	}
	slices.SortStableFunc(all, func(a, b caption) int { return cmp.Compare(a.Start, b.Start) })
	segments := make([]Segment, len(all))
	for i := range all {
		segments[i] = all[i].Segment
	}
	l.separate(all, segments)
	return Transcript{segments}
}

// sane are the limits without those that are none.
func (l Limits) sane() Limits {
	for _, n := range []*int{&l.LineLength, &l.LineWords, &l.Lines, &l.Characters, &l.Words, &l.Rate} {
		if *n < 0 || *n > 2*MaxTextLength {
			*n = 0
		}
	}
	for _, n := range []*int64{&l.Duration, &l.Silence, &l.Gap} {
		if *n = max(*n, 0); *n > MaxTime {
			*n = MaxTime
		}
	}
	return l
}

// caption is a piece of a segment.
type caption struct {
	Segment
	next int64 // start of the segment's next caption, or -1
}

// captions cuts one segment.
func (l Limits) captions(s *Segment) []caption {
	units := l.unitsOf(s.Words)
	if len(units) == 0 {
		return nil
	}
	var all []caption
	for _, n := range l.cut(units) {
		c := caption{Segment{Speaker: s.Speaker, Start: units[0].start, Words: l.inLines(units[:n])}, -1}
		for _, w := range c.Words {
			c.End = max(c.End, w.End)
		}
		if l.Duration > 0 {
			c.End = min(c.End, c.Start+l.Duration)
		}
		if len(all) > 0 {
			all[len(all)-1].next = c.Start
		}
		all, units = append(all, c), units[n:]
	}
	l.widen(&all[0], s.Start, all[0].End)
	last := &all[len(all)-1]
	l.widen(last, last.Start, s.End)
	return all
}

// widen gives a caption time before and after its words, as far as one may
// last.
func (l Limits) widen(c *caption, start, end int64) {
	if l.Duration > 0 {
		end = min(end, c.Start+l.Duration)
	}
	c.End = max(c.End, end)
	if l.Duration > 0 {
		start = max(start, c.End-l.Duration)
	}
	c.Start = min(c.Start, start)
}

// separate keeps the gap between captions and lets them stay to be read.
// Both slices are in the order of the start and hold the same captions; the
// second is changed.
func (l Limits) separate(all []caption, segments []Segment) {
	for i := range segments {
		s, c := &segments[i], &all[i]
		if c.next >= 0 {
			s.End = min(s.End, c.next)
		}
		// The first that begins when this is over: what begins before speaks
		// at the same time.
		j := i + 1 + sort.Search(len(all)-i-1, func(k int) bool { return all[i+1+k].Start >= s.End })
		next := int64(MaxTime) + l.Gap
		if j < len(all) {
			next = all[j].Start
		}
		s.End = min(s.End, max(next-l.Gap, s.Start+(next-s.Start)/2))
		if l.Rate > 0 {
			wanted := s.Start + (shown(s.Words)*1000+int64(l.Rate)-1)/int64(l.Rate)
			if l.Duration > 0 {
				wanted = min(wanted, s.Start+l.Duration)
			}
			s.End = max(s.End, min(wanted, next-l.Gap))
		}
		for k := range s.Words {
			w := &s.Words[k]
			w.Start, w.End = min(w.Start, s.End), min(w.End, s.End)
		}
	}
}

// shown are the characters of a caption that are read.
func shown(words []Word) (n int64) {
	for i := range words {
		n += int64(utf8.RuneCountInString(words[i].Text))
	}
	return n
}
