// Package chat has a language model answer what is asked about a transcript,
// over the HTTP API that llama.cpp, Ollama, vLLM and OpenAI have in common
// (https://platform.openai.com/docs/api-reference/chat/create). It refuses to
// take what is said in a transcript for a request.
package chat

import (
	"context"
	"net/http"
	"time"

	"latchkey/shared/recording"
)

// Config says which model answers.
type Config struct {
	URL   string // "http://127.0.0.1:8080/v1/chat/completions"
	Model string // as that server calls it
	Key   string // sent as a bearer token, or ""
}

// Engine is a language model.
type Engine struct {
	config Config
	client *http.Client
	wait   func(ctx context.Context, d time.Duration) error
}

var _ recording.Summarizer = Engine{}

// New returns an Engine. Models on a machine like this one take minutes.
func New(c Config) Engine {
	return Engine{config: c, wait: wait, client: &http.Client{
		Timeout:       callTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key is for this server
	}}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// What a model is given at a time, in bytes: with the rest of a request and the
// answer it fits in 4,096 tokens, which is what Ollama reads unless it is told
// otherwise, and it forgets the beginning of what is longer without a word.
const piece = 9_000

// Summarize implements recording.Summarizer, as Ask does. Invalid if the server
// refuses for ever; Unavailable if it is busy, down or slow.
func (e Engine) Summarize(ctx context.Context, q recording.Question) (string, error) {
	return Ask(ctx, q, piece, func(ctx context.Context, rules, user string) (string, error) {
		return e.complete(ctx, []message{{"system", rules}, {"user", user}})
	})
}

// message is one of a conversation.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}
