package transcript

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// Plain text is the title, then a paragraph for each segment, with an empty
// line between them:
//
//	Speaker: [00:01:02] What was said.
//
// It carries starts to the second and no ends.
func writeTXT(w io.Writer, t Transcript, o Options) error {
	out := stream{w: w}
	b := make([]byte, 0, piece+piece/4)
	if title := oneLine(o.Title); title != "" {
		b = append(append(b, title...), "\n\n"...)
	}
	for i := range t.Segments {
		s := &t.Segments[i]
		begin := len(b)
		if s.Speaker != "" {
			b = append(append(b, oneLine(s.Speaker)...), ": "...)
		}
		if !o.WithoutTimestamps {
			b = append(appendTime(append(b, '['), s.Start, 2, 0), "] "...)
		}
		b = bytes.TrimRight(appendLines(b, s), " ")
		if len(b) > begin {
			b = append(b, "\n\n"...)
		}
		b = out.flush(b)
	}
	out.end(b)
	return out.err
}

// paragraph is one of a plain text; at is -1 without a time.
type paragraph struct {
	line          int
	at            int64
	speaker, text string
}

// readingRate is how long a character takes to say, in ms, where a text has no
// times: 15 characters a second.
const readingRate = 1000 / 15

// parseTXT reads paragraphs, with or without "Speaker: " and "[time]" before
// them in either order. A first line without a time is the title, and left
// out, if all other paragraphs have one. A segment ends where the next begins;
// what has no time is given one by the length of the text before it.
func parseTXT(b []byte) (Transcript, error) {
	var all []paragraph
	timed := 0
	for _, b := range blocks(b) {
		p := paragraph{line: b.line, at: -1, text: tidy(strings.Join(b.lines, "\n"))}
		if name, at, rest, ok := stamped(p.text); ok {
			p.speaker, p.at, p.text = name, at, rest
			timed++
		}
		if all = append(all, p); len(all) > MaxSegments {
			return Transcript{}, lineError(b.line, "too many paragraphs")
		}
	}
	if timed > 0 && timed == len(all)-1 && all[0].at < 0 && !strings.Contains(all[0].text, "\n") {
		all = all[1:]
	}
	if !slices.ContainsFunc(all, func(p paragraph) bool { return p.speaker != "" }) {
		texts := make([]string, len(all))
		for i, p := range all {
			texts[i] = p.text
		}
		for i, name := range named(texts) {
			all[i].speaker, all[i].text = name, texts[i]
		}
	}
	t := Transcript{Segments: make([]Segment, len(all))}
	var at int64
	for i, p := range all {
		if p.at < 0 {
			p.at = at
		}
		p.at = min(p.at, MaxTime)
		at = min(p.at+readingRate*int64(len(p.text)), MaxTime)
		t.Segments[i] = FromText(p.speaker, p.at, at, p.text)
		if e := t.Segments[i].check(); e != nil {
			return Transcript{}, lineError(p.line, "the paragraph's "+e.At+" "+e.Message)
		}
	}
	inOrder(t.Segments)
	for i := range t.Segments[:max(0, len(t.Segments)-1)] {
		s := &t.Segments[i]
		s.End = t.Segments[i+1].Start
		s.Words = spread(s.Words, s.Start, s.End)
	}
	return t, t.checkWhole()
}

// stamped reads "[time] text" and "Speaker: [time] text".
func stamped(text string) (speaker string, at int64, rest string, ok bool) {
	before, after, found := strings.Cut(text, "[")
	if !found {
		return "", 0, "", false
	}
	if before != "" {
		name, isName := strings.CutSuffix(before, ": ")
		if !isName || strings.ContainsAny(name, "\n") || len(name) > 4*MaxSpeaker {
			return "", 0, "", false
		}
		speaker = oneLine(name)
	}
	stamp, rest, found := strings.Cut(after, "]")
	if !found || len(stamp) > 20 {
		return "", 0, "", false
	}
	at, ok = clock(stamp)
	return speaker, at, tidy(rest), ok
}
