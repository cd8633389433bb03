package transcript

import (
	"strings"
	"unicode"
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

var unixLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// markedWords cuts pieces into words. Words of unknown times share the time
// between their neighbours by the number of their bytes.
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
	var total, done int64
	for _, p := range pieces {
		total += int64(len(p.text))
	}
	at := func() int64 { return start + (end-start)*done/max(total, 1) }
	for _, p := range pieces {
		for rest := p.text; rest != ""; {
			n := wordLength(rest)
			w := Word{Text: rest[:n], Start: at(), Highlight: p.highlight, Strikethrough: p.strikethrough}
			done += int64(n)
			w.End = at()
			words = append(words, w)
			rest = rest[n:]
		}
	}
	return words
}

// wordLength is how far the first word of s reaches, with the white space
// before it, and with the white space after it if nothing else follows.
func wordLength(s string) int {
	start := strings.IndexFunc(s, notSpace)
	if start < 0 {
		return len(s)
	}
	n := strings.IndexFunc(s[start:], unicode.IsSpace)
	if n < 0 || strings.IndexFunc(s[start+n:], notSpace) < 0 {
		return len(s)
	}
	return start + n
}

func notSpace(r rune) bool { return !unicode.IsSpace(r) }

// rightToLeft tells the direction of a text by its first letter.
func rightToLeft(s Segment) bool {
	for _, w := range s.Words {
		for _, r := range w.Text {
			if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) && unicode.IsLetter(r) {
				return true
			}
			if unicode.IsLetter(r) {
				return false
			}
		}
	}
	return false
}
