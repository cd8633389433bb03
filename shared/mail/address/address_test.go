package address

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "test1@testmail.test", "test1@testmail.test"},
		{"case of the domain", "Ann.Lee@EXAMPLE.com", "Ann.Lee@example.com"},
		{"space around", "  a@b.co \t", "a@b.co"},
		{"plus", "a+tag@b.co", "a+tag@b.co"},
		{"apostrophe", "o'neil@b.co", "o'neil@b.co"},
		{"local part of another script", "ünïcode@b.co", "ünïcode@b.co"},
		{"punycode", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"longest local part", strings.Repeat("a", 64) + "@b.co", strings.Repeat("a", 64) + "@b.co"},
		{"empty", "", ""},
		{"no at", "nobody", ""},
		{"no local part", "@b.co", ""},
		{"no domain", "a@", ""},
		{"two ats", "a@b@c.co", ""},
		{"one label", "a@localhost", ""},
		{"address literal", "a@[127.0.0.1]", ""},
		{"dotted numbers", "a@127.0.0.1", ""},
		{"display name", "Ann <a@b.co>", ""},
		{"quoted", `"a b"@b.co`, ""},
		{"comment", "a(x)@b.co", ""},
		{"list", "a@b.co,c@d.co", ""},
		{"line feed", "a@b.co\nBcc: c@d.co", ""},
		{"carriage return", "a\r@b.co", ""},
		{"NUL", "a\x00@b.co", ""},
		{"bidi control", "a\u202eb@b.co", ""},
		{"homograph domain", "a@pаypal.com", ""}, // Cyrillic а
		{"IDN domain", "a@bücher.example", ""},
		{"two dots", "a..b@b.co", ""},
		{"leading dot", ".a@b.co", ""},
		{"trailing dot", "a.@b.co", ""},
		{"domain's trailing dot", "a@b.co.", ""},
		{"hyphen at a label's end", "a@b-.co", ""},
		{"label too long", "a@" + strings.Repeat("b", 64) + ".co", ""},
		{"local part too long", strings.Repeat("a", 65) + "@b.co", ""},
		{"too long", "a@" + strings.Repeat("b.", 127) + "co", ""},
		{"bad UTF-8", "a\xff@b.co", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.in)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("Parse(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a@b.co")
	f.Add("Ann <a@b.co>\r\nBcc: x@y.zz")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(got, "\r\n\x00<>,;\" ") || strings.Count(got, "@") != 1 {
			t.Errorf("Parse(%q) let through %q", s, got)
		}
		if again, err := Parse(got); err != nil || again != got {
			t.Errorf("Parse(%q) = %q, which reads as %q, %v", s, got, again, err)
		}
	})
}
