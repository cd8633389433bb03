package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
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

var placed = regexp.MustCompile(`BT (\d+\.\d+) (\d+\.\d+) Td`)

// pages returns what draws each page.
func pages(t testing.TB, doc []byte) (out []string) {
	t.Helper()
	for _, m := range stream.FindAllSubmatch(doc, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		if page, err := io.ReadAll(z); err == nil && bytes.Contains(page, []byte(" Tj ET")) {
			out = append(out, string(page))
		}
	}
	return out
}

// TestMarks: a mark is filled behind its word in its colour, on a dark one the
// letters are white, and a line goes through what is struck out.
func TestMarks(t *testing.T) {
	page := pages(t, written(t, transcript.Transcript{Segments: []transcript.Segment{{End: 9, Words: []transcript.Word{
		{Text: "plain"}, {Text: " dark", Highlight: "#102030"}, {Text: " light", Highlight: "#ffee00"}, {Text: " struck", Strikethrough: true},
	}}}}, transcript.Options{WithoutTimestamps: true}))[0]
	for what, want := range map[string]string{
		"dark mark":     `0\.063 0\.125 0\.188 rg\s[\d. -]+ re f`,
		"light mark":    `1\.000 0\.933 0\.000 rg\s[\d. -]+ re f`,
		"white letters": `1\.000 g BT [\d.]+ [\d.]+ Td \(\x00d`,
		"black letters": `0\.000 g BT [\d.]+ [\d.]+ Td \(\x00l`,
		"line":          `[\d.]+ ([\d.]+) m [\d.]+ ([\d.]+) l S`,
	} {
		if !regexp.MustCompile(want).MatchString(page) {
			t.Errorf("no %s: %q", what, page)
		}
	}
	if n := strings.Count(page, " re f"); n != 2 {
		t.Errorf("%d marks, want 2", n)
	}
}

// TestDirection: what is read from the right ends at the right margin, its
// time without a speaker too.
func TestDirection(t *testing.T) {
	page := pages(t, written(t, transcript.Transcript{Segments: []transcript.Segment{
		transcript.FromText("", 0, 1, "שלום"), transcript.FromText("Ann", 1, 2, "left"),
	}}, transcript.Options{}))[0]
	var at []float64
	for _, m := range placed.FindAllStringSubmatch(page, -1) {
		x, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, x)
	}
	const left, middle = margin / mm, pageWidth / 2 / mm
	// A time, its text, then a name, its time and its text, and the page's number.
	if len(at) != 6 || at[0] < middle || at[1] < middle || at[2]-left > 0.01 || at[4]-left > 0.01 {
		t.Errorf("drawn at %.0f", at)
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
	tr.Segments = append(tr.Segments, transcript.FromText("Speaker 120", 200_000, 300_000, strings.Repeat("a long one ", 1500)))
	doc := written(t, tr, transcript.Options{})
	n := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(doc, -1))
	all := strings.Join(texts(t, doc), "|")
	if n < 8 || !strings.Contains(all, fmt.Sprintf("|%d", n)) || !strings.Contains(all, "Speaker 120") {
		t.Errorf("%d pages: %.200q", n, all)
	}
	for i, page := range pages(t, doc) {
		for _, m := range placed.FindAllStringSubmatch(page, -1) {
			if y, err := strconv.ParseFloat(m[2], 64); err != nil || y < margin/2/mm-1 || y > (pageHeight-margin)/mm {
				t.Errorf("page %d has something at %s of %.0f", i+1, m[2], pageHeight/mm)
			}
		}
	}
}

// TestVisual holds lines against what they look like.
func TestVisual(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "abc", "שלום עולם (כן) 42": "42 (ןכ) םלוע םולש", "abc שלום 42 עולם def": "abc םלוע 42 םולש def",
		"שלום abc def 7": "abc def 7 םולש", "שלום 42 abc": "abc 42 םולש", "שלום 42. abc": "abc .42 םולש",
		"He said שלום 12 left.": "He said 12 םולש left.", "then مرحبا 12/05 left.": "then 12/05 ابحرم left.", "then שלום 1,000": "then 1,000 םולש",
		"a שלום 12 עולם b": "a םלוע 12 םולש b", "a שָׁלוֹם b": "a םֹולָׁש b", "a 12 שלום": "a 12 םולש", "a שלום, b": "a םולש, b", "42 שלום": "םולש 42", "a (ב) c": "a (ב) c", "": "",
	} {
		var in []letter
		for _, r := range text {
			in = append(in, letter{rune: r})
		}
		var got strings.Builder
		for _, l := range visual(in, rightToLeft(text)) {
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
		"شيء": "\ufeb7\ufef2\ufe80", "می\u200cخواهم": "\ufee3\ufbfd\ufea7\ufeee\ufe8d\ufeeb\ufee2", "ه\u200d": "\ufeeb", "\u200dه": "\ufeea", "ٹھ": "\ufb68\ufbab", "بَيت": "\ufe91\u064e\ufef4\ufe96", "ab": "ab", "گچ": "\ufb94\ufb7b",
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
			for _, c := range visual(l, rightToLeft(text)) {
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
