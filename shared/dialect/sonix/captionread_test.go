package sonix

import (
	"bytes"
	"html"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/asticode/go-astisub"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/transcript"
)

// cue is a subtitle as somebody else reads it.
type cue struct {
	start, end int64 // ms
	lines      []string
}

var (
	srtTimes = regexp.MustCompile(`^(\d\d):([0-5]\d):([0-5]\d),(\d\d\d) --> (\d\d):([0-5]\d):([0-5]\d),(\d\d\d)$`)
	vttTimes = regexp.MustCompile(`^(\d\d):([0-5]\d):([0-5]\d)\.(\d\d\d) --> (\d\d):([0-5]\d):([0-5]\d)\.(\d\d\d)$`)
)

// readCues reads the format by its definition and nothing more: a number that
// counts from 1, times, one line of text or more, an empty line.
func readCues(t *testing.T, format transcript.Format, file string) (cues []cue) {
	t.Helper()
	times, ok := srtTimes, true
	if format == transcript.VTT {
		times = vttTimes
		file, ok = strings.CutPrefix(file, "WEBVTT\n\n")
	}
	if !ok {
		t.Fatalf("no head in %q", file)
	}
	if file == "" {
		return nil
	}
	blocks := strings.Split(file, "\n\n")
	if last := blocks[len(blocks)-1]; last != "" {
		t.Errorf("no empty line at the end: %q", last)
	}
	for i, block := range blocks[:len(blocks)-1] {
		lines := strings.Split(block, "\n")
		if len(lines) < 3 || lines[0] != strconv.Itoa(i+1) || !times.MatchString(lines[1]) {
			t.Fatalf("cue %d is %q", i+1, block)
		}
		m := times.FindStringSubmatch(lines[1])
		c := cue{clock(m[1:5]), clock(m[5:9]), lines[2:]}
		if format == transcript.VTT {
			for j, line := range c.lines {
				c.lines[j] = html.UnescapeString(line)
			}
		}
		cues = append(cues, c)
	}
	return cues
}

func clock(m []string) (ms int64) {
	for i, unit := range []int64{3_600_000, 60_000, 1000, 1} {
		n, _ := strconv.ParseInt(m[i], 10, 64) // the expression took digits
		ms += n * unit
	}
	return ms
}

