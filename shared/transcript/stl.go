package transcript

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// EBU STL (EBU Tech 3264, 1991) is a block of 1024 bytes about the file (GSI)
// and blocks of 128 bytes for the subtitles (TTI). What we write is for open
// subtitles at 25 frames a second, so times are held to 40 ms. The speaker is
// in italics before ": ". A file has one table of characters: the one of the
// five that lacks fewest is taken, and what it lacks is written in its nearest
// form, or as "?". Marks and the times of words have no place.
//
// A time's hours are a byte. The standard counts to 23 there; a recording of
// more than a day is written with hours up to 99 rather than begin again at 0.
// Dates are left blank: what is written depends on the transcript alone.
const (
	gsiSize    = 1024
	ttiSize    = 128
	ttiText    = 112                          // bytes of text in a TTI block
	lastBlock  = 0xff                         // extension block number of a subtitle's last block
	moreBlocks = 0xf0                         // of the others it is below this
	maxSTLText = (moreBlocks + 1) * ttiText   // bytes of a subtitle
	stlRate    = 25                           // frames a second
	maxFrame   = (MaxTime+1)/1000*stlRate - 1 // 99:59:59:24
)

// Control codes of a text field.
const (
	stlItalic  = 0x80
	stlUpright = 0x81
	stlBreak   = 0x8a
	stlUnused  = 0x8f
)

func writeSTL(w io.Writer, t Transcript, o Options) error {
	table := stlTables()[fewestLacking(t)]
	f := stlFile{}
	for i := range t.Segments {
		f.subtitle(table, &t.Segments[i])
	}
	out := stream{w: w}
	out.end(f.head(t, o, table))
	out.end(f.blocks)
	return out.err
}

// stlFile is what is written so far.
type stlFile struct {
	blocks    []byte
	subtitles int
	longest   int // bytes of a line
}

// subtitle writes a segment, and as another with the same times what is too
// long for one.
func (f *stlFile) subtitle(table *stlTable, s *Segment) {
	var speaker []byte
	if name := oneLine(s.Speaker); name != "" {
		speaker = append(table.encode(append(speaker, stlItalic), name), stlUpright, ':')
		if len(s.Words) > 0 {
			speaker = append(speaker, ' ')
		}
	}
	text := table.encode(nil, string(appendLines(nil, s)))
	for line := range bytes.SplitSeq(text, []byte{stlBreak}) {
		f.longest = max(f.longest, len(line))
	}
	for {
		n := table.piece(text, maxSTLText-len(speaker))
		f.add(s, append(speaker[:len(speaker):len(speaker)], text[:n]...))
		if text = text[n:]; len(text) == 0 {
			return
		}
	}
}

// piece is how much of a text is no more than so many bytes: up to a break
// between words where there is one.
func (t *stlTable) piece(text []byte, most int) int {
	if len(text) <= most {
		return len(text)
	}
	if n := max(bytes.LastIndexByte(text[:most], ' '), bytes.LastIndexByte(text[:most], stlBreak)) + 1; n > 0 {
		return n
	}
	if t.accent(text[most-1]) != 0 {
		most--
	}
	return most
}

// add writes the blocks of one subtitle.
func (f *stlFile) add(s *Segment, text []byte) {
	f.subtitles++
	row := max(1, 23-bytes.Count(text, []byte{stlBreak})) // of 23, of the first line
	for number := byte(0); ; number++ {
		n := min(len(text), ttiText)
		if n == len(text) {
			number = lastBlock
		}
		f.blocks = append(f.blocks, 0, byte(f.subtitles), byte(f.subtitles>>8), number, 0)
		f.blocks = appendFrame(appendFrame(f.blocks, frameOf(s.Start)), frameOf(s.End))
		const centred, subtitle = 2, 0
		f.blocks = append(f.blocks, byte(row), centred, subtitle)
		f.blocks = append(f.blocks, text[:n]...)
		for range ttiText - n {
			f.blocks = append(f.blocks, stlUnused)
		}
		if text = text[n:]; number == lastBlock {
			return
		}
	}
}

// frameOf is the frame nearest to a time.
func frameOf(ms int64) int64 { return min((ms*stlRate+500)/1000, maxFrame) }

// clockOf are the hours, minutes, seconds and frames of a frame.
func clockOf(frame int64) [4]byte {
	s := frame / stlRate
	return [4]byte{byte(s / 3600), byte(s / 60 % 60), byte(s % 60), byte(frame % stlRate)}
}

func appendFrame(b []byte, frame int64) []byte {
	c := clockOf(frame)
	return append(b, c[:]...)
}

// head is the GSI block.
func (f *stlFile) head(t Transcript, o Options, table *stlTable) []byte {
	b := bytes.Repeat([]byte{' '}, gsiSize)
	put := func(at int, format string, values ...any) { copy(b[at:], fmt.Sprintf(format, values...)) }
	put(0, "850STL%d.010%s%s", stlRate, table.number, stlLanguage(o.Language))
	copy(b[16:48], inCP850(oneLine(o.Title)))
	// Revision 0; blocks, subtitles, groups; characters of a row, rows; times
	// are to be used, from 0 on.
	put(236, "00%05d%05d001%02d23100000000", min(len(f.blocks)/ttiSize, 99_999), min(f.subtitles, 99_999), min(max(f.longest, 40), 99))
	first := [4]byte{}
	if len(t.Segments) > 0 {
		first = clockOf(frameOf(t.Segments[0].Start))
	}
	put(264, "%02d%02d%02d%02d11", first[0], first[1], first[2], first[3]) // and disk 1 of 1
	return b
}

// inCP850 is a text in the code page of the head.
func inCP850(s string) []byte {
	var b []byte
	for _, r := range s {
		switch i := strings.IndexRune(cp850, r); {
		case r >= ' ' && r <= '~':
			b = append(b, byte(r))
		case i >= 0:
			b = append(b, byte(0x80+utf8.RuneCountInString(cp850[:i])))
		default:
			b = append(b, '?')
		}
	}
	return b
}
