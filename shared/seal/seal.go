// Package seal encrypts the secrets that must be shown again, such as a
// link's token, with keys that can be rotated: AES-256-GCM, each sealed text
// bound to what it belongs to. Other secrets that a deployment needs are
// derived from the same key.
//
// It refuses to store anything and to tell why an opening failed.
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// PlainID is the id of a key that was given as a plain string. To rotate it,
// write it as one of a JSON object's keys under this id.
const PlainID = "plain"

const (
	version   = 1
	minSecret = 32 // characters: more than 190 bits even of letters and digits alone
	maxID     = 32
)

// ErrOpen says that a text was not sealed by these keys for this purpose, or
// was changed since.
var ErrOpen = errors.New("seal: cannot open")

// Source returns the keys, which it may have to fetch first. The result is
// the caller's to use at once and not to keep.
type Source interface {
	Keys(ctx context.Context) (*Keys, error)
}

// Static returns a source of keys that never change.
func Static(k *Keys) Source { return static{k} }

type static struct{ keys *Keys }

func (s static) Keys(context.Context) (*Keys, error) { return s.keys, nil }

// Keys seals with its current key and opens with any. It is safe for
// concurrent use. Its zero value is of no use: see Parse.
type Keys struct {
	current string
	keys    map[string]key
}

type key struct {
	secret string
	aead   cipher.AEAD
}

// Parse reads keys: either a random string of at least 32 characters (as
// CloudFormation's GenerateSecretString makes it), or a JSON object such as
//
//	{"current": "k2", "keys": {"k1": "…", "k2": "…"}}
//
// with ids of at most 32 characters and such strings, for example 32 bytes in
// base64, as values. Its errors name ids, never a key.
func Parse(secret string) (*Keys, error) {
	doc := struct {
		Current string            `json:"current"`
		Keys    map[string]string `json:"keys"`
	}{PlainID, map[string]string{PlainID: secret}}
	if strings.HasPrefix(strings.TrimSpace(secret), "{") {
		doc.Keys = nil
		if json.Unmarshal([]byte(secret), &doc) != nil { // its error would quote the secret
			return nil, errors.New("seal: keys are not valid JSON")
		}
	}
	k := &Keys{current: doc.Current, keys: make(map[string]key, len(doc.Keys))}
	for id, s := range doc.Keys {
		made, err := newKey(id, s)
		if err != nil {
			return nil, err
		}
		k.keys[id] = made
	}
	if _, ok := k.keys[k.current]; !ok {
		return nil, fmt.Errorf("seal: there is no key with the current id %q", k.current)
	}
	return k, nil
}

func newKey(id, secret string) (key, error) {
	if id == "" || len(id) > maxID {
		return key{}, fmt.Errorf("seal: key id %q is not 1 to %d characters", id, maxID)
	}
	if len(secret) < minSecret {
		return key{}, fmt.Errorf("seal: key %q is shorter than %d characters", id, minSecret)
	}
	block, err := aes.NewCipher(derive(secret, "latchkey seal"))
	if err != nil {
		return key{}, fmt.Errorf("seal: key %q: %w", id, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, fmt.Errorf("seal: key %q: %w", id, err)
	}
	return key{secret, aead}, nil
}

// Seal encrypts with the current key. Only Open with the same associated
// text, which is not stored, returns the plaintext. The result is base64url
// without padding, and another one at each call.
func (k *Keys) Seal(plaintext []byte, associated string) string {
	head := append([]byte{version, byte(len(k.current))}, k.current...)
	sealed := k.keys[k.current].aead.Seal(head, nil, plaintext, bind(head, associated))
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// Open decrypts what Seal returned under any of the keys, or fails with ErrOpen.
func (k *Keys) Open(sealed, associated string) ([]byte, error) {
	head, id, box, ok := split(sealed)
	key, known := k.keys[id]
	if !ok || !known || len(box) < key.aead.Overhead() {
		return nil, ErrOpen
	}
	plaintext, err := key.aead.Open(nil, nil, box, bind(head, associated))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// NeedsReseal reports whether a text was sealed by another key than the
// current one. It does not tell whether it can be opened.
func (k *Keys) NeedsReseal(sealed string) bool {
	_, id, _, ok := split(sealed)
	return ok && id != k.current
}

// Derive returns 32 bytes for a purpose of its own, from the current key. They
// change when the current key does, so what they protect must be short-lived.
func (k *Keys) Derive(label string) []byte {
	return derive(k.keys[k.current].secret, "latchkey derive "+label)
}

func derive(secret, info string) []byte {
	b, err := hkdf.Key(sha256.New, []byte(secret), nil, info, 32)
	if err != nil {
		panic(err) // only for more than 255 hashes of output
	}
	return b
}

// bind returns the data that is authenticated but not encrypted.
func bind(head []byte, associated string) []byte {
	return append(append(make([]byte, 0, len(head)+len(associated)), head...), associated...)
}

// split returns the parts of a sealed text: version, length and id of the key
// as they stand there; the id; nonce and ciphertext.
func split(sealed string) (head []byte, id string, box []byte, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || strings.ContainsAny(sealed, "\r\n") || // which the decoder skips
		len(b) < 2 || b[0] != version || len(b) < 2+int(b[1]) {
		return nil, "", nil, false
	}
	n := 2 + int(b[1])
	return b[:n], string(b[2:n]), b[n:], true
}
