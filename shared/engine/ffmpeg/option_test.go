//go:build engines

package ffmpeg

import (
	"bytes"
	"testing"

	"latchkey/shared/recording"
)

const (
	back = "#205080" // of the videos that subtitles are burnt into
	said = "Hamburg and Hull"
	long = "abcdefhiklmnorstuvwxzabcdefhiklmnorstuv Hull" // two lines, without descenders
)

// seen is the frame in the middle of a subtitle.
func seen(t *testing.T, text string, change func(*recording.BurnIn)) picture {
	t.Helper()
	b := recording.DefaultBurnIn
	change(&b)
	return frameAt(t, burnt(t, plain(t, "640x360", "0x205080", "1"), says(0, 1000, text), b), "0.5")
}

// contract: SX-129, SX-130
// TestFonts: each of the 14 is another than the others, or the one that is
// made for it; none has the letters of a fallback; larger is larger.
func TestFonts(t *testing.T) {
	same := map[string]string{"Lucida Grande": "Verdana"} // by the same DejaVu Sans
	pictures := map[string]picture{}
	for _, font := range recording.Fonts() {
		p := seen(t, said, func(b *recording.BurnIn) { b.Font, b.FontSize = font, 32 })
		if found := p.find("#FFFFFF"); found.n < 500 || found.width() < 180 || found.width() > 500 {
			t.Errorf("%s: %+v", font, found)
		}
		for other, q := range pictures {
			if got, want := bytes.Equal(p.rgb, q.rgb), same[font] == other || same[other] == font; got != want {
				t.Errorf("%s and %s are the same: %v", font, other, got)
			}
		}
		pictures[font] = p
	}
	size := func(n int) box {
		return seen(t, "HHH", func(b *recording.BurnIn) { b.FontSize, b.BorderStyle, b.Bold = n, "none", true }).find("#FFFFFF")
	}
	s10, s16, s42 := size(10), size(16), size(42)
	// An H of Arial is 0.716 em high; libass's size is that of a line, 1.117 em.
	for _, s := range []struct {
		got  box
		size float64
	}{{s10, 10}, {s16, 16}, {s42, 42}} {
		want := s.size * 360 / 288 * 0.716 / 1.117
		if h := float64(s.got.height()); h < want-2 || h > want+2 {
			t.Errorf("size %v: letters are %v high, want %.1f", s.size, h, want)
		}
	}
	if !(s10.width() < s16.width() && s16.width() < s42.width()) {
		t.Errorf("%+v, %+v, %+v", s10, s16, s42)
	}
}

// contract: SX-131, SX-137
// TestColours are those that were asked for, of the letters and around them.
func TestColours(t *testing.T) {
	for _, style := range []string{"outline", "wrap", "full"} {
		p := seen(t, said, func(b *recording.BurnIn) {
			b.FontSize, b.BorderStyle, b.FontColor, b.BorderColor = 42, style, "#FFCC00", "#B00060"
		})
		letters, border := p.find("#FFCC00"), p.find("#B00060")
		if letters.n < 1000 || border.n < 500 || p.find("#FFFFFF").n > 0 || p.find("#000000").n > 0 {
			t.Errorf("%s: letters %+v, border %+v", style, letters, border)
		}
		if border.left >= letters.left || border.right <= letters.right || border.top >= letters.top || border.bottom <= letters.bottom {
			t.Errorf("%s: the border %+v is not around the letters %+v", style, border, letters)
		}
	}
}

