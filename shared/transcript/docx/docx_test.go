package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/transcript"
)

func written(t testing.TB, tr transcript.Transcript, o transcript.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts unpacks a document and sees that each part is XML.
func parts(t testing.TB, document []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Fatalf("%s: %v in\n%s", f.Name, err, b)
		}
		all[f.Name] = string(b)
	}
	return all
}

// paragraphs reads a document back, in a notation of its own: style, direction
// of the paragraph, and each run's marks before its text.
func paragraphs(t testing.TB, document string) (all []string) {
	t.Helper()
	var p, run strings.Builder
	inside := false
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		switch e := token.(type) {
		case xml.StartElement:
			value := ""
			for _, a := range e.Attr {
				if a.Name.Local == "val" || a.Name.Local == "fill" {
					value = a.Value
				}
			}
			switch e.Name.Local {
			case "p":
				p.Reset()
			case "pStyle":
				fmt.Fprintf(&p, "%s", value)
			case "bidi":
				p.WriteString("<")
			case "r":
				run.Reset()
			case "rStyle", "shd":
				fmt.Fprintf(&run, "%s ", value)
			case "strike", "rtl":
				fmt.Fprintf(&run, "%s ", e.Name.Local)
			case "br":
				run.WriteString("/")
			case "tab":
				run.WriteString("»")
			case "t":
				inside = true
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inside = false
			case "r":
				fmt.Fprintf(&p, "|%s", &run)
			case "p":
				all = append(all, p.String())
			}
		case xml.CharData:
			if inside {
				run.Write(e)
			}
		}
	}
}

func TestWrite(t *testing.T) {
	struck := transcript.Segment{Start: 3_723_004, End: 3_724_000, Words: []transcript.Word{
		{Text: "a"}, {Text: " b", Highlight: "#ffee00"}, {Text: " c", Highlight: "#ffee00"}, {Text: " d", Highlight: "#ffee00", Strikethrough: true}, {Text: " שלום"}}}
	for _, test := range []struct {
		name string
		s    transcript.Segment
		o    transcript.Options
		want string
	}{
		{"plain", transcript.FromText("", 0, 1, "One two."), transcript.Options{WithoutTimestamps: true}, "Segment|One two."},
		{"all", transcript.FromText("Ann  Lee", 61_000, 62_000, "One\n\ttwo"), transcript.Options{}, "Segment|Speaker Ann Lee|Speaker : |Time [00:01:01]| |One/»two"},
		{"moved, nameless", transcript.FromText("Ann", 61_000, 62_000, "x"), transcript.Options{Offset: -1000, WithoutSpeakers: true}, "Segment|Time [00:01:00]| |x"},
		{"hostile", transcript.FromText("<b>", 0, 1, "\"&\" ]]> </w:t> &#0;"), transcript.Options{WithoutTimestamps: true}, "Segment|Speaker <b>|Speaker : |\"&\" ]]> </w:t> &#0;"},
		{"marked", struck, transcript.Options{}, "Segment|Time [01:02:03]| |a |ffee00 b c| |strike ffee00 d| |rtl שלום"},
		{"arabic", transcript.FromText("Ann", 0, 1, "مرحبا 12 بالعالم"), transcript.Options{}, "Segment<|Speaker Ann|Speaker rtl : |Time [00:00:00]|rtl  |rtl مرحبا 12 بالعالم"},
		{"latin inside hebrew", transcript.FromText("דנה", 0, 1, "אמר OK."), transcript.Options{WithoutTimestamps: true}, "Segment<|Speaker rtl דנה|Speaker rtl : |rtl אמר |OK."},
		{"no letters", transcript.FromText("", 0, 1, "12 👍"), transcript.Options{WithoutTimestamps: true}, "Segment|12 👍"},
		{"cleared", transcript.Segment{Speaker: "Ann"}, transcript.Options{}, "Segment|Speaker Ann|Speaker : |Time [00:00:00]| "},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := paragraphs(t, parts(t, written(t, transcript.Transcript{Segments: []transcript.Segment{test.s}}, test.o))["word/document.xml"])
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTitleAndLanguage(t *testing.T) {
	o := transcript.Options{Title: " Q&A\x00\x1b \ufffe<1>\xff", Language: `he"<`}
	all := parts(t, written(t, transcript.Transcript{}, o))
	if diff := cmp.Diff([]string{"Heading1|Q&A <1>\ufffd"}, paragraphs(t, all["word/document.xml"])); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for part, want := range map[string]string{
		"docProps/core.xml": "<dc:title> Q&amp;A &lt;1&gt;\ufffd</dc:title><dc:language>he&quot;&lt;</dc:language>",
		"word/styles.xml":   `<w:lang w:val="he&quot;&lt;" w:eastAsia="he&quot;&lt;" w:bidi="he&quot;&lt;"/>`,
	} {
		if !strings.Contains(all[part], want) {
			t.Errorf("%s lacks %s:\n%s", part, want, all[part])
		}
	}
	all = parts(t, written(t, transcript.Transcript{}, transcript.Options{}))
	if strings.Contains(all["word/styles.xml"], "w:lang") || strings.Contains(all["docProps/core.xml"], "<dc:") || len(paragraphs(t, all["word/document.xml"])) != 0 {
		t.Error("an untitled document has a title or a language")
	}
}

// TestParts: every part has a type, every relationship leads to a part, and
// every style that is used is defined.
func TestParts(t *testing.T) {
	tr := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("Ann", 0, 1, "x")}}
	all := parts(t, written(t, tr, transcript.Options{Title: "T"}))
	for name := range all {
		if !strings.HasSuffix(name, ".rels") && name != "[Content_Types].xml" && !strings.Contains(all["[Content_Types].xml"], `PartName="/`+name+`"`) {
			t.Errorf("%s has no type", name)
		}
	}
	for rels, folder := range map[string]string{"_rels/.rels": "", "word/_rels/document.xml.rels": "word/"} {
		for _, r := range values(all[rels], `Target="`) {
			if all[folder+r] == "" {
				t.Errorf("%s leads to %s, which is not there", rels, r)
			}
		}
	}
	for _, style := range append(values(all["word/document.xml"], `Style w:val="`), values(all["word/footer.xml"], `Style w:val="`)...) {
		if !strings.Contains(all["word/styles.xml"], `w:styleId="`+style+`"`) {
			t.Errorf("the style %s is not defined", style)
		}
	}
	if !bytes.Equal(written(t, tr, transcript.Options{}), written(t, tr, transcript.Options{})) {
		t.Error("the same transcript makes different bytes")
	}
}

