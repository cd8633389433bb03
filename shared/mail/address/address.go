// Package address reads one e-mail address as a person wrote it. It takes the
// plain form that every mail server takes, and refuses what only some do or
// what could be more than an address: display names, comments, quoted local
// parts, address literals, and characters outside ASCII. SES takes no such
// local part, and a domain in another script must come in its "xn--" form,
// so that no look-alike passes for a name in Latin letters.
package address

import (
	"strings"

	"latchkey/shared/fault"
)

// Limits of RFC 5321, section 4.5.3.1, and RFC 1035, section 2.3.4.
const (
	MaxLocal   = 64
	MaxAddress = 254
	maxLabel   = 63
)

// Parse returns an address without the space around it and with its domain in
// lower case; the local part stays as it is, because its case is the
// receiver's business. It fails with fault.Invalid and a message for the caller.
func Parse(s string) (string, error) {
	s = strings.Trim(s, " \t")
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", invalid("is not an e-mail address")
	}
	local, domain := s[:at], s[at+1:]
	switch {
	case len(s) > MaxAddress || len(local) > MaxLocal:
		return "", invalid("is longer than an e-mail address can be")
	case !ascii(domain):
		return "", invalid("has a domain that is not ASCII: write its xn-- form")
	case !ascii(local):
		return "", invalid("has characters before the @ that are not ASCII")
	case !localPart(local) || !domainName(domain):
		return "", invalid("is not an e-mail address")
	}
	return local + "@" + strings.ToLower(domain), nil
}

func invalid(message string) error { return fault.New(fault.Invalid, "%s", message) }

// localPart reports whether s is a dot-atom (RFC 5322, section 3.2.3).
func localPart(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) }) {
			return false
		}
	}
	return true
}

// domainName reports whether s is a host name with a dot in it and a last
// label that is no number, or "localhost", which is for tests.
func domainName(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	if strings.EqualFold(s, "localhost") {
		return true
	}
	if last == s || strings.Trim(last, "0123456789") == "" {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return !alphanumeric(r) && r != '-' }) {
			return false
		}
	}
	return true
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}
