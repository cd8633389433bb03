//go:build readers

package export

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"latchkey/shared/transcript"
)

// TestReaders has what people open documents with read what is written: it
// needs pdftotext (poppler-utils) and soffice (libreoffice-writer), and is
// part of .ci/run.
func TestReaders(t *testing.T) {
	said := transcript.Transcript{Segments: []transcript.Segment{
		{Speaker: "Ann Müller <b>", Start: 0, End: 4000, Words: []transcript.Word{
			{Text: "Good morning,"}, {Text: " everyone & all", Highlight: "#ffee00"}, {Text: " struck", Strikethrough: true},
		}},
		transcript.FromText("محمد", 3000, 9000, "صباح الخير حول العقود"), // while Ann still speaks
		transcript.FromText("דנה", 9000, 12000, "שלום עולם"),
		transcript.FromText("Дмитрий", 12000, 3_660_000, "Привет, мир. Žluťoučký kůň\nна двух строках"),
		transcript.FromText("李", 3_661_000, 3_662_000, "你好 \U0001f642"),
		transcript.FromText("", 3_662_000, 3_663_000, strings.Repeat("word ", 3000)),
	}}
	everywhere := []string{
		"Minutes of the board", "Ann Müller <b>", "Good morning, everyone & all struck", "محمد", "صباح الخير حول العقود", "דנה", "שלום עולם",
		"Дмитрий", "Привет, мир. Žluťoučký kůň", "на двух строках", "01:01:01", strings.TrimSpace(strings.Repeat("word ", 8)),
	}
	for format, read := range map[transcript.Format]struct {
		do   func(*testing.T, string) string
		want []string
	}{
		transcript.PDF:  {pdftotext, everywhere},
		transcript.DOCX: {soffice, append(everywhere, "李", "你好 \U0001f642")},
	} {
		t.Run(string(format), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a."+Extension(format))
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := Write(f, format, said, transcript.Options{Title: "Minutes of the board", Language: "en"}); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			got := plain(read.do(t, path))
			for _, want := range read.want {
				if !strings.Contains(got, plain(want)) {
					t.Errorf("it does not read %q in %.2000q", want, got)
				}
			}
		})
	}
}

// plain is text without the marks of direction that readers add, in the
// letters' own forms and with single spaces.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '\u202a' && r <= '\u202e' || r == '\u200e' || r == '\u200f' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

func pdftotext(t *testing.T, path string) string {
	return string(run(t, "pdftotext", path, "-"))
}

func soffice(t *testing.T, path string) string {
	dir := t.TempDir()
	run(t, "soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", dir, path)
	b, err := os.ReadFile(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var problems strings.Builder
	c := exec.CommandContext(t.Context(), name, args...)
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, problems.String())
	}
	return out
}
