// Package probe tells what media says of itself in its container: how long it
// lasts, and whether there is anything to see. It decodes nothing, and trusts
// nothing: whatever a file says, it is read a few times, and a little.
package probe

import (
	"bytes"
	"context"
	"math/bits"
)

// Limits of what is read of a file.
const (
	maxReads = 12
	maxBytes = 64 << 10 // of one read
	ahead    = 16 << 10 // of one that needs less: what is next is near by
)

// longest is what is believed, in ms: a year.
const longest = 365 * 24 * 3600 * 1000

// Facts are what is known of media.
type Facts struct {
	Duration int64 // ms; 0 if it is not known
	Sound    bool  // of a container for both: there is sound, and no picture; false if it is not known
}

// At reads n bytes of a file from an offset on, or fewer at its end.
type At func(ctx context.Context, offset int64, n int) ([]byte, error)

// Read looks into media of a type and so many bytes. Media that is broken, or
// says nothing, is no error, only unknown; the error is at's.
func Read(ctx context.Context, contentType string, size int64, at At) (Facts, error) {
	look, ok := formats[contentType]
	if !ok {
		return Facts{}, nil
	}
	s := &source{ctx: ctx, size: size, at: at}
	facts := look(s)
	if s.err != nil {
		return Facts{}, s.err
	}
	return facts, nil
}

var formats = map[string]func(*source) Facts{
	"audio/wav": readWAV, "audio/aiff": readAIFF, "audio/flac": readFLAC, "audio/mpeg": readMPEG,
	"audio/mp4": readMP4, "video/mp4": readMP4, "video/quicktime": readMP4, "video/3gpp": readMP4,
	"audio/ogg": readOgg, "video/ogg": readOgg,
	"video/webm": readMatroska, "video/x-matroska": readMatroska,
}

// source is a file that is read a few times.
type source struct {
	ctx    context.Context
	size   int64
	at     At
	reads  int
	err    error  // the first of at
	offset int64  // of kept
	kept   []byte // what was read last
}

// read returns n bytes from an offset on; nil if there are fewer, or if
// enough was read.
func (s *source) read(offset int64, n int) []byte {
	b := s.upTo(offset, n)
	if len(b) < n {
		return nil
	}
	return b[:n]
}

// upTo returns n bytes, or as many as there are.
func (s *source) upTo(offset int64, n int) []byte {
	if offset < 0 || offset >= s.size || n <= 0 || n > maxBytes {
		return nil
	}
	n = int(min(int64(n), s.size-offset))
	if from := offset - s.offset; from >= 0 && from+int64(n) <= int64(len(s.kept)) {
		return s.kept[from : from+int64(n)]
	}
	if s.err != nil || s.reads == maxReads {
		return nil
	}
	s.reads++
	want := int(min(int64(max(n, ahead)), s.size-offset))
	if s.kept, s.err = s.at(s.ctx, offset, want); s.err != nil {
		s.kept = nil
	}
	s.offset, s.kept = offset, s.kept[:min(len(s.kept), want)]
	return s.kept[:min(len(s.kept), n)]
}

// starts reports whether the file has a magic number at an offset.
func (s *source) starts(offset int64, magic string) bool {
	return bytes.Equal(s.read(offset, len(magic)), []byte(magic))
}

// millis is how long n units last; 0 if that cannot be.
func millis(n, perSecond uint64) int64 {
	hi, lo := bits.Mul64(n, 1000)
	lo, carry := bits.Add64(lo, perSecond/2, 0)
	if hi += carry; hi >= perSecond {
		return 0
	}
	ms, _ := bits.Div64(hi, lo, perSecond)
	if ms > longest {
		return 0
	}
	return int64(ms)
}
