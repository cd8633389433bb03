package probe

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestHostile: what cannot be is unknown, and is read as rarely as the rest.
func TestHostile(t *testing.T) {
	for name, tt := range map[string]struct{ kind, body string }{
		"WAV of no rate":         {"audio/wav", strings.Replace(wav("RIFF", "", chunk("data", second)), l(4, 16000), zeros(4), 1)},
		"WAV without a format":   {"audio/wav", "RIFF" + zeros(4) + "WAVE" + chunk("data", second)},
		"WAV of small chunks":    {"audio/wav", "RIFF" + zeros(4) + "WAVE" + strings.Repeat("JUNK"+zeros(4), 200_000)},
		"WAV of far chunks":      {"audio/wav", "RIFF" + zeros(4) + "WAVE" + strings.Repeat(chunk("JUNK", zeros(20_000)), 40)},
		"AIFF of no rate":        {"audio/aiff", aiff(zeros(10))},
		"AIFF of no number":      {"audio/aiff", aiff(strings.Repeat("\xff", 10))},
		"AIFF of small chunks":   {"audio/aiff", "FORM" + zeros(4) + "AIFF" + strings.Repeat("ANNO"+zeros(4), 200_000)},
		"FLAC of no rate":        {"audio/flac", flac(0, 72000)},
		"FLAC of ages":           {"audio/flac", flac(1, 1<<36-1)},
		"tags without end":       {"audio/mpeg", strings.Repeat(id3(0), 100_000)},
		"a tag past the end":     {"audio/mpeg", id3(30)[:10] + mp3("")[:15]},
		"frames that are none":   {"audio/mpeg", strings.Repeat("\xff", 300_000)},
		"a box of ages":          {"video/mp4", box("moov", box("mvhd", "\x01", zeros(19), b(4, 1), b(8, math.MaxUint64-1)))},
		"a box of no scale":      {"video/mp4", box("moov", box("mvhd", zeros(16), b(4, 100)))},
		"a box without size":     {"video/mp4", b(4, 7) + "moov" + mvhd(900)},
		"a box below its header": {"video/mp4", b(4, 1) + "moov" + b(8, 15) + mvhd(900)},
		"a box of all":           {"video/mp4", b(4, 1) + "free" + b(8, math.MaxUint64) + mvhd(900)},
		"boxes without end":      {"video/mp4", strings.Repeat(box("free"), 200_000)},
		"boxes in boxes":         {"video/mp4", strings.Repeat("\x00\xff\xff\xffmoov", 1000)},
		"an index of too many":   {"video/mp4", box("moov", box("mvex")) + box("sidx", zeros(8), b(4, 1000), zeros(8), b(4, 65535), zeros(100))},
		"pages without end":      {"audio/ogg", strings.Repeat(theora, 20_000)},
		"a page of nothing":      {"audio/ogg", "OggS\x00\x02" + zeros(21)},
		"a stream of ages":       {"audio/ogg", opus + page(4, 1<<62, 7, "")},
		"a stream below nothing": {"audio/ogg", opus + page(4, 100, 7, "")},
		"a stream of no rate":    {"audio/ogg", page(2, 0, 7, "\x01vorbis"+zeros(23)) + page(4, 100, 7, "")},
		"an element of NaN":      {"video/webm", webm(info("\x44\x89\x88" + b(8, math.Float64bits(math.NaN()))))},
		"an element of ages":     {"video/webm", webm(info("\x44\x89\x88" + b(8, math.Float64bits(math.Inf(1)))))},
		"an element before":      {"video/webm", webm(info("\x44\x89\x88" + b(8, math.Float64bits(-5))))},
		"a duration of 3 bytes":  {"video/webm", webm(info("\x44\x89\x83abc"))},
		"elements without end":   {"video/webm", "\x1a\x45\xdf\xa3\x80" + "\x18\x53\x80\x67\xff" + strings.Repeat("\xec\x80", 400_000)},
		"an id of zeros":         {"video/webm", zeros(1000)},
		"nothing":                {"audio/mpeg", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, tt.kind, tt.body); got.Duration != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestReadFails(t *testing.T) {
	broken := errors.New("broken")
	for kind := range formats {
		_, err := Read(t.Context(), kind, 1000, func(context.Context, int64, int) ([]byte, error) { return nil, broken })
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	kinds := slices.Sorted(maps.Keys(formats))
	for i := range kinds {
		for _, s := range []string{
			wav("RIFF", "", chunk("data", "abcd")), aiff(zeros(10)), flac(1, 1), mp3("") + mp3(""), opus + page(4, 9999, 7, ""),
			box("moov", mvhd(900), box("mvex", box("mehd", zeros(8)))) + box("sidx", zeros(30)), webm(info("\x44\x89\x84abcd"), tracks(1, 2)),
		} {
			f.Add(byte(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, body string) {
		got := read(t, kinds[int(kind)%len(kinds)], body)
		if got.Duration < 0 || got.Duration > longest {
			t.Errorf("%+v", got)
		}
	})
}
