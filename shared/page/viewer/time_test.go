package viewer_test

import (
	"strings"
	"testing"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestACommentsTimeLeadsToItsPassage, as a link within the page does without a
// script.
func TestACommentsTimeLeadsToItsPassage(t *testing.T) {
	s := newSite(t,
		transcript.FromText("Ann", 10_000, 60_000, "one"), transcript.FromText("Ann", 60_000, 120_000, "two"),
		transcript.FromText("Bob", 70_000, 72_000, "three"), transcript.FromText("Cid", 70_000, 80_000, "four"),
		transcript.FromText("Ann", 130_000, 140_000, "five"))
	for _, tt := range []struct{ at, want string }{
		{"0:05", "one"}, {"0:10", "one"}, {"1:00", "two"}, {"1:05", "two"}, {"1:10", "three"}, {"1:11", "three"}, {"1:15", "four"},
		{"1:30", "two"}, {"2:05", "four"}, {"2:11", "five"}, {"1:01:15", "five"},
	} {
		w := s.post("comments", "text", "Here?", "at", tt.at)
		body := s.get(w.Header().Get("Location")).Body.String()
		link, _, ok := strings.Cut(body, `">`+tt.at+`</a></p>`)
		if !ok {
			t.Fatalf("the page has no link to %s", tt.at)
		}
		id := link[strings.LastIndex(link, `href="#`)+len(`href="#`):]
		before, after, _ := strings.Cut(body, `id="`+id+`"`)
		if n := strings.Count(after, `id="`+id+`"`); n != 0 || before == body {
			t.Errorf("%s: %d more places are called %s", tt.at, n, id)
		}
		if _, after, _ = strings.Cut(after, `data-words="`); !strings.HasPrefix(after[strings.Index(after, ">"):], ">"+tt.want+"<") {
			t.Errorf("%s does not lead to %s: %.200s", tt.at, tt.want, after)
		}
	}
}

func TestAnEditLeadsBackToItsPassage(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "hello"), transcript.FromText("Bob", 1500, 2000, "bye"))
	s.set(t, recording.Change{Edit: on()})
	w := s.post("edit", "version", "1", "segment", "1", "speaker", "Bob", "text", "good bye")
	_, fragment, _ := strings.Cut(w.Header().Get("Location"), "#")
	contains(t, s.get(w.Header().Get("Location")).Body.String(), `id="t=1.5"`)
	if fragment != "t=1.5" {
		t.Errorf("leads to #%s", fragment)
	}
}
