package probe

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// readOgg reads pages of Ogg (RFC 3533): how many samples there are is at the
// last page of a stream, and how many make a second in its first.
func readOgg(s *source) (facts Facts) {
	little := binary.LittleEndian
	serial, rate, skip, found := uint32(0), uint64(0), uint64(0), false
	for at := int64(0); !found; {
		b := s.read(at, 27)
		if b == nil || string(b[:4]) != "OggS" || b[5]&2 == 0 { // the first pages of all streams come first
			return facts
		}
		serial = little.Uint32(b[14:])
		lacing := s.read(at+27, int(b[26]))
		if lacing == nil {
			return facts
		}
		length := 0
		for _, n := range lacing {
			length += int(n)
		}
		at += 27 + int64(len(lacing))
		rate, skip, found = codec(s.upTo(at, min(length, 64)))
		at += int64(length)
	}
	tail := s.upTo(max(0, s.size-maxBytes), maxBytes)
	for i := bytes.LastIndex(tail, []byte("OggS")); i >= 0; i = bytes.LastIndex(tail[:i], []byte("OggS")) {
		if len(tail) < i+27 || little.Uint32(tail[i+14:]) != serial {
			continue
		}
		// All ones: no packet ends on this page.
		if granule := little.Uint64(tail[i+6:]); granule != 1<<64-1 {
			facts.Duration = millis(granule-min(skip, granule), rate)
			return facts
		}
	}
	return facts
}

// codec reads the first packet of a stream: samples for each second, and how
// many at the beginning are not to be heard. found is false unless it is sound.
func codec(b []byte) (rate, skip uint64, found bool) {
	little, head := binary.LittleEndian, string(b)
	switch {
	case strings.HasPrefix(head, "\x01vorbis") && len(b) >= 16: // Vorbis I, 4.2.2
		return uint64(little.Uint32(b[12:])), 0, true
	case strings.HasPrefix(head, "OpusHead") && len(b) >= 12: // RFC 7845, 5.1
		return 48000, uint64(little.Uint16(b[10:])), true
	case strings.HasPrefix(head, "\x7fFLAC") && len(b) >= 17+streamInfo: // RFC 9639, 10.1
		rate, _ = streamInfoOf(b[17:])
		return rate, 0, true
	case strings.HasPrefix(head, "Speex   ") && len(b) >= 40:
		return uint64(little.Uint32(b[36:])), 0, true
	}
	return 0, 0, false
}
