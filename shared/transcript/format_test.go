package transcript

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var difficult = Transcript{[]Segment{
	FromText("Ann Lee", 0, 2000, "Hello, world & <all>."),
	FromText("محمد", 1000, 3500, "مرحبا بالعالم"),
	FromText("Ann Lee", 3500, 4000, "two\nlines, é cafe\u0301 👩‍👩‍👧 --> here"),
	FromText("Bo", 4000, 4000, "at once"),
	FromText("Bo", 4000, 5000, ""),
	FromText("Ōe", 6000, MaxTime, "言葉は力だ。 100 % \\ \"quoted\" &amp; &nbsp;"),
}}

func written(t testing.TB, f Format, tr Transcript, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRoundTrip: what every format of text carries whole, but for TXT, which has
// no ends of segments. TestSTLRoundTrip has what EBU STL carries.
func TestRoundTrip(t *testing.T) {
	if err := difficult.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []Format{JSON, SRT, VTT, SBV, TTML} {
		for _, form := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
		} {
			out := written(t, f, difficult, Options{})
			got, err := Parse(f, []byte(form(out)))
			if err != nil {
				t.Fatalf("%s: %v\n%s", f, err, out)
			}
			if diff := cmp.Diff(difficult, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", f, diff)
			}
		}
	}
}

