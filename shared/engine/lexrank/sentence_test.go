package lexrank

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/transcript"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct{ lang, want string }{
		{"en", "Mr. Smith met Dr. J. K. Rowling at 3.5 km.|He left."},
		{"en", "It is 5 p.m. in the U.S. Senate.|He came at 5 p.m.|The end."},
		{"en", "See fig. 3 and No. 5.|No.|I won't."},
		{"en", `"Stop!" he said.|"Why?"|She left (quickly.)|Now.`},
		{"en", "We have cats, dogs, etc.|The rest is e.g. Birds and i.e. these.|So am I.|And you?"},
		{"en", "Wait… what?!|Yes…|The dog.|3.14 is pi.|2026 was good."},
		{"de", "Am 3. Oktober kam Hr. Müller, d. h. bzw. Prof. Meier.|Er blieb.|Das kostet 1.000,50 Euro."},
		{"fr", "M. Dupont et Mme. Curie sont là.|Où ça ?|« Ici ! »|Bien."},
		{"es", "El Sr. García vino.|¿Cuándo?|¡Ayer!|Vale."},
		{"ja", "今日は。|元気ですか？|はい。"},
		{"hi", "यह एक है।|वह दो है।"},
		{"ar", "كيف حالك؟|بخير۔"},
	} {
		text := strings.ReplaceAll(tt.want, "|", " ")
		if tt.lang == "ja" {
			text = strings.ReplaceAll(tt.want, "|", "")
		}
		var got []string
		for _, s := range split(transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 1000, text)}}, tt.lang) {
			got = append(got, s.text)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.lang, diff)
		}
	}
}

// TestSplitSegments: captions go on, speakers do not, and where there are no
// full stops pauses are.
func TestSplitSegments(t *testing.T) {
	say := transcript.FromText
	for _, tt := range []struct {
		name string
		said []transcript.Segment
		want string
	}{
		{"captions", []transcript.Segment{say("A", 0, 900, "This goes"), say("A", 5000, 5900, "on. And"), say("A", 6000, 6900, "ends.")}, "0 A This goes on.|5450 A And ends."},
		{"speakers", []transcript.Segment{say("A", 0, 900, "I think that."), say("A", 900, 1800, "but"), say("B", 2000, 2900, "no.")}, "0 A I think that. but|2000 B no."},
		{"pauses", []transcript.Segment{
			{Words: []transcript.Word{{Text: "one", Start: 0, End: 100}, {Text: " two", Start: 200, End: 300}, {Text: " three", Start: 1000, End: 1100}}}, say("", 1800, 1900, "four"),
		}, "0  one two|1000  three|1800  four"},
		{"captions without full stops", []transcript.Segment{
			say("", 0, 900, "we have to decide"), say("", 900, 1800, "whether the plan is good"), say("", 1800, 2700, "enough for us"), say("", 2700, 3600, "and then"),
		}, "0  we have to decide whether the plan is good enough for us|2700  and then"},
		{"struck through", []transcript.Segment{{Words: []transcript.Word{{Text: "one."}, {Text: " two", Strikethrough: true}, {Text: " Three."}}}}, "0  one.|0  Three."},
	} {
		var got []string
		for _, s := range split(transcript.Transcript{Segments: tt.said}, "en") {
			got = append(got, strings.Join([]string{strconv.FormatInt(s.start, 10), s.speaker, s.text}, " "))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	endless := transcript.Transcript{Segments: []transcript.Segment{say("", 0, 1000, strings.Repeat("word ", 1000))}}
	if got := split(endless, "en"); len(got) != 17 {
		t.Errorf("1000 words became %d sentences", len(got))
	}
}
