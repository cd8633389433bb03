package probe

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The elements that are read (RFC 9559, 5).
const (
	idEBML          = 0x1a45dfa3
	idSegment       = 0x18538067
	idInfo          = 0x1549a966
	idTimecodeScale = 0x2ad7b1
	idDuration      = 0x4489
	idTracks        = 0x1654ae6b
	idTrackEntry    = 0xae
	idTrackType     = 0x83
	idCluster       = 0x1f43b675
)

// readMatroska reads Matroska, and WebM.
func readMatroska(s *source) (facts Facts) {
	scale, length := 1e6, 0.0 // ns, and how many of these
	sound, sight := false, false
	s.elements(0, s.size, func(id uint64, body, end int64) bool {
		if id != idSegment {
			return id == idEBML
		}
		return s.elements(body, end, func(id uint64, body, end int64) bool {
			switch id {
			case idInfo:
				s.elements(body, end, func(id uint64, body, end int64) bool {
					switch id {
					case idTimecodeScale:
						scale = float64(s.whole(body, end))
					case idDuration:
						length = s.float(body, end)
					}
					return true
				})
			case idTracks:
				all := s.elements(body, end, func(id uint64, body, end int64) bool {
					return id != idTrackEntry || s.elements(body, end, func(id uint64, body, end int64) bool {
						if id == idTrackType {
							sound = sound || s.whole(body, end) == 2
							sight = sight || s.whole(body, end) == 1
						}
						return true
					})
				})
				facts.Sound = all && sound && !sight
			}
			return id != idCluster
		})
	})
	if ms := math.Round(length * scale / 1e6); ms > 0 && ms <= longest {
		facts.Duration = int64(ms)
	}
	return facts
}

// elements walks the elements of a range like boxes.
func (s *source) elements(from, to int64, each func(id uint64, body, end int64) bool) bool {
	for from < to {
		id, n := s.vint(from)
		size, m := s.vint(from + n)
		if n == 0 || m == 0 {
			return false
		}
		body, most := from+n+m, uint64(1)<<(7*m)-1
		// All ones: nobody knew how long it would be.
		size &= most
		if body > to {
			return false
		}
		rest := uint64(to - body)
		cut := size != most && size > rest
		if from = body + int64(min(size, rest)); !each(id, body, from) || cut {
			return false
		}
	}
	return true
}

// vint reads a number of variable length with its marker (RFC 8794, 4), and
// how many bytes it has: 0 if there is none.
func (s *source) vint(at int64) (v uint64, n int64) {
	b := s.read(at, 1)
	if b == nil || b[0] == 0 {
		return 0, 0
	}
	n = int64(bits.LeadingZeros8(b[0])) + 1
	for _, c := range s.read(at, int(n)) {
		v = v<<8 | uint64(c)
	}
	if v == 0 { // it is cut off
		return 0, 0
	}
	return v, n
}

// whole reads an unsigned number.
func (s *source) whole(body, end int64) (v uint64) {
	if end-body > 8 {
		return 0
	}
	for _, c := range s.read(body, int(end-body)) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (s *source) float(body, end int64) float64 {
	switch v := s.whole(body, end); end - body {
	case 4:
		return float64(math.Float32frombits(uint32(v)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(binary.BigEndian.AppendUint64(nil, v)))
	}
	return 0
}
