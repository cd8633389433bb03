// Package secretsmanager fetches the sealing keys from AWS Secrets Manager
// when they are first needed, so that a function which never shows a link
// never asks for them.
package secretsmanager

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"latchkey/shared/seal"
)

// How long keys are used before they are fetched again, how long a failed
// refresh is put off, and how long a fetch may take.
const (
	Fresh   = 5 * time.Minute
	retry   = 30 * time.Second
	timeout = 5 * time.Second
)

// API is the part of the SDK's client that is used.
type API interface {
	GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Source is a seal.Source. It is safe for concurrent use; callers that come
// while a fetch is under way share it.
type Source struct {
	client API
	id     string
	now    func() time.Time

	mu    sync.Mutex
	keys  *seal.Keys // the last that were fetched, or nil
	until time.Time  // when they are to be fetched again
	call  *call      // the fetch under way, or nil
}

var _ seal.Source = (*Source)(nil)

// call is one fetch; its results may be read when done is closed.
type call struct {
	done chan struct{}
	keys *seal.Keys
	err  error
}

// New returns a source that reads the secret with this name or ARN; its
// string is what seal.Parse takes. A nil now is time.Now.
func New(client API, id string, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	return &Source{client: client, id: id, now: now}
}

// Keys returns the keys, at most five minutes old. When they cannot be
// fetched again, the old ones stay in use: a link must not stop working
// because a key could not be confirmed. An error means that none were ever
// fetched, or that ctx ended first.
func (s *Source) Keys(ctx context.Context) (*seal.Keys, error) {
	s.mu.Lock()
	if s.keys != nil && s.now().Before(s.until) {
		defer s.mu.Unlock()
		return s.keys, nil
	}
	c := s.call
	if c == nil {
		c = &call{done: make(chan struct{})}
		s.call = c
		go s.run(context.WithoutCancel(ctx), c) // others may be waiting for it when this caller has gone
	}
	s.mu.Unlock()
	select {
	case <-c.done:
		return c.keys, c.err
	case <-ctx.Done():
		return nil, fmt.Errorf("sealing keys: %w", ctx.Err())
	}
}

func (s *Source) run(ctx context.Context, c *call) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	keys, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.keys, s.until = keys, s.now().Add(Fresh)
	case s.keys != nil:
		s.until, err = s.now().Add(retry), nil
	}
	c.keys, c.err, s.call = s.keys, err, nil
	close(c.done)
}

func (s *Source) fetch(ctx context.Context) (*seal.Keys, error) {
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.id})
	if err != nil {
		return nil, fmt.Errorf("sealing keys: %w", err)
	}
	if out.SecretString == nil {
		return nil, errors.New("sealing keys: the secret is not a string")
	}
	return seal.Parse(aws.ToString(out.SecretString))
}
