package latchkey

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// onceHeader makes a POST idempotent (draft-ietf-httpapi-idempotency-key).
const onceHeader = "Idempotency-Key"

// once is a request's Idempotency-Key before it is known whose it is.
type once struct {
	key    string // "" if there is none
	digest string
}

// by returns what the domain takes: keys of different users are different.
func (o once) by(who account.Principal) account.Once {
	if o.key == "" {
		return account.Once{}
	}
	return account.Once{Key: who.User + "\x00" + o.key, Digest: o.digest}
}

// item returns the once of one item of a request that makes several things.
func (o once) item(i int) once {
	if o.key != "" {
		o.key += "\x00" + strconv.Itoa(i)
	}
	return o
}

// readOnce reads the header. parts are what the request says, in pieces that
// mean the same whenever it is repeated.
func readOnce(r *http.Request, parts ...string) (once, error) {
	values := r.Header.Values(onceHeader)
	if len(values) == 0 {
		return once{}, nil
	}
	if len(values) > 1 || !visible(values[0]) {
		return once{}, fault.Field(fault.Invalid, onceHeader, "must be 1 to 255 visible ASCII characters")
	}
	h := sha256.New()
	for _, part := range append([]string{r.Method, r.URL.Path}, parts...) {
		// The length first, so that no two lists of parts run together.
		_, _ = io.WriteString(h, strconv.Itoa(len(part))+":"+part) // a hash does not fail
	}
	return once{key: r.Pattern + "\x00" + values[0], digest: hex.EncodeToString(h.Sum(nil))}, nil
}

// visible reports whether s is 1 to 255 visible ASCII characters.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 255
}

// readPost reads a POST of JSON.
func readPost(r *http.Request) (dialect.Object, once, error) {
	if _, err := query(r); err != nil {
		return nil, once{}, err
	}
	body, err := dialect.ReadBody(r, file.MaxBodyBytes)
	if err != nil {
		return nil, once{}, err
	}
	o, err := dialect.ParseObject(body)
	if err != nil {
		return nil, once{}, err
	}
	key, err := readOnce(r, string(body))
	return o, key, err
}
