package share

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/ident"
)

// A token is one hint character and ident.SecretLength random ones. The hint
// saves the hot path a read: it says how the share was made, and being wrong
// after a change costs one more round trip, nothing else.
const (
	hintCounted = 'c' // made with a limit up to MaxSetLimit: claim first
	hintRead    = 'r' // anything else: read first
)

// NewToken returns a token for a share of this kind and limit, and its Ref.
func NewToken(ids ident.Source, kind Kind, limit int64) (string, Ref) {
	hint := byte(hintRead)
	if kind == Download && limit > 0 && countingFor(limit) == CountSet {
		hint = hintCounted
	}
	token := string(hint) + ids.Secret()
	ref, _ := ParseToken(token)
	return token, ref
}

// ParseToken returns the Ref of anything that has the form of a token.
func ParseToken(token string) (Ref, bool) {
	if token == "" || (token[0] != hintCounted && token[0] != hintRead) || !ident.IsChars(token[1:], ident.SecretLength) {
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return Ref(token[:1] + base64.RawURLEncoding.EncodeToString(sum[:])), true
}

// Claim names one use of a limited share: an id that only the holder of the
// token could have been given, and the moment until which repeating it is
// free. It needs no signature: one that is not among the share's claims is
// worth nothing, and one that is was made here, with its moment in it.
type Claim string

const (
	claimIDLength   = 16 // base64url characters: 96 bits
	attemptRounding = 10 * time.Minute
)

// newClaim derives the claim of a request, so that a write that the SDK
// repeats after a lost answer is the same claim and spends once. Requests of
// one attempt, as the second of a double click is, have one claim too: their
// moments are rounded up. earlier is what it was before the last rounding
// moment, in case the attempt began there.
func newClaim(token string, v Visit, now time.Time) (c, earlier Claim) {
	until := now.Add(RepeatFor)
	if v.Attempt == "" {
		return makeClaim(token, "request\x00"+v.RequestID, until), ""
	}
	until = until.Truncate(attemptRounding).Add(attemptRounding)
	seed := "attempt\x00" + v.Attempt
	return makeClaim(token, seed, until), makeClaim(token, seed, until.Add(-attemptRounding))
}

func makeClaim(token, seed string, until time.Time) Claim {
	sum := sha256.Sum256([]byte(token + "\x00" + seed))
	id := base64.RawURLEncoding.EncodeToString(sum[:])[:claimIDLength]
	return Claim(id + "." + strconv.FormatInt(until.Unix(), 36))
}

// until returns the moment until which repeating c is free; false if c has
// not the form of a claim.
func (c Claim) until() (time.Time, bool) {
	id, until, ok := strings.Cut(string(c), ".")
	if !ok || len(id) != claimIDLength || len(until) > 9 {
		return time.Time{}, false
	}
	sec, err := strconv.ParseInt(until, 36, 64)
	return time.Unix(sec, 0).UTC(), err == nil
}

// live reports whether c has the form of a claim whose moment has not come.
func (c Claim) live(now time.Time) bool {
	until, ok := c.until()
	return ok && now.Before(until)
}

// ErrSealed is of a token that cannot be read again: its key was taken away.
var ErrSealed = errors.New("share: sealed with a key that is gone")
