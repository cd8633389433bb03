package ident

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestUUIDsSortByTime(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := Source{Now: func() time.Time { return now }}
	last := ""
	for range 2000 {
		id := s.UUID()
		if !IsUUID(id) || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
			t.Fatalf("%s is no version 7 UUID", id)
		}
		if id <= last {
			t.Fatalf("%s does not come after %s", id, last)
		}
		last = id
		now = now.Add(time.Microsecond)
	}
}

func TestSecret(t *testing.T) {
	zero := Source{Rand: bytes.NewReader(make([]byte, 20))}.Secret()
	if zero != strings.Repeat("0", SecretLength) {
		t.Errorf("the smallest secret is %q", zero)
	}
	most := Source{Rand: bytes.NewReader(bytes.Repeat([]byte{0xff}, 20))}.Secret()
	if len(most) != SecretLength || most <= zero {
		t.Errorf("the largest secret is %q", most)
	}
	seen := make(map[string]bool)
	for range 1000 {
		secret := Source{}.Secret()
		if len(secret) != SecretLength || seen[secret] {
			t.Fatalf("%q: wrong length or seen before", secret)
		}
		seen[secret] = true
	}
}

func TestCharsAreEquallyLikely(t *testing.T) {
	counts := make(map[rune]int)
	for _, r := range (Source{}).Chars(62_000) {
		counts[r]++
	}
	if len(counts) != 62 {
		t.Fatalf("%d characters, want 62", len(counts))
	}
	for r, n := range counts {
		if n < 800 || n > 1200 { // six standard deviations
			t.Errorf("%q came %d times, about 1000 expected", r, n)
		}
	}
}

func TestIsUUID(t *testing.T) {
	for s, want := range map[string]bool{
		"a1b2c3d4-e5f6-4789-a012-3456789abcde":  true,
		"A1B2C3D4-E5F6-7890-A012-3456789ABCDE":  true,
		"a1b2c3d4-e5f6-4789-a012-3456789abcd":   false,
		"a1b2c3d4-e5f6-4789-a012-3456789abcdg":  false,
		"a1b2c3d4e5f6-4789-a012-3456789abcdef-": false,
		"":                                      false,
	} {
		if IsUUID(s) != want {
			t.Errorf("IsUUID(%q) = %v", s, !want)
		}
	}
}

func TestNoRandomnessIsNoIdentity(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a secret was made without randomness")
		}
	}()
	Source{Rand: bytes.NewReader(nil)}.Secret()
}

func TestShort(t *testing.T) {
	seen := map[string]bool{}
	var s Source
	for range 2000 {
		id := s.UUID()
		short := Short(id)
		if !IsChars(short, ShortLength) || short != Short(id) || seen[short] {
			t.Fatalf("%s of %s", short, id)
		}
		seen[short] = true
	}
	if got, want := Short("018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"), "vYukYC2d"; got != want {
		t.Errorf("Short = %s, want %s: users would get other ids", got, want)
	}
}
