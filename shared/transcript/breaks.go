package transcript

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unit is what captions are made of: a word, or several between which nothing
// should be broken.
type unit struct {
	words      []Word
	start, end int64
	space      string // between the unit before and this one
	text       string // without white space around
	given      string // the first word with its space, if that is as it was given
	length     int    // characters of text
	gap        int    // characters of space
	cost       int    // of a break before it
}

// unitsOf are the units of a segment, without its line breaks if lines are
// made anew. White space alone is no word. The words are copies.
func (l Limits) unitsOf(words []Word) []unit {
	words = l.apart(words)
	units, copied := make([]unit, 0, len(words)), make([]Word, 0, len(words))
	anew, tail := l.lays(), ""
	for _, w := range words {
		text := strings.TrimLeftFunc(w.Text, breaks)
		space := tail + w.Text[:len(w.Text)-len(text)]
		body := strings.TrimRightFunc(text, breaks)
		tail = text[len(body):]
		if body == "" {
			tail = space
			continue
		}
		if anew && strings.ContainsAny(body, lineEnds) {
			body = spaced.Replace(body)
		}
		given := w.Text[:len(w.Text)-len(tail)]
		w.Text = body
		copied = append(copied, w)
		if len(units) > 0 {
			before := &units[len(units)-1]
			if anew && strings.ContainsAny(space, lineEnds) {
				space = Space(before.text, body)
			}
			if space == "" && !mayBreak(before.text, body) && before.join(l, copied) {
				continue
			}
		}
		units = append(units, unitOf(copied[len(copied)-1:], space, given))
		if n := len(units); n > 1 {
			units[n-1].cost = breakCost(&units[n-2], &units[n-1])
		}
	}
	return units
}

func unitOf(words []Word, space, given string) unit {
	w := &words[0]
	if given != space+w.Text {
		given = ""
	}
	return unit{
		words: words, start: w.Start, end: w.End, space: space, text: w.Text, given: given,
		length: utf8.RuneCountInString(w.Text), gap: utf8.RuneCountInString(space),
	}
}

// join adds the last of the words to the unit, which has those before it,
// unless it would be beyond a limit then.
func (u *unit) join(l Limits, words []Word) bool {
	w := &words[len(words)-1]
	length, end := u.length+utf8.RuneCountInString(w.Text), max(u.end, w.End)
	if l.tooMuch(length, end-u.start) {
		return false
	}
	u.words = words[len(words)-len(u.words)-1:]
	u.end, u.text, u.length = end, u.text+w.Text, length
	return true
}

// tooMuch tells whether a caption could not have so many characters without a
// break, or be so long.
func (l Limits) tooMuch(length int, ms int64) bool {
	return l.Characters > 0 && length > l.Characters || l.LineLength > 0 && length > l.LineLength || l.Duration > 0 && ms > l.Duration
}

// apart are the words, of which those that hold several and are too much alone
// are cut into these.
func (l Limits) apart(words []Word) []Word {
	large := func(w Word) bool {
		if !l.tooMuch(len(w.Text), w.End-w.Start) { // bytes are at least as many
			return false
		}
		return l.tooMuch(utf8.RuneCountInString(strings.TrimFunc(w.Text, breaks)), w.End-w.Start)
	}
	first := slices.IndexFunc(words, large)
	if first < 0 {
		return words
	}
	out := slices.Clone(words[:first])
	for i, w := range words[first:] {
		if !large(w) {
			out = append(out, w)
			continue
		}
		until := w.End // but in the order of the starts, if the next begins before
		if next := first + i + 1; next < len(words) {
			until = min(until, words[next].Start)
		}
		for _, piece := range spread(wordsOf(w.Text), w.Start, until) {
			piece.Confidence, piece.Highlight, piece.Strikethrough = w.Confidence, w.Highlight, w.Strikethrough
			out = append(out, piece)
		}
	}
	return out
}

// The cost of a break between two words, beside that of a caption more, and of
// one that is nearly empty.
const (
	breakSentence = 0  // after a sentence
	breakClause   = 25 // after other punctuation
	breakPhrase   = 60 // before a word that leans on the next, such as "and"
	breakWords    = 90
	breakBinding  = 160 // after a word that leans on the next: "the", "of", "10", "Dr."; inside a name

	oneMore   = 40
	allOfFree = 60
)

