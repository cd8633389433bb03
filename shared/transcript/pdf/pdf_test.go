package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"latchkey/shared/transcript"
)

// document is a transcript that has what is difficult.
func document() transcript.Transcript {
	return transcript.Transcript{Segments: []transcript.Segment{
		{Speaker: "Ann Müller", Start: 0, End: 4000, Words: []transcript.Word{
			{Text: "Good morning"}, {Text: " everyone,", Highlight: "#ffee00"}, {Text: " struck", Strikethrough: true},
			{Text: " and thank you for coming at such short notice; the numbers for the third quarter are better than we had expected."},
		}},
		transcript.FromText("محمد", 3000, 9000, "صباح الخير، لدي سؤال (مهم) حول العقود الجديدة في 2026 عند Latchkey."),
		transcript.FromText("דנה", 9000, 12000, "שלום עולם (כן) 42"),
		transcript.FromText("Дмитрий", 12000, 15000, "Привет, мир. Ελληνικά. Ça va ? Žluťoučký kůň."),
		transcript.FromText("李", 15000, 18000, "你好 🙂 e\u0301 \u200bzero <b>&amp;\nsecond line"),
		transcript.FromText("", 18000, 19000, strings.Repeat("W", 300)),
		{Speaker: "Nobody", Start: 20000, End: 21000},
	}}
}

func written(t testing.TB, tr transcript.Transcript, o transcript.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var stream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
var shows = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\)\s*Tj`)

// texts returns what the pages show, in the order in which it is drawn.
func texts(t testing.TB, doc []byte) (out []string) {
	t.Helper()
	for _, m := range stream.FindAllSubmatch(doc, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		page, err := io.ReadAll(z)
		if err != nil {
			continue
		}
		for _, s := range shows.FindAllSubmatch(page, -1) {
			raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(s[1], func(e []byte) []byte {
				if e[1] == 'r' {
					return []byte{'\r'}
				}
				return e[1:]
			})
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
			}
			out = append(out, string(utf16.Decode(units)))
		}
	}
	return out
}

func TestWrite(t *testing.T) {
	doc := written(t, document(), transcript.Options{Title: "Minutes of the board", Language: "en"})
	if !bytes.HasPrefix(doc, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(doc), []byte("%%EOF")) {
		t.Fatalf("%.20q", doc)
	}
	all := strings.Join(texts(t, doc), "|")
	for _, want := range []string{
		"Minutes of the board", "Ann Müller", "00:00:00", "Good morning |everyone,| |struck| and", "struck", "Дмитрий", "Привет, мир.", "Ελληνικά", "Žluťoučký kůň.",
		"\ufffd\ufffd \ufffd", "<b>&amp;", "second line", "Nobody",
		"42 (ןכ) םלוע םולש",              // as it is seen from left to right
		"\ufeae\ufef4\ufea8\ufedf\ufe8d", // الخير in its forms, from its end
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not show %q: %q", want, all)
		}
	}
	if !bytes.Contains(doc, []byte("/Lang (en)")) && !bytes.Contains(doc, []byte("/Lang(en)")) {
		t.Error("it has no language")
	}
	if again := written(t, document(), transcript.Options{Title: "Minutes of the board", Language: "en"}); !bytes.Equal(doc, again) {
		t.Error("the same transcript makes other bytes")
	}
}

func TestOptions(t *testing.T) {
	all := strings.Join(texts(t, written(t, document(), transcript.Options{WithoutTimestamps: true, WithoutSpeakers: true})), "|")
	if strings.Contains(all, "00:00:0") || strings.Contains(all, "Ann") {
		t.Errorf("%q", all)
	}
	if late := strings.Join(texts(t, written(t, document(), transcript.Options{Offset: 3_600_000})), "|"); !strings.Contains(late, "01:00:15") {
		t.Errorf("%q", late)
	}
	if empty := written(t, transcript.Transcript{}, transcript.Options{}); !bytes.HasPrefix(empty, []byte("%PDF-")) {
		t.Errorf("%.20q", empty)
	}
}

// TestPages: nothing is below the page, and each has its number.
func TestPages(t *testing.T) {
	var tr transcript.Transcript
	for i := range 120 {
		tr.Segments = append(tr.Segments, transcript.FromText(fmt.Sprint("Speaker ", i), int64(i)*1000, int64(i)*1000+900, strings.Repeat("some words ", 20)))
	}
	doc := written(t, tr, transcript.Options{})
	pages := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(doc, -1))
	all := strings.Join(texts(t, doc), "|")
	if pages < 8 || !strings.Contains(all, fmt.Sprintf("|%d", pages)) || !strings.Contains(all, "Speaker 119") {
		t.Errorf("%d pages: %.200q", pages, all)
	}
}

// TestVisual holds lines against what they look like.
func TestVisual(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "abc", "שלום עולם (כן) 42": "42 (ןכ) םלוע םולש", "abc שלום 42 עולם def": "abc םלוע 42 םולש def",
		"שלום abc def 7": "abc def 7 םולש", "42 שלום": "םולש 42", "a (ב) c": "a (ב) c", "": "",
	} {
		var in []letter
		for _, r := range text {
			in = append(in, letter{rune: r})
		}
		var got strings.Builder
		for _, l := range visual(in, rightToLeft(in)) {
			got.WriteRune(l.rune)
		}
		if got.String() != want {
			t.Errorf("%q looks like %q, want %q", text, got.String(), want)
		}
	}
}

func TestShaped(t *testing.T) {
	for text, want := range map[string]string{
		"بيت": "\ufe91\ufef4\ufe96", "دار": "\ufea9\ufe8d\ufead", "لا": "\ufefb", "سلام": "\ufeb3\ufefc\ufee1",
		"شيء": "\ufeb7\ufef2\ufe80", "بَيت": "\ufe91\u064e\ufef4\ufe96", "ab": "ab", "گچ": "\ufb94\ufb7b",
	} {
		var in []letter
		for _, r := range text {
			in = append(in, letter{rune: r})
		}
		var got strings.Builder
		for _, l := range shaped(in) {
			got.WriteRune(l.rune)
		}
		if got.String() != want {
			t.Errorf("%s is %q, want %q", text, got.String(), want)
		}
	}
}

// FuzzLayout: any text is laid out in lines that fit, and nothing is lost.
// (To write a document takes too long for it.)
func FuzzLayout(f *testing.F) {
	f.Add("Hello (all) مرحبا لا 42 שלום")
	f.Add("\ufffd\U0001f642\u202e\nx " + strings.Repeat("w", 200))
	p := newPrinter(transcript.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		letters := p.glyphs.letters([]span{{text, style{size: textSize}}})
		seen := 0
		for _, l := range letters {
			if l.rune != ' ' && l.rune != '\n' {
				seen++
			}
		}
		for _, l := range p.lines(letters) {
			width := 0.0
			for _, c := range visual(l, rightToLeft(l)) {
				if c.rune != ' ' {
					seen--
				}
				width += p.width(string(c.rune), c.style)
			}
			if width > textWidth+0.01 {
				t.Errorf("a line of %.1f mm: %q", width, text)
			}
		}
		if seen != 0 {
			t.Errorf("%d letters lost: %q", seen, text)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	var tr transcript.Transcript
	for i := range 1000 {
		tr.Segments = append(tr.Segments, transcript.FromText("Ann", int64(i)*1000, int64(i)*1000+900, strings.Repeat("some words ", 15)))
	}
	for b.Loop() {
		if err := Write(io.Discard, tr, transcript.Options{Title: "A long one"}); err != nil {
			b.Fatal(err)
		}
	}
}
