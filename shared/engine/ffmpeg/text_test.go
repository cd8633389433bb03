//go:build engines

package ffmpeg

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestTextIsText: nothing that is said is a command, whatever it looks like.
func TestTextIsText(t *testing.T) {
	large := func(text string) picture {
		return seen(t, text, func(b *recording.BurnIn) { b.FontSize, b.BorderStyle = 24, "none" })
	}
	for _, text := range []string{
		`{\pos(0,0)}Hull`, `{\an8}Hull`, `{\c&H0000FF&}Hull`, `{\fs90}Hull`, `{\alpha&HFF&}Hull`, `{\p1}m 0 0 l 600 0 600 300 0 300{\p0}`, `\{\pos(0,0)}Hull`, `{{\pos(0,0)}}Hull`,
		`{=1}{\t(\fscx900)}Hull`, `{Hull}`,
	} {
		p := large(text)
		b := p.find("#FFFFFF")
		if b.top < 290 || b.left < 60 || b.right > 580 || b.n < 150 || p.find("#FF0000").n > 0 {
			t.Errorf("%s: %+v", text, b)
		}
		// As wide as its characters are, those of the command too.
		if want := len(text) * 9; b.width() < want {
			t.Errorf("%s is %d wide, want %d at least", text, b.width(), want)
		}
	}
	// Backslashes are seen, and what follows is no command.
	for _, text := range []string{`a\Nb`, `a\nb`, `a\hb`, `a\\b`, `C:\News\{x}`, `a\`} {
		with, without := large(text).find("#FFFFFF"), large(strings.ReplaceAll(text, `\`, "")).find("#FFFFFF")
		if with.width() < without.width()+3 || with.height() > 2*without.height() {
			t.Errorf("%s: %+v, without backslashes %+v", text, with, without)
		}
	}
	// A field of the line is not ended by a comma, nor the line by any break.
	for _, text := range []string{"a,b,,c", "a\r\nDialogue: 0,0:00:00.00,9:00:00.00,D,,0,0,0,,b", "a\u2028b", "a\u0085b", "a\x00b", "a\x1bb"} {
		if b := large(text).find("#FFFFFF"); b.n < 30 || b.top < 230 {
			t.Errorf("%q: %+v", text, b)
		}
	}
}

// TestAlphabets: each has letters of its own, and not the sign for what a font
// lacks; what is written from right to left ends on the left.
func TestAlphabets(t *testing.T) {
	draw := func(text string) picture {
		return seen(t, text, func(b *recording.BurnIn) { b.FontSize, b.BorderStyle = 42, "none" })
	}
	missing := draw("\U000e1234\U000e1234\U000e1234") // nobody has these
	for name, text := range map[string]string{
		"Greek": "Ψυχή", "Cyrillic": "Щука", "Hebrew": "שלום", "Arabic": "مرحبا", "Chinese": "你好", "Japanese": "こんにちは", "Korean": "안녕", "emoji": "😀",
	} {
		p := draw(text)
		if b := p.find("#FFFFFF"); b.n < 100 || bytes.Equal(p.rgb, missing.rgb) {
			t.Errorf("%s: %+v", name, b)
		}
	}
	for _, text := range []string{"你好世界", "안녕하세"} { // different characters look different
		p := draw(text)
		b := p.find("#FFFFFF")
		q := b.width() / 4
		for i := range 3 {
			if same(p, b, i*q, (i+1)*q, q) {
				t.Errorf("%s: characters %d and %d look the same", text, i, i+1)
			}
		}
	}
	// A full stop after Hebrew is at the left end.
	p := draw("שלום.")
	b := p.find("#FFFFFF")
	if low := p.part(b.bottom-4, b.bottom+1).find("#FFFFFF"); low.n == 0 || p.leftInk(b) > 6 {
		t.Errorf("%+v; the first 8 columns have %d rows of ink", b, p.leftInk(b))
	}
}

// leftInk is how many rows have ink in the first columns of a box: few, if what
// stands there is a full stop.
func (p picture) leftInk(b box) (rows int) {
	for y := b.top; y <= b.bottom; y++ {
		for x := b.left; x < b.left+4; x++ {
			if p.like(x, y, "#FFFFFF") {
				rows++
				break
			}
		}
	}
	return rows
}

// same tells whether two parts of a box are alike.
func same(p picture, b box, at, other, width int) bool {
	differ := 0
	for y := b.top; y <= b.bottom; y++ {
		for x := range width {
			if p.like(b.left+at+x, y, "#FFFFFF") != p.like(b.left+other+x, y, "#FFFFFF") {
				differ++
			}
		}
	}
	return differ < 20
}

// TestLongLines stay in the frame, whatever they are made of.
func TestLongLines(t *testing.T) {
	for name, text := range map[string]string{
		"words":       strings.Repeat("many words follow each other ", 8),
		"one word":    strings.Repeat("Donaudampfschiffahrt", 9),
		"Chinese":     strings.Repeat("你好世界", 30),
		"wide":        strings.Repeat("WM", 40),
		"one address": "https://example.com/" + strings.Repeat("a/b", 60),
	} {
		for _, size := range []int{16, 42} {
			for _, frame := range []string{"640x360", "202x360"} {
				b := recording.DefaultBurnIn
				b.FontSize, b.BorderStyle = size, "none"
				file := burnt(t, plain(t, frame, "0x205080", "1"), transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 1000, text)}}, b)
				p := frameAt(t, file, "0.02")
				found := p.find("#FFFFFF")
				if found.n < 5 || found.left < 2 || found.right > p.w-3 || found.top < 2 || found.bottom > p.h-3 {
					t.Errorf("%s, size %d in %s: %+v", name, size, frame, found)
				}
			}
		}
	}
}
