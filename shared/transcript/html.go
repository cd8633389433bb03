package transcript

import (
	"html"
	"io"
)

// writeHTML writes a small complete document: no script, nothing loaded from
// elsewhere, and each paragraph in the direction of its own text, whatever that
// of its speaker's name.
func writeHTML(w io.Writer, t Transcript, o Options) error {
	out := stream{w: w}
	b := append(make([]byte, 0, piece+piece/4), "<!DOCTYPE html>\n<html"...)
	if o.Language != "" {
		b = append(append(append(b, ` lang="`...), html.EscapeString(o.Language)...), '"')
	}
	title := html.EscapeString(oneLine(o.Title))
	b = append(b, ">\n<head>\n<meta charset=\"utf-8\">\n<title>"...)
	b = append(append(b, title...), "</title>\n<style>\nbody { max-width: 45em; margin: 2em auto; padding: 0 1em; font-family: sans-serif; line-height: 1.5; }\n"+
		"p { white-space: pre-line; }\ntime { color: #666; }\n</style>\n</head>\n<body>\n"...)
	if title != "" {
		b = append(append(append(b, `<h1 dir="auto">`...), title...), "</h1>\n"...)
	}
	for i := range t.Segments {
		s := &t.Segments[i]
		b = append(b, `<p dir="auto">`...)
		if s.Speaker != "" {
			b = append(append(append(b, "<b><bdi>"...), html.EscapeString(s.Speaker)...), "</bdi>:</b> "...)
		}
		if !o.WithoutTimestamps {
			b = append(appendTime(append(b, "<time>"...), s.Start, 2, 0), "</time> "...)
		}
		for p := range s.Pieces() {
			b = out.flush(appendHTMLPiece(b, p))
		}
		b = out.flush(append(b, "</p>\n"...))
	}
	out.end(append(b, "</body>\n</html>\n"...))
	return out.err
}

func appendHTMLPiece(b []byte, p Piece) []byte {
	marked := isColour(p.Highlight)
	if marked {
		b = append(append(b, `<mark style="background-color: `...), p.Highlight...)
		if Dark(p.Highlight) {
			b = append(b, "; color: #fff"...)
		}
		b = append(b, `">`...)
	}
	if p.Strikethrough {
		b = append(b, "<s>"...)
	}
	b = append(b, html.EscapeString(p.Text)...)
	if p.Strikethrough {
		b = append(b, "</s>"...)
	}
	if marked {
		b = append(b, "</mark>"...)
	}
	return b
}
