package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// words is a segment from 0 to n seconds whose words, marked with * to
// highlight and ~ to strike out, take a second each.
func words(text ...string) segment {
	s := segment{Stop: float64(len(text))}
	for i, t := range text {
		w := word{Text: strings.Trim(t, "*~"), Start: float64(i), End: float64(i + 1), Strike: strings.HasPrefix(t, "~")}
		if strings.HasPrefix(t, "*") {
			w.Highlight = "#123456"
		}
		s.Words = append(s.Words, w)
	}
	return s
}

// TestRewrite: words that stay keep their times and marks, new ones share the
// time between those, and nothing is ever out of order.
func TestRewrite(t *testing.T) {
	d := share(t, "Words", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	overlapping := words("a", " b", " c")
	overlapping.Words[0].End, overlapping.Words[1].End = 2.5, 3
	tests := []struct {
		name string
		was  segment
		text string
		want string
	}{
		{"the same", words("One", " two"), "One two", "One 0-1, two 1-2"},
		{"a word put in", words("One", " three"), "One two three", "One 0-1, two 1-1, three 1-2"},
		{"a word replaced", words("One", " too", " three"), "One two three", "One 0-1, two 1-2, three 2-3"},
		{"one by two of different length", words("One", " xx", " four"), "One two_ three___ four", "One 0-1, two_ 1-1.333, three___ 1.333-2, four 2-3"},
		{"a word taken out", words("One", " two", " three"), "One three", "One 0-1, three 2-3"},
		{"all replaced", words("One", " two"), "Neuf", "Neuf 0-2"},
		{"nothing left", words("One", " two"), "", ""},
		{"something where nothing was", segment{Stop: 4}, "ab cd", "ab 0-2, cd 2-4"},
		{"marks stay", words("*One", "~ two", " three"), "One more three", "One 0-1 #123456, more 1-2, three 2-3"},
		{"what replaces marked words is marked", words("a", "* b", "* c", " d"), "a x d", "a 0-1, x 1-3 #123456, d 3-4"},
		{"white space before the first", words("  One", " two"), "One too", "One 0-1, too 1-2"},
		{"scripts without spaces", words("今", "日", "は"), "今朝は", "今 0-1, 朝 1-2, は 2-3"},
		{"words that overlap", overlapping, "a x b c", "a 0-2.5, x 1-1, b 1-3, c 2-3"},
		{"line breaks", words("One", " two"), "One\ntwo", "One 0-1, two 1-2"},
		{"a space that holds together", words("10\u00a0000", " km"), "10\u00a0000 miles", "10\u00a0000 0-1, miles 1-2"},
	}
	module := js[string](b, `document.querySelector("script[type=module]").src.replace("main.js", "words.js")`)
	for _, tt := range tests {
		if tt.was.Words == nil {
			tt.was.Words = []word{}
		}
		was, err := json.Marshal(tt.was)
		if err != nil {
			t.Fatal(err)
		}
		now := js[segment](b, fmt.Sprintf(`import(%q).then((m) => m.rewrite(%s, %q))`, module, was, tt.text))
		var got []string
		last := 0.0
		for _, w := range now.Words {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %v-%v %s", strings.TrimSpace(w.Text), w.Start, w.End, w.Highlight)))
			if w.Start < last || w.End < w.Start || w.End > now.Stop {
				t.Errorf("%s: %+v is out of order", tt.name, w)
			}
			last = w.Start
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: words (-want +got):\n%s", tt.name, diff)
		}
		if now.text() != strings.TrimSpace(tt.text) {
			t.Errorf("%s: says %q", tt.name, now.text())
		}
	}
}
