// Package blob keeps objects in one S3 bucket. What a browser does with S3
// directly is the business of package presign.
//
// It refuses to know what the bytes are, and it keeps no default checksums:
// it is made for a client built from a bare configuration.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"latchkey/shared/fault"
)

// Bucket is one S3 bucket. It is safe for concurrent use. Its methods fail
// with fault.NotFound where an object or upload does not exist, which S3
// tells only to a role that may list the bucket.
type Bucket struct {
	client *s3.Client
	name   string
}

// New returns the bucket with this name.
func New(client *s3.Client, bucket string) *Bucket { return &Bucket{client, bucket} }

// Info is what S3 says about an object.
type Info struct {
	Size        int64 // bytes
	ContentType string
	ETag        string // with its quotes
	SHA256      string // base64, if it was stored with one; of parts together it ends with "-" and their number
}

// PutOptions says what an object is.
type PutOptions struct {
	ContentType     string
	ContentEncoding string // such as "gzip", or ""
	SHA256          string // base64, checked and stored by S3, or ""
}

// Head returns what S3 says about an object.
func (b *Bucket) Head(ctx context.Context, key string) (Info, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return Info{}, wrap("head", err)
	}
	return Info{aws.ToInt64(out.ContentLength), aws.ToString(out.ContentType), aws.ToString(out.ETag), aws.ToString(out.ChecksumSHA256)}, nil
}

// Open returns an object's bytes, as they are stored. The caller closes them.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return nil, Info{}, wrap("open", err)
	}
	return out.Body, Info{aws.ToInt64(out.ContentLength), aws.ToString(out.ContentType), aws.ToString(out.ETag), aws.ToString(out.ChecksumSHA256)}, nil
}

// Peek returns n bytes of an object from an offset on, or as many as there are;
// Conflict if it has not this ETag any more.
func (b *Bucket) Peek(ctx context.Context, key, etag string, offset int64, n int) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &key, IfMatch: &etag, Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+int64(n)-1)),
	})
	if err = wrap("peek", err); err != nil {
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "InvalidRange" { // there is nothing, from there on
			return nil, nil
		}
		return nil, err
	}
	defer out.Body.Close()
	head, err := io.ReadAll(io.LimitReader(out.Body, int64(n)))
	return head, wrap("peek", err)
}

// Put stores an object, in place of one that has the key. A checksum that is
// not the body's is fault.Invalid.
func (b *Bucket) Put(ctx context.Context, key string, body io.ReadSeeker, o PutOptions) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: body, ContentType: some(o.ContentType),
		ContentEncoding: some(o.ContentEncoding), ChecksumSHA256: some(o.SHA256),
	})
	return wrap("put", err)
}

// Copy copies an object with its type, if it still has this ETag; else it is
// fault.Conflict.
func (b *Bucket) Copy(ctx context.Context, from, etag, to string) error {
	source := (&url.URL{Path: b.name + "/" + from}).EscapedPath()
	_, err := b.client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &b.name, Key: &to, CopySource: &source, CopySourceIfMatch: &etag,
	})
	return wrap("copy", err)
}

// Delete removes an object with all its versions. It is no error if there is
// none.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.delete(ctx, key, func(found string) bool { return found == key })
}

// DeleteAll removes every object whose key begins with prefix, with all their
// versions. It is no error if there is none; an empty prefix is refused.
func (b *Bucket) DeleteAll(ctx context.Context, prefix string) error {
	if prefix == "" {
		return errors.New("blob: delete: no prefix")
	}
	return b.delete(ctx, prefix, func(string) bool { return true })
}

// delete goes page by page through versions and delete markers of a bucket
// with versions, or the objects (version "null") of one without, until one
// is not wanted: keys come sorted, those of a longer name last.
func (b *Bucket) delete(ctx context.Context, prefix string, wanted func(key string) bool) error {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return wrap("list", err)
		}
		var ids []types.ObjectIdentifier
		past := false
		add := func(found, version *string) {
			if wanted(*found) {
				ids = append(ids, types.ObjectIdentifier{Key: found, VersionId: version})
			} else {
				past = true
			}
		}
		for _, v := range page.Versions {
			add(v.Key, v.VersionId)
		}
		for _, m := range page.DeleteMarkers {
			add(m.Key, m.VersionId)
		}
		if err := b.deleteObjects(ctx, ids); err != nil || past {
			return err
		}
	}
	return nil
}

// deleteObjects deletes one page, which is at most the 1,000 that S3 takes.
func (b *Bucket) deleteObjects(ctx context.Context, ids []types.ObjectIdentifier) error {
	if len(ids) == 0 {
		return nil
	}
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return wrap("delete", err)
	}
	for _, e := range out.Errors {
		return fmt.Errorf("blob: delete: %d of %d objects: %s: %s", len(out.Errors), len(ids), aws.ToString(e.Code), aws.ToString(e.Message))
	}
	return nil
}

// wrap translates S3's errors: what does not exist, what the caller sent
// wrong, and everything else with a word of context.
func wrap(word string, err error) error {
	if err == nil {
		return nil
	}
	var api smithy.APIError
	code := ""
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	var resp *awshttp.ResponseError
	switch {
	case errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusNotFound && code != "NoSuchBucket":
		return fault.Wrap(fault.NotFound, err, "file not found")
	case code == "PreconditionFailed":
		return fault.Wrap(fault.Conflict, err, "the object was replaced")
	case code == "BadDigest" || code == "XAmzContentChecksumMismatch":
		return fault.Wrap(fault.Invalid, err, "the checksum does not match the content")
	case code == "InvalidPart" || code == "InvalidPartOrder" || code == "EntityTooSmall":
		return fault.Wrap(fault.Invalid, err, "do not make up the upload")
	}
	return fmt.Errorf("blob: %s: %w", word, err)
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
