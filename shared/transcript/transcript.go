// Package transcript is what was said: segments of words with their times,
// read from and written to the formats that people exchange. It refuses to
// know about recordings, rights or storage, and imports nothing but the
// standard library. Times are milliseconds inside, seconds at the border.
package transcript

import "strings"

// Limits of a transcript, wherever it comes from.
const (
	MaxTime       = 360_000_000 - 1 // 99:59:59.999, which every format can write
	MaxSegments   = 50_000
	MaxWords      = 500_000
	MaxSpeaker    = 200    // characters
	MaxTextLength = 20_000 // characters of one segment
)

// Transcript is the content of a document: segments in the order of their
// start. They may overlap, as speakers do.
type Transcript struct{ Segments []Segment }

// Segment is what one speaker says without a break, or one caption.
type Segment struct {
	Speaker    string // "" if not known
	Start, End int64  // ms
	Words      []Word // none in a segment whose text was cleared
}

// Word is one word with the white space before it: the texts of a segment's
// words put together are the segment's text, line breaks included.
type Word struct {
	Text          string
	Start, End    int64   // ms
	Confidence    float64 // 0 to 1; 0 if not known
	Highlight     string  // colour as "#rrggbb", or ""
	Strikethrough bool
}

// Text is the segment's text.
func (s Segment) Text() string {
	switch len(s.Words) {
	case 0:
		return ""
	case 1:
		return s.Words[0].Text
	}
	var b strings.Builder
	for _, w := range s.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// Error says what is wrong with a transcript, and where.
type Error struct {
	At      string // "segments[3].end", "line 17" or ""
	Message string
}

func (e *Error) Error() string {
	if e.At == "" {
		return e.Message
	}
	return e.At + ": " + e.Message
}

// Format names a way of writing a transcript down.
type Format string

// The formats.
const (
	JSON Format = "json"
	TXT  Format = "txt"
	SRT  Format = "srt"
	VTT  Format = "vtt"
	SBV  Format = "sbv"
	TTML Format = "ttml"
	STL  Format = "stl" // EBU STL
	HTML Format = "html"
	DOCX Format = "docx" // written by package docx, PDF by package pdf:
	PDF  Format = "pdf"  // package export has all
)

// Options say how a transcript is written.
type Options struct {
	Title             string
	Language          string // BCP 47, or ""
	Offset            int64  // ms added to every time
	WithoutTimestamps bool   // where the format can do without
	WithoutSpeakers   bool
	SpeakerLines      bool // in SRT, WebVTT and SBV: the speaker on a line of its own
}
