package disposition

import (
	"mime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestHeader(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct{ name, in, ascii, file string }{
		{"plain", "report.pdf", "report.pdf", "report.pdf"},
		{"spaces", " my  report .pdf ", "my  report .pdf", "my  report .pdf"},
		{"quotes", `a"b\c.txt`, "a_b_c.txt", "a_b_c.txt"},
		{"a second parameter", `a"; filename="evil.exe`, "a_; filename=_evil.exe", "a_; filename=_evil.exe"},
		{"a second header", "a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt", "aSet-Cookie_ x=1.txt"},
		{"NUL", "a\x00b.txt", "ab.txt", "ab.txt"},
		{"RTL override", "invoice\u202Efdp.exe", "invoicefdp.exe", "invoicefdp.exe"},
		{"marks and isolates", "\u200Ea\u200F\u2066b\u2069\u061C.txt\uFEFF", "ab.txt", "ab.txt"},
		{"line separators", "a\u2028b\u2029\u0085c", "abc", "abc"},
		{"other spaces", "a\u00A0b\u3000c", "a b c", "a b c"},
		{"path", "../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"},
		{"Windows path", `C:\temp\x.txt`, "C__temp_x.txt", "C__temp_x.txt"},
		{"umlaut", "Müller.mp4", "M_ller.mp4", "Müller.mp4"},
		{"emoji", "🎉 party 👩\u200d🚀.mp4", "_ party ___.mp4", "🎉 party 👩\u200d🚀.mp4"},
		{"Persian", "می\u200cخواهم.txt", "________.txt", "می\u200cخواهم.txt"},
		{"percent", "100%41.txt", "100_41.txt", "100%41.txt"},
		{"bad UTF-8", "a\xff\xfeb.txt", "a_b.txt", "a_b.txt"},
		{"nothing", "", "download", "download"},
		{"only dots", "...", "download", "download"},
		{"only marks", "\u202E\u200F", "download", "download"},
		{"hidden", "..htaccess", "htaccess", "htaccess"},
		{"trailing dots", "a.txt. . ", "a.txt", "a.txt"},
		{"device", "NUL", "_NUL", "_NUL"},
		{"device with extension", "com1.tar.gz", "_com1.tar.gz", "_com1.tar.gz"},
		{"device with superscript", "LPT¹.txt", "_LPT_.txt", "_LPT¹.txt"},
		{"no device", "console.txt", "console.txt", "console.txt"},
		{"long", long + ".mp4", long[:196] + ".mp4", long[:196] + ".mp4"},
		{"long without extension", long, long[:200], long[:200]},
		{"long extension", "a." + long, "a." + long[:198], "a." + long[:198]},
		{"long and wide", strings.Repeat("😀", 100) + ".mp4", strings.Repeat("_", 49) + ".mp4", strings.Repeat("😀", 49) + ".mp4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Header("attachment", tt.in)
			_, params, err := mime.ParseMediaType(got)
			if err != nil {
				t.Fatalf("%v in %s", err, got)
			}
			quoted, _, _ := strings.Cut(strings.TrimPrefix(got, `attachment; filename="`), `"; filename*=`)
			if d := cmp.Diff([]string{tt.ascii, tt.file}, []string{quoted, params["filename"]}); d != "" {
				t.Error("(-want +got)\n" + d)
			}
		})
	}
}

func TestKind(t *testing.T) {
	for _, tt := range []struct{ kind, want string }{{"inline", "inline"}, {"attachment", "attachment"}, {"", "attachment"}, {"x\r\n", "attachment"}} {
		if got, _, _ := strings.Cut(Header(tt.kind, "a"), ";"); got != tt.want {
			t.Errorf("Header(%q) is %s, want %s", tt.kind, got, tt.want)
		}
	}
}

// FuzzHeader: whatever the name, the value is one line of printable
// ASCII that parses to a name which is safe, and stays so.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"a.txt", "CON .x", "..\u202e.", "\xff", strings.Repeat("é", 150) + ".x", "com1 .", "a" + strings.Repeat(" ", 250) + ".b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		value := Header("inline", name)
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("not printable ASCII: %q", value)
		}
		kind, params, err := mime.ParseMediaType(value)
		if err != nil || kind != "inline" || len(params) != 1 {
			t.Fatalf("%q parses to %s %v %v", value, kind, params, err)
		}
		got := params["filename"]
		if got != FileName(name) || FileName(got) != got {
			t.Errorf("%q became %q, then %q", name, got, FileName(got))
		}
		if got == "" || len(got) > maxName+1 || !utf8.ValidString(got) || strings.HasPrefix(got, ".") || strings.HasSuffix(got, ".") {
			t.Errorf("%q became %q", name, got)
		}
		if strings.ContainsAny(got, "/\\\"\x00\r\n") || strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("%q became %q", name, got)
		}
	})
}
