// Package docx writes a transcript as a Word document (Office Open XML,
// ECMA-376): a paragraph for each segment, with its speaker, its time and the
// marks of its words, in the direction of its own text.
//
// It writes what a transcript has and refuses to be a library for documents:
// none that is kept could be had.
package docx

import (
	"archive/zip"
	"io"
	"time"

	"latchkey/shared/transcript"
)

// Write writes a valid transcript, as it is made. The same transcript and
// options make the same bytes: the document has no dates and no author.
func Write(w io.Writer, t transcript.Transcript, o transcript.Options) error {
	t, o = t.Prepared(o)
	z := zip.NewWriter(w)
	for _, p := range []struct {
		name  string
		write func(*body)
	}{
		{"[Content_Types].xml", text(contentTypes)},
		{"_rels/.rels", text(relations)},
		{"docProps/core.xml", func(b *body) { b.core(o) }},
		{"word/_rels/document.xml.rels", text(documentRelations)},
		{"word/settings.xml", text(settings)},
		{"word/styles.xml", func(b *body) { b.styles(o.Language) }},
		{"word/footer.xml", text(footer)},
		{"word/document.xml", func(b *body) { b.document(t, o) }},
	} {
		// Readers take a date of the year 0 for a broken file.
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		b := body{w: f}
		p.write(&b)
		if b.flush(0); b.err != nil {
			return b.err
		}
	}
	return z.Close()
}

// body is a part of the document that is being written.
type body struct {
	w   io.Writer
	b   []byte
	err error
}

const piece = 32 << 10

// flush hands on what there is if it is longer than limit.
func (b *body) flush(limit int) {
	if len(b.b) <= limit {
		return
	}
	if b.err == nil {
		_, b.err = b.w.Write(b.b)
	}
	b.b = b.b[:0]
}

func (b *body) add(parts ...string) {
	for _, p := range parts {
		b.b = append(b.b, p...)
	}
}

// escaped adds a text without the characters that XML 1.0 cannot carry.
func (b *body) escaped(s string) {
	from := 0
	for i, r := range s {
		var as string
		switch {
		case r == '&':
			as = "&amp;"
		case r == '<':
			as = "&lt;"
		case r == '>':
			as = "&gt;"
		case r == '"':
			as = "&quot;"
		case r >= ' ' && r < 0xfffe && r != '\ufffd' || r > 0xffff || r == '\n' || r == '\t':
			continue
		case r == '\ufffd': // it is one, or stands for bytes that are no UTF-8
			as = "\ufffd"
		}
		b.add(s[from:i], as)
		from = i + size(s[i:], r)
	}
	b.add(s[from:])
}
