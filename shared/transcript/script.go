package transcript

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineEnds are the characters that end a line, and the tab, for which no
// caption has a place.
const lineEnds = "\n\t\u2028\u2029"

var spaced = strings.NewReplacer("\n", " ", "\t", " ", "\u2028", " ", "\u2029", " ")

// Space is what stands between two words of which nothing else is known: "",
// where both are of scripts that write no spaces, or the second is nothing but
// punctuation that ends something, and otherwise " ".
func Space(before, after string) string {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	const ends = ",.;:!?…"
	if dense(last) && dense(first) || strings.ContainsRune(ends, first) && strings.Trim(after, ends) == "" {
		return ""
	}
	return " "
}

// mayBreak tells whether a line may begin between two words without white
// space between them: only where a script is that writes none, and neither
// before what closes nor after what opens.
func mayBreak(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	switch {
	case unicode.In(last, unicode.Ps, unicode.Pi):
		return false
	case unspaced(first):
		return !unicode.In(first, unicode.M)
	}
	return dense(last) && unicode.In(first, unicode.L, unicode.N, unicode.Ps, unicode.Pi)
}

// unhyphenated tells whether r is of a script that writes no spaces and may
// be broken before any character.
func unhyphenated(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// unspaced tells whether r is of a script that writes no spaces between words.
func unspaced(r rune) bool {
	return unhyphenated(r) || r >= 0xe00 && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// dense tells whether r is unspaced, or punctuation of such a script.
func dense(r rune) bool {
	return unspaced(r) || r > 0x3000 && r < 0x3040 || r > 0xff00 && r < 0xff66
}
