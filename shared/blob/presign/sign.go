package presign

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// request is what a URL allows, in the words of Signature Version 4.
type request struct {
	method string
	key    string
	query  string // escaped, sorted, and behind every "X-Amz-…"
	header string // "name:value\n", sorted and before "host"
	signed string // their names, each followed by ";"
}

// signer is what one session's signatures of one day have in common. The
// SDK's signer builds maps and parses URLs at every call, four times slower;
// the tests hold this one to the SDK's result.
type signer struct {
	creds      aws.Credentials
	day        string
	credential string // the access key and the scope
	key        []byte
	prefix     string // of the query, up to the date
	token      string // of the query, with the session token
}

// sign returns the URL of a request and the moment at which it is dead.
// (AWS: Authenticating Requests: Using Query Parameters, Signature Version 4.)
func (p *Presigner) sign(ctx context.Context, r request, life, most time.Duration) (string, time.Time, error) {
	if err := checkKey(r.key); err != nil {
		return "", time.Time{}, err
	}
	if life < time.Second || life > most {
		return "", time.Time{}, fmt.Errorf("presign: a life of %v is not between 1s and %v", life, most)
	}
	s, now, expires, err := p.session(ctx, life)
	if err != nil {
		return "", time.Time{}, err
	}
	path := p.path + escape(r.key, true)
	date := now.Format("20060102T150405Z")
	query := s.prefix + date + "&X-Amz-Expires=" + strconv.Itoa(int(life/time.Second)) + s.token +
		"&X-Amz-SignedHeaders=" + escape(r.signed, false) + "host&" + r.query
	canonical := r.method + "\n" + path + "\n" + query + "\n" + r.header + "host:" + p.host + "\n\n" +
		r.signed + "host\nUNSIGNED-PAYLOAD"
	sum := sha256.Sum256([]byte(canonical))
	_, scope, _ := strings.Cut(s.credential, "/")
	signature := mac(s.key, "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hex.EncodeToString(sum[:]))
	return p.Origin() + path + "?" + query + "&X-Amz-Signature=" + hex.EncodeToString(signature), expires, nil
}

// session returns the signer, the moment of signing, in whole seconds as a
// signature has it, and the moment at which what it signs is dead.
func (p *Presigner) session(ctx context.Context, life time.Duration) (*signer, time.Time, time.Time, error) {
	creds, err := p.credentials.Retrieve(ctx)
	if err != nil {
		return nil, time.Time{}, time.Time{}, fmt.Errorf("presign: credentials: %w", err)
	}
	now := p.now().UTC().Truncate(time.Second)
	expires := now.Add(life.Truncate(time.Second))
	if creds.CanExpire && creds.Expires.Before(expires) {
		expires = creds.Expires.UTC()
	}
	return p.signer(creds, now.Format("20060102")), now, expires, nil
}

func (p *Presigner) signer(creds aws.Credentials, day string) *signer {
	if s := p.last.Load(); s != nil && s.day == day && s.creds.AccessKeyID == creds.AccessKeyID &&
		s.creds.SecretAccessKey == creds.SecretAccessKey && s.creds.SessionToken == creds.SessionToken {
		return s
	}
	s := &signer{creds: creds, day: day, credential: creds.AccessKeyID + "/" + day + "/" + p.region + "/s3/aws4_request"}
	s.key = []byte("AWS4" + creds.SecretAccessKey)
	for _, part := range []string{day, p.region, "s3", "aws4_request"} {
		s.key = mac(s.key, part)
	}
	s.prefix = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + escape(s.credential, false) + "&X-Amz-Date="
	if creds.SessionToken != "" {
		s.token = "&X-Amz-Security-Token=" + escape(creds.SessionToken, false)
	}
	p.last.Store(s)
	return s
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
