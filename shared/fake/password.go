package fake

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// Passwords hashes passwords for tests that have no time for argon2id. It
// implements account.Passwords.
type Passwords struct {
	Hashes   atomic.Int64 // how often a hash was computed
	Stronger atomic.Bool  // what was kept before it was set is weak
}

var _ account.Passwords = (*Passwords)(nil)

func (p *Passwords) hash(password, how string) string {
	p.Hashes.Add(1)
	return fmt.Sprintf("%s$%x", how, sha256.Sum256([]byte(how+password)))
}

func (p *Passwords) how() string {
	if p.Stronger.Load() {
		return "strong"
	}
	return "weak"
}

// Hash implements account.Passwords.
func (p *Passwords) Hash(password string) (string, error) {
	if utf8.RuneCountInString(password) < 10 {
		return "", fault.Field(fault.Invalid, "password", "is shorter than 10 characters")
	}
	return p.hash(password, p.how()), nil
}

// Check implements account.Passwords.
func (p *Passwords) Check(password, kept string) (same, weak bool) {
	how, _, _ := strings.Cut(kept, "$")
	same = p.hash(password, how) == kept
	return same, same && how != p.how()
}
