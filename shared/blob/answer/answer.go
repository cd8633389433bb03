// Package answer keeps answers that are too large for Lambda in the bucket,
// for as long as it takes to follow a redirect. The bucket throws them away
// after a day. It refuses to know what they say and who may read them: their
// keys are secrets.
package answer

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"

	"latchkey/shared/blob"
	"latchkey/shared/blob/presign"
	"latchkey/shared/ident"
)

// Prefix is where they lie.
const Prefix = "answers/"

// Keeper keeps answers in a bucket.
type Keeper struct {
	Bucket  *blob.Bucket
	Presign *presign.Presigner
	IDs     ident.Source
}

// Keep stores a body with the types of its header and returns a presigned URL
// of it, which lives presign.DownloadLife and saves it under the name that the
// header gives it.
func (k Keeper) Keep(ctx context.Context, header http.Header, body []byte) (string, error) {
	key := Prefix + k.IDs.Secret()
	err := k.Bucket.Put(ctx, key, bytes.NewReader(body), blob.PutOptions{
		ContentType: header.Get("Content-Type"), ContentEncoding: header.Get("Content-Encoding"),
	})
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	// An answer that is not to be saved has no name, and is one in JSON.
	name := "answer.json"
	if _, params, err := mime.ParseMediaType(header.Get("Content-Disposition")); err == nil {
		name = params["filename"]
	}
	url, _, err := k.Presign.Get(ctx, key, presign.GetOptions{FileName: name, ContentType: header.Get("Content-Type")})
	return url, err
}
