package lexrank

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/transcript"
)

// someWords is how many keywords and names are told unless a prompt says it.
const someWords = 10

// found is a word or a name in a talk.
type found struct {
	text  string
	times int
	first int64 // milliseconds
	score float64
}

func (t *talk) listed(all []found) []line {
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.first, b.first), strings.Compare(a.text, b.text))
	})
	if often := slices.IndexFunc(all, func(f found) bool { return f.times == 1 }); often >= fewest && t.ask.count == 0 {
		all = all[:often]
	}
	var lines []line
	for _, f := range all[:min(cmp.Or(t.ask.count, someWords), len(all))] {
		lines = append(lines, line{mark: fmt.Sprintf("• [%s] %d × ", transcript.Stamp(f.first), f.times), text: f.text})
	}
	return lines
}

// keywords are what a talk is about, by tf-idf, with how often and when first
// they are said.
func (t *talk) keywords() []line {
	if lines := t.listed(t.words(0, len(t.said))); len(lines) > 0 {
		return lines
	}
	return t.summary() // all of it is words that say nothing
}

// about are the first few keywords of a part of the talk.
func (t *talk) about(from, to, count int) (out []string) {
	all := t.words(from, to)
	slices.SortFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.text, b.text)) })
	for _, f := range all[:min(count, len(all))] {
		out = append(out, f.text)
	}
	return out
}

// words are the terms of a part of the talk, as they are said most often.
func (t *talk) words(from, to int) []found {
	all := map[int32]*found{}
	forms := map[int32]map[string]int{}
	for i := from; i < to; i++ {
		for _, w := range wordsOf(t.said[i].text) {
			terms := t.terms(w)
			if len(terms) != 1 || utf8.RuneCountInString(w) < 2 || !strings.ContainsFunc(w, unicode.IsLetter) {
				continue
			}
			n := t.number[terms[0]]
			if all[n] == nil {
				all[n], forms[n] = &found{first: t.said[i].start}, map[string]int{}
			}
			all[n].times++
			forms[n][w]++
		}
	}
	out := make([]found, 0, len(all))
	for n, f := range all {
		f.text = commonest(forms[n])
		f.score = float64(f.times) * math.Sqrt(t.idf[n])
		out = append(out, *f)
	}
	return out
}

func commonest(forms map[string]int) (best string) {
	for form, n := range forms {
		if best == "" || n > forms[best] || n == forms[best] && form > best {
			best = form // of equals the small letters
		}
	}
	return best
}

// particles stand between the parts of names.
var particles = strings.Fields("of de van von der den da di la del du do dos le y")

// names are words with capital letters that do not begin a sentence, as far as
// they follow each other.
func (t *talk) names() []line {
	all := map[string]*found{}
	for _, s := range t.said {
		for _, name := range t.namesIn(s.text) {
			if all[name] == nil {
				all[name] = &found{text: name, first: s.start}
			}
			all[name].times++
			all[name].score++
		}
	}
	out := make([]found, 0, len(all))
	for _, f := range all {
		out = append(out, *f)
	}
	return t.listed(out)
}

func (t *talk) namesIn(text string) (out []string) {
	var name []string
	end := func() {
		for len(name) > 0 && slices.Contains(particles, name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		if len(name) > 0 {
			out = append(out, strings.Join(name, " "))
		}
		name = nil
	}
	for i, w := range strings.Fields(text) {
		word := strings.TrimSuffix(strings.TrimSuffix(strings.TrimFunc(w, notInName), "'s"), "’s")
		first, _ := utf8.DecodeRuneInString(word)
		switch {
		case i > 0 && unicode.IsUpper(first) && !t.stop[strings.ToLower(strings.ReplaceAll(word, "’", "'"))]:
			name = append(name, word)
		case len(name) > 0 && slices.Contains(particles, word):
			name = append(name, word)
		default:
			end()
		}
		if !strings.HasSuffix(strings.TrimSuffix(w, "."), word) { // a comma, or a possessive
			end()
		}
	}
	end()
	return out
}

func notInName(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