// peerCues is the same by another program.
func peerCues(t *testing.T, format transcript.Format, file string) (cues []cue) {
	t.Helper()
	read := astisub.ReadFromSRT
	if format == transcript.VTT {
		read = astisub.ReadFromWebVTT
	}
	s, err := read(bytes.NewReader([]byte(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range s.Items {
		c := cue{item.StartAt.Milliseconds(), item.EndAt.Milliseconds(), nil}
		for _, line := range item.Lines {
			var b strings.Builder
			for _, part := range line.Items {
				b.WriteString(part.Text)
			}
			if b.Len() > 0 { // astisub takes the end of the file for a line
				c.lines = append(c.lines, b.String())
			}
		}
		cues = append(cues, c)
	}
	return cues
}

// spoken is a transcript of any shape, of one who speaks at a time.
func spoken(r *rand.Rand) transcript.Transcript {
	texts := []string{"a", "the", "and", "word.", "yes,", "10", "Ann", "extraordinarily", "言葉。", "สวัสดี", "שלום", "e\u0301té", "time to", "a text of eight words that goes on", "1", "x\ny"}
	var t transcript.Transcript
	at := int64(0)
	for range r.IntN(6) {
		at += r.Int64N(3000)
		s := transcript.Segment{Speaker: []string{"", "Ann Lee", "Ōe: é"}[r.IntN(3)], Start: at}
		for range r.IntN(40) {
			w := transcript.Word{Text: []string{" ", " ", " ", "\n", ""}[r.IntN(5)] + texts[r.IntN(len(texts))], Start: at}
			at += r.Int64N(900)
			if r.IntN(40) == 0 {
				at += r.Int64N(15_000)
			}
			w.End = at
			s.Words = append(s.Words, w)
			if r.IntN(5) == 0 {
				at += r.Int64N(2500)
			}
		}
		s.End = at
		t.Segments = append(t.Segments, s)
	}
	return t
}

// bare is a text without its white space.
func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// contract: SX-087, SX-088, SX-092, SX-093, SX-094, SX-095, SX-096, SX-097, SX-099
func TestEveryCombinationOfCaptionOptions(t *testing.T) {
	for _, speaker := range []string{"", "none", "as_typed", "uppercase"} {
		for _, limited := range []string{"", "false", "true"} {
			for _, lines := range []string{"", "1", "2"} {
				for _, characters := range []string{"", "1", "17", "42", "120"} {
					for _, duration := range []string{"", "0.5", "2.75", "8"} {
						query := ""
						for name, v := range map[string]string{"speaker_display": speaker, "limit_captions": limited, "subtitle_lines": lines, "max_characters": characters, "max_duration": duration} {
							if v != "" {
								query += name + "=" + v + "&"
							}
						}
						for seed := range uint64(4) {
							r := rand.New(rand.NewPCG(seed, uint64(len(query))))
							readBack(t, spoken(r), query)
							if t.Failed() {
								t.Fatalf("seed %d, %d: %q", seed, len(query), query)
							}
						}
					}
				}
			}
		}
	}
}

// Text that looks like the format, or like another, stays text.
func TestHostileText(t *testing.T) {
	tr := paragraph("Ann <v Bo> --> X", says(0, 9000, "1\n00:00:01,000 --> 00:00:02,000\n<b>x {\\an8}\n\n\n2\n00:00:03.000 --> 00:00:04.000 line:0\nNOTE\n\nSTYLE\nWEBVTT &amp; &lt; a-->b"))
	for format, times := range map[transcript.Format]*regexp.Regexp{transcript.SRT: srtTimes, transcript.VTT: vttTimes} {
		for _, query := range []string{"speaker_display=as_typed", "speaker_display=as_typed&limit_captions=true&subtitle_lines=2&max_characters=5000"} {
			file := captioned(t, format, tr, query, "en")
			cues := readCues(t, format, file)
			shown := 0
			for line := range strings.Lines(file) {
				if times.MatchString(strings.TrimSpace(line)) || format == transcript.VTT && strings.Contains(line, "-->") {
					shown++
				}
			}
			text := strings.ReplaceAll(bare(strings.Join(cues[0].lines, "")), "->", "-->")
			want := strings.ReplaceAll("Ann<vBo>-->X:"+bare(tr.Segments[0].Text()), "->", "-->")
			if len(cues) != 1 || shown != 1 || strings.ReplaceAll(text, "--->", "-->") != strings.ReplaceAll(want, "--->", "-->") {
				t.Errorf("%d cues, %d lines of times:\n%s", len(cues), shown, file)
			}
		}
	}
}

// readBack reads what was written with two parsers, and holds it to what was
// asked for.
func readBack(t *testing.T, tr transcript.Transcript, query string) {
	t.Helper()
	c, err := readCaptions(form(t, query))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []transcript.Format{transcript.SRT, transcript.VTT} {
		file := captioned(t, format, tr, query, "en")
		cues := readCues(t, format, file)
		if diff := cmp.Diff(cues, peerCues(t, format, file), cmp.AllowUnexported(cue{})); diff != "" {
			t.Errorf("two parsers read it differently (-one +the other)\n%s", diff)
		}
		c.holds(t, tr, cues)
	}
}

// holds checks cues against the options and what was said.
func (c captions) holds(t *testing.T, tr transcript.Transcript, cues []cue) {
	t.Helper()
	end, text, segments := int64(0), "", 0
	next := func() transcript.Segment {
		for len(tr.Segments[segments].Words) == 0 {
			segments++
		}
		return tr.Segments[segments]
	}
	for _, cue := range cues {
		if cue.start < end || cue.end < cue.start {
			t.Errorf("%+v begins before %d, or after it ends", cue, end)
		}
		end = cue.end
		s := next()
		switch name := speaks(s, c.speaker); {
		case name == "":
		case cue.lines[0] != name:
			t.Errorf("%q speaks in %+v", name, cue)
		default:
			cue.lines = cue.lines[1:]
		}
		c.bounds(t, cue)
		if text += bare(strings.Join(cue.lines, "")); text == bare(s.Text()) {
			text, segments = "", segments+1
		} else if !c.limited {
			t.Errorf("%q is no segment: %q", cue.lines, s.Text())
		}
	}
	for ; segments < len(tr.Segments); segments++ {
		if len(tr.Segments[segments].Words) > 0 {
			t.Fatalf("%q is missing after %q", tr.Segments[segments].Text(), text)
		}
	}
}

// speaks is the line of who speaks, or "".
func speaks(s transcript.Segment, display string) string {
	switch {
	case s.Speaker == "" || display == speakerNone:
		return ""
	case display == speakerUppercase:
		return strings.ToUpper(s.Speaker) + ":"
	}
	return s.Speaker + ":"
}

// bounds checks one cue without its speaker.
func (c captions) bounds(t *testing.T, cue cue) {
	t.Helper()
	most := c.lines
	if c.limited {
		most = max(1, c.lines)
	}
	if most > 0 && len(cue.lines) > most {
		t.Errorf("%d lines: %q", len(cue.lines), cue.lines)
	}
	if !c.limited {
		return
	}
	text := strings.Join(cue.lines, "\n")
	if n := utf8.RuneCountInString(text); n > c.characters && (len(cue.lines) > 1 || strings.Contains(text, " ")) {
		t.Errorf("%d characters: %q", n, cue.lines)
	}
	if cue.end-cue.start > c.duration {
		t.Errorf("%d ms: %q", cue.end-cue.start, cue.lines)
	}
}
