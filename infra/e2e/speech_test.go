package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// word is one of a transcript, as Sonix has it.
type word struct {
	Text      string  `json:"text"`
	Start     float64 `json:"start_time"`
	End       float64 `json:"end_time"`
	Highlight bool    `json:"highlight,omitempty"`
}

type paragraph struct {
	Speaker string  `json:"speaker"`
	Start   float64 `json:"start_time"`
	End     float64 `json:"end_time"`
	Words   []word  `json:"words"`
}

// said reads a transcript.json.
func (a answer) said(ts *testscript.TestScript) []paragraph {
	var in struct {
		Transcript []paragraph `json:"transcript"`
	}
	if err := json.Unmarshal(a.body, &in); err != nil || len(in.Transcript) == 0 {
		ts.Fatalf("no transcript, %v: %d %.2000s", err, a.status, a.body)
	}
	return in.Transcript
}

func cmdHeard(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	most, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	var heard strings.Builder
	for _, p := range of(ts).last.said(ts) {
		for _, w := range p.Words {
			heard.WriteString(" " + strings.TrimSpace(w.Text))
		}
	}
	said := ts.ReadFile(args[0])
	wrong, words := errorsIn(said, heard.String())
	rate := 100 * float64(wrong) / float64(words)
	told := fmt.Sprintf("%s: word error rate %.1f %% of %d words, at most %.0f %%", args[0], rate, words, most)
	if rate > most {
		ts.Fatalf("%s\nheard:%s", told, heard.String())
	}
	fmt.Println(told) // shown without -v too
}

// errorsIn is how many words of a text were left out, put in or taken for
// others, case and punctuation apart, and how many words it has.
func errorsIn(said, heard string) (wrong, words int) {
	a, b := bareWords(said), bareWords(heard)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0] // of the row above, one to the left
		row[0] = i + 1
		for j, y := range b {
			cost := before
			if x != y {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)], len(a)
}

func bareWords(text string) (out []string) {
	for _, w := range strings.Fields(strings.ToLower(text)) {
		if w = strings.Trim(w, ".,!?;:\"'"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func TestErrorsIn(t *testing.T) {
	for _, tt := range []struct {
		said, heard  string
		wrong, words int
	}{
		{"The bridge is new.", " the bridge is new", 0, 4},
		{"The bridge is new.", "", 4, 4},
		{"The bridge is new.", "a bridge new", 2, 4},
		{"The bridge is new.", "the bridge it is as new", 2, 4},
	} {
		if wrong, words := errorsIn(tt.said, tt.heard); wrong != tt.wrong || words != tt.words {
			t.Errorf("%q for %q: %d of %d", tt.heard, tt.said, wrong, words)
		}
	}
}

func cmdHighlight(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	from, err := strconv.Atoi(args[0])
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var marked []*word
	all := of(ts).last.said(ts)
	for i := range all {
		for j := range all[i].Words {
			marked = append(marked, &all[i].Words[j])
		}
	}
	if len(marked) < from+n {
		ts.Fatalf("there are %d words", len(marked))
	}
	marked = marked[from : from+n]
	for _, w := range marked {
		w.Highlight = true
	}
	b, err := json.Marshal(all)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("highlighted.json"), b, 0o600))
	ts.Setenv("SECONDS", fmt.Sprintf("%.3f", marked[n-1].End-marked[0].Start))
}

func cmdSave(ts *testscript.TestScript, args []string) {
	want(ts, args, 1, 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), of(ts).last.body, 0o600))
}

// ffmpeg returns what one of its programs prints.
func ffmpeg(ts *testscript.TestScript, program string, args ...string) []byte {
	var wrong bytes.Buffer
	cmd := exec.Command(program, append([]string{"-v", "error"}, args...)...)
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("%s %v: %v\n%s", program, args, err, wrong.String())
	}
	return out
}

func cmdLasts(ts *testscript.TestScript, args []string) {
	want(ts, args, 2, 2)
	seconds, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	// What is decoded counts, not what the file says of itself.
	pcm := ffmpeg(ts, "ffmpeg", "-nostdin", "-i", ts.MkAbs(args[0]), "-vn", "-ac", "1", "-ar", "8000", "-f", "u8", "-")
	if got := float64(len(pcm)) / 8000; math.Abs(got-seconds) > 0.1 {
		ts.Fatalf("%s lasts %.3f s, want %s", args[0], got, args[1])
	}
}

// frame is a picture in grey, of 640 × 360.
type frame []byte

const frameWidth, frameHeight = 640, 360

// few pixels of a frame are 0.1 %.
const few = frameWidth * frameHeight / 1000

func frameOf(ts *testscript.TestScript, file, seconds string) frame {
	f := ffmpeg(ts, "ffmpeg", "-nostdin", "-ss", seconds, "-i", ts.MkAbs(file), "-frames:v", "1",
		"-vf", fmt.Sprintf("scale=%d:%d", frameWidth, frameHeight), "-f", "rawvideo", "-pix_fmt", "gray", "-")
	if len(f) != frameWidth*frameHeight {
		ts.Fatalf("%s has no frame at %s s", file, seconds)
	}
	return f
}

func cmdSubtitled(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, args, 3, 3)
	plain, burnt := frameOf(ts, args[0], args[2]), frameOf(ts, args[1], args[2])
	above, within := 0, 0
	for i := range plain {
		if d := int(plain[i]) - int(burnt[i]); d < -60 || d > 60 { // compression changes that much in a few
			if i/frameWidth < frameHeight*2/3 {
				above++
			} else {
				within++
			}
		}
	}
	if above > few {
		ts.Fatalf("%d pixels differ where no subtitle stands", above)
	}
	if within > few == neg {
		ts.Fatalf("%d pixels differ in the lowest third", within)
	}
}
