package lambdahttp

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// maxAnswer is the largest body, in bytes, that is returned where there is
// another way: in base64 it is little less than Lambda takes.
const maxAnswer = 4_000_000

// Spill keeps an answer that is too large to be returned, with the types and
// name that its header gives it, and returns a URL that leads to it for a
// moment.
type Spill func(ctx context.Context, header http.Header, body []byte) (url string, err error)

// WithSpill answers by a redirect what is larger than 4 MB, after it was
// compressed. Without it, what Lambda does not take is a 500.
func WithSpill(s Spill) Option { return func(f *function) { f.spill = s } }

// large reports whether an answer, encoded as out, has to go another way.
func large(resp events.APIGatewayV2HTTPResponse, out []byte) bool {
	size := len(resp.Body)
	if resp.IsBase64Encoded {
		size = base64.StdEncoding.DecodedLen(size)
	}
	return resp.StatusCode >= 200 && resp.StatusCode < 300 && (size > maxAnswer || len(out) > MaxResponse)
}

// redirect keeps an answer and returns one that leads to it. What asked for
// more than to read gets 303: there is nothing to be asked for again.
func (f *function) redirect(ctx context.Context, method string, resp events.APIGatewayV2HTTPResponse) (events.APIGatewayV2HTTPResponse, error) {
	body := []byte(resp.Body)
	if resp.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(resp.Body); err != nil {
			return resp, err
		}
	}
	header := make(http.Header, len(resp.Headers))
	for name, value := range resp.Headers {
		header.Set(name, value)
	}
	url, err := f.spill(ctx, header, body)
	if err != nil {
		return resp, err
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Disposition", "Etag"} {
		delete(resp.Headers, name)
	}
	resp.Headers["Location"], resp.Headers["Cache-Control"] = url, "no-store"
	resp.StatusCode, resp.Body, resp.IsBase64Encoded = http.StatusFound, "", false
	if method != http.MethodGet {
		resp.StatusCode = http.StatusSeeOther
	}
	return resp, nil
}
