package sonix

import (
	"bytes"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/shared/dialect"
	"latchkey/shared/transcript"
)

// tenHours are 90,000 words of two who speak in turn.
func tenHours() transcript.Transcript {
	r := rand.New(rand.NewPCG(10, 90_000))
	texts := strings.Fields("we have seen that the committee met on Monday, and it was said by Ann Miller in 10 cases. However not always; perhaps they will come back tomorrow!")
	var t transcript.Transcript
	at := int64(0)
	for n := 0; n < 90_000; {
		s := transcript.Segment{Speaker: []string{"Ann Miller", "Bo"}[len(t.Segments)%2], Start: at}
		for range min(90_000-n, 20+r.IntN(200)) {
			w := transcript.Word{Text: " " + texts[r.IntN(len(texts))], Start: at, End: at + 200 + r.Int64N(200), Confidence: 0.9}
			s.Words, s.End = append(s.Words, w), w.End
			at = w.End + r.Int64N(200)
			n++
		}
		t.Segments = append(t.Segments, s)
	}
	return t
}

// Targets: a few ms and little more memory than what is written. Each writes
// into a buffer that is large enough, as the answer's is.
func BenchmarkTenHours(b *testing.B) {
	t := tenHours()
	var out bytes.Buffer
	run := func(name string, write func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := write(); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(out.Len()))
		})
	}
	for name, query := range map[string]string{"srt": "speaker_display=uppercase", "srt-limited": "speaker_display=uppercase&limit_captions=true&subtitle_lines=2"} {
		c, err := readCaptions(form(b, query))
		if err != nil {
			b.Fatal(err)
		}
		run(name, func() error { return c.write(&out, transcript.SRT, t, "en") })
	}
	run("text", func() error { return writeText(&out, "Ten hours", t) })
	run("json", func() error { return writeWords(&out, "Ten hours", t, true) })
	l, err := readSplit(form(b, ""))
	if err != nil {
		b.Fatal(err)
	}
	run("split", func() error { t.Split(l); return nil })
	given := written(b, "Six hours", transcript.Transcript{Segments: t.Segments[:len(t.Segments)*6/10]}, true) // more is no body
	run("put", func() error {
		r := httptest.NewRequest("PUT", "/", strings.NewReader(given))
		f, err := dialect.ReadForm(r, 0)
		if err == nil {
			_, _, err = readWords(f)
		}
		return err
	})
}
