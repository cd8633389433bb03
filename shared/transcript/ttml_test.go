package transcript

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spoken is what every format is tried on: scripts, directions, marks, line
// breaks and two speakers at once.
func spoken() Transcript {
	segment := func(speaker string, start, end int64, text string) Segment {
		return Segment{Speaker: speaker, Start: start, End: end, Words: markedWords([]marked{{text: text}}, start, end)}
	}
	marks := segment("Žofie & <Co>", 1000, 4000, "Příliš žluťoučký\nkůň — “úpěl”  twice")
	marks.Words[1].Highlight = "#ffee00"
	marks.Words[3].Strikethrough = true
	return Transcript{Segments: []Segment{
		marks,
		segment("דוד", 1520, 3520, "שלום, עולם 123"),
		segment("Žofie & <Co>", 3000, 7200, "a < b & c > d"),
		segment("", 7200, 8000, "مرحبا بالعالم"),
		segment("", 8000, 9000, "日本語 🎉"),
		segment("", 359_999_000, MaxTime, " spaces kept "),
	}}
}

func TestTTMLRoundTrip(t *testing.T) {
	want := spoken()
	var b bytes.Buffer
	if err := writeTTML(&b, want, Options{Title: "A & B", Language: "cs"}); err != nil {
		t.Fatal(err)
	}
	got, err := parseTTML(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(times(want), times(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, s := range want.Segments {
		for j, w := range s.Words {
			if got := got.Segments[i].Words[j]; got.Text != w.Text || markupOf(got) != markupOf(w) {
				t.Errorf("segment %d, word %d: %v, want %v", i, j, got, w)
			}
		}
	}
	for _, want := range []string{`xml:lang="cs"`, "<ttm:title>A &amp; B</ttm:title>", `tts:direction="rtl"`, "<br/>"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// times is a transcript in short: the lines of a caption file.
func times(t Transcript) (lines []string) {
	for _, s := range t.Segments {
		lines = append(lines, ttmlClock(s.Start)+" "+ttmlClock(s.End)+" "+s.Speaker+": "+s.Text())
	}
	return lines
}

func TestTTMLOptions(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, TTML, spoken(), Options{WithoutSpeakers: true, Offset: -2000}); err != nil {
		t.Fatal(err)
	}
	got, err := parseTTML(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Segments[0]; s.Speaker != "" || s.Start != 0 || s.End != 2000 {
		t.Errorf("%+v", s)
	}
}

func TestParseTTML(t *testing.T) {
	tests := []struct{ name, root, body, want string }{
		{"clock", ``, `<p begin="00:00:01" end="00:00:02.5">a</p>`, "00:00:01.000 00:00:02.500 : a"},
		{"frames", `ttp:frameRate="25"`, `<p begin="00:00:01:05" end="00:00:02:24">a</p>`, "00:00:01.200 00:00:02.960 : a"},
		{"multiplier", `ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"`, `<p begin="30f" end="60f">a</p>`, "00:00:01.001 00:00:02.002 : a"},
		{"ticks", `ttp:tickRate="10000000"`, `<p begin="12500000t" end="20000000t">a</p>`, "00:00:01.250 00:00:02.000 : a"},
		{"offsets", ``, `<p begin="12.5s" end="0.01h">a</p>`, "00:00:12.500 00:00:36.000 : a"},
		{"duration", ``, `<p begin="100ms" dur="1m">a</p>`, "00:00:00.100 00:01:00.100 : a"},
		{"nested", ``, `<div begin="10s" end="13s"><p begin="1s" end="5s">a</p></div>`, "00:00:11.000 00:00:13.000 : a"},
		{"times of the spans", ``, `<p><span begin="1s" end="2s">a</span> <span begin="3s" end="4s">b</span></p>`, "00:00:01.000 00:00:04.000 : a b"},
		{"white space", ``, "<p begin='0s' end='1s'>\n  a\n  <span>b </span> c <br/>  d\n</p>", "00:00:00.000 00:00:01.000 : a b c\nd"},
		{"no text", ``, `<p/><p begin="1s" end="2s"/>`, "00:00:01.000 00:00:02.000 : "},
		{"order", ``, `<p begin="2s" end="3s">b</p><p begin="1s" end="3s">a</p>`, "00:00:01.000 00:00:03.000 : a|00:00:02.000 00:00:03.000 : b"},
		{"description", ``, `<p begin="2s" end="3s"><metadata><desc>no</desc></metadata>b</p>`, "00:00:02.000 00:00:03.000 : b"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseTTML([]byte(`<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="x" ` + test.root + `><body>` + test.body + `</body></tt>`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, strings.Join(times(got), "|")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseTTMLRefuses(t *testing.T) {
	tests := map[string]string{
		"not XML":        "1\n00:00:01,000 --> 00:00:02,000\nhi",
		"empty":          "",
		"another root":   "<html/>",
		"cut off":        `<tt><body><p begin="1s" end="2s">a`,
		"a type":         `<!DOCTYPE tt [<!ENTITY a "b">]><tt/>`,
		"an entity":      `<tt><body><p begin="1s" end="2s">&a;</p></body></tt>`,
		"deep":           strings.Repeat("<tt>", 100) + strings.Repeat("</tt>", 100),
		"no end":         `<tt><p begin="1s">a</p></tt>`,
		"backwards":      `<tt><p begin="2s" end="1s">a</p></tt>`,
		"no time":        `<tt><p begin="soon" end="1s">a</p></tt>`,
		"far":            `<tt><p begin="1s" end="101h">a</p></tt>`,
		"far in all":     `<tt><div begin="60h"><p begin="60h" end="61h">a</p></div></tt>`,
		"zero frames":    `<tt frameRate="0"/>`,
		"endless rate":   `<tt frameRate="NaN"/>`,
		"p in p":         `<tt><p begin="1s" end="2s"><p/></p></tt>`,
		"long":           `<tt><p begin="1s" end="2s">` + strings.Repeat("a", MaxTextLength+1) + `</p></tt>`,
		"long speaker":   `<tt><agent id="a"><name>` + strings.Repeat("a", MaxSpeaker+1) + `</name></agent></tt>`,
		"many":           `<tt>` + strings.Repeat(`<p begin="1s" end="2s"/>`, MaxSegments+1) + `</tt>`,
		"another coding": `<?xml version="1.0" encoding="latin1"?><tt/>`,
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseTTML([]byte(in))
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("%v, want an *Error", err)
			}
		})
	}
}

func FuzzParseTTML(f *testing.F) {
	var b bytes.Buffer
	if err := writeTTML(&b, spoken(), Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`<tt frameRate="25"><body begin="1s"><p><span begin="1f" dur="2t">a</span><br/> b</p></body></tt>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := parseTTML(in)
		if err != nil {
			return
		}
		sound(t, got)
		var b bytes.Buffer
		if err := writeTTML(&b, got, Options{}); err != nil {
			t.Fatal(err)
		}
		again, err := parseTTML(b.Bytes())
		if err != nil {
			t.Fatalf("%v in:\n%s", err, b.Bytes())
		}
		if diff := cmp.Diff(times(got), times(again)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// sound tells whether a transcript keeps to what the model says.
func sound(t *testing.T, got Transcript) {
	t.Helper()
	last := int64(0)
	for i, s := range got.Segments {
		if s.Start < last || s.End < s.Start || s.End > MaxTime {
			t.Errorf("segment %d: %d to %d", i, s.Start, s.End)
		}
		for _, w := range s.Words {
			if w.Text == "" || w.End < w.Start {
				t.Errorf("segment %d: %+v", i, w)
			}
		}
		last = s.Start
	}
}

func BenchmarkTTML(b *testing.B) {
	var t Transcript
	for range 1000 {
		t.Segments = append(t.Segments, spoken().Segments[:5]...)
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := writeTTML(&out, t, Options{}); err != nil {
			b.Fatal(err)
		}
		if _, err := parseTTML(out.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
