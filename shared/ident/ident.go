// Package ident makes identifiers and secrets from an injected clock and
// source of randomness. It refuses to make anything guessable: ids that are
// no secrets (UUIDs) may be ordered by time, tokens are pure randomness.
package ident

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/big"
	"time"
)

// TokenBits is the randomness of a link's token; a sharing token that cannot
// be guessed needs no lock-out that strangers could trigger.
const TokenBits = 160

// SecretLength is the length of Secret's result: 160 bits in base62.
const SecretLength = 27

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Source makes ids. The zero Source uses the real clock and crypto/rand.
type Source struct {
	Now  func() time.Time
	Rand io.Reader
}

// UUID returns a version 7 UUID (RFC 9562): ids made later sort later, to a
// quarter of a microsecond (section 6.2, method 3).
func (s Source) UUID() string {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	var b [16]byte
	s.read(b[8:])
	t := now()
	ms, frac := uint64(t.UnixMilli()), uint16(t.Nanosecond()%1e6*4096/1e6)
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6], b[7] = byte(frac>>8)|0x70, byte(frac)
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Secret returns TokenBits random bits in base62, SecretLength characters.
func (s Source) Secret() string {
	b := make([]byte, TokenBits/8)
	s.read(b)
	n, mod, base := new(big.Int).SetBytes(b), new(big.Int), big.NewInt(62)
	out := make([]byte, SecretLength)
	for i := range out {
		n.DivMod(n, base, mod)
		out[SecretLength-1-i] = base62[mod.Int64()]
	}
	return string(out)
}

// Chars returns n random characters of [0-9A-Za-z], each about 5.95 bits.
func (s Source) Chars(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, n+n/4+8)
	for len(out) < n {
		s.read(buf)
		for _, b := range buf {
			// 248 is the largest multiple of 62 in a byte: the rest is thrown
			// away, so that every character is equally likely.
			if b < 248 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}

// Bytes returns n random bytes.
func (s Source) Bytes(n int) []byte {
	b := make([]byte, n)
	s.read(b)
	return b
}

func (s Source) read(b []byte) {
	r := s.Rand
	if r == nil {
		r = rand.Reader
	}
	if _, err := io.ReadFull(r, b); err != nil {
		// Without randomness nothing this package promises can be kept.
		panic("ident: no randomness: " + err.Error())
	}
}

// ShortLength is the length of Short's result.
const ShortLength = 8

// Short returns ShortLength characters of [0-9A-Za-z] that stand for an id:
// always the same, and made of its SHA-256. Of a thousand ids two have the
// same once in 400 million times: who needs them to differ looks.
func Short(id string) string {
	sum := sha256.Sum256([]byte(id))
	n := binary.BigEndian.Uint64(sum[:8])
	var out [ShortLength]byte
	for i := range out {
		out[i], n = base62[n%62], n/62
	}
	return string(out[:])
}

// IsChars reports whether s consists of n characters as Chars makes them.
func IsChars(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// IsUUID reports whether s has the form of a UUID of any version.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
