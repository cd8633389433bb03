// Package address reads one email address, as people type it into a form.
// It refuses display names, comments, quoted local parts and anything that
// could end a header line; what it takes can be put into any mail.
package address

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 5321, section 4.5.3.1.
const (
	maxLocal   = 64
	maxDomain  = 255
	maxAddress = 254
	maxLabel   = 63
)

// ErrInvalid is what is not an address.
var ErrInvalid = errors.New("not a valid email address")

// localChars are the characters besides letters and digits that a local part
// may have without quotes (RFC 5322, atext).
const localChars = "!#$%&'*+-/=?^_`{|}~"

// Parse returns the address without surrounding space and with its domain in
// lower case; the local part stays as it is, since only its own server knows
// whether case matters there. A domain of other scripts must come in its
// ASCII form ("xn--…"): two that look alike then do not look alike.
func Parse(s string) (string, error) {
	s = strings.TrimSpace(s)
	local, domain, ok := cutLast(s)
	if !ok || len(s) > maxAddress || !validLocal(local) || !validDomain(domain) {
		return "", ErrInvalid
	}
	return local + "@" + strings.ToLower(domain), nil
}

func cutLast(s string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// validLocal takes dot-separated atoms; letters and digits of any script
// (RFC 6531), since mail servers have such users.
func validLocal(s string) bool {
	if s == "" || len(s) > maxLocal || !utf8.ValidString(s) || strings.Contains(s, "..") || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for _, r := range s {
		if r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(localChars, r) {
			return false
		}
	}
	return true
}

// validDomain takes two labels or more of ASCII letters, digits and inner
// hyphens, the last not all digits.
func validDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(s) > maxDomain || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > maxLabel || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notLabel) {
			return false
		}
	}
	return strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter)
}

func notLabel(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}
