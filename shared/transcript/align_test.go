package transcript

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// contract: SX-054
func TestAlign(t *testing.T) {
	turns := []Segment{said("Ann", 1000, "what is it then||"), said("Bob", 4000, "nothing at all")}
	tests := []struct {
		name, text string
		heard      []Segment
		want       []string
	}{
		{"as it was heard", "What is it, then?", []Segment{said("", 1000, "what is it then")}, []string{"1000-2200 : What is it, then?"}},
		{"other words share what is between", "What was it, then?", []Segment{said("", 1000, "what is it then")}, []string{"1000-2200 : What was it, then?"}},
		{"a pause ends a segment", "So it is.  And on.", []Segment{said("", 0, "so it is|||| and on")}, []string{"0-900 : So it is.", "2900-3500 : And on."}},
		{"and so does a line, and no space is left around it", "  So\r\n\r\nit is. \n", []Segment{said("", 0, "so it is")}, []string{"0-300 : So", "300-900 : it is."}},
		{"and who speaks", "What is it then? Nothing at all.", turns, []string{"1000-2200 Ann: What is it then?", "4000-4900 Bob: Nothing at all."}},
		{"noises are in the times and not in the text", "nothing at all", []Segment{said("", 0, "um nothing uh at uh all")}, []string{"300-1800 : nothing at all"}},
		{"of another text", "Lorem ipsum", []Segment{said("", 1000, "what is it")}, []string{"1000-1900 : Lorem ipsum"}},
		{"with what no transcript has", "so\x00 it\x1b\xff is\x7f \x01", []Segment{said("", 0, "so it is")}, []string{"0-900 : so it is"}},
		{"nothing is heard", "What is it?", nil, nil},
		{"of no text", " \n ", turns, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Align(tt.text, Transcript{tt.heard})
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, shape(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAlignKeepsEveryWord: of a text that is far too long for what was heard.
func TestAlignKeepsEveryWord(t *testing.T) {
	text := strings.Repeat("There is so much more of it; ", 20_000)
	got := Align(text, Transcript{[]Segment{said("", 0, "there is so much of it")}})
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	var all []string
	for _, s := range got.Segments {
		all = append(all, s.Text())
	}
	if strings.Join(all, " ")+" " != text {
		t.Error("words are lost")
	}
}
