package pdf

import (
	"strings"

	"github.com/go-fonts/dejavu/dejavusans"
	"golang.org/x/image/font/sfnt"
)

// glyphs tells what the font has.
type glyphs struct {
	font   *sfnt.Font
	buffer *sfnt.Buffer
	known  map[rune]bool
}

func newGlyphs() glyphs {
	font, err := sfnt.Parse(dejavusans.TTF)
	if err != nil {
		panic(err) // it is part of the program
	}
	return glyphs{font, new(sfnt.Buffer), map[rune]bool{}}
}

// has reports whether the font has a character. The library writes none that
// is beyond 16 bits.
func (g glyphs) has(r rune) bool {
	if r > 0xffff {
		return false
	}
	there, asked := g.known[r]
	if !asked {
		i, err := g.font.GlyphIndex(g.buffer, r)
		there = err == nil && i != 0
		g.known[r] = there
	}
	return there
}

// letters are a paragraph's characters as they are shown: what the font lacks
// is replaced, and Arabic letters have the forms that their neighbours give
// them.
func (g glyphs) letters(spans []span) (out []letter) {
	for _, s := range spans {
		for _, r := range s.text {
			if r, ok := plain(r); ok {
				out = append(out, letter{r, s.style})
			}
		}
	}
	out = shaped(out)
	for i, l := range out {
		if l.rune != '\n' && !g.has(l.rune) {
			out[i].rune = '\ufffd'
		}
	}
	return out
}

// shown is a text of which nothing is lacking, for the document's title.
func (g glyphs) shown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r, ok := plain(r); ok {
			b.WriteRune(r)
		}
	}
	return b.String()
}