// contract: SX-132, SX-133
// TestBoldAndItalic: bold has more ink, italic leans.
func TestBoldAndItalic(t *testing.T) {
	style := func(bold, italic bool) picture {
		return seen(t, "lllllll", func(b *recording.BurnIn) { b.FontSize, b.BorderStyle, b.Bold, b.Italic = 42, "none", bold, italic })
	}
	regular, bold, italic := style(false, false), style(true, false), style(false, true)
	if r, b := regular.find("#FFFFFF"), bold.find("#FFFFFF"); float64(b.n) < 1.3*float64(r.n) {
		t.Errorf("regular has %d white pixels, bold %d", r.n, b.n)
	}
	// An upright l begins at the same place in all rows.
	lean := func(p picture) int {
		b := p.find("#FFFFFF")
		return p.leftmost(b.bottom-3, "#FFFFFF") - p.leftmost(b.top+3, "#FFFFFF")
	}
	if up, aslant := lean(regular), lean(italic); up != 0 || aslant > -4 {
		t.Errorf("upright leans by %d, italic by %d", up, aslant)
	}
}

// leftmost is where a colour is first in a row.
func (p picture) leftmost(y int, colour string) int {
	for x := range p.w {
		if p.like(x, y, colour) {
			return x
		}
	}
	return p.w
}

// contract: SX-134, SX-135
// TestAlignment: where in the frame the letters are, in each of nine places.
func TestAlignment(t *testing.T) {
	for y, v := range []string{"top", "middle", "bottom"} {
		for x, h := range []string{"left", "center", "right"} {
			p := seen(t, "Hull", func(b *recording.BurnIn) { b.HAlign, b.VAlign = h, v })
			b := p.find("#FFFFFF")
			cx, cy := (b.left+b.right)/2*100/p.w, (b.top+b.bottom)/2*100/p.h
			near := func(got int, at int) bool { return got >= []int{4, 47, 86}[at] && got <= []int{14, 53, 96}[at] }
			if !near(cx, x) || !near(cy, y) {
				t.Errorf("%s %s: at %d %%, %d %%", h, v, cx, cy)
			}
		}
	}
	// Lines are aligned with each other, too.
	for h, want := range map[string][2]bool{"left": {true, false}, "right": {false, true}} {
		p := seen(t, long, func(b *recording.BurnIn) { b.HAlign, b.BorderStyle = h, "none" })
		b := p.find("#FFFFFF")
		upper, lower := p.part(b.top, (b.top+b.bottom)/2).find("#FFFFFF"), p.part((b.top+b.bottom)/2, b.bottom+1).find("#FFFFFF")
		if near(upper.left, lower.left) != want[0] || near(upper.right, lower.right) != want[1] {
			t.Errorf("%s: %+v, %+v", h, upper, lower)
		}
	}
}

// part is the picture's rows from one up to another, the others without colour.
func (p picture) part(from, to int) picture {
	q := picture{p.w, p.h, bytes.Repeat([]byte{0x20, 0x50, 0x80}, p.w*p.h)}
	copy(q.rgb[3*p.w*from:3*p.w*to], p.rgb[3*p.w*from:])
	return q
}

// contract: SX-136
// TestBorderStyles: none has nothing around the letters; outline follows them;
// wrap is a box for each line, full one for all of them.
func TestBorderStyles(t *testing.T) {
	shape := func(style string) (picture, box, box) {
		p := seen(t, long, func(b *recording.BurnIn) { b.FontSize, b.BorderStyle, b.BorderColor = 24, style, "#C00000" })
		return p, p.find("#FFFFFF"), p.find("#C00000")
	}
	if _, letters, border := shape("none"); letters.n < 500 || border.n > 0 {
		t.Errorf("none: %+v, %+v", letters, border)
	}
	ink := map[string]int{}
	for _, style := range []string{"outline", "wrap", "full"} {
		p, letters, border := shape(style)
		ink[style] = border.n
		inside := p.like(border.left+1, border.top+border.height()/4, "#C00000")    // beside the long line
		beside := p.like(border.left+1, border.bottom-border.height()/4, "#C00000") // beside the short one
		if inside != (style != "outline") || beside != (style == "full") {
			t.Errorf("%s: %+v, %+v, beside the long line %v, beside the short one %v", style, letters, border, inside, beside)
		}
	}
	if !(ink["outline"] < ink["wrap"] && ink["wrap"] < ink["full"]) {
		t.Errorf("%v", ink)
	}
}
