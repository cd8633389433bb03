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

// cuesOf breaks what was said into captions for lines of so many characters,
// of which one that is wide, as Chinese is, counts for two.
func cuesOf(t transcript.Transcript, line int) []cue {
	l := transcript.DefaultLimits
	l.LineLength = line
	if wideScript(t) {
		l.LineLength = max(line/2, 1)
	}
	return apart(t.Split(l), line)
}

// apart are captions as cues: while several are seen, each change of them is
// a cue of its own, with the oldest on top. It is the same wherever in the
// video rendering begins.
func apart(t transcript.Transcript, line int) (out []cue) {
	var shown []transcript.Segment
	now := int64(0)
	// until shows what is shown up to a time, cue by cue.
	until := func(at int64) {
		for len(shown) > 0 && now < at {
			end := at
			lines := make([]string, len(shown))
			for i, s := range shown {
				end, lines[i] = min(end, s.End), wrap(s.Text(), line)
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

// width is how many columns a character takes.
func width(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Variation_Selector):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi),
		r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// wideScript tells whether most characters are wide.
func wideScript(t transcript.Transcript) bool {
	wide, all := 0, 0
	for _, s := range t.Segments {
		for _, w := range s.Words {
			for _, r := range w.Text {
				all++
				if width(r) == 2 {
					wide++
				}
			}
		}
	}
	return 2*wide > all
}
