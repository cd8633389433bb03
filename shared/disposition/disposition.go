// Package disposition names what is saved: any text becomes a file name that
// every system can store, and a Content-Disposition that carries it.
package disposition

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a file name, in bytes of UTF-8: most file systems take 255, and
// browsers append " (1)" or ".part".
const (
	maxName      = 200
	maxExtension = 20
)

// Header returns a Content-Disposition of a kind ("inline"; anything
// else is "attachment") with a name made safe: in ASCII for old clients and
// exactly (RFC 6266, appendix D; RFC 8187). The value is ASCII without
// control characters whatever the name is.
func Header(kind, name string) string {
	if kind != "inline" {
		kind = "attachment"
	}
	name = FileName(name)
	return kind + `; filename="` + ascii(name) + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// FileName returns a name that every system can store and that shows what it
// is: no separators, controls or characters that turn the reading direction,
// no hidden or reserved name, at most 200 bytes with the extension kept.
func FileName(name string) string {
	name = strings.Map(safeRune, strings.ToValidUTF8(name, "_"))
	name = shorten(strings.TrimSpace(name))
	name = strings.TrimLeft(name, ". ")
	name = strings.TrimRight(name, ". ")
	if name == "" {
		return "download"
	}
	if reserved(name) {
		return "_" + name
	}
	return name
}

// safeRune drops what cannot be seen and replaces what a system takes for
// syntax. The joiners stay: words of Persian and Hindi, and emoji, need them.
func safeRune(r rune) rune {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch {
	case r == zeroWidthNonJoiner || r == zeroWidthJoiner:
		return r
	case r == utf8.RuneError || strings.ContainsRune(`/\:*?"<>|`, r):
		return '_'
	case unicode.In(r, unicode.Zs):
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return -1
	}
	return r
}

// shorten cuts the stem between two characters and keeps the extension.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > maxExtension {
		ext = ""
	}
	cut := maxName - len(ext)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRight(name[:cut], ". ") + ext
}

// reserved reports whether Windows takes the name for a device, extension or
// not (Microsoft: Naming Files, Paths, and Namespaces).
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// ascii replaces what a quoted string cannot hold, and the percent sign, which
// some browsers decode there.
func ascii(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '%' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
}
