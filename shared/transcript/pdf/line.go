package pdf

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// span is text in one style.
type span struct {
	text  string
	style style
}

// letter is one character of a paragraph, as the font has it.
type letter struct {
	rune  rune
	style style
}

// lines breaks a paragraph at its white space, or where a word is wider than
// the page, and at its line breaks.
func (p *printer) lines(letters []letter) (lines [][]letter) {
	var line []letter
	width, space := 0.0, -1 // of the line, and its last place to break at
	for _, l := range letters {
		if l.rune == '\n' {
			lines = append(lines, trimmed(line))
			line, width, space = nil, 0, -1
			continue
		}
		if l.rune == ' ' {
			if len(line) == 0 {
				continue
			}
			space = len(line)
		}
		line = append(line, l)
		width += p.width(string(l.rune), l.style)
		// Twice, where what is left of the last place to break is too wide itself.
		for width > textWidth && l.rune != ' ' && len(line) > 1 {
			at := space
			if at < 0 {
				at = len(line) - 1
			}
			rest := slices.Clone(line[at:])
			lines = append(lines, trimmed(line[:at]))
			line, space = skipSpace(rest), -1
			width = 0
			for _, l := range line {
				width += p.width(string(l.rune), l.style)
			}
		}
	}
	if line = trimmed(line); len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}

func trimmed(line []letter) []letter {
	for len(line) > 0 && line[len(line)-1].rune == ' ' {
		line = line[:len(line)-1]
	}
	return line
}

func skipSpace(line []letter) []letter {
	for len(line) > 0 && line[0].rune == ' ' {
		line = line[1:]
	}
	return line
}

// visual puts the letters of one line into the order in which they are seen.
func visual(line []letter, right bool) []letter {
	if !right && !slices.ContainsFunc(line, func(l letter) bool { return backward(l.rune) }) {
		return line
	}
	var text strings.Builder
	for _, l := range line {
		text.WriteRune(l.rune)
	}
	direction := bidi.LeftToRight
	if right {
		direction = bidi.RightToLeft
	}
	var p bidi.Paragraph
	if _, err := p.SetString(text.String(), bidi.DefaultDirection(direction)); err != nil {
		return line
	}
	order, err := p.Order()
	if err != nil {
		return line
	}
	var runs []run
	for i := range order.NumRuns() {
		r := order.Run(i)
		first, last := r.Pos() // of characters, whatever its documentation means
		piece, fromRight := slices.Clone(line[first:last+1]), r.Direction() == bidi.RightToLeft
		if len(runs) > 0 && !fromRight {
			// A number after what is read from the right belongs to it. The package
			// gives it together with what comes after it.
			n := number(piece)
			if n > 0 && n < len(piece) {
				runs, piece = append(runs, run{piece[:n], false, true}), piece[n:]
			}
			runs = append(runs, run{piece, false, n == len(piece)})
			continue
		}
		runs = append(runs, run{piece, fromRight, false})
	}
	arrange(runs, right)
	out := make([]letter, 0, len(line))
	for _, r := range runs {
		if r.right {
			r.letters = reversed(r.letters)
		}
		out = append(out, r.letters...)
	}
	return out
}

// run is a piece of a line that has one direction.
type run struct {
	letters []letter
	right   bool
	number  bool
}

// number is how many letters at the beginning are a number: digits, and what
// stands between two of them, as in 1,000 or 12:05.
func number(letters []letter) (n int) {
	for i, l := range letters {
		switch p, _ := bidi.LookupRune(l.rune); p.Class() {
		case bidi.EN, bidi.AN:
			n = i + 1
		case bidi.CS, bidi.ES:
			if n != i {
				return n
			}
		default:
			return n
		}
	}
	return n
}

// reversed are letters from the last to the first, brackets as they look from
// the other side. A sign above or below a letter comes before it then, which is
// where the font's own have their place.
func reversed(letters []letter) []letter {
	slices.Reverse(letters)
	for i := range letters {
		letters[i].rune = mirrored(letters[i].rune)
	}
	return letters
}

// arrange puts runs, which come as they are read, into the order in which
// they are seen (Unicode Bidirectional Algorithm, L2): all from the right, or
// those that stand together, with their numbers.
func arrange(runs []run, right bool) {
	if right {
		slices.Reverse(runs)
		return
	}
	for i := 0; i < len(runs); i++ {
		end := i
		for j := i; j < len(runs) && (runs[j].right || j > i && (runs[j].number || !runs[j].strong())); j++ {
			if runs[j].right || runs[j].number {
				end = j + 1
			}
		}
		if end > i && runs[i].right {
			slices.Reverse(runs[i:end])
			i = end - 1
		}
	}
}

// strong reports whether a run has a letter that is read from the left.
func (r run) strong() bool {
	return slices.ContainsFunc(r.letters, func(l letter) bool {
		p, _ := bidi.LookupRune(l.rune)
		return p.Class() == bidi.L
	})
}

func backward(r rune) bool {
	p, _ := bidi.LookupRune(r)
	c := p.Class()
	return c == bidi.R || c == bidi.AL || c == bidi.AN
}

// mirrored is what a bracket looks like from the other side.
func mirrored(r rune) rune {
	if p, _ := bidi.LookupRune(r); p.IsBracket() {
		return []rune(bidi.ReverseString(string(r)))[0]
	}
	return r
}

// together joins letters of one style.
func together(letters []letter) (runs []span) {
	for len(letters) > 0 {
		n := slices.IndexFunc(letters, func(l letter) bool { return l.style != letters[0].style })
		if n < 0 {
			n = len(letters)
		}
		var b strings.Builder
		for _, l := range letters[:n] {
			b.WriteRune(l.rune)
		}
		runs = append(runs, span{b.String(), letters[0].style})
		letters = letters[n:]
	}
	return runs
}

// plain makes all white space spaces and line breaks, and leaves out what is
// not to be seen.
func plain(r rune) (rune, bool) {
	switch {
	case r == '\n' || r == '\u2028' || r == '\u2029':
		return '\n', true
	case unicode.IsSpace(r):
		return ' ', true
	case r == joiner || r == nonJoiner: // for shaped
		return r, true
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
		return 0, false
	}
	return r, true
}
