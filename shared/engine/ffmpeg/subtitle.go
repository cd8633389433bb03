package ffmpeg

import (
	"fmt"
	"strings"
	"unicode"

	"latchkey/shared/recording"
)

// look is how subtitles look in a frame of a size, as a style of Advanced
// SubStation Alpha (V4+, as libass reads it).
type look struct {
	recording.BurnIn
	Width, Height int
}

// unit is how many pixels of the frame are one of the font's size. Sizes are
// those of ffmpeg's and its kin's own subtitles, in a frame 288 high; in a
// frame that stands upright, 288 wide.
func (l look) unit() float64 { return float64(min(l.Width, l.Height)) / 288 }

// Margins and how much of a line's width text is given, as shares of the frame.
const (
	margin = 0.05
	// glyph is the mean width of a letter, in sizes of the font.
	glyph = 0.5
)

// line is about how many characters fit into a line, at most as many as
// subtitles have.
func (l look) line() int {
	n := int(float64(l.Width) * (1 - 2*margin) / (glyph * float64(l.FontSize) * l.unit()))
	return min(max(n, 6), 42)
}

// style is the style's line.
func (l look) style() string {
	// style 1 is an outline; 3 a box for each line, in the outline's colour;
	// 4 a box for all lines, in the colour of the back, larger by the shadow.
	border, outline, shadow := 1, 0.0, 0.0
	switch l.BorderStyle {
	case "outline":
		outline = 1.2
	case "wrap":
		border, outline = 3, 2
	case "full":
		border, shadow = 4, 4
	}
	u := l.unit()
	return fmt.Sprintf("Style: D,%s,%.1f,%s,%s,%s,%s,%d,%d,0,0,100,100,0,0,%d,%.1f,%.1f,%d,%d,%d,%d,-1",
		l.Font, float64(l.FontSize)*u, colour(l.FontColor), colour(l.FontColor), colour(l.BorderColor), colour(l.BorderColor),
		flag(l.Bold), flag(l.Italic), border, outline*u, shadow*u, l.alignment(),
		int(float64(l.Width)*margin), int(float64(l.Width)*margin), int(float64(l.Height)*margin))
}

// alignment is the digit's place on a keypad.
func (l look) alignment() int {
	row := map[string]int{"bottom": 1, "middle": 4, "top": 7}[l.VAlign]
	return row + map[string]int{"left": 0, "center": 1, "right": 2}[l.HAlign]
}

func flag(on bool) int {
	if on {
		return -1
	}
	return 0
}

// colour makes &H00BBGGRR of #RRGGBB.
func colour(rgb string) string { return "&H00" + rgb[5:7] + rgb[3:5] + rgb[1:3] }

// subtitles are the cues that are seen between two times, as a file.
func (l look) subtitles(cues []cue, from, to int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 0\nScaledBorderAndShadow: yes\n\n", l.Width, l.Height)
	b.WriteString("[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, " +
		"ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n" + l.style() + "\n\n")
	b.WriteString("[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n")
	for _, c := range cues {
		if c.End > from && c.Start < to {
			fmt.Fprintf(&b, "Dialogue: 0,%s,%s,D,,0,0,0,,%s\n", clock(c.Start), clock(c.End), escape(c.Text))
		}
	}
	return b.String()
}

// clock writes a time with hundredths of a second.
func clock(ms int64) string {
	cs := (ms + 5) / 10
	return fmt.Sprintf("%d:%02d:%02d.%02d", cs/360_000, cs/6000%60, cs/100%60, cs%100)
}

// joiner is a character without width. After a backslash it keeps that from
// beginning a command: "\N", "\h".
const joiner = "\u2060"

// escape is text that shows nothing but itself.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\N`)
		case r == '\\':
			b.WriteString(`\` + joiner)
		case r == '{' || r == '}':
			b.WriteString(`\` + string(r))
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
