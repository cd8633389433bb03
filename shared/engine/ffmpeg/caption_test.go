package ffmpeg

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/transcript"
)

func segments(all ...cue) (t transcript.Transcript) {
	for _, c := range all {
		t.Segments = append(t.Segments, transcript.FromText("", c.Start, c.End, c.Text))
	}
	return t
}

// TestApart: who speaks at the same time is seen at the same time, the first
// on top, and never two cues at once.
func TestApart(t *testing.T) {
	for _, tt := range []struct {
		name     string
		in, want []cue
	}{
		{"one after another", []cue{{0, 10, "a"}, {10, 20, "b"}, {30, 40, "c"}}, []cue{{0, 10, "a"}, {10, 20, "b"}, {30, 40, "c"}}},
		{"overlapping", []cue{{0, 20, "a"}, {10, 30, "b"}}, []cue{{0, 10, "a"}, {10, 20, "a\nb"}, {20, 30, "b"}}},
		{"inside", []cue{{0, 30, "a"}, {10, 20, "b"}}, []cue{{0, 10, "a"}, {10, 20, "a\nb"}, {20, 30, "a"}}},
		{"at once", []cue{{0, 10, "a"}, {0, 10, "b"}}, []cue{{0, 10, "a\nb"}}},
		{"not in order", []cue{{10, 20, "b"}, {0, 10, "a"}}, []cue{{0, 10, "a"}, {10, 20, "b"}}},
		{"a crowd", []cue{{0, 10, "a"}, {0, 10, "b"}, {0, 10, "c"}, {0, 10, "d"}}, []cue{{0, 10, "b\nc\nd"}}},
		{"nothing", []cue{{0, 10, " "}, {5, 5, "a"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, apart(segments(tt.in...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCues: what was said in one go is broken into captions of two lines that
// can be read, and nothing of it is lost.
func TestCues(t *testing.T) {
	const text = "This is what was said in one go, without any pause that would have told where to break it, by somebody who had a lot to say " +
		"and little time to do so, which is why it came out as a single paragraph, as it often does."
	got := cuesOf(segments(cue{0, 20_000, text}), 42)
	var words []string
	for i, c := range got {
		words = append(words, strings.Fields(c.Text)...)
		lines := strings.Split(c.Text, "\n")
		if len(lines) > 2 || c.End-c.Start > 7000 || i > 0 && got[i-1].End > c.Start {
			t.Errorf("%+v", c)
		}
		for _, l := range lines {
			if len(l) > 42 {
				t.Errorf("%q has %d characters", l, len(l))
			}
		}
	}
	if len(got) < 3 || strings.Join(words, " ") != text {
		t.Errorf("%d captions: %q", len(got), words)
	}
}

// TestLow: a word that is longer than the frame is shown bit by bit.
func TestLow(t *testing.T) {
	word := strings.Repeat("abcdefghij", 30)
	got := cuesOf(segments(cue{0, 6000, word}), 20)
	shown := ""
	for i, c := range got {
		shown += strings.ReplaceAll(c.Text, "\n", "")
		if strings.Count(c.Text, "\n") > 1 || i > 0 && got[i-1].End != c.Start {
			t.Errorf("%+v", c)
		}
	}
	if shown != word {
		t.Errorf("%+v", got)
	}
}

func TestWrap(t *testing.T) {
	for in, want := range map[string]string{
		"aaaa aaaa aaaa":           "aaaa aaaa aaaa",
		"aaaaaaaa":                 "aaaa\naaaa",
		"a\naaaaa":                 "a\naaaa\na",
		"你好世界":                     "你好\n世界",
		"aaaa\u0301\u0301\u0301aa": "aaaa\u0301\u0301\u0301\naa", // marks stay with their letter
		"":                         "",
	} {
		if got := wrap(in, 4*small); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		`{\an8}a`: `\{\` + joiner + `an8\}a`, `a\Nb`: `a\` + joiner + `Nb`, "a\nb": `a\Nb`, "a\r\nb\x00": `a \Nb `, `\{`: `\` + joiner + `\{`, "a,b": "a,b",
	} {
		if got := escape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
