package apertium

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is what of a text is translated together: lines of a subtitle that are
// one sentence, or one line.
type piece struct {
	text  string
	lines []int // their lengths in characters
}

// pieces are those of a text.
func pieces(text string) (out []piece) {
	joins := false
	for line := range strings.Lines(text) {
		line = plain(line)
		n := utf8.RuneCountInString(line)
		if last := len(out) - 1; joins && n > 0 && !strings.ContainsAny(line[:1], "-") && !strings.HasPrefix(line, "–") && !strings.HasPrefix(line, "—") {
			out[last].text += " " + line
			out[last].lines = append(out[last].lines, n)
		} else {
			out = append(out, piece{line, []int{n}})
		}
		joins = n > 0 && !ended(line)
	}
	return out
}

// broken are the lines of a piece's translation, as many as it had, at the
// spaces that divide it most alike; fewer if there are too few spaces.
func (p piece) broken(text string) string {
	words := strings.Split(text, " ")
	ends := make([]int, len(words)) // of each word, in characters
	for i, w := range words {
		if i > 0 {
			ends[i] = ends[i-1] + 1
		}
		ends[i] += utf8.RuneCountInString(w)
	}
	from, to, total, done := utf8.RuneCountInString(p.text), ends[len(ends)-1], 0, 0
	var out []string
	for _, n := range p.lines[:len(p.lines)-1] {
		total += n
		want := total * to / max(from, 1)
		total++ // the line's end
		at, _ := slices.BinarySearch(ends, want)
		if at > 0 && (at == len(ends) || want-ends[at-1] < ends[at]-want) {
			at--
		}
		if at+1 > done && at+1 < len(words) {
			out = append(out, strings.Join(words[done:at+1], " "))
			done = at + 1
		}
	}
	return strings.Join(append(out, strings.Join(words[done:], " ")), "\n")
}

// begun is a translation that begins with a small letter if what it is of does:
// rules take each text for a sentence, and many are the middle of one.
func begun(text, out, to string) string {
	was, _ := utf8.DecodeRuneInString(text)
	is, n := utf8.DecodeRuneInString(out)
	if n == 0 || !unicode.IsLower(was) || base(to) == "en" && pronoun.MatchString(out) {
		return out
	}
	return string(unicode.ToLower(is)) + out[n:]
}

// pronoun is the one that English never writes small.
var pronoun = regexp.MustCompile(`^I\b`)

// openers are the marks that Spanish opens a question and a cry with.
var openers = map[byte]string{'?': "¿", '!': "¡"}

// marked is a translation with the marks of its language: Apertium opens no
// questions in Spanish, and leaves them open in others.
func marked(out, to string) string {
	switch base(to) {
	case "gl", "ast":
		return out // either way is right
	case "es":
	default:
		return strings.NewReplacer("¿", "", "¡", "").Replace(out)
	}
	words, start := strings.Split(out, " "), 0
	for i, w := range words {
		w = strings.TrimRight(w, `"'”’»)]`)
		if w == "" || !ended(w) {
			continue
		}
		mark := openers[w[len(w)-1]]
		if mark != "" && !strings.ContainsAny(strings.Join(words[start:i+1], " "), "¿¡") {
			words[start] = opened(words[start], mark)
		}
		start = i + 1
	}
	return strings.Join(words, " ")
}

// opened is a word with a mark before its first letter, if it has one.
func opened(word, mark string) string {
	at := strings.IndexFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	if at < 0 {
		return word
	}
	return word[:at] + mark + word[at:]
}
