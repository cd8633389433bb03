package probe

import (
	"encoding/binary"
	"math"
)

// readWAV reads RIFF WAVE (Multimedia Programming Interface 1.0), and RF64
// (EBU Tech 3306) with sizes of 64 bits.
func readWAV(s *source) (facts Facts) {
	little := binary.LittleEndian
	if !s.starts(0, "RIFF") && !s.starts(0, "RF64") && !s.starts(0, "BW64") {
		return facts
	}
	var perSecond, wide uint64
	for at := int64(12); ; {
		head := s.read(at, 8)
		if head == nil {
			return facts
		}
		kind, n, body := string(head[:4]), uint64(little.Uint32(head[4:])), at+8
		switch kind {
		case "ds64":
			if b := s.read(body, 16); b != nil {
				wide = little.Uint64(b[8:])
			}
		case "fmt ":
			if b := s.read(body, 12); b != nil {
				perSecond = uint64(little.Uint32(b[8:]))
			}
		case "data":
			if n == math.MaxUint32 && wide > 0 {
				n = wide
			}
			// Who streams does not know the size, and says 0 or the most.
			if rest := uint64(s.size - body); n == 0 || n > rest {
				n = rest
			}
			return Facts{Duration: millis(n, perSecond)}
		}
		at = body + int64(n+n&1)
	}
}

// readAIFF reads AIFF and AIFF-C (Apple, 1989 and 1991).
func readAIFF(s *source) (facts Facts) {
	big := binary.BigEndian
	for at := int64(12); s.starts(0, "FORM"); {
		head := s.read(at, 8)
		if head == nil {
			return facts
		}
		if string(head[:4]) == "COMM" {
			b := s.read(at+8, 18)
			if b == nil {
				return facts
			}
			frames := uint64(big.Uint32(b[2:]))
			// The rate is a number of the 80 bits of IEEE 754 extended.
			rate := math.Ldexp(float64(big.Uint64(b[10:])), int(big.Uint16(b[8:])&0x7fff)-16383-63)
			if rate < 1 || rate > math.MaxUint32 {
				return facts
			}
			return Facts{Duration: millis(frames, uint64(math.Round(rate)))}
		}
		n := int64(big.Uint32(head[4:]))
		at += 8 + n + n&1
	}
	return facts
}

// readFLAC reads STREAMINFO (RFC 9639, 8.2).
func readFLAC(s *source) (facts Facts) {
	b := s.read(0, 8+streamInfo)
	if b == nil || string(b[:4]) != "fLaC" || b[4]&0x7f != 0 {
		return facts
	}
	rate, samples := streamInfoOf(b[8:])
	return Facts{Duration: millis(samples, rate)}
}

// streamInfo is how many bytes of STREAMINFO are read.
const streamInfo = 18

func streamInfoOf(b []byte) (rate, samples uint64) {
	v := binary.BigEndian.Uint64(b[10:])
	return v >> 44, v & (1<<36 - 1)
}
