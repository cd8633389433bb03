package blob

import (
	"bytes"
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// PathStyle makes a client address buckets by path when its endpoint is not
// AWS's own: other servers have no host name for each bucket.
func PathStyle(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

// Files keeps the bytes of files.
type Files struct{ *Bucket }

var _ file.Objects = Files{}

// Head implements file.Objects.
func (f Files) Head(ctx context.Context, key string) (file.Object, error) {
	info, err := f.Bucket.Head(ctx, key)
	return file.Object{Size: info.Size, ContentType: info.ContentType, SHA256: info.SHA256, ETag: info.ETag}, err
}

// Peek implements file.Objects.
func (f Files) Peek(ctx context.Context, key, etag string, offset int64, bytes int) ([]byte, error) {
	return f.Bucket.Peek(ctx, key, etag, offset, bytes)
}

// Put implements file.Objects.
func (f Files) Put(ctx context.Context, key string, body []byte, contentType, sha256 string) error {
	return f.Bucket.Put(ctx, key, bytes.NewReader(body), PutOptions{ContentType: contentType, SHA256: sha256})
}

// CompleteUpload implements file.Objects.
func (f Files) CompleteUpload(ctx context.Context, key, uploadID string, parts []file.Part) error {
	joined := make([]Part, len(parts))
	for i, p := range parts {
		joined[i] = Part{Number: p.Number, ETag: p.ETag}
	}
	return f.Bucket.CompleteUpload(ctx, key, uploadID, joined)
}

// Media is where engines read media from, and keep what is not finished. Its
// other methods are the bucket's.
type Media struct{ *Bucket }

// Open returns an object's bytes. The caller closes them.
func (m Media) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	body, _, err := m.Bucket.Open(ctx, key)
	return body, err
}

// Has tells whether there is an object.
func (m Media) Has(ctx context.Context, key string) (bool, error) {
	_, err := m.Head(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
