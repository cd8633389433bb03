package address_test

import (
	"net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/mail/address"
)

func TestParse(t *testing.T) {
	local64, label63 := strings.Repeat("a", 64), strings.Repeat("b", 63)
	long := local64 + "@" + label63 + "." + label63 + "." + strings.Repeat("c", 61) // 254
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "ann@example.com", "ann@example.com"},
		{"space around", "  ann@example.com\t", "ann@example.com"},
		{"case", "Ann.Lee@Example.COM", "Ann.Lee@example.com"},
		{"tag and signs", "a+b_c-d!#$%&'*/=?^`{|}~@x.io", "a+b_c-d!#$%&'*/=?^`{|}~@x.io"},
		{"digits", "7@1.example.com", "7@1.example.com"},
		{"punycode", "ann@xn--mller-kva.example", "ann@xn--mller-kva.example"},
		{"test name", "ann@localhost", "ann@localhost"},
		{"longest", long, long},
		{"too long", long + "c", ""},
		{"local part too long", local64 + "a@example.com", ""},
		{"label too long", "a@" + label63 + "b.com", ""},
		{"empty", "", ""},
		{"only space", "   ", ""},
		{"no at", "example.com", ""},
		{"no local part", "@example.com", ""},
		{"no domain", "ann@", ""},
		{"no dot", "ann@example", ""},
		{"two ats", "ann@lee@example.com", ""},
		{"dots", "ann..lee@example.com", ""},
		{"leading dot", ".ann@example.com", ""},
		{"trailing dot", "ann.@example.com", ""},
		{"domain dots", "ann@example..com", ""},
		{"domain ends with a dot", "ann@example.com.", ""},
		{"domain begins with a dot", "ann@.example.com", ""},
		{"hyphens", "ann@-example.com", ""},
		{"hyphen at the end", "ann@example-.com", ""},
		{"underscore", "ann@ex_ample.com", ""},
		{"IP address", "ann@127.0.0.1", ""},
		{"address literal", "ann@[127.0.0.1]", ""},
		{"display name", "Ann <ann@example.com>", ""},
		{"angle brackets", "<ann@example.com>", ""},
		{"quoted", `"ann lee"@example.com`, ""},
		{"comment", "ann(work)@example.com", ""},
		{"two addresses", "ann@example.com,bob@example.com", ""},
		{"two addresses with a semicolon", "ann@example.com;bob@example.com", ""},
		{"inner space", "ann lee@example.com", ""},
		{"line end", "ann@example.com\n", ""},
		{"second header", "ann@example.com\r\nBcc: bob@example.com", ""},
		{"header in the local part", "a\r\nBcc:b@example.com", ""},
		{"NUL", "ann\x00@example.com", ""},
		{"DEL", "ann\x7f@example.com", ""},
		{"Cyrillic а in the domain", "ann@ex\u0430mple.com", ""},
		{"Cyrillic а in the local part", "\u0430nn@example.com", ""},
		{"Kelvin sign", "ann@\u212Aelvin.com", ""},
		{"fullwidth at", "ann\uFF20example.com", ""},
		{"ideographic dot", "ann@example\u3002com", ""},
		{"umlaut domain", "ann@müller.example", ""},
		{"right-to-left", "ann\u202E@example.com", ""},
		{"bad UTF-8", "ann\xff@example.com", ""},
		{"a mail link", "mailto:ann@example.com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := address.Parse(tt.in)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if (tt.want == "") != fault.Is(err, fault.Invalid) || (tt.want != "") != (err == nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// FuzzParse: what Parse takes is one plain address to net/mail too, and stays
// as it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"ann@example.com", "A@B.C", "a@b@c.d", "ann@xn--p1ai", "a\r\nb@c.d", "\u212A@a.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := address.Parse(s)
		if err != nil {
			return
		}
		if again, err := address.Parse(got); again != got || err != nil {
			t.Errorf("%q became %q, then %q (%v)", s, got, again, err)
		}
		if a, err := mail.ParseAddress(got); err != nil || a.Address != got || a.Name != "" {
			t.Errorf("%q is %v to net/mail (%v)", got, a, err)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' }) || len(got) > address.MaxAddress {
			t.Errorf("took %q", got)
		}
	})
}
