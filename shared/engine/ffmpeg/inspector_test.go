//go:build engines

package ffmpeg

import (
	"bytes"
	"image/jpeg"
	"slices"
	"testing"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

func inspected(t testing.TB, file string) (recording.Facts, error) {
	t.Helper()
	temp := t.TempDir()
	f, err := Inspector{Objects: holding(t, file), Temp: temp}.Inspect(t.Context(), recording.Media{Object: file})
	empty(t, temp)
	return f, err
}

// TestInspect: what media is, in each of the containers.
func TestInspect(t *testing.T) {
	stereo := tones(t, "2.5", "400", "700")
	film := made(t, "film.mp4", "-f", "lavfi", "-i", "testsrc=s=1280x720:r=25:d=3", "-i", stereo, "-c:v", "libx264", "-preset", "ultrafast")
	for _, tt := range []struct {
		name, file string
		duration   int64
		video      bool
		channels   int
		w, h       int
	}{
		{"wav", stereo, 2500, false, 2, 0, 0},
		{"mp3", made(t, "a.mp3", "-i", stereo), 2500, false, 2, 0, 0},
		{"flac", made(t, "a.flac", "-i", stereo), 2500, false, 2, 0, 0},
		{"ogg", made(t, "a.ogg", "-i", stereo), 2500, false, 2, 0, 0},
		{"mono", tones(t, "1", "400"), 1000, false, 1, 0, 0},
		{"mp4", film, 3000, true, 2, 640, 360},
		{"matroska", made(t, "a.mkv", "-i", film, "-c:v", "copy", "-c:a", "libvorbis"), 3000, true, 2, 640, 360},
		{"without a length", made(t, "a.webm", "-i", film, "-t", "2", "-s", "320x180", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1"), 2000, true, 2, 320, 180},
		{"transport stream", made(t, "a.ts", "-i", film, "-c:v", "copy", "-c:a", "aac"), 3000, true, 2, 640, 360},
		{"upright, silent", plain(t, "360x900", "0x205080", "1"), 1000, true, 0, 256, 640},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := inspected(t, tt.file)
			if err != nil || f.Video != tt.video || f.Channels != tt.channels || f.Duration < tt.duration-60 || f.Duration > tt.duration+60 {
				t.Errorf("%d ms, video %v, %d channels, %v", f.Duration, f.Video, f.Channels, err)
			}
			if (len(f.Peaks) == recording.Peaks) != (tt.channels > 0) || len(f.Peaks) > 0 && slices.Max(f.Peaks) < 100 {
				t.Errorf("%d peaks: %v", len(f.Peaks), f.Peaks[:min(len(f.Peaks), 10)])
			}
			if !tt.video {
				if f.Thumbnail != nil {
					t.Error("sound has a thumbnail")
				}
				return
			}
			c, err := jpeg.DecodeConfig(bytes.NewReader(f.Thumbnail))
			if err != nil || c.Width != tt.w || c.Height != tt.h {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

// TestPeaks: loud where it is loud, in any channel, and silent after the sound.
func TestPeaks(t *testing.T) {
	const quiet, full = "0.1*sin(2*PI*300*t)", "0.9*sin(2*PI*300*t)"
	file := made(t, "a.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=10", "-f", "lavfi", "-i",
		"aevalsrc='if(lt(t,4),"+quiet+",0)|if(between(t,2,6),"+full+",0)':d=6:s=48000", "-c:v", "libx264", "-c:a", "aac", "-b:a", "256k")
	f, err := inspected(t, file)
	if err != nil || len(f.Peaks) != recording.Peaks {
		t.Fatal(len(f.Peaks), err)
	}
	for _, part := range []struct {
		from, to    int
		least, most byte
	}{{10, 190, 15, 40}, {210, 590, 200, 255}, {620, 1000, 0, 2}} {
		for i, p := range f.Peaks[part.from:part.to] {
			if p < part.least || p > part.most {
				t.Fatalf("peak %d is %d, want %d to %d", part.from+i, p, part.least, part.most)
			}
		}
	}
}

// TestThumbnail: from a moment that is not black, if there is one.
func TestThumbnail(t *testing.T) {
	dark := made(t, "dark.mp4", "-f", "lavfi", "-i", "color=c=black:s=320x180:r=25:d=10", "-vf", "drawbox=c=0x20C040:t=fill:enable='between(t,5.5,6.5)'", "-c:v", "libx264", "-preset", "ultrafast")
	for file, want := range map[string]float64{dark: 60, plain(t, "320x180", "black", "1"): 0} {
		f, err := inspected(t, file)
		light, ok := brightness(f.Thumbnail)
		if err != nil || !ok || light < want || want == 0 && light > 10 {
			t.Errorf("%s: brightness %v, %v", file, light, err)
		}
	}
}

// TestNothingToInspect has a reason.
func TestNothingToInspect(t *testing.T) {
	for _, body := range []string{"", "Once upon a time", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"} {
		if f, err := inspected(t, raw(t, "a.mp4", []byte(body))); !fault.Is(err, fault.Invalid) || f.Duration != 0 {
			t.Errorf("%q: %+v, %v", body, f, err)
		}
	}
	if _, err := (Inspector{Objects: holding(t), Temp: t.TempDir()}).Inspect(t.Context(), recording.Media{Object: "gone"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("gone: %v", err)
	}
}
