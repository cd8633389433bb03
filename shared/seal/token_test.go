package seal_test

import (
	"errors"
	"strings"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/handover"
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

// Handovers whose key is gone are still listed: they are withdrawn, and made
// anew.
func TestHandoversWithoutTheirKey(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Handovers.Seal = keys(t, strings.Repeat("o", 40))
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	f, err := s.Files.CreateWithBody(t.Context(), s.Admin, file.New{Name: "a", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	n := handover.New{FileID: f.ID, AssetID: asset, Email: "rita@new.test", Base: "https://a.test"}
	if _, err := s.Handovers.Share(t.Context(), s.Admin, n); err != nil {
		t.Fatal(err)
	}
	s.Handovers.Seal = keys(t, strings.Repeat("n", 40))
	if _, err := s.Handovers.Share(t.Context(), s.Admin, n); !errors.Is(err, share.ErrSealed) {
		t.Errorf("its link was mailed again: %v", err)
	}
	list, total, err := s.Handovers.Sent(t.Context(), s.Admin, 1, 10)
	if err != nil || total != 1 {
		t.Fatalf("%d, %v", total, err)
	}
	if err := s.Handovers.Revoke(t.Context(), s.Admin, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Handovers.Share(t.Context(), s.Admin, n); err != nil {
		t.Errorf("made anew: %v", err)
	}
}
