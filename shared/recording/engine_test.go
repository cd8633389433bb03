package recording_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestQuestionText: turns are lines, and long ones several.
func TestQuestionText(t *testing.T) {
	q := recording.Question{Transcript: transcript.Transcript{Segments: []transcript.Segment{
		transcript.FromText("Ann", 1000, 2000, "Good\nmorning."),
		transcript.FromText("Ann", 2000, 3000, " It  is late."),
		transcript.FromText("Ann", 3000, 3000, ""),
		transcript.FromText("Bob", 3000, 4000, "So?"),
		transcript.FromText("", 4000, 5000, "Nobody."),
		transcript.FromText("", 33_999, 34_000, "still"),
		transcript.FromText("", 3_723_000, 3_724_000, "Again."),
	}}}
	want := "[00:00:01] Ann: Good morning. It is late.\n[00:00:03] Bob: So?\n[00:00:04] Nobody. still\n[01:02:03] Again."
	if diff := cmp.Diff(want, q.Text()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
