package transcript

import (
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markup is how a word is marked.
type markup struct {
	highlight     string
	strikethrough bool
}

func markupOf(w Word) markup { return markup{w.Highlight, w.Strikethrough} }

// marked is a piece of text marked in one way. A piece without times of its
// own shares those of its segment with its neighbours.
type marked struct {
	markup
	text       string
	timed      bool
	start, end int64 // ms
}

// markedWords cuts pieces into words. Words of unknown times share the time
// between their neighbours as FromText shares it.
func markedWords(pieces []marked, start, end int64) []Word {
	var words []Word
	at := start
	for i := 0; i < len(pieces); {
		if p := pieces[i]; p.timed {
			words = shareOut(words, pieces[i:i+1], p.start, p.end)
			at, i = p.end, i+1
			continue
		}
		j, until := i, end
		for j < len(pieces) && !pieces[j].timed {
			j++
		}
		if j < len(pieces) {
			until = pieces[j].start
		}
		words = shareOut(words, pieces[i:j], at, max(at, until))
		i = j
	}
	return words
}

func shareOut(words []Word, pieces []marked, start, end int64) []Word {
	var shared []Word
	for _, p := range pieces {
		for _, w := range wordsOf(p.text) {
			w.Highlight, w.Strikethrough = p.highlight, p.strikethrough
			shared = append(shared, w)
		}
	}
	return append(words, spread(shared, start, end)...)
}

// Piece is a text that is marked in one way.
type Piece struct {
	Text          string
	Highlight     string // as of a Word
	Strikethrough bool
}

// Pieces yields the segment's text as it is shown. The white space before a
// word is marked only between two words that are marked alike.
func (s Segment) Pieces() iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		var last markup
		for i := range s.Words {
			w := &s.Words[i]
			said := strings.TrimLeftFunc(w.Text, unicode.IsSpace)
			space := Piece{Text: w.Text[:len(w.Text)-len(said)]}
			if markupOf(*w) == last {
				space.Highlight, space.Strikethrough = w.Highlight, w.Strikethrough
			}
			last = markupOf(*w)
			if space.Text != "" && !yield(space) || said != "" && !yield(Piece{said, w.Highlight, w.Strikethrough}) {
				return
			}
		}
	}
}

// Dark reports whether black letters could not be read on a colour: by the
// weights of ITU-R BT.601.
func Dark(highlight string) bool {
	if !isColour(highlight) {
		return false
	}
	n, _ := strconv.ParseUint(highlight[1:], 16, 32) // it is one
	return 299*(n>>16)+587*(n>>8&0xff)+114*(n&0xff) < 110_000
}

// RightToLeft tells the direction of the segment's text, see the function.
func (s Segment) RightToLeft() (rtl, known bool) {
	for i := range s.Words {
		if rtl, known = RightToLeft(s.Words[i].Text); known {
			break
		}
	}
	return rtl, known
}

// RightToLeft tells the direction of a text by its first letter or direction
// mark, as rule P2 of Unicode's bidirectional algorithm has it; known is false
// if it has none.
func RightToLeft(text string) (rtl, known bool) {
	for _, r := range text {
		switch {
		case r < 'A':
		case r < utf8.RuneSelf:
			if 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
				return false, true
			}
		case r == '\u200f' || r == '\u061c':
			return true, true
		case r == '\u200e':
			return false, true
		case unicode.IsLetter(r):
			return r >= 0x590 && unicode.In(r, leftwards...), true
		}
	}
	return false, false
}

// leftwards are the living scripts that are written from right to left.
var leftwards = []*unicode.RangeTable{
	unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya, unicode.Mandaic, unicode.Samaritan,
}
