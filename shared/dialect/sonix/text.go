package sonix

import (
	"io"
	"strings"

	"latchkey/shared/transcript"
)

// writeText writes a transcript as text: its name, then each segment on a line
// of its own.
//
//	Martin: [00:00:01] Hello, is now still a good time to chat?
func writeText(w io.Writer, name string, t transcript.Transcript) error {
	const piece = 32 << 10
	b := append(append(make([]byte, 0, piece+piece/4), oneLine(name)...), '\n')
	for i := range t.Segments {
		s := &t.Segments[i]
		if speaker := oneLine(s.Speaker); speaker != "" {
			b = append(append(b, speaker...), ": "...)
		}
		b = append(append(append(b, '['), transcript.Stamp(s.Start)...), ']')
		if text := oneLine(s.Text()); text != "" {
			b = append(append(b, ' '), text...)
		}
		if b = append(b, '\n'); len(b) > piece {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// oneLine is a text with single spaces for white space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
