package apertium

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A text of several lines goes through Apertium in its own stream format
// (https://wiki.apertium.org/wiki/Apertium_stream_format): what is special is
// escaped, and what stands in brackets is a blank that comes out as it is.
// After each line stands such a blank with its number.

// special is what the format escapes.
const special = `[]{}^$/\@<>`

// ends are what no full stop is put after. Without one, words of two lines
// would be taken for one sentence.
const ends = ".!?"

// encode writes lines, none of which is blank.
func encode(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		for _, r := range line {
			switch {
			case r == '~': // it would have the next word joined to the one before
				b.WriteString("[~]")
				continue
			case strings.ContainsRune(special, r):
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		if !ended(line) {
			b.WriteByte('.')
		}
		b.WriteString("[#" + strconv.Itoa(i) + "]")
	}
	return b.String()
}

func ended(line string) bool {
	return strings.HasSuffix(line, "…") || strings.ContainsRune(ends, rune(line[len(line)-1]))
}

// decode reads what came of lines; false unless it is as many, in order.
func decode(out string, lines []string) ([]string, bool) {
	got := make([]string, 0, len(lines))
	var line strings.Builder
	for i := 0; i < len(out); i++ {
		switch out[i] {
		case '\\':
			if i++; i < len(out) {
				line.WriteByte(out[i])
			}
		case '[':
			blank, _, closed := strings.Cut(out[i+1:], "]")
			number, marked := strings.CutPrefix(blank, "#")
			switch {
			case !closed || marked && number != strconv.Itoa(len(got)) || marked && len(got) == len(lines):
				return nil, false
			case marked:
				got = append(got, tidy(line.String(), lines[len(got)]))
				line.Reset()
			default:
				line.WriteString(blank)
			}
			i += len(blank) + 1
		default:
			line.WriteByte(out[i])
		}
	}
	return got, len(got) == len(lines) && strings.TrimSpace(line.String()) == ""
}

// tidy is what came of a line, without the full stop that was put after it.
func tidy(out, line string) string {
	out = plain(out)
	if !ended(line) {
		out = strings.TrimRightFunc(strings.TrimSuffix(out, "."), unicode.IsSpace)
	}
	return out
}

// plain is a line of valid text without control characters, with single spaces
// and composed letters, which are the ones that dictionaries have.
func plain(line string) string {
	line = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, line)
	return norm.NFC.String(strings.Join(strings.Fields(line), " "))
}

// worded reports whether there is anything in a line to translate.
func worded(line string) bool { return strings.ContainsFunc(line, unicode.IsLetter) }