func values(s, before string) (found []string) {
	for _, part := range strings.Split(s, before)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		found = append(found, value)
	}
	return found
}

type full struct{ after int }

func (w *full) Write(b []byte) (int, error) {
	if w.after -= len(b); w.after < 0 {
		return 0, errors.New("full")
	}
	return len(b), nil
}

func TestWriteTellsOfAFullDisk(t *testing.T) {
	size := len(written(t, hours(5000), transcript.Options{}))
	for after := 0; after < size; after += size/20 + 1 {
		if err := Write(&full{after}, hours(5000), transcript.Options{}); err == nil {
			t.Errorf("no error after %d bytes", after)
		}
	}
}

// hours is a transcript of so many words, 25 to a segment.
func hours(words int) transcript.Transcript {
	var t transcript.Transcript
	for i := range int64(words / 25) {
		t.Segments = append(t.Segments, transcript.FromText("Speaker "+string(rune('A'+i%3)), i*9000, i*9000+8900, strings.Repeat("every word of <it> counts & ", 5)))
	}
	return t
}

func FuzzWrite(f *testing.F) {
	f.Add("Ann", "one \u202etwo\n\n\tthree\ufffd", "#a0B1c2", "title\x00", "x-y")
	f.Fuzz(func(t *testing.T, speaker, text, highlight, title, language string) {
		tr := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText(speaker, 0, transcript.MaxTime, text), transcript.FromText("", 5, 5, text)}}
		for i := range tr.Segments[0].Words {
			tr.Segments[0].Words[i].Highlight, tr.Segments[0].Words[i].Strikethrough = highlight, i%2 == 1
		}
		if tr.Validate() != nil {
			return
		}
		got := paragraphs(t, parts(t, written(t, tr, transcript.Options{Title: title, Language: language, WithoutTimestamps: true}))["word/document.xml"])
		want := strings.NewReplacer("\n", "/", "\t", "»").Replace(tr.Segments[1].Text())
		_, last, _ := strings.Cut(got[len(got)-1], "|")
		last = strings.NewReplacer("|rtl ", "", "|", "").Replace(strings.TrimPrefix(last, "rtl "))
		if strings.ReplaceAll(want, "|", "") != last {
			t.Errorf("wrote %q as %q", want, last)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	t := hours(30_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, t, transcript.Options{Title: "Minutes", Language: "en"}); err != nil {
			b.Fatal(err)
		}
	}
}
