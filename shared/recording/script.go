package recording

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
)

// MaxScript is the size of the text that a recording is aligned with, in bytes.
const MaxScript = 4_000_000

// script stores the text that a new recording is to be aligned with.
func (s *Service) script(ctx context.Context, r *Recording, text string) error {
	if text == "" {
		return nil
	}
	r.Script = r.prefix() + "script-" + s.IDs.Secret() + ".txt.gz"
	return s.putText(ctx, r.Script, text)
}

// putText stores a text.
func (s *Service) putText(ctx context.Context, key, text string) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return s.Contents.Put(ctx, key, b.Bytes())
}

// text reads a text that putText has stored.
func (s *Service) text(ctx context.Context, key string) (string, error) {
	body, err := s.Contents.Get(ctx, key)
	if err != nil {
		return "", fmt.Errorf("text: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("text: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return "", fmt.Errorf("text: %w", err)
	}
	return string(text), nil
}

// dropScript removes the script of a recording that was not made.
func (s *Service) dropScript(ctx context.Context, r Recording) {
	if r.Script != "" {
		_ = s.Contents.Delete(ctx, r.Script) // it harms nobody if it stays
	}
}
