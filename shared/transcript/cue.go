package transcript

import (
	"bytes"
	"html"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// SRT, WebVTT and SBV write a segment as a cue: a line of times, then lines of
// text up to an empty line. A cue can therefore carry no empty line: those
// inside a text are left out, and so is white space around lines.
// Only WebVTT has a place for the speaker; the others begin the text with
// "Speaker: ". See named for when that is read back. With SpeakerLines, all
// have "Speaker:" for their first line.

func writeSRT(w io.Writer, t Transcript, o Options) error {
	return writeCues(w, t, nil, func(b []byte, n int, s *Segment) []byte {
		b = append(strconv.AppendInt(b, int64(n), 10), '\n')
		b = append(appendTime(b, s.Start, 2, ','), " --> "...)
		b = append(appendTime(b, s.End, 2, ','), '\n')
		return withoutTimes(appendNamed(b, s, o), len(b))
	})
}

// withoutTimes makes "->" of "-->" in a line of b[start:] that would be read
// as times, and what follows it as another cue. SRT has no escape.
func withoutTimes(b []byte, start int) []byte {
	if !bytes.Contains(b[start:], []byte("-->")) {
		return b
	}
	lines := strings.SplitAfter(string(b[start:]), "\n")
	b = b[:start]
	for _, line := range lines {
		if _, _, ok := span(line, "-->"); ok {
			line = strings.ReplaceAll(line, "-->", "->")
		}
		b = append(b, line...)
	}
	return b
}

func writeSBV(w io.Writer, t Transcript, o Options) error {
	return writeCues(w, t, nil, func(b []byte, _ int, s *Segment) []byte {
		b = append(appendTime(b, s.Start, 1, '.'), ',')
		b = append(appendTime(b, s.End, 1, '.'), '\n')
		return appendNamed(b, s, o)
	})
}

func writeVTT(w io.Writer, t Transcript, o Options) error {
	head := []byte("WEBVTT")
	if title := oneLine(o.Title); title != "" && !strings.Contains(title, "-->") {
		head = append(append(head, " - "...), title...)
	}
	return writeCues(w, t, append(head, "\n\n"...), func(b []byte, n int, s *Segment) []byte {
		b = append(strconv.AppendInt(b, int64(n), 10), '\n')
		b = append(appendTime(b, s.Start, 2, '.'), " --> "...)
		b = append(appendTime(b, s.End, 2, '.'), '\n')
		if s.Speaker != "" && !o.SpeakerLines {
			b = append(b, "<v "...)
			start := len(b)
			b = append(escapeFrom(append(b, oneLine(s.Speaker)...), start), '>')
			return escapeFrom(appendLines(b, s), len(b))
		}
		return escapeFrom(appendNamed(b, s, o), len(b))
	})
}

func writeCues(w io.Writer, t Transcript, head []byte, cue func(b []byte, n int, s *Segment) []byte) error {
	out := stream{w: w}
	b := append(make([]byte, 0, piece+piece/4), head...)
	for i := range t.Segments {
		b = out.flush(append(cue(b, i+1, &t.Segments[i]), "\n\n"...))
	}
	out.end(b)
	return out.err
}

// appendNamed appends the text with the speaker before it.
func appendNamed(b []byte, s *Segment, o Options) []byte {
	if s.Speaker != "" {
		b = append(append(b, oneLine(s.Speaker)...), ':')
		switch {
		case len(s.Words) == 0:
		case o.SpeakerLines:
			b = append(b, '\n')
		default:
			b = append(b, ' ')
		}
	}
	return appendLines(b, s)
}

// appendLines appends the text as lines of which none is empty.
func appendLines(b []byte, s *Segment) []byte {
	start := len(b)
	for i := range s.Words {
		b = append(b, s.Words[i].Text...)
	}
	if bytes.IndexByte(b[start:], '\n') < 0 {
		return append(b[:start], bytes.TrimSpace(b[start:])...)
	}
	end := start // of what is done, which is never longer than what it was
	for rest := b[start:]; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if end > start {
				b[end] = '\n'
				end++
			}
			end += copy(b[end:], line)
		}
	}
	return b[:end]
}

// tidy is the text with no empty lines and no white space around lines.
func tidy(text string) string {
	if isTidy(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func isTidy(text string) bool {
	for {
		line, rest, more := strings.Cut(text, "\n")
		if line != strings.TrimSpace(line) || more && (line == "" || rest == "") {
			return false
		}
		if !more {
			return true
		}
		text = rest
	}
}

// oneLine is the text with single spaces for white space.
func oneLine(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ') {
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return s
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escapeFrom(b []byte, start int) []byte {
	if text := b[start:]; bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '<') < 0 && bytes.IndexByte(text, '>') < 0 {
		return b
	}
	return append(b[:start], escapes.Replace(string(b[start:]))...)
}

// appendTime appends hours of so many digits at least, minutes, seconds and,
// after mark, milliseconds; without them if mark is 0.
func appendTime(b []byte, ms int64, hours int, mark byte) []byte {
	h := ms / 3_600_000
	if h < 10 && hours > 1 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, h, 10)
	m, s, f := ms/60_000%60, ms/1000%60, ms%1000
	b = append(b, ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	if mark == 0 {
		return b
	}
	return append(b, mark, byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
}

// Stamp is a time to the second, as "01:02:03".
func Stamp(ms int64) string { return string(appendTime(nil, ms, 2, 0)) }

// voices cuts the text of a WebVTT cue at its voice tags, drops all other tags
// and resolves escapes: it appends one segment for each voice that says
// something.
func (m *words) voices(to []Segment, cue Segment, text string) []Segment {
	done := len(to)
	var said string // so far, or the beginning of what b has
	var b strings.Builder
	add := func() {
		if b.Len() > 0 {
			said = b.String()
			b.Reset()
		}
		if said = tidy(lineBreaks(html.UnescapeString(said))); said != "" || cue.Speaker != "" {
			to = append(to, m.fromText(cue.Speaker, cue.Start, cue.End, said))
		}
		said = ""
	}
	for {
		before, rest, found := strings.Cut(text, "<")
		switch {
		case said == "":
			said = before
		case b.Len() == 0:
			b.WriteString(said)
			fallthrough
		default:
			b.WriteString(before)
		}
		if !found {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		text = after
		if name, annotation, _ := strings.Cut(strings.Map(spaces, tag), " "); name == "v" || strings.HasPrefix(name, "v.") {
			add()
			cue.Speaker = oneLine(html.UnescapeString(annotation))
		}
	}
	add()
	if len(to) == done {
		to = append(to, Segment{Start: cue.Start, End: cue.End})
	}
	return to
}

func spaces(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// untagged is the text of an SRT cue without the tags in use there: <i>, <b>,
// <u>, <s>, <font …> and {\an8}.
func untagged(text string) string {
	if strings.IndexByte(text, '>') < 0 && strings.IndexByte(text, '}') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		switch text[i] {
		case '>':
			if at := bytes.LastIndexByte(out[max(0, len(out)-200):], '<'); at >= 0 {
				at += max(0, len(out)-200)
				name, _, _ := strings.Cut(strings.TrimPrefix(string(out[at+1:len(out)-1]), "/"), " ")
				switch strings.ToLower(name) {
				case "i", "b", "u", "s", "font":
					out = out[:at]
				}
			}
		case '}':
			if at := len(out) - len(`{\an8}`); at >= 0 && string(out[at:at+4]) == `{\an` && out[at+4] >= '1' && out[at+4] <= '9' {
				out = out[:at]
			}
		}
	}
	return string(out)
}
