package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/seal"
)

var (
	one   = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32))
	two   = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{2}, 32))
	plain = "q8Zr4Tn1Lw0Yx7Vb2Mc9Pd5Sf3Gh6Jk0"
)

// stored is "token" for "share-1", sealed by plain when the format was made:
// what is in a table must stay readable.
const stored = "AQVwbGFpbmsEflAJxWlYtsEei5So5739HnTyyBViuva-iUqCQE5Bxw"

func TestOpensWhatIsStored(t *testing.T) {
	if got, err := parse(t, plain).Open(stored, "share-1"); err != nil || string(got) != "token" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func parse(t testing.TB, secret string) *seal.Keys {
	t.Helper()
	k, err := seal.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	for _, secret := range []string{plain, `{"current":"k1","keys":{"k1":"` + one + `"}}`} {
		k := parse(t, secret)
		for _, text := range []string{"", "token", strings.Repeat("x", 10_000)} {
			sealed := k.Seal([]byte(text), "share-1")
			got, err := k.Open(sealed, "share-1")
			if err != nil || string(got) != text {
				t.Errorf("opened %q, %v; want %q", got, err, text)
			}
			if text != "" && strings.Contains(sealed, text) {
				t.Errorf("%s shows the text", sealed)
			}
			if again := k.Seal([]byte(text), "share-1"); again == sealed {
				t.Errorf("sealed twice to the same text")
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	k := parse(t, `{"current":"k1","keys":{"k1":"`+one+`","k2":"`+two+`"}}`)
	sealed := k.Seal([]byte("token"), "share-1")
	raw, _ := base64.RawURLEncoding.DecodeString(sealed)
	renamed := bytes.Clone(raw)
	renamed[3] = '2' // says k2
	encode := base64.RawURLEncoding.EncodeToString
	for _, tt := range []struct{ name, sealed, associated string }{
		{"other associated text", sealed, "share-2"},
		{"no associated text", sealed, ""},
		{"what the head and the associated text share", sealed, "1share-1"},
		{"another key's id", encode(renamed), "share-1"},
		{"unknown key", parse(t, plain).Seal([]byte("token"), "share-1"), "share-1"},
		{"same id, other key", parse(t, `{"current":"k1","keys":{"k1":"`+two+`"}}`).Seal([]byte("token"), "share-1"), "share-1"},
		{"another version", encode(append([]byte{2}, raw[1:]...)), "share-1"},
		{"empty", "", "share-1"},
		{"not base64", "!!!", "share-1"},
		{"two lines", sealed[:8] + "\n" + sealed[8:], "share-1"},
		{"trailing byte", sealed + "AA", "share-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := k.Open(tt.sealed, tt.associated); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("opened %q, %v", got, err)
			}
		})
	}
	for n := range raw {
		if _, err := k.Open(encode(raw[:n]), "share-1"); err == nil {
			t.Errorf("opened the first %d bytes", n)
		}
		changed := bytes.Clone(raw)
		changed[n] ^= 1
		if _, err := k.Open(encode(changed), "share-1"); err == nil {
			t.Errorf("opened with byte %d changed", n)
		}
	}
}

func TestRotation(t *testing.T) {
	before := parse(t, plain)
	after := parse(t, `{"current":"k2","keys":{"plain":"`+plain+`","k2":"`+two+`"}}`)
	later := parse(t, `{"current":"k2","keys":{"k2":"`+two+`"}}`)
	sealed := before.Seal([]byte("token"), "share-1")
	got, err := after.Open(sealed, "share-1")
	if err != nil {
		t.Fatal(err)
	}
	resealed := after.Seal(got, "share-1")
	if got, err = later.Open(resealed, "share-1"); err != nil || string(got) != "token" {
		t.Errorf("opened %q, %v", got, err)
	}
	needs := []bool{before.NeedsReseal(sealed), after.NeedsReseal(sealed), after.NeedsReseal(resealed), later.NeedsReseal(sealed), after.NeedsReseal("x")}
	if d := cmp.Diff([]bool{false, true, false, true, false}, needs); d != "" {
		t.Error("NeedsReseal (-want +got)\n" + d)
	}
}

func TestDerive(t *testing.T) {
	k := parse(t, plain)
	seen := map[string]string{}
	for name, b := range map[string][]byte{
		"page": k.Derive("page"), "cookie": k.Derive("cookie"), "other key": parse(t, plain+"x").Derive("page"), "none": k.Derive(""),
	} {
		if len(b) != 32 {
			t.Errorf("%s: %d bytes", name, len(b))
		}
		if other, ok := seen[string(b)]; ok {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[string(b)] = name
	}
	if d := cmp.Diff(k.Derive("page"), parse(t, plain).Derive("page")); d != "" {
		t.Error("not the same in another process\n" + d)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, secret := range []string{
		"", "short", plain[:31], "{", `{"current":"k1"}`, `{"keys":{"k1":"` + one + `"}}`, `{"current":"k1","keys":{"k1":"short-s3cret"}}`,
		`{"current":"k2","keys":{"k1":"` + one + `"}}`, `{"current":"","keys":{"":"` + one + `"}}`,
		`{"current":"k1","keys":{"k1":7}}`, `{"current":"` + plain + plain + `","keys":{"` + plain + plain + `":"` + one + `"}}`,
	} {
		_, err := seal.Parse(secret)
		if err == nil {
			t.Errorf("took %s", secret)
			continue
		}
		if strings.Contains(err.Error(), one) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows a key: %v", err)
		}
	}
}

func TestStatic(t *testing.T) {
	k := parse(t, plain)
	if got, err := seal.Static(k).Keys(t.Context()); got != k || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// FuzzOpen: nothing but what was sealed opens, and nothing panics.
func FuzzOpen(f *testing.F) {
	k := parse(f, plain)
	for _, s := range []string{stored, stored[:10], "", "AQ", "AQA", "Af8", "AQVwbGFpbg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := k.Open(s, "share-1")
		if err == nil && s != stored {
			t.Errorf("opened %q to %q", s, got)
		}
		k.NeedsReseal(s)
	})
}

func BenchmarkOpen(b *testing.B) {
	k := parse(b, plain)
	sealed := k.Seal([]byte("Ab3dE6gH9jKlMnOpQrStUvWxYz1"), "share-1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(sealed, "share-1"); err != nil {
			b.Fatal(err)
		}
	}
}
