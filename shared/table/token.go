package table

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// tokenMAC is the length of a token's authenticator: HMAC-SHA256 cut to 16
// bytes, the shortest that RFC 2104 §5 recommends for this hash.
const tokenMAC = 16

// Position is where a page ended: the last item's key, and for an index also
// the item's sort key in it.
type Position struct {
	Key     Key
	IndexSK string
}

// SealToken returns the page token for what follows pos in q: base64url of
// an authenticator under key and the position. It is bound to the query's
// index, partition, prefix and order, so that it is of no use in another one;
// Limit and Consistent may change from page to page. Engines call it.
func SealToken(key []byte, q Query, pos Position) string {
	b := make([]byte, tokenMAC, tokenMAC+len(pos.Key.PK)+len(pos.Key.SK)+len(pos.IndexSK)+6)
	b = appendField(b, pos.Key.PK)
	b = appendField(b, pos.Key.SK)
	b = appendField(b, pos.IndexSK)
	copy(b, tokenSum(key, q, b[tokenMAC:]))
	return base64.RawURLEncoding.EncodeToString(b)
}

// OpenToken returns the position that q.Token holds, or ErrToken if it was
// not made by SealToken with this key for this query.
func OpenToken(key []byte, q Query) (Position, error) {
	b, err := base64.RawURLEncoding.DecodeString(q.Token)
	// Only the one spelling is ours: the decoder skips line ends and ignores
	// the last character's spare bits.
	if err != nil || len(b) < tokenMAC || base64.RawURLEncoding.EncodeToString(b) != q.Token {
		return Position{}, ErrToken
	}
	payload := b[tokenMAC:]
	if !hmac.Equal(b[:tokenMAC], tokenSum(key, q, payload)) {
		return Position{}, ErrToken
	}
	var fields [3]string
	for i := range fields {
		var ok bool
		if fields[i], payload, ok = cutField(payload); !ok {
			return Position{}, ErrToken
		}
	}
	if len(payload) != 0 {
		return Position{}, ErrToken
	}
	return Position{Key: Key{fields[0], fields[1]}, IndexSK: fields[2]}, nil
}

// tokenSum authenticates a position together with the query it belongs to.
func tokenSum(key []byte, q Query, payload []byte) []byte {
	order := byte('a')
	if q.Descending {
		order = 'd'
	}
	b := append(make([]byte, 0, 64+len(payload)), 1, order) // 1: the format's version
	b = appendField(b, q.Index)
	b = appendField(b, q.PK)
	b = appendField(b, q.Prefix)
	m := hmac.New(sha256.New, key)
	m.Write(append(b, payload...))
	return m.Sum(nil)[:tokenMAC]
}

func appendField(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func cutField(b []byte) (field string, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return "", nil, false
	}
	return string(b[w : w+int(n)]), b[w+int(n):], true
}
