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
	lines := strings.Split(string(b), "\n")
	all := make([]block, 0, 1+len(lines)/4) // a cue is that long, most often
	for i := 0; i < len(lines); i++ {
		first := i
		for i < len(lines) && strings.TrimSpace(lines[i]) != "" {
			i++
		}
		if first < i {
			all = append(all, block{first + 1, lines[first:i:i]})
		}
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
	cues := make([]cue, 0, len(all))
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
			c.text = append(c.text, b.lines...) // nobody else's: see blocks
		}
		if len(cues) > MaxSegments {
			return nil, lineError(b.line, "too many cues")
		}
	}
	return cues, nil
}

func parseSRT(b []byte) (Transcript, error) {
	return parseNamed(b, "-->", untagged)
}

func parseSBV(b []byte) (Transcript, error) {
	return parseNamed(b, ",", func(text string) string { return strings.ReplaceAll(text, "[br]", "\n") })
}

// parseNamed reads cues whose texts may begin with the speaker, and which
// clean makes plain.
func parseNamed(b []byte, mark string, clean func(string) string) (Transcript, error) {
	cues, err := cuesOf(blocks(b), func(line string) (int64, int64, bool) { return span(line, mark) })
	if err != nil {
		return Transcript{}, err
	}
	texts := make([]string, len(cues))
	for i, c := range cues {
		texts[i] = tidy(clean(strings.Join(c.text, "\n")))
	}
	names := named(texts)
	return fromCues(cues, func(to []Segment, i int, m *words) []Segment {
		return append(to, m.fromText(names[i], cues[i].Start, cues[i].End, texts[i]))
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
	return fromCues(cues, func(to []Segment, i int, m *words) []Segment {
		return m.voices(to, cues[i].Segment, strings.Join(cues[i].text, "\n"))
	})
}

// isWord tells whether a line is a word, or begins with it and white space.
func isWord(line, word string) bool {
	rest, ok := strings.CutPrefix(line, word)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// fromCues makes segments of cues, in the order of their start. read appends
// those of one.
func fromCues(cues []cue, read func(to []Segment, i int, m *words) []Segment) (Transcript, error) {
	var m words
	t := Transcript{Segments: make([]Segment, 0, len(cues))}
	for i, c := range cues {
		done := len(t.Segments)
		t.Segments = read(t.Segments, i, &m)
		for j := range t.Segments[done:] {
			if e := t.Segments[done+j].check(); e != nil {
				return Transcript{}, lineError(c.line, "the cue's "+e.At+" "+e.Message)
			}
		}
	}
	inOrder(t.Segments)
	return t, t.checkWhole()
}

func inOrder(segments []Segment) {
	byStart := func(a, b Segment) int { return int(a.Start - b.Start) }
	if !slices.IsSortedFunc(segments, byStart) {
		slices.SortStableFunc(segments, byStart)
	}
}

// named takes "Speaker: " at the beginning of tidy texts for the speaker if
// every text has one and each could be a name: up to 50 characters and 5
// words, with a letter, without sentence marks. In any other file they are
// text, so that a colon in what someone says does not invent a speaker.
// Nothing is lost either way: what is written again reads the same. It cuts
// the names off texts.
func named(texts []string) (names []string) {
	names = make([]string, len(texts))
	last := "" // which could be one
	for i, text := range texts {
		if text == "" {
			continue
		}
		name, rest, found := strings.Cut(text, ":")
		if !found || rest != "" && rest[0] != ' ' && rest[0] != '\n' || name != last && !couldBeName(name) {
			clear(names)
			return names
		}
		names[i], last = name, name
	}
	for i, name := range names {
		if name != "" {
			names[i], texts[i] = oneLine(name), tidy(texts[i][len(name)+1:])
		}
	}
	return names
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
	after = strings.TrimSpace(after)
	if i := strings.IndexFunc(after, unicode.IsSpace); i >= 0 {
		after = after[:i]
	}
	if start, ok = clock(strings.TrimSpace(before)); !ok {
		return 0, 0, false
	}
	end, ok = clock(after)
	return start, end, ok
}

// clock reads [H…:]MM:SS[.f…], with a comma or a point, in ms. Times beyond
// what can be carried are MaxTime+1.
func clock(s string) (int64, bool) {
	if ms, ok := usualClock(s); ok {
		return ms, true
	}
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

// usualClock reads HH:MM:SS.fff, which is what nearly all are.
func usualClock(s string) (ms int64, ok bool) {
	if len(s) != 12 || s[2] != ':' || s[5] != ':' || s[8] != '.' && s[8] != ',' || s[3] > '5' || s[6] > '5' {
		return 0, false
	}
	two := func(i int) int64 { return int64(s[i]-'0')*10 + int64(s[i+1]-'0') }
	for i := range len(s) {
		if i != 2 && i != 5 && i != 8 && (s[i] < '0' || s[i] > '9') {
			return 0, false
		}
	}
	return ((two(0)*60+two(3))*60+two(6))*1000 + two(9)*10 + int64(s[11]-'0'), true
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