func TestJSONKeepsEveryField(t *testing.T) {
	want := Transcript{[]Segment{{Speaker: "A \"b\" \u2028", Start: 1, End: 9, Words: []Word{
		{Text: " x\n\t", Start: 1, End: 3, Confidence: 1.0 / 3, Highlight: "#a0B1c2", Strikethrough: true},
		{Text: "<&>", Start: 3, End: 9},
	}}, {Start: 4, End: 4}}}
	out := written(t, JSON, want, Options{Title: "left out"})
	got, err := Parse(JSON, []byte(out))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestWrite(t *testing.T) {
	two := Transcript{[]Segment{FromText("Ann", 1350, 8700, "I have\n\na <dream>."), FromText("", 3_723_004, 3_724_000, "")}}
	struck := Transcript{[]Segment{{Start: 0, End: 5, Words: []Word{
		{Text: "a", Highlight: "#ffff00", Strikethrough: true}, {Text: " <script>", Highlight: `"><script>`}}}}}
	for _, test := range []struct {
		name string
		f    Format
		t    Transcript
		o    Options
		want string
	}{
		{"srt", SRT, two, Options{}, "1\n00:00:01,350 --> 00:00:08,700\nAnn: I have\na <dream>.\n\n2\n01:02:03,004 --> 01:02:04,000\n\n\n"},
		{"vtt", VTT, two, Options{Title: "A\nb"}, "WEBVTT - A b\n\n1\n00:00:01.350 --> 00:00:08.700\n<v Ann>I have\na &lt;dream&gt;.\n\n2\n01:02:03.004 --> 01:02:04.000\n\n\n"},
		{"srt with lines for speakers", SRT, two, Options{SpeakerLines: true}, "1\n00:00:01,350 --> 00:00:08,700\nAnn:\nI have\na <dream>.\n\n2\n01:02:03,004 --> 01:02:04,000\n\n\n"},
		{"srt with times in its text", SRT, Transcript{[]Segment{FromText("", 0, 5, "7\n 0:01,5 --> 00:00:02.000 X1:0\na --> b")}}, Options{}, "1\n00:00:00,000 --> 00:00:00,005\n7\n0:01,5 -> 00:00:02.000 X1:0\na --> b\n\n"},
		{"vtt with lines for speakers", VTT, Transcript{[]Segment{FromText("A&B", 0, 5, "x\ny"), {Speaker: "C"}}}, Options{SpeakerLines: true},
			"WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.005\nA&amp;B:\nx\ny\n\n2\n00:00:00.000 --> 00:00:00.000\nC:\n\n"},
		{"vtt title that is no title", VTT, Transcript{}, Options{Title: "a --> b"}, "WEBVTT\n\n"},
		{"sbv", SBV, two, Options{WithoutSpeakers: true, Offset: -1350}, "0:00:00.000,0:00:07.350\nI have\na <dream>.\n\n1:02:01.654,1:02:02.650\n\n\n"},
		{"txt", TXT, two, Options{Title: "T"}, "T\n\nAnn: [00:00:01] I have\na <dream>.\n\n[01:02:03]\n\n"},
		{"txt bare", TXT, two, Options{WithoutSpeakers: true, WithoutTimestamps: true}, "I have\na <dream>.\n\n"},
	} {
		if diff := cmp.Diff(test.want, written(t, test.f, test.t, test.o)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
	if dark := written(t, HTML, Transcript{Segments: []Segment{{End: 9, Words: []Word{{Text: "a", Highlight: "#102030"}}}}}, Options{}); !strings.Contains(dark, "#102030; color: #fff") {
		t.Errorf("black on black: %s", dark)
	}
	// Its name goes its own way, and no white space is marked alone.
	named := Transcript{Segments: []Segment{{Speaker: "Ann <x>", End: 9, Words: []Word{{Text: "مرحبا"}, {Text: " b", Highlight: "#ffee00"}, {Text: " c", Highlight: "#ffee00"}}}}}
	if got, want := written(t, HTML, named, Options{WithoutTimestamps: true}), `<p dir="auto"><b><bdi>Ann &lt;x&gt;</bdi>:</b> مرحبا <mark style="background-color: #ffee00">b</mark>`; !strings.Contains(got, want) {
		t.Errorf("%s lacks %s", got, want)
	}
	out := written(t, HTML, struck, Options{Title: "<T>", Language: `e"n`})
	for _, want := range []string{`<html lang="e&#34;n">`, "<title>&lt;T&gt;</title>", `<p dir="auto"><time>00:00:00</time> <mark style="background-color: #ffff00"><s>a</s></mark> &lt;script&gt;</p>`} {
		if !strings.Contains(out, want) {
			t.Errorf("html lacks %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, "<script") {
		t.Error("html carries a script")
	}
}

func segment(speaker string, start, end int64, text string) Segment {
	return FromText(speaker, start, end, text)
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name string
		f    Format
		in   string
		want []Segment
	}{
		{"srt without numbers, with tags and empty lines inside, unsorted", SRT,
			"00:00:05.000 --> 00:00:06,000 X1:1\n{\\an8}<i>b</i> a < b\n\n1\n0:00:01,5 --> 00:00:02,000\nx\n \ny\n\n",
			[]Segment{segment("", 1500, 2000, "x\ny"), segment("", 5000, 6000, "b a < b")}},
		{"srt with a speaker on a line of its own", SRT, "1\n00:00:01,000 --> 00:00:02,000\nMARTIN LUTHER KING:\nI have a dream: one.\n",
			[]Segment{segment("MARTIN LUTHER KING", 1000, 2000, "I have a dream: one.")}},
		{"srt with a colon in one text is no speaker", SRT, "1\n00:00:01,000 --> 00:00:02,000\nNote: x\n\n2\n00:00:03,000 --> 00:00:04,000\ny",
			[]Segment{segment("", 1000, 2000, "Note: x"), segment("", 3000, 4000, "y")}},
		{"vtt with all it may have", VTT,
			"WEBVTT - title\nKind: captions\n\nSTYLE\n::cue{}\n\nNOTE one\ntwo\n\nREGION\nid:x\n\nid 7\n00:01.000 --> 00:02.500 align:start line:0\n<v.loud Ann  Lee>Hi <b>you</b> &lt;3&gt;<v Bo>&amp;amp;\n\nNOTE\n\n00:00:03.000 --> 00:00:04.000\n<00:00:03.000><c.x>yes</c>",
			[]Segment{segment("Ann Lee", 1000, 2500, "Hi you <3>"), segment("Bo", 1000, 2500, "&amp;"), segment("", 3000, 4000, "yes")}},
		{"vtt without cues", VTT, "WEBVTT", nil},
		{"sbv", SBV, "0:00:01.000,0:00:02.000\na[br]b\n", []Segment{segment("", 1000, 2000, "a\nb")}},
		{"txt with title", TXT, "The title\n\nAnn: [00:00:01] hello\nyou\n\n[00:03] and so on", []Segment{segment("Ann", 1000, 3000, "hello\nyou"), segment("", 3000, 3000+66*9, "and so on")}},
		{"txt with names", TXT, "Ann: hello\n\nBo: yes", []Segment{segment("Ann", 0, 66*5, "hello"), segment("Bo", 66*5, 66*8, "yes")}},
		{"txt of UTF-16", TXT, "\xff\xfeh\x00i\x00\n\x00", []Segment{segment("", 0, 132, "hi")}},
		{"nothing", SRT, "", nil},
	} {
		got, err := Parse(test.f, []byte(test.in))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if len(test.want)+len(got.Segments) > 0 {
			if diff := cmp.Diff(test.want, got.Segments); diff != "" {
				t.Errorf("%s (-want +got)\n%s", test.name, diff)
			}
		}
	}
}

// TestManyEmptyLines takes minutes if what belongs to a cue is copied for each
// empty line in it.
func TestManyEmptyLines(t *testing.T) {
	in := "1\n00:00:01,000 --> 00:00:02,000\n" + strings.Repeat("\n\na\n", 400_000)
	if _, err := Parse(SRT, []byte(in)); err == nil {
		t.Error("a cue of so many characters is taken")
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		f    Format
		in   string
		want string
	}{
		{"srt of something else", SRT, "\n\nhello", "line 3"},
		{"srt backwards", SRT, "1\n00:00:02,000 --> 00:00:01,000\nx", "line 1"},
		{"srt too late", SRT, "1\n00:00:02,000 --> 100:00:00,000\nx", "line 1"},
		{"srt with minute 60", SRT, "1\n00:60:00,000 --> 00:61:00,000\nx", "line 1"},
		{"srt with second 60", SRT, "1\n00:00:60,000 --> 00:01:60,000\nx", "line 1"},
		{"srt with NUL", SRT, "1\n00:00:02,000 --> 00:00:03,000\nx\n\n2\n00:00:02,000 --> 00:00:03,000\nx\x00", "line 5"},
		{"srt not UTF-8", SRT, "1\r\n00:00:02,000 --> 00:00:03,000\n\xe9", "line 3"},
		{"vtt without head", VTT, "00:00.000 --> 00:01.000\nx", "line 1"},
		{"vtt with an escaped control character", VTT, "WEBVTT\n\n00:00.000 --> 00:01.000\n&#1;", "line 3"},
		{"json cut off", JSON, "{\"segments\":[\n{", "line 2"},
		{"json of a wrong type", JSON, "{\"segments\":[\n{\"start\":\"1\"}]}", "line 2"},
		{"json with more", JSON, "{\"segments\":[]}\n{}", "line 2"},
		{"json without segments", JSON, "{}", "segments"},
		{"json out of order", JSON, `{"segments":[{"start":2,"end":2},{"start":1,"end":2}]}`, "segments[1].start"},
		{"html", HTML, "x", ""},
		{"unknown", "odt", "x", ""},
	} {
		_, err := Parse(test.f, []byte(test.in))
		var e *Error
		if !errors.As(err, &e) || e.At != test.want {
			t.Errorf("%s: error %v, want one at %q", test.name, err, test.want)
		}
	}
}

func TestSupported(t *testing.T) {
	for f := range codecs {
		if ContentType(f) == "" || Extension(f) == "" {
			t.Errorf("%s has no content type or extension", f)
		}
	}
	if ContentType("odt") != "" || Write(&bytes.Buffer{}, "odt", Transcript{}, Options{}) == nil {
		t.Error("an unknown format is known")
	}
}

func TestWriteReportsTheWritersError(t *testing.T) {
	for f := range codecs {
		if err := Write(broken{}, f, difficult, Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
