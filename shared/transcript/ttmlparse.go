package transcript

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxTTMLBytes = 64 << 20
	maxTTMLDepth = 64
)

// ttmlScope is what an element hands down to those inside it.
type ttmlScope struct {
	name       string
	start, end int64 // ms; end is -1 if not known
	timed      bool  // has times of its own
	preserve   bool  // xml:space
	agent      string
	markup
}

// ttmlParser reads elements by their local names: the namespaces of TTML's
// drafts are still about.
type ttmlParser struct {
	clock  ttmlRates
	names  map[string]string // of agents, by xml:id
	agent  string            // the agent being read
	scopes []ttmlScope       // of the open elements
	pieces []marked          // of the p being read
	inP    int               // the depth of that p, 0 outside
	seen   bool              // the root
	length int               // bytes of the text of that p
	words  int
	result Transcript
}

// parseTTML reads TTML1 and what is written in its name: times as clock, frames,
// ticks and offsets, nested and inherited; agents; marks set on the element
// itself. Styles by reference and regions are left out. A document type is
// refused, and so every entity but XML's own five.
func parseTTML(b []byte) (Transcript, error) {
	if len(b) > maxTTMLBytes {
		return Transcript{}, &Error{Message: "the file is too large"}
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	p := ttmlParser{names: map[string]string{}, clock: ttmlRates{frame: 30, tick: 1}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = p.token(token)
		}
		if err != nil {
			line, _ := d.InputPos()
			return Transcript{}, ttmlError(line, err)
		}
	}
	if !p.seen {
		return Transcript{}, &Error{Message: "not TTML: no element tt"}
	}
	slices.SortStableFunc(p.result.Segments, func(a, b Segment) int { return cmp.Compare(a.Start, b.Start) })
	return p.result, p.result.Validate()
}

func ttmlError(line int, err error) error {
	message := err.Error()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		message = "not well-formed XML: " + syntax.Msg
	}
	return &Error{At: fmt.Sprintf("line %d", line), Message: message}
}

func (p *ttmlParser) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return errors.New("a document type is not taken")
	case xml.StartElement:
		return p.open(t)
	case xml.EndElement:
		return p.close()
	case xml.CharData:
		return p.text(string(t))
	}
	return nil
}

func (p *ttmlParser) open(e xml.StartElement) error {
	outer := ttmlScope{end: -1}
	if n := len(p.scopes); n > 0 {
		outer = p.scopes[n-1]
	} else if e.Name.Local != "tt" {
		return errors.New("not TTML: the first element is " + e.Name.Local)
	}
	if len(p.scopes) == maxTTMLDepth {
		return fmt.Errorf("elements nest deeper than %d", maxTTMLDepth)
	}
	p.seen = true
	scope := outer
	scope.name, scope.timed = e.Name.Local, false
	if err := p.attributes(&scope, e.Attr, outer); err != nil {
		return err
	}
	p.scopes = append(p.scopes, scope)
	switch scope.name {
	case "p":
		if p.inP > 0 {
			return errors.New("a p within a p")
		}
		p.inP, p.pieces, p.length = len(p.scopes), nil, 0
	case "br":
		return p.lineBreak()
	}
	return nil
}

func (p *ttmlParser) attributes(s *ttmlScope, attributes []xml.Attr, outer ttmlScope) error {
	values := map[string]string{}
	for _, a := range attributes {
		values[a.Name.Local] = a.Value
	}
	switch s.name {
	case "tt":
		if err := p.clock.set(values); err != nil {
			return err
		}
	case "agent":
		p.agent = values["id"]
		return nil
	}
	if v := values["space"]; v != "" {
		s.preserve = v == "preserve"
	}
	if v := strings.Fields(values["agent"]); len(v) > 0 {
		s.agent = v[0]
	}
	if s.name == "span" {
		if v, ok := values["backgroundColor"]; ok {
			s.highlight = ttmlColour(v)
		}
		if v, ok := values["textDecoration"]; ok {
			s.strikethrough = slices.Contains(strings.Fields(v), "lineThrough")
		}
	}
	return p.clock.times(s, values, outer)
}

