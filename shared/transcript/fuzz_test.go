package transcript

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzz holds a parser to what Parse promises: it does not panic, what it
// returns is valid, and what was read, written and read again is the same.
func fuzz(f *testing.F, format Format, seeds ...string) {
	var b bytes.Buffer
	if err := Write(&b, format, difficult, Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		first, err := Parse(format, in)
		if err != nil {
			return
		}
		if err := first.Validate(); err != nil {
			t.Fatal(err)
		}
		out := written(t, format, first, Options{})
		second, err := Parse(format, []byte(out))
		if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		if again := written(t, format, second, Options{}); again != out {
			t.Fatalf("not stable (-first +again)\n%s", cmp.Diff(out, again))
		}
	})
}

func FuzzJSON(f *testing.F) { fuzz(f, JSON, `{"segments":[{"start":1e0,"end":2}]}`) }
func FuzzTXT(f *testing.F) {
	fuzz(f, TXT, "Title\n\nAnn: [0:01] x\n\n[00:02] Bo: y", "Ann: x\n\nBo: y")
}
func FuzzSRT(f *testing.F) { fuzz(f, SRT, "1\n0:00:01,5 --> 00:00:02,000\n<<i>i>{\\an8}x\n\ny") }
func FuzzSBV(f *testing.F) { fuzz(f, SBV, "0:00:01.000,0:00:02.000\na[br]b") }
func FuzzVTT(f *testing.F) {
	fuzz(f, VTT, "WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000 line:0\n<v.a A>x&#10;&lt;<v B>y</v>")
}
