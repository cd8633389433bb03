package transcript

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// block is what stands between two empty lines.
type block struct {
	line  int // of the first line
	lines []string
}

func blocks(b []byte) []block {
	var all []block
	var now block
	for i, line := range strings.Split(string(b), "\n") {
		if strings.TrimSpace(line) != "" {
			if now.lines == nil {
				now.line = i + 1
			}
			now.lines = append(now.lines, line)
		} else if now.lines != nil {
			all, now = append(all, now), block{}
		}
	}
	if now.lines != nil {
		all = append(all, now)
	}
	return all
}

// cue is a block that begins with times.
type cue struct {
	line int
	Segment
	text []string
}

// cuesOf reads blocks as cues. A block without times belongs to the text of
// the cue before: programs do write empty lines inside cues.
func cuesOf(all []block, times func(string) (start, end int64, ok bool)) ([]cue, error) {
	var cues []cue
	for _, b := range all {
		start, end, ok := times(b.lines[0])
		body := b.lines[1:]
		if !ok && len(b.lines) > 1 {
			if start, end, ok = times(b.lines[1]); ok {
				body = b.lines[2:]
			}
		}
		switch {
		case ok && end < start:
			return nil, lineError(b.line, "the end is before the start")
		case ok && end > MaxTime:
			return nil, lineError(b.line, "the time is beyond 99:59:59.999")
		case ok:
			cues = append(cues, cue{b.line, Segment{Start: start, End: end}, body})
		case len(cues) == 0:
			return nil, lineError(b.line, "the times of a cue are expected here")
		default:
			c := &cues[len(cues)-1]
			c.text = append(slices.Clip(c.text), b.lines...)
		}
		if len(cues) > MaxSegments {
			return nil, lineError(b.line, "too many cues")
		}
	}
	return cues, nil
}

func parseSRT(b []byte) (Transcript, error) {
	cues, err := cuesOf(blocks(b), func(line string) (int64, int64, bool) { return span(line, "-->") })
	if err != nil {
		return Transcript{}, err
	}
	return fromCues(cues, true, func(s Segment, text string) []Segment {
		return []Segment{FromText("", s.Start, s.End, tidy(untagged(text)))}
	})
}

func parseSBV(b []byte) (Transcript, error) {
	cues, err := cuesOf(blocks(b), func(line string) (int64, int64, bool) { return span(line, ",") })
	if err != nil {
		return Transcript{}, err
	}
	return fromCues(cues, true, func(s Segment, text string) []Segment {
		return []Segment{FromText("", s.Start, s.End, tidy(strings.ReplaceAll(text, "[br]", "\n")))}
	})
}

func parseVTT(b []byte) (Transcript, error) {
	all := blocks(b)
	if len(all) == 0 || all[0].line != 1 || !isWord(all[0].lines[0], "WEBVTT") {
		return Transcript{}, lineError(1, `"WEBVTT" is expected here`)
	}
	times := func(line string) (int64, int64, bool) { return span(line, "-->") }
	kept := all[:0]
	for _, b := range all[1:] {
		_, _, first := times(b.lines[0])
		second := false
		if len(b.lines) > 1 {
			_, _, second = times(b.lines[1])
		}
		if first || second || len(kept) > 0 && !isWord(b.lines[0], "NOTE") && !isWord(b.lines[0], "STYLE") && !isWord(b.lines[0], "REGION") {
			kept = append(kept, b)
		}
	}
	cues, err := cuesOf(kept, times)
	if err != nil {
		return Transcript{}, err
	}
	return fromCues(cues, false, voices)
}

// isWord tells whether a line is a word, or begins with it and white space.
func isWord(line, word string) bool {
	rest, ok := strings.CutPrefix(line, word)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// fromCues makes segments of cues, in the order of their start.
func fromCues(cues []cue, prefixed bool, read func(Segment, string) []Segment) (Transcript, error) {
	t := Transcript{Segments: make([]Segment, 0, len(cues))}
	for _, c := range cues {
		for _, s := range read(c.Segment, strings.Join(c.text, "\n")) {
			if e := s.check(); e != nil {
				return Transcript{}, lineError(c.line, "the cue's "+e.At+" "+e.Message)
			}
			t.Segments = append(t.Segments, s)
		}
	}
	inOrder(t.Segments)
	if prefixed {
		named(t.Segments)
	}
	return t, nil
}

func inOrder(segments []Segment) {
	slices.SortStableFunc(segments, func(a, b Segment) int { return int(a.Start - b.Start) })
}

// named takes "Speaker: " at the beginning of texts for the speaker if every
// text has one and each could be a name: up to 50 characters and 5 words, with
// a letter, without sentence marks. In any other file they are text, so that
// a colon in what someone says does not invent a speaker. Nothing is lost
// either way: what is written again reads the same.
func named(segments []Segment) {
	names, any := make([]string, len(segments)), false
	for i, s := range segments {
		text := s.Text()
		if text == "" {
			continue
		}
		name, rest, found := strings.Cut(text, ":")
		if !found || rest != "" && rest[0] != ' ' && rest[0] != '\n' || !couldBeName(name) {
			return
		}
		names[i], any = name, true
	}
	if !any {
		return
	}
	for i, s := range segments {
		if names[i] != "" {
			text := tidy(s.Text()[len(names[i])+1:])
			segments[i] = FromText(oneLine(names[i]), s.Start, s.End, text)
		}
	}
}

func couldBeName(s string) bool {
	return utf8.RuneCountInString(s) <= 50 && len(strings.Fields(s)) <= 5 && s == oneLine(s) &&
		strings.IndexFunc(s, unicode.IsLetter) >= 0 && !strings.ContainsAny(s, "?!;,\"<>[]{}")
}

// span reads "start mark end", after which settings may follow.
func span(line, mark string) (start, end int64, ok bool) {
	before, after, found := strings.Cut(line, mark)
	if !found {
		return 0, 0, false
	}
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0, 0, false
	}
	start, ok = clock(strings.TrimSpace(before))
	if !ok {
		return 0, 0, false
	}
	end, ok = clock(fields[0])
	return start, end, ok
}

// clock reads [H…:]MM:SS[.f…], with a comma or a point, in ms. Times beyond
// what can be carried are MaxTime+1.
func clock(s string) (int64, bool) {
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		fraction := s[i+1:]
		if fraction == "" || len(fraction) > 9 {
			return 0, false
		}
		ms, ok := digits((fraction + "00")[:3])
		if _, rest := digits(fraction); !ok || !rest {
			return 0, false
		}
		whole, ok := clock(s[:i])
		return min(whole+ms, MaxTime+1), ok
	}
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	var total int64
	for i, part := range parts {
		n, ok := digits(part)
		if !ok || i > 0 && (len(part) != 2 || n > 59) || len(part) > 6 {
			return 0, false
		}
		total = total*60 + n
	}
	return min(total*1000, MaxTime+1), true
}

func digits(s string) (int64, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