func breakCost(before, after *unit) int {
	cost := breakWords
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before.text, `"')]}»”’`))
	first, _ := utf8.DecodeRuneInString(after.text)
	switch {
	case leaning[strings.ToLower(before.text)] || before.length == 2 && startsUpper(before.text) && last == '.':
		cost = breakBinding
	case strings.ContainsRune(".?!…。？！؟।", last):
		cost = breakSentence
	case strings.ContainsRune(",;:–—、，；：،؛", last):
		cost = breakClause
	case unicode.IsDigit(last), unicode.IsUpper(first) && startsUpper(before.text):
		cost = breakBinding
	case leaning[strings.ToLower(strings.TrimRight(after.text, ".,;:?!"))]:
		cost = breakPhrase
	}
	return max(0, cost-int(min(max(0, after.start-before.end), 1000))/15) // a pause of a second makes a break cheaper by 66
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// leaning are the common words that belong to the next one: articles,
// prepositions, conjunctions, possessives and titles of the languages most
// spoken where this is used. A break is good before them and bad after them.
var leaning = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
		a an the and or but nor so if because although though while when where which who that than as of to in on at by for from with without
		into onto over under about after before between through during against my your his her its our their this these those not very
		de het een en of maar want dat die als omdat met van voor naar op aan bij uit over onder tegen tussen door mijn jouw zijn haar ons onze hun niet
		der die das den dem des ein eine einen einem einer eines und oder aber denn weil dass ob wenn als mit von vom zu zum zur im am auf aus bei für nach über unter vor zwischen durch gegen ohne mein dein sein ihr unser nicht
		le la les un une des du et ou mais car que qui quand si comme à au aux dans en sur sous avec sans pour par chez vers mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ne
		el los las unos unas y e o u pero porque cuando como con sin sobre entre hasta desde hacia para por al del mi tu su mis tus sus nuestro nuestra no
		il lo gli i uno ed ma perché quando come con senza su tra fra di da nel nella nei sul sulla al alla dal dalla del della dei delle mio mia tuo tua suo sua nostro non
		mr. mrs. ms. dr. prof. st. vs. hr. fr. mw. dhr. mme. mlle. sr. sra. sig.
		os as um uma uns umas mas porque quando com sem sob entre até do da dos das no na nos nas ao à meu minha seu sua nosso nossa não
		og men eller som at på til fra med av för och att från till är ett den det`) {
		m[w] = true
	}
	return m
}()

// mostWords bounds the captions of a segment that must be split, and with it
// the time that splitting takes.
const mostWords = 500

// cut says how many words each caption of a segment has, by the least total
// cost.
func (l Limits) cut(units []unit) (counts []int) {
	if l.fits(units) == len(units) {
		return []int{len(units)}
	}
	capacity := l.capacity()
	best := make([]int, len(units)+1) // cost of the first i words
	from := make([]int, len(units)+1) // where the last caption of them begins
	for i := range units {
		f := fitting{Limits: l}
		for j := i; j < min(len(units), i+mostWords) && f.add(&units[j]); j++ {
			cost := best[i] + units[i].cost + oneMore
			if capacity > 0 {
				free := max(0, capacity-f.length)
				cost += allOfFree * free * free / (capacity * capacity)
			}
			if best[j+1] == 0 || cost < best[j+1] {
				best[j+1], from[j+1] = cost, i
			}
		}
	}
	for i := len(units); i > 0; i = from[i] {
		counts = append(counts, i-from[i])
	}
	slices.Reverse(counts)
	return counts
}

// About how many characters a word has, and are said in a second.
const perWord, perSecond = 6, 15

// capacity is about how many characters a full caption has, or 0.
func (l Limits) capacity() int {
	c := l.Characters
	least := func(n int) {
		if n > 0 && (c == 0 || n < c) {
			c = n
		}
	}
	least(l.LineLength * l.Lines)
	least(perWord * l.LineWords * l.Lines)
	least(perWord * l.Words)
	least(int(l.Duration * perSecond / 1000))
	return c
}
