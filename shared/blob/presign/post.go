package presign

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// MaxPost is the largest object that one form may upload (S3's limit for a
// single request).
const MaxPost = 5 << 30

// PostOptions says what a form may upload.
type PostOptions struct {
	ContentType string        // required; the form's Content-Type field must be this
	Min, Max    int64         // bytes, both included; at most MaxPost
	SHA256      string        // base64 of the object's SHA-256, or ""
	Life        time.Duration // 0: UploadLife
}

// Post returns the address and the fields of a form that uploads one object
// (multipart/form-data, the fields first, the file last in a field "file"),
// and the moment at which it is dead. S3 itself refuses another key, type,
// size or checksum.
// (S3 API reference: Browser-Based Uploads Using POST, Signature Version 4.)
func (p *Presigner) Post(ctx context.Context, key string, o PostOptions) (string, map[string]string, time.Time, error) {
	fail := func(err error) (string, map[string]string, time.Time, error) { return "", nil, time.Time{}, err }
	o.Life = orElse(o.Life, UploadLife)
	if err := errors.Join(checkKey(key), o.check()); err != nil {
		return fail(err)
	}
	signer, now, expires, err := p.session(ctx, o.Life)
	if err != nil {
		return fail(err)
	}
	fields := signer.fields(key, o, now)
	policy, err := json.Marshal(map[string]any{
		"expiration": expires.Format(time.RFC3339),
		"conditions": p.conditions(fields, o),
	})
	if err != nil {
		return fail(fmt.Errorf("presign: policy: %w", err))
	}
	fields["policy"] = base64.StdEncoding.EncodeToString(policy)
	fields["x-amz-signature"] = hex.EncodeToString(mac(signer.key, fields["policy"]))
	return p.Origin() + strings.TrimSuffix(p.path, "/"), fields, expires, nil
}

func (o PostOptions) check() error {
	switch sum, err := base64.StdEncoding.DecodeString(o.SHA256); {
	case o.ContentType == "":
		return errors.New("presign: post: a type is required")
	case o.Min < 0 || o.Max < o.Min || o.Max > MaxPost:
		return fmt.Errorf("presign: post: a size from %d to %d is not allowed", o.Min, o.Max)
	case o.SHA256 != "" && (err != nil || len(sum) != sha256.Size):
		return errors.New("presign: post: the checksum is not base64 of 32 bytes")
	case o.Life < time.Second || o.Life > MaxUploadLife:
		return fmt.Errorf("presign: post: a life of %v is not allowed", o.Life)
	}
	return nil
}

// fields returns the form's fields, but for the policy and its signature.
func (s *signer) fields(key string, o PostOptions, now time.Time) map[string]string {
	f := map[string]string{
		"key":              key,
		"Content-Type":     o.ContentType,
		"x-amz-algorithm":  "AWS4-HMAC-SHA256",
		"x-amz-credential": s.credential,
		"x-amz-date":       now.Format("20060102T150405Z"),
	}
	if s.creds.SessionToken != "" {
		f["x-amz-security-token"] = s.creds.SessionToken
	}
	if o.SHA256 != "" {
		f["x-amz-checksum-algorithm"] = "SHA256"
		f["x-amz-checksum-sha256"] = o.SHA256
	}
	return f
}

// conditions repeats every field as an exact match: a field without a
// condition would be refused, a condition without a field fails.
func (p *Presigner) conditions(fields map[string]string, o PostOptions) []any {
	c := []any{
		map[string]string{"bucket": p.bucket},
		[]any{"content-length-range", o.Min, o.Max},
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c = append(c, map[string]string{name: fields[name]})
	}
	return c
}
