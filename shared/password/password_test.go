package password

import (
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// cheap is argon2id at the lowest cost that there is.
var cheap = Argon2id{Cost: Cost{Memory: 8, Time: 1, Threads: 1}}

func TestHash(t *testing.T) {
	kept, err := cheap.Hash("correct horse")
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=8,t=1,p=1$") || strings.Contains(kept, "correct") {
		t.Fatalf("%q, %v", kept, err)
	}
	if again, _ := cheap.Hash("correct horse"); again == kept {
		t.Error("two hashes have one salt")
	}
	for password, want := range map[string]bool{
		"correct horse": true, "correct horsf": false, "Correct horse": false, "correct horse ": false, "": false, kept: false,
	} {
		if same, weak := cheap.Check(password, kept); same != want || weak {
			t.Errorf("%q: %v, %v", password, same, weak)
		}
	}
}

// A hash that the reference implementation printed:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
// (github.com/P-H-C/phc-winner-argon2, src/test.c).
func TestTheReferencesHash(t *testing.T) {
	const kept = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if same, weak := (Argon2id{}).Check("password", kept); !same || !weak {
		t.Errorf("%v, %v", same, weak)
	}
}

func TestLengths(t *testing.T) {
	for name, tt := range map[string]struct {
		password string
		kind     fault.Kind
	}{
		"none":                  {"", fault.Missing},
		"short":                 {"123456789", fault.Invalid},
		"ten":                   {"1234567890", ""},
		"ten of one":            {"aaaaaaaaaa", ""},
		"ten in two bytes each": {strings.Repeat("é", 10), ""},
		"nine that are composed": {
			strings.Repeat("e\u0301", 9), fault.Invalid,
		},
		"two hundred":   {strings.Repeat("é", 200), ""},
		"one more":      {strings.Repeat("é", 201), fault.Invalid},
		"with a NUL":    {"12345\x006789", ""},
		"no text":       {"1234567890\xff", fault.Invalid},
		"all of spaces": {strings.Repeat(" ", 10), ""},
	} {
		_, err := cheap.Hash(tt.password)
		if tt.kind == "" && err == nil {
			continue
		}
		if e := fault.As(err); e == nil || e.Kind != tt.kind || e.Field != "password" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However a keyboard writes a letter, the password is the same.
func TestNormalForms(t *testing.T) {
	kept, err := cheap.Hash("caf\u00e9 au lait")
	if err != nil {
		t.Fatal(err)
	}
	if same, _ := cheap.Check("cafe\u0301 au lait", kept); !same {
		t.Error("composed and decomposed are two passwords")
	}
	if same, _ := cheap.Check("cafe au lait", kept); same {
		t.Error("the accent does not count")
	}
}

// What was kept at another cost is checked at that one, and is to be kept anew.
func TestWeak(t *testing.T) {
	kept, err := cheap.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	dearer := Argon2id{Cost: Cost{Memory: 16, Time: 2, Threads: 1}}
	if same, weak := dearer.Check("correct horse", kept); !same || !weak {
		t.Errorf("right: %v, %v", same, weak)
	}
	if same, weak := dearer.Check("wrong horse", kept); same || weak {
		t.Errorf("wrong: %v, %v", same, weak)
	}
}

// Whatever is kept, be it nothing or nonsense, one hash is computed, at
// today's cost but for what was kept at another, and nothing is the password.
func TestOneHashWhateverIsKept(t *testing.T) {
	good, err := cheap.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, "$")
	for _, kept := range []string{
		"", good, "$", "$$$$$", strings.ToUpper(good), good + "$", good[:len(good)-1], strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "m=8", "m=-8", 1), strings.Replace(good, "p=1", "p=999", 1), strings.Replace(good, parts[5], "", 1), strings.Replace(good, parts[4], "!", 1),
	} {
		hashes := 0
		a := cheap
		a.derive = func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			hashes++
			if time != 1 || memory != 8 || threads != 1 || len(salt) != saltLength {
				t.Errorf("%q: computed with %d, %d, %d", kept, time, memory, threads)
			}
			return argon2.IDKey(password, salt, time, memory, threads, length)
		}
		if same, _ := a.Check("correct horse", kept); same != (kept == good) || hashes != 1 {
			t.Errorf("%q: %v, %d hashes", kept, same, hashes)
		}
	}
}

func TestWhatIsDeployedIsNoLessThanRecommended(t *testing.T) {
	c := Argon2id{}.cost()
	if c.Memory < 19456 || c.Time < 2 || c.Threads < 1 {
		t.Errorf("%+v", c)
	}
}

func FuzzParse(f *testing.F) {
	kept, _ := cheap.Hash("correct horse")
	f.Add(kept)
	f.Add("$argon2id$v=19$m=1,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, kept string) {
		if k, err := parse(kept); err == nil && (len(k.hash) != hashLength || k.cost.Time == 0 || k.cost.Threads == 0) {
			t.Errorf("%q: %+v", kept, k)
		}
	})
}

// What one sign-in costs: time, and 19 MiB of memory.
func BenchmarkCheck(b *testing.B) {
	a := Argon2id{IDs: ident.Source{}}
	kept, err := a.Hash("correct horse")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if same, _ := a.Check("correct horse", kept); !same {
			b.Fatal("another password")
		}
	}
}
