package sonix

import (
	"io"
	"strconv"
	"strings"

	"latchkey/shared/transcript"
)

// writeWords writes a transcript as .json, in seconds, as it is made: a
// recording of ten hours takes a few ms and a buffer.
//
//	{"name":"Call","quality_score":null,"transcript":[
//	{"speaker":"Ann","start_time":0,"end_time":0.9,"words":[{"text":"Yes","start_time":0,"end_time":0.9}]}]}
//
// A text has the white space before its word, as Sonix has it, unless bare is
// what readWords said when the transcript was given: then it is without, as it
// was given, if readWords would make the same text of it. A word that lasts
// into the next ends with it.
func writeWords(w io.Writer, name string, t transcript.Transcript, bare bool) error {
	const piece = 32 << 10
	for i := 0; i < len(t.Segments) && bare; i++ {
		bare = respaced(t.Segments[i])
	}
	b := append(make([]byte, 0, piece+piece/4), `{"name":`...)
	b = append(transcript.AppendQuoted(b, name), `,"quality_score":null,"transcript":[`...)
	for i := range t.Segments {
		s := &t.Segments[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = transcript.AppendQuoted(append(b, "\n{\"speaker\":"...), s.Speaker)
		b = append(appendTimes(b, s.Start, s.End), `,"words":[`...)
		for j := range s.Words {
			if j > 0 {
				b = append(b, ',')
			}
			word := s.Words[j]
			if j+1 < len(s.Words) {
				word.End = min(word.End, s.Words[j+1].Start)
			}
			if bare && j > 0 {
				word.Text = strings.TrimPrefix(word.Text, " ")
			}
			if b = appendWord(b, &word); len(b) > piece {
				if _, err := w.Write(b); err != nil {
					return err
				}
				b = b[:0]
			}
		}
		b = append(b, "]}"...)
	}
	_, err := w.Write(append(b, "]}\n"...))
	return err
}

func appendWord(b []byte, w *transcript.Word) []byte {
	b = transcript.AppendQuoted(append(b, `{"text":`...), w.Text)
	b = appendTimes(b, w.Start, w.End)
	if w.Highlight != "" {
		b = transcript.AppendQuoted(append(b, `,"highlight":true,"highlight_color":`...), w.Highlight)
	}
	if w.Strikethrough {
		b = append(b, `,"strikethrough":true`...)
	}
	return append(b, '}')
}

func appendTimes(b []byte, start, end int64) []byte {
	b = appendSeconds(append(b, `,"start_time":`...), start)
	return appendSeconds(append(b, `,"end_time":`...), end)
}

// appendSeconds appends ms as seconds, to the ms and without zeros at the end.
func appendSeconds(b []byte, ms int64) []byte {
	b = strconv.AppendInt(b, ms/1000, 10)
	f := byte(0)
	for rest, unit := ms%1000, int64(100); rest > 0; rest, unit = rest%unit, unit/10 {
		if f == 0 {
			f = '.'
			b = append(b, f)
		}
		b = append(b, byte('0'+rest/unit))
	}
	return b
}
