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
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		return fmt.Errorf("script: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("script: %w", err)
	}
	r.Script = r.prefix() + "script-" + s.IDs.Secret() + ".txt.gz"
	return s.Contents.Put(ctx, r.Script, b.Bytes())
}

// dropScript removes the script of a recording that was not made.
func (s *Service) dropScript(ctx context.Context, r Recording) {
	if r.Script != "" {
		_ = s.Contents.Delete(ctx, r.Script) // it harms nobody if it stays
	}
}
