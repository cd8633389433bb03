// Package password keeps passwords as argon2id hashes. It refuses to know
// whose they are, and to give any back.
package password

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// How long a password is, in characters of its NFC (RFC 8265, section 4.2.2);
// nothing else is asked of one (NIST SP 800-63B-4, section 3.1.1.2).
const (
	MinLength = 10
	MaxLength = 200
)

// Cost is what computing a hash costs.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8
}

// least is the least that OWASP's "Password Storage Cheat Sheet" recommends of
// argon2id. It fits a function of 512 MB beside what else that does, and
// bounds what a stranger can make it compute.
var least = Cost{Memory: 19 << 10, Time: 2, Threads: 1}

const (
	saltLength = 16 // bytes, as RFC 9106, section 3.1, recommends
	hashLength = 32 // bytes
)

// Argon2id is RFC 9106's function of passwords. The zero value is good.
type Argon2id struct {
	Cost Cost // of new hashes; zero is OWASP's minimum. Older ones are checked at theirs
	IDs  ident.Source

	derive func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte // nil is argon2.IDKey
}

var _ account.Passwords = Argon2id{}

// Hash implements account.Passwords. What is kept has all that checking needs,
// in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func (a Argon2id) Hash(password string) (string, error) {
	n := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case password == "":
		return "", fault.Field(fault.Missing, "password", "is missing")
	case !utf8.ValidString(password):
		return "", fault.Field(fault.Invalid, "password", "is not valid UTF-8")
	case n < MinLength:
		return "", fault.Field(fault.Invalid, "password", "is shorter than %d characters", MinLength)
	case n > MaxLength:
		return "", fault.Field(fault.Invalid, "password", "is longer than %d characters", MaxLength)
	}
	salt := a.IDs.Bytes(saltLength)
	return a.prefix() + b64(salt) + "$" + b64(a.hash(password, salt, a.cost())), nil
}

// Check implements account.Passwords. It computes one hash whatever is kept.
func (a Argon2id) Check(password, kept string) (same, weak bool) {
	k, err := parse(kept)
	if err != nil {
		k = hashed{a.cost(), make([]byte, saltLength), make([]byte, hashLength)}
	}
	same = subtle.ConstantTimeCompare(a.hash(password, k.salt, k.cost), k.hash) == 1 && err == nil
	return same, same && !strings.HasPrefix(kept, a.prefix())
}

func (a Argon2id) cost() Cost {
	if a.Cost == (Cost{}) {
		return least
	}
	return a.Cost
}

func (a Argon2id) hash(password string, salt []byte, c Cost) []byte {
	derive := a.derive
	if derive == nil {
		derive = argon2.IDKey
	}
	return derive([]byte(norm.NFC.String(password)), salt, c.Time, c.Memory, c.Threads, hashLength)
}

// prefix is how hashes of today's cost begin.
func (a Argon2id) prefix() string {
	c := a.cost()
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.Memory, c.Time, c.Threads)
}

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// hashed is what is kept of a password, read.
type hashed struct {
	cost       Cost
	salt, hash []byte
}

var errKept = errors.New("password: not what Hash returns")

func parse(kept string) (k hashed, err error) {
	part := strings.Split(kept, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return k, errKept
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &k.cost.Memory, &k.cost.Time, &k.cost.Threads); err != nil {
		return k, errKept
	}
	var errSalt, errHash error
	k.salt, errSalt = base64.RawStdEncoding.DecodeString(part[4])
	k.hash, errHash = base64.RawStdEncoding.DecodeString(part[5])
	if errSalt != nil || errHash != nil || len(k.hash) != hashLength || k.cost.Time == 0 || k.cost.Threads == 0 {
		return k, errKept
	}
	return k, nil
}
