package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"latchkey/shared/fault"
)

// Part is one uploaded part of a multipart upload.
type Part struct {
	Number int    // from 1
	ETag   string // as S3 returned it to the uploader
}

// CreateUpload begins a multipart upload and returns its id. The holder of
// presigned part URLs uploads; nothing is visible until CompleteUpload.
func (b *Bucket) CreateUpload(ctx context.Context, key, contentType string) (string, error) {
	out, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &b.name, Key: &key, ContentType: some(contentType)})
	if err != nil {
		return "", wrap("upload", err)
	}
	return aws.ToString(out.UploadId), nil
}

// streamPart is the size of the parts of a stream, one of which is in memory:
// 10,000 of them are more than any object that is streamed.
const streamPart = 16 << 20

// Stream stores an object of what is read, of any length, in parts if there
// is more than fits into one. A reader that fails leaves nothing.
func (b *Bucket) Stream(ctx context.Context, key string, from io.Reader) error {
	part := make([]byte, streamPart)
	n, err := io.ReadFull(from, part)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return b.Put(ctx, key, bytes.NewReader(part[:n]), PutOptions{})
	}
	if err != nil {
		return err
	}
	id, err := b.CreateUpload(ctx, key, "")
	if err != nil {
		return err
	}
	parts, err := b.stream(ctx, key, id, part, from)
	if err == nil {
		err = b.CompleteUpload(ctx, key, id, parts)
	}
	if err != nil { // also when ctx has ended
		err = errors.Join(err, b.AbortUpload(context.WithoutCancel(ctx), key, id))
	}
	return err
}

// stream uploads the parts, of which the first has been read.
func (b *Bucket) stream(ctx context.Context, key, id string, part []byte, from io.Reader) (parts []Part, err error) {
	for n := len(part); n > 0; {
		number := int32(len(parts) + 1)
		out, err := b.client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &b.name, Key: &key, UploadId: &id, PartNumber: &number, Body: bytes.NewReader(part[:n]),
		})
		if err != nil {
			return nil, wrap("part", err)
		}
		parts = append(parts, Part{int(number), aws.ToString(out.ETag)})
		if n, err = io.ReadFull(from, part); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, err
		}
	}
	return parts, nil
}

// CompleteUpload makes the parts one object, in the order of their numbers.
// Parts that S3 does not have, or that are too small, are fault.Invalid; an
// upload that is completed or aborted is fault.NotFound, and Head tells which.
func (b *Bucket) CompleteUpload(ctx context.Context, key, uploadID string, parts []Part) error {
	done := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		done[i] = types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: aws.String(p.ETag)}
	}
	slices.SortFunc(done, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) })
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &key, UploadId: &uploadID, MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
	})
	return wrap("complete", err)
}

// AbortUpload drops an upload and its parts. It is no error if there is none.
func (b *Bucket) AbortUpload(ctx context.Context, key, uploadID string) error {
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: &key, UploadId: &uploadID})
	if err = wrap("abort", err); fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
