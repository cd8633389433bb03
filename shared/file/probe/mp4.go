package probe

import (
	"encoding/binary"
	"math"
)

// movie is what is found in boxes (ISO/IEC 14496-12).
type movie struct {
	scale, length uint64 // mvhd
	fragments     bool   // mvex
	fragmented    uint64 // mehd, in scale
	indexed       int64  // sidx, in ms
	tracks, seen  int    // those whose hdlr was read
	sound, sight  bool
	whole         bool // all of moov was seen
}

// readMP4 reads MP4, and what is made like it.
func readMP4(s *source) Facts {
	var m movie
	s.boxes(0, s.size, func(kind string, body, end int64) bool {
		switch kind {
		case "moov":
			m.whole = s.boxes(body, end, func(kind string, body, end int64) bool {
				m.header(s, kind, body, end)
				return true
			})
			return m.fragments && m.fragmented == 0 // how long it is comes later
		case "sidx":
			m.indexed = max(m.indexed, indexed(s, body, end))
		case "moof":
			return false
		}
		return true
	})
	facts := Facts{Sound: m.whole && m.seen == m.tracks && m.sound && !m.sight}
	switch {
	case !m.fragments:
		facts.Duration = millis(m.length, m.scale)
	case m.fragmented > 0:
		facts.Duration = millis(m.fragmented, m.scale)
	default:
		facts.Duration = m.indexed
	}
	return facts
}

// boxes walks the boxes of a range until each says false, and reports whether
// it came to the end.
func (s *source) boxes(from, to int64, each func(kind string, body, end int64) bool) bool {
	for from < to {
		b := s.read(from, 8)
		if b == nil {
			return false
		}
		kind, size, body := string(b[4:]), uint64(binary.BigEndian.Uint32(b)), from+8
		switch size {
		case 0: // to the end
			size = uint64(to - from)
		case 1:
			if b = s.read(from+8, 8); b == nil {
				return false
			}
			size, body = binary.BigEndian.Uint64(b), from+16
		}
		rest := uint64(to - from)
		if size < uint64(body-from) || rest < uint64(body-from) {
			return false
		}
		end := from + int64(min(size, rest))
		if !each(kind, body, end) || size > rest {
			return false
		}
		from = end
	}
	return true
}

// header reads a box of moov.
func (m *movie) header(s *source, kind string, body, end int64) {
	switch kind {
	case "mvhd":
		m.scale, m.length = timed(s, body, 8, 16)
	case "trak":
		m.tracks++
		s.boxes(body, end, func(kind string, body, end int64) bool {
			return kind != "mdia" || s.boxes(body, end, func(kind string, body, _ int64) bool {
				if kind != "hdlr" {
					return true
				}
				if b := s.read(body+8, 4); b != nil {
					m.seen++
					m.sound = m.sound || string(b) == "soun"
					m.sight = m.sight || string(b) == "vide"
				}
				return false
			})
		})
	case "mvex":
		m.fragments = true
		s.boxes(body, end, func(kind string, body, _ int64) bool {
			if kind == "mehd" {
				m.fragmented = number(s, body+4, s.starts(body, "\x01"))
			}
			return true
		})
	}
}

// timed reads a time scale and a duration, which come after so many bytes of
// dates in version 0, and in version 1.
func timed(s *source, body, narrow, wide int64) (scale, length uint64) {
	long := s.starts(body, "\x01")
	at := body + 4 + narrow
	if long {
		at = body + 4 + wide
	}
	return number(s, at, false), number(s, at+4, long)
}

// number reads 32 or 64 bits; all ones are unknown, as 0 is.
func number(s *source, at int64, long bool) uint64 {
	if long {
		b := s.read(at, 8)
		if b == nil || binary.BigEndian.Uint64(b) == math.MaxUint64 {
			return 0
		}
		return binary.BigEndian.Uint64(b)
	}
	b := s.read(at, 4)
	if b == nil || binary.BigEndian.Uint32(b) == math.MaxUint32 {
		return 0
	}
	return uint64(binary.BigEndian.Uint32(b))
}

// indexed is how long the segments of an index are, in ms.
func indexed(s *source, body, end int64) int64 {
	at := body + 20
	if s.starts(body, "\x01") {
		at += 8
	}
	scale := number(s, body+8, false)
	b := s.read(at+2, 2)
	if b == nil {
		return 0
	}
	total, count := uint64(0), int(binary.BigEndian.Uint16(b))
	b = s.read(at+4, 12*count)
	if b == nil || at+4+int64(len(b)) > end {
		return 0
	}
	for ; len(b) > 0; b = b[12:] {
		total += uint64(binary.BigEndian.Uint32(b[4:]))
	}
	return millis(total, scale)
}
