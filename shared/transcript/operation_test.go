package transcript

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFromText(t *testing.T) {
	got := FromText("A", 100, 200, " Hello,\r\nyou  \u00a0x 言葉だ。 ")
	want := []string{" Hello,", "\nyou", "  \u00a0x", " 言", "葉", "だ。 "}
	var texts []string
	at := int64(100)
	for _, w := range got.Words {
		texts = append(texts, w.Text)
		if w.Start != at || w.End < w.Start {
			t.Errorf("%q from %d to %d, want it from %d", w.Text, w.Start, w.End, at)
		}
		at = w.End
	}
	if diff := cmp.Diff(want, texts); diff != "" || at != 200 {
		t.Errorf("ends at %d (-want +got)\n%s", at, diff)
	}
	if got.Words[0].End != 142 {
		t.Errorf("6 of 14 characters end at %d, want 142", got.Words[0].End)
	}
	if FromText("", 0, 1, " \n").Words != nil {
		t.Error("white space is a word")
	}
}

func TestOperations(t *testing.T) {
	if diff := cmp.Diff([]string{"Ann Lee", "محمد", "Bo", "Ōe"}, difficult.Speakers()); diff != "" {
		t.Error(diff)
	}
	cleared := difficult.Cleared()
	for i, s := range cleared.Segments {
		if given := difficult.Segments[i]; s.Words != nil || s.Speaker != given.Speaker || s.Start != given.Start || s.End != given.End {
			t.Errorf("cleared segment %+v", s)
		}
	}
	if len(cleared.Segments) != len(difficult.Segments) || difficult.Segments[0].Text() == "" {
		t.Error("Cleared lost a segment, or changed what it was given")
	}
	if got := difficult.Shifted(-1500); got.Segments[0].End != 500 || got.Segments[1].Start != 0 || got.Segments[2].Words[0].Start != 2000 || got.Validate() != nil {
		t.Errorf("%+v", got)
	}
	for _, ms := range []int64{math.MaxInt64, math.MinInt64} {
		if err := difficult.Shifted(ms).Validate(); err != nil {
			t.Error(err)
		}
	}
	if difficult.Segments[0].End != 2000 {
		t.Error("Shifted changed what it was given")
	}
}

func TestValidate(t *testing.T) {
	word := func(w Word) []Segment { return []Segment{{End: 10, Words: []Word{w}}} }
	for _, test := range []struct {
		at       string
		segments []Segment
	}{
		{"segments", make([]Segment, MaxSegments+1)},
		{"segments[0].end", []Segment{{Start: 2, End: 1}}},
		{"segments[0].end", []Segment{{Start: -1}}},
		{"segments[0].end", []Segment{{End: MaxTime + 1}}},
		{"segments[1].start", []Segment{{Start: 2, End: 3}, {Start: 1, End: 3}}},
		{"segments[0].speaker", []Segment{{Speaker: strings.Repeat("é", MaxSpeaker+1)}}},
		{"segments[0].speaker", []Segment{{Speaker: "a\nb"}}},
		{"segments[0].text", word(Word{Text: strings.Repeat("é", MaxTextLength+1)})},
		{"segments[0].words[0].text", word(Word{})},
		{"segments[0].words[0].text", word(Word{Text: "a\x00"})},
		{"segments[0].words[0].text", word(Word{Text: "\u0085"})},
		{"segments[0].words[0].text", word(Word{Text: "\xff"})},
		{"segments[0].words[0].text", word(Word{Text: "\uffff"})},
		{"segments[0].words[0].start", word(Word{Text: "a", End: 11})},
		{"segments[0].words[0].end", word(Word{Text: "a", Start: 2, End: 1})},
		{"segments[0].words[1].start", []Segment{{End: 9, Words: []Word{{Text: "a", Start: 2, End: 2}, {Text: "b", Start: 1, End: 2}}}}},
		{"segments[0].words[0].confidence", word(Word{Text: "a", Confidence: math.NaN()})},
		{"segments[0].words[0].confidence", word(Word{Text: "a", Confidence: 1.1})},
		{"segments[0].words[0].highlight", word(Word{Text: "a", Highlight: "#12345g"})},
		{"segments[0].words[0].highlight", word(Word{Text: "a", Highlight: "red"})},
	} {
		var e *Error
		if err := (Transcript{test.segments}).Validate(); !errors.As(err, &e) || e.At != test.at {
			t.Errorf("got %v, want an error at %s", err, test.at)
		}
	}
	ok := Transcript{[]Segment{{End: MaxTime, Speaker: strings.Repeat("é", MaxSpeaker), Words: []Word{{Text: "a\n\t\ufffd", Confidence: 1, Highlight: "#aaBB00"}}}}}
	if err := ok.Validate(); err != nil {
		t.Error(err)
	}
}
