//go:build engines

package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"latchkey/shared/recording"
)

// contract: SX-138, SX-139, SX-140
// TestRatios: the frame's size, where the video is in it, and what is beside
// it. The video is blue, with a red left edge and a green top.
func TestRatios(t *testing.T) {
	edged := func(size string) string {
		return made(t, "edged.mp4", "-f", "lavfi", "-i", "color=c=0x2040C0:s="+size+":r=25:d=1",
			"-vf", "drawbox=x=0:y=0:w=iw/8:h=ih:c=0xC02020:t=fill,drawbox=x=iw/4:y=0:w=iw/2:h=ih/8:c=0x20C020:t=fill", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
	}
	wide, tall := edged("640x360"), edged("360x640")
	const red, green, blue, bars = "#C02020", "#20C020", "#2040C0", "#F0D000"
	for _, tt := range []struct {
		ratio, position string
		source          string
		w, h            int
		video           [4]int // left, top, right, bottom of what is seen of the video
		edges           string // those that are seen
	}{
		{"original", "fit", wide, 640, 360, [4]int{0, 0, 639, 359}, red + green},
		{"original", "fill", wide, 640, 360, [4]int{0, 0, 639, 359}, red + green},
		{"original", "fit", tall, 360, 640, [4]int{0, 0, 359, 639}, red + green},
		{"1:1", "fit", wide, 360, 360, [4]int{0, 79, 359, 280}, red + green},
		{"1:1", "fill", wide, 360, 360, [4]int{0, 0, 359, 359}, green},
		{"1:1", "fit", tall, 360, 360, [4]int{79, 0, 280, 359}, red + green},
		{"9:16", "fit", wide, 360, 640, [4]int{0, 219, 359, 420}, red + green},
		{"9:16", "fill", wide, 360, 640, [4]int{0, 0, 359, 639}, green},
		{"16:9", "fit", wide, 640, 360, [4]int{0, 0, 639, 359}, red + green},
		{"16:9", "fit", tall, 640, 360, [4]int{219, 0, 420, 359}, red + green},
		{"16:9", "fill", tall, 640, 360, [4]int{0, 0, 639, 359}, red},
		{"5:4", "fit", wide, 450, 360, [4]int{0, 53, 449, 306}, red + green},
		{"5:4", "fill", wide, 450, 360, [4]int{0, 0, 449, 359}, green},
		{"4:5", "fit", wide, 360, 450, [4]int{0, 123, 359, 326}, red + green},
		{"4:5", "fill", wide, 360, 450, [4]int{0, 0, 359, 449}, green},
	} {
		t.Run(tt.ratio+" "+tt.position, func(t *testing.T) {
			b := recording.DefaultBurnIn
			b.Ratio, b.Position, b.Background = tt.ratio, tt.position, bars
			p := frameAt(t, burnt(t, tt.source, says(5000, 6000, "not yet"), b), "0.5")
			if p.w != tt.w || p.h != tt.h {
				t.Fatalf("%d × %d, want %d × %d", p.w, p.h, tt.w, tt.h)
			}
			video := p.find(blue)
			for _, c := range []string{red, green} {
				e := p.find(c)
				if e.n > 0 {
					video = box{min(video.left, e.left), min(video.top, e.top), max(video.right, e.right), max(video.bottom, e.bottom), 0}
				}
				if seen := e.n > 500; seen != strings.Contains(tt.edges, c) {
					t.Errorf("edge %s: %+v", c, e)
				}
			}
			for i, got := range []int{video.left, video.top, video.right, video.bottom} {
				if got < tt.video[i]-2 || got > tt.video[i]+2 {
					t.Errorf("the video is at %+v, want %v", video, tt.video)
					break
				}
			}
			area := p.w*p.h - (tt.video[2]-tt.video[0]+1)*(tt.video[3]-tt.video[1]+1)
			if n := p.find(bars).n; n < area-4*(p.w+p.h) || n > area+4*(p.w+p.h) {
				t.Errorf("bars have %d pixels, want %d", n, area)
			}
		})
	}
}

// TestSeenAsItIs: pixels that are no squares become squares, a phone's video
// that says it is turned is turned, and odd sizes become even.
func TestSeenAsItIs(t *testing.T) {
	from := func(args ...string) string {
		return made(t, "odd.mp4", append([]string{"-f", "lavfi", "-i", "color=c=blue:s=320x240:r=25:d=1"}, args...)...)
	}
	for _, tt := range []struct {
		name, file string
		w, h       int
	}{
		{"narrow pixels", from("-vf", "setsar=1/2"), 160, 240},
		{"turned", turned(t, from()), 240, 320},
		{"odd", from("-vf", "scale=321:241", "-pix_fmt", "yuv444p"), 322, 242},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := recording.DefaultBurnIn
			b.FontSize = 42
			p := frameAt(t, burnt(t, tt.file, says(0, 1000, "Hull"), b), "0.5")
			if p.w != tt.w || p.h != tt.h || p.find("#FFFFFF").n < 50 {
				t.Errorf("%d × %d, letters %+v", p.w, p.h, p.find("#FFFFFF"))
			}
		})
	}
}

// turned is a video that says it is to be turned by a quarter: the matrix of
// its track (ISO/IEC 14496-12, 8.3.2), version 0.
func turned(t *testing.T, file string) string {
	t.Helper()
	body, err := os.ReadFile(file)
	at := bytes.Index(body, []byte("tkhd")) + 4 + 40
	if err != nil || at < 44 {
		t.Fatal("no track header", err)
	}
	for i, v := range []uint32{0, 0x10000, 0, 0xffff0000, 0, 0, 0, 0, 0x40000000} {
		binary.BigEndian.PutUint32(body[at+4*i:], v)
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
