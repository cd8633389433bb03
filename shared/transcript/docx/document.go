package docx

import (
	"strings"
	"unicode/utf8"

	"latchkey/shared/transcript"
)

func (b *body) document(t transcript.Transcript, o transcript.Options) {
	b.add(header, `<w:document `, namespace, "><w:body>")
	if title := strings.Join(strings.Fields(o.Title), " "); title != "" {
		rtl, _ := transcript.RightToLeft(title)
		b.paragraph("Heading1", rtl)
		b.run(look{rtl: rtl}, title)
		b.endParagraph()
	}
	for i := range t.Segments {
		b.segment(&t.Segments[i], !o.WithoutTimestamps)
	}
	b.add(`<w:sectPr><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="11906" w:h="16838"/>`, // A4, in twentieths of a point
		`<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>`)
}

// segment is a paragraph: "Speaker: [00:01:02] What was said."
func (b *body) segment(s *transcript.Segment, timed bool) {
	rtl, known := s.RightToLeft()
	if !known {
		rtl, _ = transcript.RightToLeft(s.Speaker)
	}
	b.paragraph("Segment", rtl)
	if s.Speaker != "" {
		b.run(look{style: "Speaker", rtl: direction(s.Speaker, rtl)}, strings.Join(strings.Fields(s.Speaker), " "))
		b.run(look{style: "Speaker", rtl: rtl}, ": ")
	}
	if timed {
		b.run(look{style: "Time"}, "["+transcript.Stamp(s.Start)+"]")
		b.run(look{rtl: rtl}, " ")
	}
	of, open := look{}, false
	for p := range s.Pieces() {
		if now := lookOf(p, rtl); !open || now != of {
			if open {
				b.closeRun()
			}
			b.openRun(now)
			of, open = now, true
		}
		b.text(p.Text)
	}
	if open {
		b.closeRun()
	}
	b.endParagraph()
}

func (b *body) paragraph(style string, rtl bool) {
	b.add(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`)
	if rtl {
		b.add("<w:bidi/>")
	}
	b.add("</w:pPr>")
}

func (b *body) endParagraph() {
	b.add("</w:p>\n")
	b.flush(piece)
}

// look is what the characters of a run have in common.
type look struct {
	style     string
	highlight string // rrggbb, or ""
	struck    bool
	rtl       bool // the run is of a script that is written so
}

func lookOf(p transcript.Piece, rtl bool) look {
	return look{highlight: strings.TrimPrefix(p.Highlight, "#"), struck: p.Strikethrough, rtl: direction(p.Text, rtl)}
}

// direction is the text's own, or else that of the paragraph: a run that is
// said to go the wrong way is shown differently by different programs.
func direction(text string, paragraph bool) bool {
	rtl, known := transcript.RightToLeft(text)
	if !known {
		return paragraph
	}
	return rtl
}

func (b *body) run(l look, text string) {
	b.openRun(l)
	b.text(text)
	b.closeRun()
}

// openRun says how the run looks, in the schema's order.
func (b *body) openRun(l look) {
	b.add("<w:r>")
	if l != (look{}) {
		b.add("<w:rPr>")
		if l.style != "" {
			b.add(`<w:rStyle w:val="`, l.style, `"/>`)
		}
		if l.struck {
			b.add("<w:strike/>")
		}
		if l.highlight != "" {
			b.add(`<w:shd w:val="clear" w:color="auto" w:fill="`, l.highlight, `"/>`)
		}
		if l.rtl {
			b.add("<w:rtl/>")
		}
		b.add("</w:rPr>")
	}
}

func (b *body) closeRun() {
	b.add("</w:r>")
	b.flush(piece)
}

// text adds a text in a run: line breaks and tabs are elements.
func (b *body) text(s string) {
	for s != "" {
		i := strings.IndexAny(s, "\n\t")
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			b.add(`<w:t xml:space="preserve">`)
			b.escaped(s[:i])
			b.add("</w:t>")
		}
		if i == len(s) {
			return
		}
		b.add(map[byte]string{'\n': "<w:br/>", '\t': "<w:tab/>"}[s[i]])
		s = s[i+1:]
	}
}

// size is how many bytes of s its first character takes.
func size(s string, r rune) int {
	if r != utf8.RuneError {
		return utf8.RuneLen(r)
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}
