package transcript

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

const ttmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"` +
	` xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling"` +
	` ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/text" xml:lang="%s" xml:space="preserve">
  <head>
    <metadata>
`

const ttmlLayout = `    </metadata>
    <layout>
      <region xml:id="bottom" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after" tts:textAlign="center"/>
    </layout>
  </head>
  <body region="bottom">
    <div>
`

// writeTTML writes TTML1 within the IMSC 1 text profile: a p for each segment,
// its speaker an agent, marks as spans. The times of single words have no
// place in it, since a timed span is hidden until its time comes.
func writeTTML(w io.Writer, t Transcript, o Options) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, ttmlHead, escapeXML(o.Language))
	fmt.Fprintf(b, "      <ttm:title>%s</ttm:title>\n", escapeXML(o.Title))
	agents := map[string]string{}
	for i, name := range t.Speakers() {
		agents[name] = fmt.Sprintf("speaker%d", i+1)
		fmt.Fprintf(b, "      <ttm:agent xml:id=%q type=\"person\"><ttm:name type=\"full\">%s</ttm:name></ttm:agent>\n", agents[name], escapeXML(name))
	}
	b.WriteString(ttmlLayout)
	for _, s := range t.Segments {
		writeTTMLSegment(b, s, agents[s.Speaker])
	}
	b.WriteString("    </div>\n  </body>\n</tt>\n")
	return b.Flush()
}

func writeTTMLSegment(b *bufio.Writer, s Segment, agent string) {
	fmt.Fprintf(b, `      <p begin="%s" end="%s"`, ttmlClock(s.Start), ttmlClock(s.End))
	if agent != "" {
		fmt.Fprintf(b, ` ttm:agent=%q`, agent)
	}
	if rtl, _ := s.RightToLeft(); rtl {
		b.WriteString(` tts:direction="rtl" tts:unicodeBidi="embed"`)
	}
	b.WriteString(">")
	for i := 0; i < len(s.Words); {
		style, j := markupOf(s.Words[i]), i
		for j < len(s.Words) && markupOf(s.Words[j]) == style {
			j++
		}
		writeTTMLRun(b, style, Segment{Words: s.Words[i:j]}.Text())
		i = j
	}
	b.WriteString("</p>\n")
}

func writeTTMLRun(b *bufio.Writer, style markup, text string) {
	lines := strings.Split(lineBreaks(text), "\n")
	for i := range lines {
		lines[i] = escapeXML(lines[i])
	}
	text = strings.Join(lines, "<br/>")
	if style == (markup{}) {
		b.WriteString(text)
		return
	}
	b.WriteString("<span")
	if style.highlight != "" {
		fmt.Fprintf(b, ` tts:backgroundColor="%s"`, escapeXML(style.highlight))
	}
	if style.strikethrough {
		b.WriteString(` tts:textDecoration="lineThrough"`)
	}
	fmt.Fprintf(b, ">%s</span>", text)
}

// escapeXML escapes text for an element or an attribute. What XML cannot hold,
// such as control characters, becomes U+FFFD.
func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// ttmlClock writes ms as HH:MM:SS.mmm.
func ttmlClock(ms int64) string { return string(appendTime(nil, ms, 2, '.')) }
