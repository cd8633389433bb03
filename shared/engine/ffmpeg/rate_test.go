package ffmpeg

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/recording"
)

func TestRateOf(t *testing.T) {
	for in, want := range map[string]rate{
		"25/1": {25, 1}, "30000/1001": {30000, 1001}, "24000/1001": {24000, 1001}, "24/1": {24, 1}, "60/1": {60, 1}, "120/1": {60, 1}, "240000/1001": {60000, 1001},
		"2997/100": {30000, 1001}, "15/1": {30, 1}, "12500/1000": {25, 1}, "1/1": {32, 1}, "1/60": {35, 1}, "28873/1000": {29, 1},
		"0/0": {25, 1}, "": {25, 1}, "90000/1": {25, 1}, "-25/1": {25, 1}, "1/0": {25, 1}, "nan/1": {25, 1}, "1/1000000": {25, 1},
	} {
		if got := rateOf(in); got != want {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
	}
}

// TestFramesOf: all parts together are as long as they should be, whatever is
// rounded, in order and apart.
func TestFramesOf(t *testing.T) {
	r := rate{30000, 1001}
	var parts []recording.Span
	total := int64(0)
	for i := range int64(300) {
		from := i * 1000
		parts = append(parts, recording.Span{Start: from + i%37, End: from + i%37 + 449})
		total += 449
	}
	got := r.framesOf(parts, 400_000)
	if ms := r.micros(count(got)) / 1000; ms < total-17 || ms > total+17 {
		t.Errorf("%d ms, want %d", ms, total)
	}
	for i, f := range got {
		if f.From >= f.To || i > 0 && f.From < got[i-1].To {
			t.Errorf("%d: %+v", i, f)
		}
		if at := r.micros(f.From) / 1000; i < len(parts) && (at < parts[i].Start-17 || at > parts[i].Start+17) {
			t.Errorf("part %d begins at %d, want %d", i, at, parts[i].Start)
		}
	}
	for _, tt := range []struct {
		name   string
		parts  []recording.Span
		length int64
		want   []frames
	}{
		{"endless", []recording.Span{{Start: 1000, End: 359_999_999}}, 3000, []frames{{25, 75}}},
		{"after the end", []recording.Span{{Start: 4000, End: 5000}}, 3000, nil},
		{"less than a frame", []recording.Span{{Start: 0, End: 10}}, 3000, nil},
		{"less than a frame each", []recording.Span{{Start: 0, End: 10}, {Start: 100, End: 110}, {Start: 200, End: 210}, {Start: 300, End: 310}}, 3000, []frames{{3, 4}}},
		{"next to each other", []recording.Span{{Start: 0, End: 1000}, {Start: 1000, End: 2000}}, 3000, []frames{{0, 50}}},
		{"backwards", []recording.Span{{Start: 1000, End: 0}}, 3000, nil},
	} {
		if diff := cmp.Diff(tt.want, rate{25, 1}.framesOf(tt.parts, tt.length)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestPieces(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []frames
		want [][]frames
	}{
		{"one", []frames{{0, 50}}, [][]frames{{{0, 50}}}},
		{"several", []frames{{0, 250}}, [][]frames{{{0, 100}}, {{100, 200}}, {{200, 250}}}},
		{"short parts", []frames{{0, 10}, {50, 60}, {99, 120}}, [][]frames{{{0, 10}, {50, 60}, {99, 100}}, {{100, 120}}}},
		{"far apart", []frames{{0, 10}, {5000, 5010}}, [][]frames{{{0, 10}}, {{5000, 5010}}}},
	} {
		if diff := cmp.Diff(tt.want, pieces(tt.in, 100)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestPieceOf(t *testing.T) {
	for size, want := range map[[2]int]time.Duration{{640, 360}: 2 * time.Minute, {1080, 1920}: 2 * time.Minute, {3840, 2160}: 30 * time.Second, {7680, 4320}: 10 * time.Second} {
		if got := pieceOf(Facts{Width: size[0], Height: size[1]}); got != want {
			t.Errorf("%v: %v, want %v", size, got, want)
		}
	}
}
