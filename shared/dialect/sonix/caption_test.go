package sonix

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// form is a request's fields, as a query writes them.
func form(t testing.TB, query string) dialect.Form {
	t.Helper()
	f, err := dialect.ReadForm(httptest.NewRequest("GET", "/?"+query, nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// captioned is a transcript as a request of .srt or .vtt gets it.
func captioned(t testing.TB, format transcript.Format, tr transcript.Transcript, query, lang string) string {
	t.Helper()
	c, err := readCaptions(form(t, query))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.write(&b, format, tr, lang); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// paragraph is one segment of several texts, each with its times in ms.
func paragraph(speaker string, said ...transcript.Segment) transcript.Transcript {
	s := transcript.Segment{Speaker: speaker, Start: said[0].Start, End: said[len(said)-1].End}
	for i, p := range said {
		if i > 0 {
			p.Words[0].Text = " " + p.Words[0].Text
		}
		s.Words = append(s.Words, p.Words...)
	}
	return transcript.Transcript{Segments: []transcript.Segment{s}}
}

func says(start, end int64, text string) transcript.Segment {
	return transcript.FromText("", start, end, text)
}

var dream = paragraph("Martin Luther King",
	says(1350, 8700, "I have a dream that one day this nation will rise up,"),
	says(10_110, 12_330, "live out the true meaning of its creed."),
	says(13_620, 19_080, "We hold these truths to be self-evident, that all men are created equal."))

// The sample, with its empty lines, which were lost in print.
const dreamSRT = `1
00:00:01,350 --> 00:00:08,700
MARTIN LUTHER KING:
I have a dream that one day this nation will rise up,

2
00:00:10,110 --> 00:00:12,330
MARTIN LUTHER KING:
live out the true meaning of its creed.

3
00:00:13,620 --> 00:00:19,080
MARTIN LUTHER KING:
We hold these truths to be self-evident,
that all men are created equal.

`

var sueño = paragraph("Martin Luther King",
	says(1350, 8700, "Tengo el sueño de que algún día esta nación se levantará,"),
	says(10_110, 12_330, "vive el verdadero significado de su credo."),
	says(13_620, 19_080, "Sostenemos que estas verdades son evidentes por sí mismas, que todos los hombres son creados iguales."))

// The same in translation, with its letters, which were lost too.
const sueñoSRT = `1
00:00:01,350 --> 00:00:08,700
MARTIN LUTHER KING:
Tengo el sueño de que algún día esta nación se levantará,

2
00:00:10,110 --> 00:00:12,330
MARTIN LUTHER KING:
vive el verdadero significado de su credo.

3
00:00:13,620 --> 00:00:19,080
MARTIN LUTHER KING:
Sostenemos que estas verdades son evidentes por sí mismas,
que todos los hombres son creados iguales.

`

// contract: SX-087, SX-091, SX-092, SX-099
func TestCaptionSamples(t *testing.T) {
	const options = "speaker_display=uppercase&limit_captions=true&subtitle_lines=2&max_characters=120&max_duration=8"
	if diff := cmp.Diff(dreamSRT, captioned(t, transcript.SRT, dream, options, "en")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(sueñoSRT, captioned(t, transcript.SRT, sueño, options, "es")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// contract: SX-088, SX-089, SX-090, SX-091, SX-092, SX-093, SX-094, SX-095, SX-096, SX-097
func TestCaptions(t *testing.T) {
	stored := transcript.Transcript{Segments: []transcript.Segment{
		transcript.FromText("Åsa & Ida", 0, 2000, "two\nlines"), {Speaker: "Åsa & Ida", Start: 2000, End: 3000}, transcript.FromText("", 3000, 4000, "nobody")}}
	for _, tt := range []struct {
		name, query, lang string
		t                 transcript.Transcript
		want              string // of WebVTT, without its head, numbers and hours
	}{
		{"by paragraph", "", "en", dream, "00:01.350 --> 00:19.080\nI have a dream that one day this nation will rise up, live out the true meaning of its creed. We hold these truths to be self-evident, that all men are created equal.\n\n"},
		{"limits that do not count", "max_characters=10&max_duration=1&limit_captions=false", "en", dream, "00:01.350 --> 00:19.080\nI have a dream that one day this nation will rise up, live out the true meaning of its creed. We hold these truths to be self-evident, that all men are created equal.\n\n"},
		{"limited as it is by default", "limit_captions=1", "en", dream, "00:01.350 --> 00:08.700\nI have a dream that one day this nation will rise up,\n\n" +
			"00:10.110 --> 00:12.330\nlive out the true meaning of its creed.\n\n00:13.620 --> 00:19.080\nWe hold these truths to be self-evident, that all men are created equal.\n\n"},
		{"not over a silence", "limit_captions=true", "en", paragraph("", says(0, 900, "hello there"), says(2901, 3000, "you")), "00:00.000 --> 00:00.900\nhello there\n\n00:02.901 --> 00:03.000\nyou\n\n"},
		{"but over a pause", "limit_captions=true", "en", paragraph("", says(0, 900, "hello there"), says(2900, 3000, "you")), "00:00.000 --> 00:03.000\nhello there you\n\n"},
		{"line breaks stay", "speaker_display=as_typed", "sv", stored, "00:00.000 --> 00:02.000\nÅsa &amp; Ida:\ntwo\nlines\n\n00:03.000 --> 00:04.000\nnobody\n\n"},
		{"unless something is said of lines", "speaker_display=none&subtitle_lines=1", "sv", stored, "00:00.000 --> 00:02.000\ntwo lines\n\n00:03.000 --> 00:04.000\nnobody\n\n"},
		{"or of limits", "speaker_display=&limit_captions=true", "sv", stored, "00:00.000 --> 00:02.000\ntwo lines\n\n00:03.000 --> 00:04.000\nnobody\n\n"},
		{"two lines of a paragraph", "subtitle_lines=2", "en", paragraph("", says(0, 9000, strings.Repeat("hello there, ", 8)+"you.")),
			"00:00.000 --> 00:09.000\nhello there, hello there, hello there, hello there,\nhello there, hello there, hello there, hello there, you.\n\n"},
		{"capitals of German", "speaker_display=uppercase", "de", paragraph("Jürgen Groß", says(0, 1, "ja")), "00:00.000 --> 00:00.001\nJÜRGEN GROSS:\nja\n\n"},
		{"of Turkish", "speaker_display=uppercase", "tr", paragraph("Ali Işık", says(0, 1, "evet")), "00:00.000 --> 00:00.001\nALİ IŞIK:\nevet\n\n"},
		{"of a region", "speaker_display=uppercase", "tr-TR", paragraph("ali", says(0, 1, "evet")), "00:00.000 --> 00:00.001\nALİ:\nevet\n\n"},
		{"and of none", "speaker_display=uppercase", "", paragraph("محمد Ωmega ŉ", says(0, 1, "x")), "00:00.000 --> 00:00.001\nمحمد ΩMEGA ʼN:\nx\n\n"},
		{"marks of the format", "", "en", paragraph("", says(0, 1, "a <b> --> & c")), "00:00.000 --> 00:00.001\na &lt;b&gt; --&gt; &amp; c\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, found := strings.CutPrefix(captioned(t, transcript.VTT, tt.t, tt.query, tt.lang), "WEBVTT\n\n")
			var b strings.Builder
			for cue := range strings.SplitAfterSeq(got, "\n\n") {
				_, rest, _ := strings.Cut(cue, "\n")
				b.WriteString(strings.ReplaceAll(rest, "00:00:", "00:"))
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" || !found {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// contract: SX-112, SX-113, SX-114, SX-115
func TestSplitOptions(t *testing.T) {
	for query, want := range map[string]transcript.Limits{
		"": {Lines: 1, Characters: 45, Duration: 10_000, Rate: 12, Silence: 2000},
		"subtitle_lines=2&max_characters=50&max_duration=10&max_cps=10": {Lines: 2, Characters: 50, Duration: 10_000, Rate: 10, Silence: 2000},
		"max_duration=2.5&max_cps=12.9&max_characters=20000":            {Lines: 1, Characters: 20_000, Duration: 2500, Rate: 12, Silence: 2000},
		"max_duration=8.2&max_cps=1&max_characters=1":                   {Lines: 1, Characters: 1, Duration: 8200, Rate: 1, Silence: 2000},
		"limit_captions=nonsense":                                       {Lines: 1, Characters: 45, Duration: 10_000, Rate: 12, Silence: 2000},
	} {
		got, err := readSplit(form(t, query))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got)\n%s", query, err, diff)
		}
	}
}

// contract: SX-095
func TestBadCaptionOptions(t *testing.T) {
	both := map[string][]string{
		"subtitle_lines": {"0", "3", "-1", "1.5", "two", "99999999999999999999"},
		"max_characters": {"0", "20001", "-5", "x", "1e3"},
		"max_duration":   {"0", "0.09", "-1", "NaN", "Inf", "1e999", "360001", "x"},
	}
	for name, values := range both {
		for _, v := range values {
			query := url.Values{name: {v}}.Encode()
			_, err := readCaptions(form(t, query))
			refused(t, query, err, name)
			_, err = readSplit(form(t, query))
			refused(t, query, err, name)
		}
	}
	for query, name := range map[string]string{
		"speaker_display=loud": "speaker_display", "speaker_display=UPPERCASE": "speaker_display", "limit_captions=2": "limit_captions",
		"limit_captions=true&limit_captions=false": "limit_captions",
	} {
		_, err := readCaptions(form(t, query))
		refused(t, query, err, name)
	}
	for _, v := range []string{"0", "0.99", "-1", "NaN", "1001", "x"} {
		_, err := readSplit(form(t, "max_cps="+v))
		refused(t, "max_cps="+v, err, "max_cps")
	}
}

// refused wants a fault of the field.
func refused(t *testing.T, what string, err error, field string) {
	t.Helper()
	if e := fault.As(err); e == nil || e.Kind != fault.Invalid && e.Kind != fault.Missing || e.Field != field {
		t.Errorf("%s: %v, want a fault of %s", what, err, field)
	}
}
