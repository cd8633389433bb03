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
	if err := s.pack(ctx, key, []byte(text)); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return nil
}

// text reads a text that putText has stored.
func (s *Service) text(ctx context.Context, key string) (string, error) {
	text, err := s.unpack(ctx, key)
	if err != nil {
		return "", fmt.Errorf("text: %w", err)
	}
	return string(text), nil
}

// pack stores bytes, as all contents are: as gzip.
func (s *Service) pack(ctx context.Context, key string, body []byte) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return s.Contents.Put(ctx, key, b.Bytes())
}

// unpack reads what pack has stored.
func (s *Service) unpack(ctx context.Context, key string) ([]byte, error) {
	body, err := s.Contents.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// dropScript removes the script of a recording that was not made.
func (s *Service) dropScript(ctx context.Context, r Recording) {
	if r.Script != "" {
		_ = s.Contents.Delete(ctx, r.Script) // it harms nobody if it stays
	}
}
