package transcript

import "unicode"

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
