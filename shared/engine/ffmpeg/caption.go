package ffmpeg

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"latchkey/shared/transcript"
)

// cue is what is seen from a time until another, in ms. Cues do not overlap.
type cue struct {
	Start, End int64
	Text       string // lines
}

// atOnce is how many captions are seen at the same time, when speakers
// overlap: more would fill the frame.
const atOnce = 3

// cuesOf breaks what was said into captions for lines of so many letters of a
// common width. One that is as wide as Chinese ones are counts for two.
func cuesOf(t transcript.Transcript, line int) []cue {
	l := transcript.DefaultLimits
	l.LineLength = line
	if wideScript(t) {
		l.LineLength = max(line/2, 1)
	}
	return apart(low(t.Split(l), line*common, l.Lines))
}

// low are captions of at most so many lines of a width: one of a word that is
// longer becomes several, which share its time.
func low(t transcript.Transcript, width, most int) (out transcript.Transcript) {
	for _, s := range t.Segments {
		lines := strings.Split(wrap(s.Text(), width), "\n")
		parts := int64((len(lines) + most - 1) / most)
		for i := range parts {
			start, end := s.Start+(s.End-s.Start)*i/parts, s.Start+(s.End-s.Start)*(i+1)/parts
			text := strings.Join(lines[int(i)*most:min(int(i+1)*most, len(lines))], "\n")
			out.Segments = append(out.Segments, transcript.Segment{Start: start, End: end, Words: []transcript.Word{{Text: text, Start: start, End: end}}})
		}
	}
	return out
}

// apart are captions as cues: while several are seen, each change of them is
// a cue of its own, with the oldest on top. It is the same wherever in the
// video rendering begins.
func apart(t transcript.Transcript) (out []cue) {
	var shown []transcript.Segment
	now := int64(0)
	// until shows what is shown up to a time, cue by cue.
	until := func(at int64) {
		for len(shown) > 0 && now < at {
			end := at
			lines := make([]string, len(shown))
			for i, s := range shown {
				end, lines[i] = min(end, s.End), strings.TrimSpace(s.Text())
			}
			text := strings.Join(lines, "\n")
			if n := len(out) - 1; n >= 0 && out[n].End == now && out[n].Text == text {
				out[n].End = end
			} else {
				out = append(out, cue{now, end, text})
			}
			now = end
			shown = slices.DeleteFunc(shown, func(s transcript.Segment) bool { return s.End <= now })
		}
		now = at
	}
	segments := slices.Clone(t.Segments)
	slices.SortStableFunc(segments, func(a, b transcript.Segment) int { return cmp.Compare(a.Start, b.Start) })
	for _, s := range segments {
		if s.End <= s.Start || strings.TrimSpace(s.Text()) == "" {
			continue
		}
		until(s.Start)
		if len(shown) == atOnce {
			shown = shown[1:]
		}
		shown = append(shown, s)
	}
	until(transcript.MaxTime)
	return out
}

// wrap breaks what has no white space where a line is full: the renderer
// breaks lines only at spaces.
func wrap(text string, line int) string {
	var b strings.Builder
	at := 0
	for _, r := range strings.TrimSpace(text) {
		w := width(r)
		switch {
		case unicode.IsSpace(r):
			at = 0
		case at+w > line && w > 0:
			b.WriteByte('\n')
			at = w
		default:
			at += w
		}
		b.WriteRune(r)
	}
	return b.String()
}

// The widths of letters, roughly, in tenths of the size of a font. Those of
// wide fonts are meant.
const (
	common = 5 // what a line is counted in
	small  = 6
	large  = 8
	broad  = 10
)

// width is about how wide a character is.
func width(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Variation_Selector):
		return 0
	case strings.ContainsRune("MWmw@%&—…", r), wide(r):
		return broad
	case unicode.IsUpper(r):
		return large
	}
	return small
}

// wide tells whether a character is as wide as it is high.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff
}

// wideScript tells whether most characters are wide.
func wideScript(t transcript.Transcript) bool {
	n, all := 0, 0
	for _, s := range t.Segments {
		for _, w := range s.Words {
			for _, r := range w.Text {
				all++
				if wide(r) {
					n++
				}
			}
		}
	}
	return 2*n > all
}
