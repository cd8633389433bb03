package recording

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

func errNoFile() error { return fault.New(fault.NotFound, "file not found") }

// link gives a product that becomes a file the token that leads to it. Whoever
// has it needs no key, as clients of Sonix follow the URLs that they are told.
func (s *Service) link(ctx context.Context, p *Product) (err error) {
	if p.Kind != BurnedIn && p.Kind != Exported {
		return nil
	}
	token := s.IDs.Secret()
	p.Ref = productRef(token)
	p.Sealed, err = s.Seal.Seal(ctx, token, p.ID)
	return err
}

func productRef(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// FileToken returns the token that leads to what a product becomes, the same
// from the start. One that an old key sealed is sealed anew.
func (s *Service) FileToken(ctx context.Context, p Product) (string, error) {
	token, stale, err := s.Seal.Open(ctx, p.Sealed, p.ID)
	if err != nil || !stale {
		return token, err
	}
	was := p.Sealed
	if p.Sealed, err = s.Seal.Seal(ctx, token, p.ID); err == nil {
		err = s.Store.SealProduct(ctx, p, was)
	}
	if fault.Is(err, fault.Stale) {
		err = nil // somebody else did, or it is gone
	}
	return token, err
}

// Download returns a URL of the file that a token leads to; NotFound for every
// token but that of a product whose recording and file are there, Conflict
// while the product is not Completed.
func (s *Service) Download(ctx context.Context, token string) (string, error) {
	if !ident.IsChars(token, ident.SecretLength) {
		return "", errNoFile()
	}
	p, err := s.Store.ProductByRef(ctx, productRef(token))
	if err == nil {
		var f Found
		if f, err = s.Store.Find(ctx, p.Organization, p.Recording, ""); err == nil && f.hidden() {
			err = errNoFile()
		}
	}
	switch {
	case fault.Is(err, fault.NotFound):
		return "", errNoFile()
	case err != nil:
		return "", err
	case p.Status == Failed:
		return "", errNoFile()
	case p.Status != Completed:
		return "", fault.New(fault.Conflict, "the file is not finished")
	}
	return s.Files.Play(ctx, p.Organization, p.File, true)
}
