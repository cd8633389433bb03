package s3

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// watch is a storage that reports the objects made through it.
type watch struct {
	backend.Backend
	created func(Created)
	objects string // the folder of the buckets
}

// PutObject stores a PUT's or a form's body and reports it.
func (w *watch) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if err := w.pin(in.Bucket, in.Key); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	out, err := w.Backend.PutObject(ctx, in)
	if err == nil {
		w.report(ctx, in.Bucket, in.Key, putReason(ctx))
	}
	return out, err
}

// CopyObject copies and reports the copy.
func (w *watch) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	if err := w.pin(in.Bucket, in.Key); err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	out, err := w.Backend.CopyObject(ctx, in)
	if err == nil {
		w.report(ctx, in.Bucket, in.Key, "CopyObject")
	}
	return out, err
}

// CompleteMultipartUpload joins the parts and reports the whole.
func (w *watch) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	out, version, err := w.Backend.CompleteMultipartUpload(ctx, in)
	if err == nil {
		w.report(ctx, in.Bucket, in.Key, "CompleteMultipartUpload")
	}
	return out, version, err
}

// pinned is a folder that keeps its parent from being empty. It is no object.
const pinned = ".folder"

// pin has the folder of an organization stay: versitygw removes a folder with
// its last object, and refuses what is stored there meanwhile.
func (w *watch) pin(bucket, key *string) error {
	parts := strings.SplitN(aws.ToString(key), "/", 3)
	if len(parts) < 3 || !filepath.IsLocal(*key) {
		return nil
	}
	return os.MkdirAll(filepath.Join(w.objects, aws.ToString(bucket), parts[0], parts[1], pinned), 0o700)
}

// report asks the storage what is there now rather than trusting the request:
// an object deleted in between is not reported, one replaced in between is
// reported as it is (S3's own events may come late and out of order, too).
func (w *watch) report(ctx context.Context, bucket, key *string, reason string) {
	if w.created == nil {
		return
	}
	head, err := w.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return
	}
	w.created(Created{
		// Cloned: the server's strings lie in a buffer that the next request
		// writes over.
		Bucket: strings.Clone(aws.ToString(bucket)),
		Key:    strings.Clone(aws.ToString(key)),
		Size:   aws.ToInt64(head.ContentLength),
		ETag:   strings.Trim(aws.ToString(head.ETag), `"`),
		Reason: reason,
	})
}

// putReason tells a form from a PUT: both arrive as PutObject, with the
// request as the context.
func putReason(ctx context.Context) string {
	if r, ok := ctx.(interface{ IsPost() bool }); ok && r.IsPost() {
		return "POST Object"
	}
	return "PutObject"
}
