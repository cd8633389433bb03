// Package export writes a transcript in any format: those of text, which
// package transcript has, and those of paper.
package export

import (
	"io"

	"latchkey/shared/transcript"
	"latchkey/shared/transcript/docx"
	"latchkey/shared/transcript/pdf"
)

// paper is a format that is printed rather than read by a program.
type paper struct {
	contentType string
	write       func(io.Writer, transcript.Transcript, transcript.Options) error
}

var papers = map[transcript.Format]paper{
	transcript.DOCX: {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx.Write},
	transcript.PDF:  {"application/pdf", pdf.Write},
}

// Write writes a valid transcript in a format, as transcript.Write does.
func Write(w io.Writer, f transcript.Format, t transcript.Transcript, o transcript.Options) error {
	if p, ok := papers[f]; ok {
		return p.write(w, t, o)
	}
	return transcript.Write(w, f, t, o)
}

// ContentType is the format's media type, "" of an unknown format.
func ContentType(f transcript.Format) string {
	if p, ok := papers[f]; ok {
		return p.contentType
	}
	return transcript.ContentType(f)
}

// Extension is the format's file name extension without the dot, "" of an
// unknown format.
func Extension(f transcript.Format) string {
	if _, ok := papers[f]; ok {
		return string(f)
	}
	return transcript.Extension(f)
}
