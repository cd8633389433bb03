package lexrank

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/transcript"
)

// sentence is one of a transcript.
type sentence struct {
	text    string
	speaker string
	start   int64 // milliseconds
	words   int
}

// Where speech that has no punctuation ends a sentence.
const (
	pause   = 600 // milliseconds
	least   = 12  // words: what is shorter goes on in the next segment if nobody pauses, as a caption does
	longest = 60  // words
)

// split cuts a transcript into sentences: where one ends, a speaker does, or,
// where nobody wrote full stops, somebody pauses.
func split(t transcript.Transcript, lang string) []sentence {
	c := cutter{lang: lang, stop: stops(lang), pauses: !punctuated(t)}
	for i, seg := range t.Segments {
		if i > 0 && (seg.Speaker != t.Segments[i-1].Speaker || c.pauses && c.now.words >= least) {
			c.end()
		}
		for _, w := range seg.Words {
			if w.Strikethrough {
				continue
			}
			if c.pauses && w.Start-c.last > pause {
				c.end()
			}
			for j, text := range strings.Fields(w.Text) {
				c.add(seg.Speaker, w.Start, text, j > 0 || begins(w.Text))
			}
			c.last = w.End
		}
		c.spaced = true // a segment's end is one
	}
	c.end()
	return c.out
}

// begins reports whether white space stands before a word.
func begins(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

// punctuated reports whether somebody wrote full stops: one in 50 words.
func punctuated(t transcript.Transcript) bool {
	stops, words := 0, 0
	for _, seg := range t.Segments {
		for _, w := range seg.Words {
			words++
			if closes(w.Text) != 0 {
				stops++
			}
		}
	}
	return stops*50 >= words
}

// cutter puts words together until a sentence ends.
type cutter struct {
	lang   string
	stop   map[string]bool
	pauses bool
	now    sentence
	text   strings.Builder
	before string // the word before
	spaced bool   // white space stands before the next, whatever it says
	last   int64
	out    []sentence
}

func (c *cutter) add(speaker string, at int64, word string, spaced bool) {
	spaced = spaced || c.spaced
	c.spaced = false
	if c.now.words > 0 && (c.ends(word, spaced) || c.now.words >= longest && (c.pauses || c.now.words >= 3*longest)) {
		c.end()
	}
	if c.now.words == 0 {
		c.now.speaker, c.now.start = speaker, at
	} else if spaced {
		c.text.WriteByte(' ')
	}
	c.text.WriteString(word)
	c.now.words++
	if strings.Trim(word, closing) != "" {
		c.before = word
	}
}

func (c *cutter) end() {
	if c.now.words > 0 {
		c.now.text = c.text.String()
		c.out = append(c.out, c.now)
	}
	c.now = sentence{}
	c.text.Reset()
}

// closing stands after what ends a sentence, at times as a word of its own.
const closing = `"'”’»“)]`

// closes is the mark that ends a sentence at the end of a word, or 0.
func closes(word string) rune {
	word = strings.TrimRight(strings.TrimRightFunc(word, unicode.IsSpace), closing)
	r, _ := utf8.DecodeLastRuneInString(word)
	if strings.ContainsRune(".!?…。！？｡؟۔।", r) {
		return r
	}
	return 0
}

// ends reports whether the word before ended a sentence, now that the next is
// known.
func (c *cutter) ends(next string, spaced bool) bool {
	mark := closes(c.before)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(next, `"'“‘«¿¡([-–—`))
	switch {
	case mark == 0 || strings.Trim(next, closing) == "":
		return false
	case strings.ContainsRune("。！？｡", mark):
		return true
	case !spaced || unicode.IsLower(first):
		return false
	case mark != '.':
		return true
	}
	stem := strings.TrimLeft(strings.TrimRight(c.before, "."+closing), `"'“‘«([¿¡`)
	return !c.shortened(strings.ToLower(stem), stem, next)
}

// shortened reports whether a full stop belongs to a word, which is an
// abbreviation, initials or a numeral, and ends nothing.
func (c *cutter) shortened(low, word, next string) bool {
	switch {
	case slices.Contains(titles, low):
		return true
	case low == "no" || low == "nr" || low == "p" || low == "fig" || low == "vol" || low == "art" || low == "nº":
		return unicode.IsDigit(rune(next[0]))
	case slices.Contains(ordinals, c.lang) && len(low) <= 2 && strings.Trim(low, "0123456789") == "" && low != "":
		return true
	case utf8.RuneCountInString(word) == 1 && unicode.IsUpper([]rune(word)[0]) && word != "I",
		strings.Contains(low, "."), slices.Contains(abbreviations, low):
		return !c.stop[strings.ToLower(strings.Trim(next, `.,;:!?"'“‘«(`))] // it may end a sentence as well: "at 5 p.m. The"
	}
	return false
}

// titles never end a sentence.
var titles = strings.Fields(`mr mrs ms mx dr prof st ste messrs gen col maj capt cpt lt sgt rev hon gov sen rep pres supt fr hr sr sra srta dra don dña
	ud uds mme mlle mm sig dott avv ing arch dhr mevr drs ir bzw vgl sog bspw évtl evtl ggf inkl zzgl mt ft vs cf approx`)

// abbreviations are others, which stand at the end of one at times.
var abbreviations = strings.Fields(`jr etc inc ltd co corp bros dept est al jan feb mar apr jun jul aug sep sept oct nov dec usw ca mio mrd str abs env ecc enz bijv pág núm
	tel ext min max a.m p.m ph.d`)

// ordinals are the languages that write "3." for "third".
var ordinals = []string{"de", "da", "nb", "nn", "no", "fi", "cs", "sk", "hu", "hr", "sl", "et", "lv", "is", "tr", "pl"}
