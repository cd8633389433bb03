// Package presign makes presigned S3 requests: downloads whose type and
// disposition are forced, and uploads whose key, type and size are. It makes
// no network call and imports no S3 client, so that the function that follows
// links stays small.
//
// It refuses to decide who may have a URL. A URL cannot be revoked; it dies
// by its life, or earlier with the session of the credentials that signed it.
package presign

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// How long the URLs live. The bucket's policy denies presigned downloads
// older than MaxGetLife (s3:signatureAge), whatever they say themselves.
const (
	DownloadLife  = 60 * time.Second
	PlaybackLife  = 15 * time.Minute
	MaxGetLife    = 15 * time.Minute
	UploadLife    = time.Hour
	MaxUploadLife = 7 * 24 * time.Hour // Signature Version 4's own limit
)

const maxKey = 1024 // bytes of an S3 key

// Config says whose bucket it is and who signs.
type Config struct {
	Bucket      string
	Region      string
	Endpoint    string                  // "http://host:port" of an S3 with path-style addresses; empty for AWS
	Credentials aws.CredentialsProvider // asked at every call; wrap it in an aws.CredentialsCache
	Now         func() time.Time        // nil: time.Now
}

// Presigner signs requests for one bucket. It is safe for concurrent use.
type Presigner struct {
	bucket, region string
	scheme, host   string
	path           string // escaped, before the key; ends with "/"
	credentials    aws.CredentialsProvider
	now            func() time.Time
	last           atomic.Pointer[signer] // the latest, for as long as it fits
}

// New returns a Presigner, or an error that names what is missing.
func New(c Config) (*Presigner, error) {
	if c.Bucket == "" || c.Region == "" || c.Credentials == nil {
		return nil, errors.New("presign: bucket, region and credentials are required")
	}
	p := &Presigner{
		bucket: c.Bucket, region: c.Region, credentials: c.Credentials, now: c.Now,
		scheme: "https", host: c.Bucket + ".s3." + c.Region + ".amazonaws.com", path: "/",
	}
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("presign: endpoint %q is not http(s)://host", c.Endpoint)
		}
		p.scheme, p.host, p.path = u.Scheme, u.Host, escape(strings.TrimSuffix(u.Path, "/")+"/"+c.Bucket+"/", true)
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p, nil
}

// Origin returns the scheme and host of every URL, for a page's
// Content-Security-Policy.
func (p *Presigner) Origin() string { return p.scheme + "://" + p.host }

// Put returns a URL to which the holder can PUT one object of exactly this
// type and size in bytes. The request must carry both as Content-Type and
// Content-Length. No life means UploadLife.
func (p *Presigner) Put(ctx context.Context, key, contentType string, size int64, life time.Duration) (string, time.Time, error) {
	if contentType == "" || contentType != strings.TrimSpace(contentType) || strings.ContainsAny(contentType, "\r\n") || size < 0 {
		return "", time.Time{}, errors.New("presign: put: a type and a size are required")
	}
	header := "content-length:" + strconv.FormatInt(size, 10) + "\ncontent-type:" + contentType + "\n"
	r := request{method: http.MethodPut, key: key, query: "x-id=PutObject", header: header, signed: "content-length;content-type;"}
	return p.sign(ctx, r, orElse(life, UploadLife), MaxUploadLife)
}

// Any returns a URL to which the holder can PUT one object of any type and
// size. Only the host is signed: the request may carry any header.
func (p *Presigner) Any(ctx context.Context, key string, life time.Duration) (string, time.Time, error) {
	return p.sign(ctx, request{method: http.MethodPut, key: key, query: "x-id=PutObject"}, orElse(life, UploadLife), MaxUploadLife)
}

// Part returns a URL to which the holder can PUT one part (1 to 10,000) of a
// multipart upload. No life means UploadLife.
func (p *Presigner) Part(ctx context.Context, key, uploadID string, number int, life time.Duration) (string, time.Time, error) {
	if uploadID == "" || number < 1 || number > 10_000 {
		return "", time.Time{}, errors.New("presign: part: an upload id and a number from 1 to 10000 are required")
	}
	query := "partNumber=" + strconv.Itoa(number) + "&uploadId=" + escape(uploadID, false) + "&x-id=UploadPart"
	return p.sign(ctx, request{method: http.MethodPut, key: key, query: query}, orElse(life, UploadLife), MaxUploadLife)
}

// checkKey refuses keys that S3 does not take, and "${filename}", which a
// form's S3 replaces by whatever the browser sends.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || strings.Contains(key, "${filename}") {
		return fmt.Errorf("presign: a key of %d bytes is not allowed", len(key))
	}
	return nil
}

func orElse(life, otherwise time.Duration) time.Duration {
	if life == 0 {
		return otherwise
	}
	return life
}

// escape percent-encodes as Signature Version 4 wants it: everything but the
// unreserved characters of RFC 3986, and in a path not the slash.
func escape(s string, path bool) string {
	const hex = "0123456789ABCDEF"
	n := 0
	for i := 0; i < len(s); i++ {
		if !unreserved(s[i], path) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := 0; i < len(s); i++ {
		if c := s[i]; unreserved(c, path) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func unreserved(c byte, path bool) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~' || (path && c == '/')
}
