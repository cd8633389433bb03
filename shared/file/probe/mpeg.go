package probe

import "encoding/binary"

// frame is a header of MPEG audio (ISO/IEC 11172-3, 2.4.1.3, and 13818-3).
type frame struct {
	rate, samples uint64
	length        int
	side          int // bytes of layer III's side information
}

// bitrates in kbit/s, of version 1 by layer, and of version 2 of layer I, and
// of both others.
var bitrates = [5][16]int{
	{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}

var sampleRates = [4]int{44100, 48000, 32000}

// frameOf reads a header; ok is false of what is none, or has no bit rate.
func frameOf(b []byte) (f frame, ok bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return f, false
	}
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3) // 3 is 1, 2 is 2, 0 is 2.5
	rate := sampleRates[b[2]>>2&3]
	if version == 1 || layer == 4 || rate == 0 {
		return f, false
	}
	table, padding := layer-1, int(b[2]>>1&1)
	if version != 3 {
		table = min(layer, 2) + 2
		if rate /= 2; version == 0 {
			rate /= 2
		}
	}
	bitrate := bitrates[table][b[2]>>4] * 1000
	if bitrate == 0 {
		return f, false
	}
	mono := b[3]>>6 == 3
	switch f.rate = uint64(rate); {
	case layer == 1:
		f.samples, f.length = 384, (12*bitrate/rate+padding)*4
	case layer == 3 && version != 3:
		f.samples, f.length, f.side = 576, 72*bitrate/rate+padding, 17
		if mono {
			f.side = 9
		}
	default:
		f.samples, f.length, f.side = 1152, 144*bitrate/rate+padding, 32
		if mono {
			f.side = 17
		}
	}
	return f, true
}

// readMPEG reads MPEG audio: what the first frame says of all in a header of
// Xing, LAME or Fraunhofer, or else the size at the first frames' bit rate.
func readMPEG(s *source) (facts Facts) {
	start := int64(0)
	for s.starts(start, "ID3") { // id3.org, ID3v2.4 structure, 3.1
		b := s.read(start, 10)
		if b == nil {
			return facts
		}
		start += 10 + int64(b[6]&0x7f)<<21 + int64(b[7]&0x7f)<<14 + int64(b[8]&0x7f)<<7 + int64(b[9]&0x7f)
		if b[5]&0x10 != 0 {
			start += 10 // a footer
		}
	}
	b := s.upTo(start, maxBytes)
	first, at, ok := firstFrame(b)
	if !ok {
		return facts
	}
	if n := announced(b[at:], first); n > 0 {
		facts.Duration = millis(n*first.samples, first.rate)
		return facts
	}
	seen, samples := 0, uint64(0)
	for f, ok := first, true; ok && f.rate == first.rate; f, ok = frameOf(b[min(at+seen, len(b)):]) {
		seen, samples = seen+f.length, samples+f.samples
	}
	size := uint64(s.size - start - int64(at))
	facts.Duration = millis(size*samples, uint64(seen)*first.rate)
	return facts
}

// firstFrame finds a frame after which there is another one, or nothing.
func firstFrame(b []byte) (f frame, at int, ok bool) {
	for at := range b {
		f, ok := frameOf(b[at:])
		if !ok {
			continue
		}
		next := at + f.length
		if g, ok := frameOf(b[min(next, len(b)):]); next == len(b) || ok && g.rate == f.rate && g.samples == f.samples {
			return f, at, true
		}
	}
	return f, 0, false
}

// announced is how many frames there are if the first one says so, or 0.
func announced(b []byte, f frame) uint64 {
	b = b[:min(len(b), f.length)]
	if x := 4 + f.side; len(b) >= x+12 && (string(b[x:x+4]) == "Xing" || string(b[x:x+4]) == "Info") && b[x+7]&1 != 0 {
		return uint64(binary.BigEndian.Uint32(b[x+8:]))
	}
	if x := 36; len(b) >= x+18 && string(b[x:x+4]) == "VBRI" {
		return uint64(binary.BigEndian.Uint32(b[x+14:]))
	}
	return 0
}
