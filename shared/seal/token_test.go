package seal_test

import (
	"strings"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/seal"
	"latchkey/shared/share"
)

func keys(t *testing.T, secret string) seal.Tokens {
	t.Helper()
	k, err := seal.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Tokens{Source: seal.Static(k)}
}

// After a rotation, looking at the links is what lets the old key go.
func TestLookingAtLinksSealsThemAnew(t *testing.T) {
	old, next := strings.Repeat("o", 40), strings.Repeat("n", 40)
	s := fake.NewStack(t, nil)
	s.Shares.Seal = keys(t, old)
	f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
	_, token := s.Link(t, s.Admin, share.New{FileID: f.ID})
	see := func() (string, error) {
		list, _, err := s.Shares.List(t.Context(), s.Admin, share.Filter{}, file.Page{Limit: 10})
		if err != nil {
			return "", err
		}
		return list[0].Token, nil
	}
	s.Shares.Seal = keys(t, `{"current":"k2","keys":{"k2":"`+next+`"}}`)
	if got, err := see(); err == nil {
		t.Fatalf("%q was opened without the key", got)
	}
	s.Shares.Seal = keys(t, `{"current":"k2","keys":{"plain":"`+old+`","k2":"`+next+`"}}`)
	if got, err := see(); err != nil || got != token {
		t.Fatalf("%q, %v", got, err)
	}
	s.Shares.Seal = keys(t, `{"current":"k2","keys":{"k2":"`+next+`"}}`)
	if got, err := see(); err != nil || got != token {
		t.Errorf("without the old key: %q, %v", got, err)
	}
}
