// Package pdf writes a transcript as a PDF to print: a paragraph for each
// segment, with its speaker, its time and the marks of its words, in the
// direction of its own text, A4, pages numbered.
//
// Its font is DejaVu Sans, which has the Latin, Greek and Cyrillic scripts,
// Hebrew, the letters of Arabic and Persian, and some more. What it lacks, such
// as Chinese, emoji and some letters of Urdu, is shown as "\ufffd": the other
// formats have it. Scripts whose letters change their order or shape are
// written as they come, but for Arabic. It has no structure that a screen
// reader could go by: the Word document has.
package pdf

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"

	"latchkey/shared/transcript"
)

// The page, in mm, and its letters, in points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin                = 22.0
	textWidth             = pageWidth - 2*margin
	bottom                = pageHeight - margin
	titleSize, textSize   = 18.0, 10.5
	small                 = 8.5
	lineHeight            = 5.4
	paragraphGap          = 3.2
	mm                    = 25.4 / 72 // of a point
)

const family = "dejavu"

// Write writes a valid transcript. The same transcript and options make the
// same bytes: the document has no dates and no author. It is written when all
// of it is known.
func Write(w io.Writer, t transcript.Transcript, o transcript.Options) error {
	t, o = t.Prepared(o)
	p := newPrinter(o)
	p.title(o.Title)
	for _, s := range t.Segments {
		p.segment(s, !o.WithoutTimestamps)
	}
	if err := p.doc.Output(w); err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	return nil
}

// printer is a document that is being written.
type printer struct {
	doc    *fpdf.Fpdf
	glyphs glyphs
	y      float64 // where the next line begins
	now    style   // of the document's font
}

func newPrinter(o transcript.Options) *printer {
	p := &printer{doc: fpdf.New("P", "mm", "A4", ""), glyphs: newGlyphs()}
	d := p.doc
	d.AddUTF8FontFromBytes(family, "", dejavusans.TTF)
	d.AddUTF8FontFromBytes(family, "B", dejavusansbold.TTF)
	d.SetCatalogSort(true)
	d.SetCreationDate(time.Unix(0, 0).UTC())
	d.SetModificationDate(time.Unix(0, 0).UTC())
	d.SetProducer("Latchkey", true)
	d.SetAutoPageBreak(false, 0)
	d.SetMargins(margin, margin, margin)
	if o.Language != "" {
		d.SetLang(o.Language)
	}
	if o.Title != "" {
		d.SetTitle(p.glyphs.shown(o.Title), true)
	}
	d.SetFooterFunc(func() {
		d.SetFont(family, "", small)
		d.SetTextColor(110, 110, 110)
		n := strconv.Itoa(d.PageNo())
		d.Text((pageWidth-d.GetStringWidth(n))/2, pageHeight-margin/2, n)
		p.now = style{}
	})
	d.AddPage()
	p.y = margin
	return p
}

// style is how letters look.
type style struct {
	bold, gray, strike bool
	light              bool // white letters: their mark is dark
	size               float64
	mark               string // "#rrggbb" behind them, or ""
}

// use sets the document's font.
func (p *printer) use(s style) {
	if s == p.now {
		return
	}
	face := ""
	if s.bold {
		face = "B"
	}
	p.doc.SetFont(family, face, s.size)
	switch {
	case s.gray:
		p.doc.SetTextColor(110, 110, 110)
	case s.light:
		p.doc.SetTextColor(255, 255, 255)
	default:
		p.doc.SetTextColor(0, 0, 0)
	}
	p.now = s
}

func (p *printer) width(text string, s style) float64 {
	p.use(s)
	return p.doc.GetStringWidth(text)
}

func (p *printer) title(title string) {
	if title == "" {
		return
	}
	p.paragraph([]span{{title, style{bold: true, size: titleSize}}}, titleSize*mm*1.3, rightToLeft(title))
	p.y += 2 * paragraphGap
}

func (p *printer) segment(s transcript.Segment, timed bool) {
	// A heading does not stay alone at the end of a page.
	if p.y > margin && p.y+2*lineHeight > bottom {
		p.page()
	}
	text, _ := s.RightToLeft()
	var head []span
	right := text // of the heading
	if s.Speaker != "" {
		right = rightToLeft(s.Speaker)
		head = append(head, span{s.Speaker, style{bold: true, size: textSize}})
	}
	if timed {
		head = append(head, span{gap(head) + transcript.Stamp(s.Start), style{gray: true, size: small}})
	}
	if head != nil {
		p.paragraph(head, lineHeight, right)
	}
	var said []span
	for piece := range s.Pieces() {
		said = append(said, span{piece.Text, style{
			size: textSize, mark: piece.Highlight, light: transcript.Dark(piece.Highlight), strike: piece.Strikethrough,
		}})
	}
	p.paragraph(said, lineHeight, text)
	p.y += paragraphGap
}

func rightToLeft(text string) bool {
	rtl, _ := transcript.RightToLeft(text)
	return rtl
}

func gap(before []span) string {
	if before == nil {
		return ""
	}
	return "  "
}

func (p *printer) page() {
	p.doc.AddPage()
	p.y, p.now = margin, style{}
}

// paragraph prints text in lines of the page's width, in a direction.
func (p *printer) paragraph(spans []span, height float64, right bool) {
	for _, l := range p.lines(p.glyphs.letters(spans)) {
		if p.y+height > bottom {
			p.page()
		}
		p.line(visual(l, right), right, height)
		p.y += height
	}
}

// line prints letters that stand in the order in which they are seen.
func (p *printer) line(letters []letter, right bool, height float64) {
	runs := together(letters)
	widths, total := make([]float64, len(runs)), 0.0
	for i, r := range runs {
		widths[i] = p.width(r.text, r.style)
		total += widths[i]
	}
	x := margin
	if right {
		x = pageWidth - margin - total
	}
	for i, r := range runs {
		base := p.y + height*0.72
		if red, green, blue, ok := colour(r.style.mark); ok {
			p.doc.SetFillColor(red, green, blue)
			p.doc.Rect(x, p.y+height*0.1, widths[i], height*0.84, "F")
		}
		p.use(r.style)
		p.doc.Text(x, base, r.text)
		if r.style.strike {
			p.doc.SetLineWidth(0.25)
			if r.style.light {
				p.doc.SetDrawColor(255, 255, 255)
			} else {
				p.doc.SetDrawColor(0, 0, 0)
			}
			p.doc.Line(x, base-r.style.size*mm*0.28, x+widths[i], base-r.style.size*mm*0.28)
		}
		x += widths[i]
	}
}

// colour reads "#rrggbb".
func colour(s string) (red, green, blue int, ok bool) {
	n, err := strconv.ParseUint(cmp.Or(s, "#")[1:], 16, 32)
	if err != nil || len(s) != len("#rrggbb") {
		return 0, 0, 0, false
	}
	return int(n >> 16), int(n >> 8 & 0xff), int(n & 0xff), true
}