func (p *ttmlParser) close() error {
	closed := p.scopes[len(p.scopes)-1]
	var err error
	if p.inP == len(p.scopes) {
		err = p.segment(closed)
		p.inP = 0
	}
	p.scopes = p.scopes[:len(p.scopes)-1]
	return err
}

func (p *ttmlParser) text(s string) error {
	if len(p.scopes) == 0 {
		return nil
	}
	scope := p.scopes[len(p.scopes)-1]
	if scope.name == "name" && p.agent != "" {
		p.names[p.agent] += s
		if utf8.RuneCountInString(p.names[p.agent]) > MaxSpeaker {
			return fmt.Errorf("a speaker's name is longer than %d characters", MaxSpeaker)
		}
		return nil
	}
	if p.inP == 0 || scope.name != "p" && scope.name != "span" {
		return nil
	}
	if !scope.preserve {
		s = collapse(s, len(p.pieces) == 0 || p.endsIn(" ") || p.endsIn("\n"))
	}
	return p.add(marked{markup: scope.markup, text: s, timed: scope.name == "span" && scope.timed, start: scope.start, end: scope.end})
}

// collapse makes every run of white space one space, and none at the start if
// there is space before it already. No-break spaces stay.
func collapse(s string, spaced bool) string {
	var b strings.Builder
	for _, r := range s {
		if !strings.ContainsRune(" \t\r\n", r) {
			b.WriteRune(r)
			spaced = false
		} else if !spaced {
			b.WriteByte(' ')
			spaced = true
		}
	}
	return b.String()
}

func (p *ttmlParser) endsIn(s string) bool {
	n := len(p.pieces)
	return n > 0 && strings.HasSuffix(p.pieces[n-1].text, s)
}

func (p *ttmlParser) trimEnd() {
	for n := len(p.pieces); n > 0 && p.endsIn(" "); n = len(p.pieces) {
		if p.pieces[n-1].text = strings.TrimRight(p.pieces[n-1].text, " "); p.pieces[n-1].text != "" {
			return
		}
		p.pieces = p.pieces[:n-1]
	}
}

func (p *ttmlParser) lineBreak() error {
	if p.inP == 0 {
		return nil
	}
	scope := p.scopes[len(p.scopes)-1]
	if !scope.preserve {
		p.trimEnd()
	}
	return p.add(marked{markup: scope.markup, text: "\n"})
}

func (p *ttmlParser) add(m marked) error {
	if m.text == "" {
		return nil
	}
	if p.length += len(m.text); p.length > MaxTextLength*utf8.UTFMax {
		return fmt.Errorf("the text of a p is longer than %d characters", MaxTextLength)
	}
	if n := len(p.pieces); n > 0 && !m.timed && !p.pieces[n-1].timed && p.pieces[n-1].markup == m.markup {
		p.pieces[n-1].text += m.text
		return nil
	}
	p.pieces = append(p.pieces, m)
	return nil
}

// segment takes the p that ends. One without times and text is left out.
func (p *ttmlParser) segment(s ttmlScope) error {
	if !s.preserve {
		p.trimEnd()
	}
	for _, m := range p.pieces {
		if m.timed && !s.timed { // the spans alone have times
			if s.name != "" {
				s.start, s.end, s.name = m.start, m.end, ""
			}
			s.start, s.end = min(s.start, m.start), max(s.end, m.end)
		}
	}
	if s.end < 0 {
		if len(p.pieces) == 0 {
			return nil
		}
		return errors.New("a p has no end")
	}
	words := markedWords(p.pieces, s.start, s.end)
	p.words += len(words)
	segment := Segment{Speaker: strings.TrimFunc(collapse(p.names[s.agent], false), unicode.IsSpace), Start: s.start, End: s.end, Words: words}
	if utf8.RuneCountInString(segment.Text()) > MaxTextLength || p.words > MaxWords || len(p.result.Segments) == MaxSegments {
		return fmt.Errorf("more than %d segments, %d words or %d characters in a segment", MaxSegments, MaxWords, MaxTextLength)
	}
	p.result.Segments = append(p.result.Segments, segment)
	return nil
}
