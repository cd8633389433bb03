// Package wording puts names, times and sizes into words for the people who
// receive links, on a page and in a mail. It refuses to escape: what it
// returns is plain text, free of characters that deceive, and whoever writes
// it into HTML escapes it there.
package wording

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Line is s on one line: no control characters, and none that reorder or
// hide text (UTS #36, 3.1 bidirectional spoofing). What would have made a
// difference to the eye becomes U+FFFD, what is merely invisible goes.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return visible(r)
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Text is Line for text of several lines: line breaks stay, but no more than
// one empty line at a time.
func Text(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	lines := strings.Split(s, "\n")
	kept := lines[:0]
	for _, l := range lines {
		l = strings.TrimRightFunc(strings.Map(visible, l), unicode.IsSpace)
		if l != "" || (len(kept) > 0 && kept[len(kept)-1] != "") {
			kept = append(kept, l)
		}
	}
	return strings.TrimRight(strings.Join(kept, "\n"), "\n")
}

func visible(r rune) rune {
	switch {
	case r == '\t':
		return r
	case r == '\u200c' || r == '\u200d': // joiners: Persian and emoji need them
		return r
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // embeddings, overrides, isolates
		return unicode.ReplacementChar
	case unicode.IsControl(r):
		return unicode.ReplacementChar
	case unicode.In(r, unicode.Zl, unicode.Zp):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// Cut is s in at most n characters, its end replaced by an ellipsis.
func Cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return head(runes, n-1) + "…"
}

// tail is what CutName keeps of a name's end: enough for its extension.
const tail = 24

// CutName is s in at most n characters (more than tail), its middle replaced
// by an ellipsis: the end of a file's name says what it is.
func CutName(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	end := runes[len(runes)-tail:]
	for len(end) > 0 && joins(end[0]) {
		end = end[1:]
	}
	return head(runes, n-1-tail) + "…" + string(end)
}

// head is the first n characters, or fewer when the cut would part a letter
// from its accents.
func head(runes []rune, n int) string {
	for n > 0 && (joins(runes[n]) || runes[n-1] == '\u200d') {
		n--
	}
	return strings.TrimRightFunc(string(runes[:n]), unicode.IsSpace)
}

func joins(r rune) bool { return r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me) }

// Last is the last minute at which something works that ends at t, the first
// moment at which it does not: an end at midnight is said as the day before.
func Last(t time.Time) time.Time {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Add(-time.Minute)
	}
	return t
}

// Moment is t in words, in UTC: "28 November 2023, 23:59 UTC".
func Moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// Size is a number of bytes in decimal units: "1 byte", "4.2 MB", "120 GB".
func Size(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	f, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB"}
	// 999.5 and above would be written as 1000 of the smaller unit.
	for len(units) > 1 && f >= 999.5 {
		f, units = f/1000, units[1:]
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %s", f, units[0])
	}
	return fmt.Sprintf("%.0f %s", f, units[0])
}

// Downloads is a number of downloads: "1 download", "1,000 downloads".
func Downloads(n int64) string {
	if n == 1 {
		return "1 download"
	}
	return Number(n) + " downloads"
}

// Number is n, which is not negative, with its thousands set apart.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
