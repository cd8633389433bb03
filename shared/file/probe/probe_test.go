package probe

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

var (
	little = binary.LittleEndian
	big    = binary.BigEndian
)

// l and b are a number of so many bytes, in either order.
func l(bytes int, v uint64) string { return string(little.AppendUint64(nil, v)[:bytes]) }
func b(bytes int, v uint64) string { return string(big.AppendUint64(nil, v)[8-bytes:]) }

func zeros(n int) string { return strings.Repeat("\x00", n) }

// reader counts what is read of a file.
type reader struct {
	*testing.T
	body  string
	reads int
}

func (r *reader) at(_ context.Context, offset int64, n int) ([]byte, error) {
	if r.reads++; n < 1 || n > maxBytes || r.reads > maxReads || offset < 0 || offset >= int64(len(r.body)) {
		r.Errorf("read %d: %d bytes at %d of %d", r.reads, n, offset, len(r.body))
	}
	return []byte(r.body[offset:min(offset+int64(n), int64(len(r.body)))]), nil
}

func read(t *testing.T, kind, body string) Facts {
	t.Helper()
	r := &reader{T: t, body: body}
	facts, err := Read(t.Context(), kind, int64(len(body)), r.at)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func chunk(kind, body string) string {
	return kind + l(4, uint64(len(body))) + body + zeros(len(body)%2)
}

func wav(id, more, data string) string {
	format := l(2, 1) + l(2, 1) + l(4, 8000) + l(4, 16000) + l(2, 2) + l(2, 16)
	return id + l(4, 0) + "WAVE" + more + chunk("fmt ", format) + data
}

// second is one of wav's.
var second = zeros(16000)

func aiff(rate string) string {
	comm := b(2, 2) + b(4, 66150) + b(2, 16) + rate
	return "FORM" + b(4, 0) + "AIFFANNO" + b(4, 3) + "odd\x00COMM" + b(4, 18) + comm + "SSND"
}

func flac(rate, samples uint64) string {
	return "fLaC\x00" + b(3, 34) + zeros(10) + b(8, rate<<44|1<<41|15<<36|samples) + zeros(16)
}

// mp3 is a frame of version 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes that
// have 1,152 samples.
func mp3(body string) string { return "\xff\xfb\x90\x00" + body + zeros(413-len(body)) }

func id3(n int) string {
	return "ID3\x04\x00\x00" + string([]byte{byte(n >> 21), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}) + zeros(n)
}

func box(kind string, body ...string) string {
	s := strings.Join(body, "")
	return b(4, uint64(8+len(s))) + kind + s
}

// large is a box with a size of 64 bits.
func large(kind, body string) string { return b(4, 1) + kind + b(8, uint64(16+len(body))) + body }

func mvhd(length uint64) string { return box("mvhd", zeros(12), b(4, 600), b(4, length), zeros(80)) }

func trak(kind string) string {
	return box("trak", box("tkhd", zeros(84)), box("mdia", box("mdhd", zeros(24)), box("hdlr", zeros(8), kind, zeros(13)), box("minf", zeros(30000))))
}

func page(flags byte, granule, serial uint64, body string) string {
	var lacing []byte
	n := len(body)
	for ; n >= 255; n -= 255 {
		lacing = append(lacing, 255)
	}
	lacing = append(lacing, byte(n))
	return "OggS\x00" + string(flags) + l(8, granule) + l(4, serial) + zeros(8) + string([]byte{byte(len(lacing))}) + string(lacing) + body
}

// element has a size of 8 bytes.
func element(id string, body ...string) string {
	s := strings.Join(body, "")
	return id + "\x01" + b(7, uint64(len(s))) + s
}

func webm(body ...string) string {
	return element("\x1a\x45\xdf\xa3", "\x42\x82\x84webm") + "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + strings.Join(body, "") +
		element("\x1f\x43\xb6\x75", zeros(100))
}

func info(body ...string) string { return element("\x15\x49\xa9\x66", body...) }

func tracks(kinds ...uint64) string {
	var all []string
	for _, k := range kinds {
		all = append(all, element("\xae", "\xd7\x81\x01", "\x83\x81"+b(1, k), element("\x63\xa2", zeros(300))))
	}
	return element("\x16\x54\xae\x6b", all...)
}

var (
	opus   = page(2, 0, 7, "OpusHead\x01\x01"+l(2, 312)+l(4, 16000)+zeros(3))
	vorbis = page(2, 0, 7, "\x01vorbis"+l(4, 0)+"\x02"+l(4, 44100)+zeros(14))
	theora = page(2, 0, 9, "\x80theora"+zeros(35))
	none   = uint64(math.MaxUint64)
)

// contract: SX-019, SX-021
func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, body string
		want       Facts
	}{
		"WAV":                        {"audio/wav", wav("RIFF", "", chunk("data", second+second[:8000])), Facts{Duration: 1500}},
		"WAV, odd and large chunks":  {"audio/wav", wav("RIFF", chunk("LIST", "abc")+chunk("JUNK", zeros(200_000)), chunk("data", second)+chunk("LIST", zeros(50))), Facts{Duration: 1000}},
		"WAV, streamed":              {"audio/wav", wav("RIFF", "", "data\xff\xff\xff\xff"+second), Facts{Duration: 1000}},
		"WAV, never finished":        {"audio/wav", wav("RIFF", "", "data\x00\x00\x00\x00"+second), Facts{Duration: 1000}},
		"WAV, cut off":               {"audio/wav", wav("RIFF", "", "data\x00\x00\x00\x10"+second), Facts{Duration: 1000}},
		"WAV, empty":                 {"audio/wav", wav("RIFF", "", chunk("data", "")), Facts{}},
		"RF64":                       {"audio/wav", wav("RF64", chunk("ds64", l(8, 0)+l(8, 8000)+zeros(12)), "data\xff\xff\xff\xff"+second), Facts{Duration: 500}},
		"AIFF":                       {"audio/aiff", aiff("\x40\x0e\xac\x44" + zeros(6)), Facts{Duration: 1500}},
		"FLAC":                       {"audio/flac", flac(48000, 72000), Facts{Duration: 1500}},
		"FLAC, more than 32 bits":    {"audio/flac", flac(192000, 192000*40000), Facts{Duration: 40_000_000}},
		"FLAC, unknown":              {"audio/flac", flac(48000, 0), Facts{}},
		"MP3, constant":              {"audio/mpeg", strings.Repeat(mp3(""), 1000), Facts{Duration: 26122}},
		"MP3, tagged":                {"audio/mpeg", id3(300_000) + strings.Repeat(mp3(""), 100), Facts{Duration: 2612}},
		"MP3, Xing":                  {"audio/mpeg", id3(20) + mp3(zeros(32)+"Xing"+b(4, 1)+b(4, 1000)) + mp3(""), Facts{Duration: 26122}},
		"MP3, Info without a number": {"audio/mpeg", mp3(zeros(32)+"Info"+b(4, 0)+b(4, 1000)) + mp3(""), Facts{Duration: 52}},
		"MP3, VBRI":                  {"audio/mpeg", mp3(zeros(32)+"VBRI"+zeros(10)+b(4, 1000)) + mp3(""), Facts{Duration: 26122}},
		"MP3, version 2":             {"audio/mpeg", strings.Repeat("\xff\xf3\x80\xc0"+zeros(204), 100), Facts{Duration: 2612}}, // 64 kbit/s, 22.05 kHz: 208 bytes
		"layer II":                   {"audio/mpeg", strings.Repeat("\xff\xfd\x84\x00"+zeros(380), 100), Facts{Duration: 2400}}, // 128 kbit/s, 48 kHz: 384 bytes
		"no MP3":                     {"audio/mpeg", id3(10) + zeros(100_000), Facts{}},
		"MP4":                        {"video/mp4", box("ftyp", "isom") + box("moov", mvhd(900), trak("soun"), trak("vide")) + box("mdat", zeros(9)), Facts{Duration: 1500}},
		"MP4, only sound":            {"video/mp4", box("ftyp", "isom") + box("moov", mvhd(900), trak("soun"), trak("text")), Facts{Duration: 1500, Sound: true}},
		"MP4, moov at the end":       {"video/mp4", box("ftyp", "isom") + large("mdat", zeros(500_000)) + box("moov", mvhd(900), trak("soun"), trak("vide")), Facts{Duration: 1500}},
		"MP4, version 1":             {"audio/mp4", box("moov", box("mvhd", "\x01", zeros(19), b(4, 1000), b(8, 5_000_000_000), zeros(80))), Facts{Duration: 5_000_000_000}},
		"MP4, of many tracks":        {"video/mp4", box("moov", mvhd(900), strings.Repeat(trak("soun"), 30)), Facts{Duration: 1500}},
		"MP4, a track of nothing":    {"video/mp4", box("moov", mvhd(900), trak("soun"), box("trak")), Facts{Duration: 1500}},
		"MP4, cut off":               {"video/mp4", b(4, 9000) + "moov" + mvhd(900) + trak("soun")[:200], Facts{Duration: 1500}},
		"MP4, unknown":               {"video/mp4", box("moov", mvhd(math.MaxUint32)), Facts{}},
		"fragments, mehd":            {"video/mp4", box("moov", mvhd(0), trak("soun"), box("mvex", box("mehd", zeros(4), b(4, 1200)))) + box("moof"), Facts{Duration: 2000, Sound: true}},
		"fragments, sidx": {"video/mp4", box("moov", mvhd(0), box("mvex")) +
			box("sidx", zeros(8), b(4, 1000), zeros(8), b(4, 2), b(4, 100), b(4, 1500), zeros(4), b(4, 100), b(4, 2500), zeros(4)) + box("moof"), Facts{Duration: 4000}},
		"fragments, unknown":           {"video/mp4", box("moov", mvhd(0), box("mvex")) + box("moof"), Facts{}},
		"Opus":                         {"audio/ogg", opus + page(0, 0, 7, "OpusTags") + page(4, 312+72000, 7, "xyz"), Facts{Duration: 1500}},
		"Opus, a page without an end":  {"audio/ogg", opus + page(0, 312+48000, 7, zeros(60_000)) + page(4, none, 7, "xyz"), Facts{Duration: 1000}},
		"Vorbis":                       {"audio/ogg", vorbis + zeros(100_000) + page(4, 66150, 7, zeros(500)), Facts{Duration: 1500}},
		"Ogg FLAC":                     {"audio/ogg", page(2, 0, 7, "\x7fFLAC\x01\x00\x00\x01"+flac(48000, 0)) + page(4, 72000, 7, ""), Facts{Duration: 1500}},
		"Speex":                        {"audio/ogg", page(2, 0, 7, "Speex   "+zeros(28)+l(4, 16000)+zeros(40)) + page(4, 24000, 7, ""), Facts{Duration: 1500}},
		"Vorbis beside Theora":         {"video/ogg", theora + vorbis + page(4, 44100, 7, "") + page(4, 99, 9, zeros(200)), Facts{Duration: 1000}},
		"Ogg of another stream at end": {"audio/ogg", vorbis + page(4, 44100, 8, ""), Facts{}},
		"WebM":                         {"video/webm", webm(info("\x2a\xd7\xb1\x83"+b(3, 1_000_000), "\x44\x89\x88"+b(8, math.Float64bits(1500.2))), tracks(1, 2)), Facts{Duration: 1500}},
		"WebM, only sound":             {"video/webm", webm(element("\xec", zeros(70_000)), info("\x44\x89\x84"+b(4, uint64(math.Float32bits(2500)))), tracks(2)), Facts{Duration: 2500, Sound: true}},
		"WebM, cut off":                {"video/webm", "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff" + strings.Replace(tracks(2), "\x16\x54\xae\x6b\x01\x00", "\x16\x54\xae\x6b\x01\x01", 1), Facts{}},
		"WebM, as recorded":            {"video/webm", webm(info("\x2a\xd7\xb1\x83"+b(3, 1_000_000)), tracks(2)), Facts{Sound: true}},
		"Matroska, another scale":      {"video/x-matroska", webm(info("\x44\x89\x84"+b(4, uint64(math.Float32bits(25))), "\x2a\xd7\xb1\x84"+b(4, 100_000_000))), Facts{Duration: 2500}},
		"another type":                 {"video/mp2t", wav("RIFF", "", chunk("data", second)), Facts{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, tt.kind, tt.body); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
