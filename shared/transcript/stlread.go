package transcript

import (
	"bytes"
	"strconv"
)

// tti is a subtitle while its blocks are read.
type tti struct {
	block      int     // its first, from 1
	number     [3]byte // of the group and in it
	start, end int64
	text       []byte
}

// stlReader reads the blocks after the head.
type stlReader struct {
	table *stlTable
	rate  int64
	open  *tti // whose last block is still to come
	found []Segment
}

// parseSTL reads EBU STL of 23 to 60 frames a second. Comments and blocks of
// user data are left out. How many blocks there are is told by the length of
// the file, as the count in the head ends at 99,999. Times count from the
// start of the programme that the head names, unless a subtitle is before it.
func parseSTL(b []byte) (Transcript, error) {
	if len(b) < gsiSize || string(b[3:6]) != "STL" {
		return Transcript{}, &Error{Message: "not EBU STL: the head is missing"}
	}
	head, b := b[:gsiSize], b[gsiSize:]
	rate, ok := digits(string(head[6:8]))
	if !ok || rate < 23 || rate > 60 {
		return Transcript{}, &Error{Message: "the frame rate " + strconv.Quote(string(head[3:11])) + " is not known"}
	}
	if rate == 23 || rate == 29 { // 24 and 30 that take a little longer
		rate++
	}
	r := stlReader{rate: rate, table: stlTables()[0]}
	for _, t := range stlTables() {
		if string(head[12:14]) == t.number {
			r.table = t
		}
	}
	if blocks, ok := digits(string(bytes.TrimSpace(head[238:243]))); len(b)%ttiSize != 0 && (!ok || int64(len(b)/ttiSize) < blocks) {
		return Transcript{}, blockError(len(b)/ttiSize+1, "is cut off")
	}
	for i := 0; (i+1)*ttiSize <= len(b); i++ {
		if err := r.block(i+1, b[i*ttiSize:(i+1)*ttiSize]); err != nil {
			return Transcript{}, err
		}
	}
	if err := r.close(); err != nil {
		return Transcript{}, err
	}
	r.fromStart(head[256:264])
	inOrder(r.found)
	t := Transcript{r.found}
	return t, t.checkWhole()
}

func blockError(block int, message string) *Error {
	return &Error{At: "block " + strconv.Itoa(block), Message: message}
}

// block reads one.
func (r *stlReader) block(n int, b []byte) error {
	extension, comment := b[3], b[15] != 0
	if comment || extension >= moreBlocks && extension != lastBlock {
		return nil
	}
	number := [3]byte(b[:3])
	if r.open != nil && r.open.number != number {
		if err := r.close(); err != nil {
			return err
		}
	}
	if r.open == nil {
		start, ok := r.frames(b[5:9])
		end, ok2 := r.frames(b[9:13])
		switch {
		case !ok || !ok2:
			return blockError(n, "the time is no time up to 99:59:59")
		case end < start:
			return blockError(n, "the end is before the start")
		}
		r.open = &tti{block: n, number: number, start: start, end: end}
	}
	text := b[16:]
	if i := bytes.IndexByte(text, stlUnused); i >= 0 {
		text = text[:i]
	}
	if r.open.text = append(r.open.text, text...); extension != lastBlock {
		return nil
	}
	return r.close()
}

// frames reads a time, in ms.
func (r *stlReader) frames(b []byte) (int64, bool) {
	if b[0] > 99 || b[1] > 59 || b[2] > 59 || int64(b[3]) >= r.rate {
		return 0, false
	}
	seconds := (int64(b[0])*60+int64(b[1]))*60 + int64(b[2])
	return seconds*1000 + (int64(b[3])*1000+r.rate/2)/r.rate, true
}

// close makes a segment of the subtitle that is open, if one is.
func (r *stlReader) close() error {
	if r.open == nil {
		return nil
	}
	speaker, text := r.said(r.open.text)
	s := FromText(speaker, r.open.start, r.open.end, text)
	if e := s.check(); e != nil {
		return blockError(r.open.block, "the subtitle's "+e.At+" "+e.Message)
	}
	if r.found = append(r.found, s); len(r.found) > MaxSegments {
		return blockError(r.open.block, "too many subtitles")
	}
	r.open = nil
	return nil
}

// said reads a text, and who says it: what is in italics before ":".
func (r *stlReader) said(text []byte) (speaker, said string) {
	if name, ok := bytes.CutPrefix(text, []byte{stlItalic}); ok {
		name, rest, ok := bytes.Cut(name, []byte{stlUpright, ':'})
		speaker := oneLine(r.table.decode(name))
		named := Segment{Speaker: speaker}
		if ok && speaker != "" && named.check() == nil {
			return speaker, tidy(r.table.decode(rest))
		}
	}
	return "", tidy(r.table.decode(text))
}

// fromStart makes times count from the start of the programme.
func (r *stlReader) fromStart(clock []byte) {
	var b [4]byte
	for i := range b {
		n, ok := digits(string(clock[2*i : 2*i+2]))
		if !ok {
			return
		}
		b[i] = byte(n)
	}
	start, ok := r.frames(b[:])
	for _, s := range r.found {
		ok = ok && s.Start >= start
	}
	if ok && start > 0 {
		r.found = Transcript{r.found}.Shifted(-start).Segments
	}
}
