package pocketsphinx

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestPieces: every frame is in one piece, each worker has one where they are
// long enough, and cuts are made where it is quiet.
func TestPieces(t *testing.T) {
	const minute = 60_000 / frameMillis
	for _, tt := range []struct {
		name    string
		frames  int
		workers int
		want    int
	}{
		{"nothing", 0, 8, 1},
		{"a word", 50, 8, 1},
		{"too short to be shared", minute / 2, 8, 1},
		{"shared", minute, 2, 2},
		{"shared by as many as have work", minute, 8, 3},
		{"three hours", 180 * minute, 2, 90},
	} {
		t.Run(tt.name, func(t *testing.T) {
			levels := make([]uint16, tt.frames)
			for i := range levels {
				levels[i] = 1000
				if i%400 < 40 { // a pause every 4 seconds
					levels[i] = 3
				}
			}
			all := pieces(levels, tt.workers)
			if len(all) != tt.want || all[0].from != 0 || all[len(all)-1].to != tt.frames {
				t.Fatalf("%d pieces of %d: %v", len(all), tt.want, all)
			}
			for i, p := range all {
				if p.to-p.from > usual*3/2 || tt.frames > 0 && p.to <= p.from || i > 0 && (p.from != all[i-1].to || levels[p.from-10] != 3 || levels[p.from+10] != 3) {
					t.Errorf("piece %d: %v", i, p)
				}
			}
		})
	}
	loud := pieces(slices.Repeat([]uint16{500}, 5*minute), 1)
	if len(loud) != 3 {
		t.Errorf("without any pause: %v", loud)
	}
}

// TestWrite: a part is what it is in the whole, as a WAV file.
func TestWrite(t *testing.T) {
	folder := t.TempDir()
	samples := make([]byte, 5*frameBytes-100) // the last frame is not whole
	for i := range samples {
		samples[i] = byte(i / frameBytes * 10)
	}
	whole := filepath.Join(folder, "whole.wav")
	if err := os.WriteFile(whole, append(header(5), samples...), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := sound{f, 5}
	part := filepath.Join(folder, "part.wav")
	if err := s.write(span{1, 3}, part); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(part)
	if err != nil || len(got) != headerBytes+2*frameBytes || !slices.Equal(got[headerBytes:], samples[frameBytes:3*frameBytes]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	levels, err := s.levels()
	if err != nil || !slices.Equal(levels, []uint16{0, 2570, 5140, 7710, 10280}) {
		t.Errorf("%v, %v", levels, err)
	}
	if l := loudness([]byte{0, 0x80, 0xff, 0x7f}); l != 32767 {
		t.Errorf("the loudest is %d", l)
	}
}
