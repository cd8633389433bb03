package seal

import (
	"context"
	"errors"
	"fmt"

	"latchkey/shared/share"
)

// Tokens seals links' tokens, each for the id of its share.
type Tokens struct{ Source Source }

var _ share.Sealer = Tokens{}

// Seal implements share.Sealer.
func (t Tokens) Seal(ctx context.Context, token, id string) (string, error) {
	keys, err := t.Source.Keys(ctx)
	if err != nil {
		return "", err
	}
	return keys.Seal([]byte(token), id), nil
}

// Open implements share.Sealer.
func (t Tokens) Open(ctx context.Context, sealed, id string) (token string, stale bool, err error) {
	keys, err := t.Source.Keys(ctx)
	if err != nil {
		return "", false, err
	}
	b, err := keys.Open(sealed, id)
	if errors.Is(err, ErrOpen) {
		err = fmt.Errorf("%w: %w", share.ErrSealed, err)
	}
	return string(b), keys.NeedsReseal(sealed), err
}
