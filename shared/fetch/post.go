package fetch

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// Post sends JSON to a URL, by the rules of Get, and returns the status of the
// answer and its Retry-After. It follows no redirect, which is an answer like
// others, and reads nothing of what comes with the answer. A host that does
// not exist may come back: it is Unavailable.
func (c *Client) Post(ctx context.Context, raw string, headers map[string]string, content []byte) (status int, retryAfter string, err error) {
	u, err := c.parse(raw)
	if err != nil {
		return 0, "", err
	}
	h := http.Header{"User-Agent": {"Latchkey"}, "Content-Type": {"application/json"}}
	for name, value := range headers {
		h.Set(name, value)
	}
	r := (&http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: h,
		Body: io.NopCloser(bytes.NewReader(content)), ContentLength: int64(len(content)),
	}).WithContext(ctx)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, "", explain(err)
	}
	_ = resp.Body.Close() // the rest of the answer is nobody's
	return resp.StatusCode, resp.Header.Get("Retry-After"), nil
}
