package transcript

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// codec is one format: write may be called with a transcript that is valid
// and options whose Offset and WithoutSpeakers are already applied. parse gets
// UTF-8 with plain line ends unless binary is set, and what it returns is
// valid; a format without parse cannot be read.
type codec struct {
	contentType string
	extension   string
	binary      bool
	write       func(io.Writer, Transcript, Options) error
	parse       func([]byte) (Transcript, error)
}

var codecs = map[Format]codec{
	JSON: {"application/json", "json", false, writeJSON, parseJSON},
	TXT:  {"text/plain; charset=utf-8", "txt", false, writeTXT, parseTXT},
	SRT:  {"application/x-subrip; charset=utf-8", "srt", false, writeSRT, parseSRT},
	VTT:  {"text/vtt; charset=utf-8", "vtt", false, writeVTT, parseVTT},
	SBV:  {"text/plain; charset=utf-8", "sbv", false, writeSBV, parseSBV},
	TTML: {"application/ttml+xml; charset=utf-8", "ttml", false, writeTTML, parseTTML},
	STL:  {"application/octet-stream", "stl", true, writeSTL, parseSTL},
	HTML: {"text/html; charset=utf-8", "html", false, writeHTML, nil},
}

// Write writes a valid transcript in a format, as it is made: what was written
// before an error of w stays written. Times moved by an Offset beyond 0 or
// MaxTime are held there.
func Write(w io.Writer, f Format, t Transcript, o Options) error {
	c, ok := codecs[f]
	if !ok {
		return unknown(f)
	}
	t, o = t.Prepared(o)
	return c.write(w, t, o)
}

// Prepared is the transcript with Offset and WithoutSpeakers applied, and the
// options that are left: what every format does alike.
func (t Transcript) Prepared(o Options) (Transcript, Options) {
	if o.Offset != 0 {
		t, o.Offset = t.Shifted(o.Offset), 0
	}
	if o.WithoutSpeakers {
		t, o.WithoutSpeakers = t.anonymous(), false
	}
	return t, o
}

// Parse reads a transcript; what it returns is valid. Text may be UTF-8 or,
// with a byte order mark, UTF-16. The error is an *Error that names the line.
func Parse(f Format, b []byte) (Transcript, error) {
	c, ok := codecs[f]
	if !ok || c.parse == nil {
		return Transcript{}, unknown(f)
	}
	if !c.binary {
		var err error
		if b, err = plain(b); err != nil {
			return Transcript{}, err
		}
	}
	t, err := c.parse(b)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			err = &Error{Message: err.Error()}
		}
		return Transcript{}, err
	}
	return t, nil
}

// ContentType is the format's media type, "" of an unknown format.
func ContentType(f Format) string { return codecs[f].contentType }

// Extension is the format's file name extension without the dot, "" of an
// unknown format.
func Extension(f Format) string { return codecs[f].extension }

func unknown(f Format) error {
	return &Error{Message: "the format " + strconv.Quote(string(f)) + " is not supported"}
}

// plain is the text of a file as UTF-8 without byte order mark, with \n alone
// at the end of lines.
func plain(b []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		b = fromUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		b = fromUTF16(b[2:], binary.BigEndian)
	}
	if !utf8.Valid(b) {
		n := 0
		for r, size := utf8.DecodeRune(b[n:]); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(b[n:]) {
			n += size
		}
		return nil, lineError(1+bytes.Count(b[:n], []byte("\n")), "is not UTF-8")
	}
	if bytes.IndexByte(b, '\r') >= 0 {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	}
	return b, nil
}

func fromUTF16(b []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

func lineError(line int, message string) *Error {
	return &Error{At: "line " + strconv.Itoa(line), Message: message}
}

// stream collects what is written and hands it on in large pieces.
type stream struct {
	w   io.Writer
	err error
}

const piece = 32 << 10

// flush hands b on when it is large enough, and returns the buffer to go on
// with.
func (s *stream) flush(b []byte) []byte {
	if len(b) < piece {
		return b
	}
	return s.end(b)
}

func (s *stream) end(b []byte) []byte {
	if s.err == nil && len(b) > 0 {
		_, s.err = s.w.Write(b)
	}
	return b[:0]
}

// lineBreaks makes all line ends \n.
func lineBreaks(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
