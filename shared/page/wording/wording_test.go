package wording_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/page/wording"
)

type words struct{ name, in, want string }

func run(t *testing.T, do func(string) string, tests []words) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, do(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLine(t *testing.T) {
	run(t, wording.Line, []words{
		{"plain", "report 2023.pdf", "report 2023.pdf"},
		{"other scripts", "отчёт 報告 تقرير.pdf", "отчёт 報告 تقرير.pdf"},
		{"override hides the extension", "invoice\u202efdp.exe", "invoice\ufffdfdp.exe"},
		{"isolates", "a\u2066b\u2069", "a\ufffdb\ufffd"},
		{"marks that only reorder", "a\u200eb\u200fc\u061c", "abc"},
		{"zero width and BOM", "\ufeffa\u200bb\u00ad", "ab"},
		{"joiners stay", "👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"},
		{"NUL, escape, delete, C1", "a\x00b\x1bc\x7fd\u0081e", "a\ufffdb\ufffdc\ufffdd\ufffde"},
		{"lines become one", " a\r\n\tb\u2028c ", "a b c"},
		{"broken UTF-8", "a\xffb", "a\ufffdb"},
		{"tags", "<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"tag characters", "a\U000e0041b", "ab"},
	})
}

func TestText(t *testing.T) {
	run(t, wording.Text, []words{
		{"lines stay", "one\ntwo\n\nthree", "one\ntwo\n\nthree"},
		{"any line break", "a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\n\ne"},
		{"one empty line at a time", "\n\n\na\n \n\t\n\n\nb\n\n\n", "a\n\nb"},
		{"deceiving characters", "a\u202eb\x00\u200b", "a\ufffdb\ufffd"},
		{"indent stays", "a\n\tb", "a\n\tb"},
		{"only space", " \n \n", ""},
	})
}

func TestCut(t *testing.T) {
	run(t, func(s string) string { return wording.Cut(s, 5) }, []words{
		{"fits", "abcde", "abcde"},
		{"too long", "abcdef", "abcd…"},
		{"on characters", "äöüßéè", "äöüß…"},
		{"not between letter and accent", "abce\u0301\u0302", "abc…"},
		{"not inside an emoji", "ab👩\u200d💻cd", "ab…"},
		{"no space before the ellipsis", "abc defg", "abc…"},
		{"nothing but accents", strings.Repeat("\u0301", 9), "…"},
	})
}

func TestCutName(t *testing.T) {
	long := strings.Repeat("x", 980) + " final version 2 of 3.tar.gz"
	run(t, func(s string) string { return wording.CutName(s, 40) }, []words{
		{"fits", "report.pdf", "report.pdf"},
		{"the end stays", long, strings.Repeat("x", 15) + "…al version 2 of 3.tar.gz"},
		{"the end begins with a letter", strings.Repeat("x", 40) + "\u0301" + strings.Repeat("y", 23), strings.Repeat("x", 15) + "…" + strings.Repeat("y", 23)},
	})
}

func FuzzCut(f *testing.F) {
	f.Add("👩\u200d💻é\u0301")
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range []int{30, 80} {
			for _, got := range []string{wording.Cut(wording.Line(s), n), wording.CutName(wording.Line(s), n)} {
				if utf8.RuneCountInString(got) > n || !utf8.ValidString(got) {
					t.Errorf("%d: %q", n, got)
				}
			}
		}
	})
}

func TestMoment(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"midnight is the day before", "2023-11-29T00:00:00Z", "28 November 2023, 23:59 UTC"},
		{"another zone", "2023-11-29T00:00:00+02:00", "28 November 2023, 22:00 UTC"},
		{"midnight of UTC in another zone", "2023-11-29T02:00:00+02:00", "28 November 2023, 23:59 UTC"},
		{"any other time", "2023-11-05T14:00:00Z", "5 November 2023, 14:00 UTC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, wording.Moment(wording.Last(at))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSize(t *testing.T) {
	tests := map[int64]string{
		0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB",
		999_499: "999 kB", 999_500: "1.0 MB", 4_200_000: "4.2 MB", 120_000_000_000: "120 GB",
		5 << 40: "5.5 TB", 7_000_000_000_000_000: "7000 TB",
	}
	for in, want := range tests {
		if got := wording.Size(in); got != want {
			t.Errorf("Size(%d) = %q, want %q", in, got, want)
		}
	}
}

func TestDownloads(t *testing.T) {
	tests := map[int64]string{
		0: "0 downloads", 1: "1 download", 2: "2 downloads", 999: "999 downloads",
		1000: "1,000 downloads", 1_000_000_000: "1,000,000,000 downloads",
	}
	for in, want := range tests {
		if got := wording.Downloads(in); got != want {
			t.Errorf("Downloads(%d) = %q, want %q", in, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	tests := []struct{ contentType, name, want string }{
		{"application/pdf", "a.pdf", "PDF document"},
		{"Application/PDF; charset=x", "a", "PDF document"},
		{"video/mp4", "a.b.mp4", "Video (MP4)"},
		{"audio/x-unheard-of", "a", "Audio"},
		{"text/plain; charset=utf-8", "notes.txt", "Text file (TXT)"},
		{"application/octet-stream", "setup.exe", "File (EXE)"},
		{"application/octet-stream", "a.not an extension", "File"},
		{"application/octet-stream", "a.<b>", "File"},
		{"application/octet-stream", "a.", "File"},
		{"video/", "", "Video"},
		{"", "", "File"},
	}
	for _, tt := range tests {
		if got := wording.Kind(tt.contentType, tt.name); got != tt.want {
			t.Errorf("Kind(%q, %q) = %q, want %q", tt.contentType, tt.name, got, tt.want)
		}
	}
}
