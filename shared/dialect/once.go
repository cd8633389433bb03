package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// OnceHeader makes a POST idempotent (draft-ietf-httpapi-idempotency-key).
const OnceHeader = "Idempotency-Key"

// Once is a request's Idempotency-Key before it is known whose it is.
type Once struct {
	key    string // "" if there is none
	digest string
}

// By returns what the domain takes. The keys of different users, or links, are
// different.
func (o Once) By(user string) account.Once {
	if o.key == "" {
		return account.Once{}
	}
	return account.Once{Key: user + "\x00" + o.key, Digest: o.digest}
}

// Item returns the Once of one item of a request that makes several things.
func (o Once) Item(i int) Once {
	if o.key != "" {
		o.key += "\x00" + strconv.Itoa(i)
	}
	return o
}

// ReadOnce reads the header. parts are what the request says, in pieces that
// mean the same whenever it is repeated.
func ReadOnce(r *http.Request, parts ...string) (Once, error) {
	values := r.Header.Values(OnceHeader)
	if len(values) == 0 {
		return Once{}, nil
	}
	if len(values) > 1 || !Visible(values[0]) {
		return Once{}, fault.Field(fault.Invalid, OnceHeader, "must be 1 to 255 visible ASCII characters")
	}
	h := sha256.New()
	for _, part := range append([]string{r.Method, r.URL.Path}, parts...) {
		// The length first, so that no two lists of parts run together.
		_, _ = io.WriteString(h, strconv.Itoa(len(part))+":"+part) // a hash does not fail
	}
	return Once{key: r.Pattern + "\x00" + values[0], digest: hex.EncodeToString(h.Sum(nil))}, nil
}

// ReadPost reads a POST of one JSON object of at most limit bytes, and its
// Idempotency-Key. Bodies that say the same are the same.
func ReadPost(r *http.Request, limit int64) (Object, Once, error) {
	body, err := ReadBody(r, limit)
	if err != nil {
		return nil, Once{}, err
	}
	o, err := ParseObject(body)
	if err != nil || len(r.Header.Values(OnceHeader)) == 0 {
		return o, Once{}, err
	}
	said, err := json.Marshal(o) // in the order of the names
	if err != nil {
		return nil, Once{}, fault.Wrap(fault.Malformed, err, "the request body could not be read")
	}
	once, err := ReadOnce(r, string(said))
	return o, once, err
}

// Visible reports whether s is 1 to 255 visible ASCII characters.
func Visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 255
}
