package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/fault"
)

// Limits of a call.
const (
	callTime  = 10 * time.Minute
	maxAnswer = 1 << 20 // bytes of a response
	attempts  = 4       // while the server is busy
	firstWait = 2 * time.Second
	longest   = 30 * time.Second // wait
)

// complete asks the model. What is busy is asked again a few times, since the
// notes that were taken so far would be lost otherwise.
func (e Engine) complete(ctx context.Context, m []message) (string, error) {
	body, err := json.Marshal(struct {
		Model    string    `json:"model"`
		Messages []message `json:"messages"`
	}{e.config.Model, m})
	if err != nil {
		return "", err
	}
	pause := firstWait
	for attempt := 1; ; attempt++ {
		answer, after, err := e.call(ctx, body)
		if err == nil || after < 0 || attempt == attempts {
			return answer, err
		}
		if err := e.wait(ctx, min(cmp.Or(after, pause), longest)); err != nil {
			return "", err
		}
		pause *= 2
	}
}

// call makes one call. An error that the server is busy comes with when to ask
// again, 0 if it does not say; every other one with -1.
func (e Engine) call(ctx context.Context, body []byte) (answer string, after time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.config.URL, bytes.NewReader(body))
	if err != nil {
		return "", -1, err
	}
	r.Header.Set("Content-Type", "application/json")
	if e.config.Key != "" {
		r.Header.Set("Authorization", "Bearer "+e.config.Key)
	}
	res, err := e.client.Do(r)
	if err != nil {
		return "", -1, e.lost(ctx, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return "", -1, e.lost(ctx, err)
	case res.StatusCode != http.StatusOK:
		after, err := e.refused(res, b)
		return "", after, err
	case len(b) > maxAnswer:
		return "", -1, errors.New("chat: the answer is too long")
	}
	answer, err = read(b)
	return answer, -1, err
}

// lost is why there was no response.
func (e Engine) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault.Wrap(fault.Unavailable, err, "the language model cannot be reached")
}

// refused is what a status says, and when to ask again.
func (e Engine) refused(res *http.Response, body []byte) (after time.Duration, _ error) {
	said := string(body[:min(len(body), 300)])
	if e.config.Key != "" {
		said = strings.ReplaceAll(said, e.config.Key, "…")
	}
	cause := fmt.Errorf("chat: %s: %q", res.Status, said)
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // 0 for a date
		return max(time.Duration(seconds)*time.Second, 0), fault.Wrap(fault.Unavailable, cause, "the language model is busy")
	case code >= 500 || code == http.StatusRequestTimeout:
		return -1, fault.Wrap(fault.Unavailable, cause, "the language model failed")
	}
	return -1, fault.Wrap(fault.Invalid, cause, "the language model refuses the request (%d)", res.StatusCode)
}

// thoughts are what some models write before they answer.
var thoughts = regexp.MustCompile(`(?s)^\s*<think>.*?</think>`)

// read reads a response.
func read(body []byte) (string, error) {
	var in struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "", fmt.Errorf("chat: the answer: %w", err)
	}
	if len(in.Choices) == 0 {
		return "", errors.New("chat: the answer has no choices")
	}
	text := strings.TrimSpace(thoughts.ReplaceAllString(in.Choices[0].Message.Content, ""))
	if text == "" {
		return "", fault.New(fault.Unavailable, "the language model gave no answer")
	}
	return text, nil
}
