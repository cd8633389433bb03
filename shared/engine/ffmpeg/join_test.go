//go:build engines

package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// moving is a video in which every frame is another, with sound, of a rate and
// a length in seconds.
func moving(t testing.TB, rate, seconds string, args ...string) string {
	t.Helper()
	return made(t, "moving.mp4", append([]string{"-f", "lavfi", "-i", "testsrc2=s=320x180:r=" + rate + ":d=" + seconds, "-f", "lavfi", "-i", "sine=500:d=" + seconds,
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "70", "-pix_fmt", "yuv420p", "-c:a", "aac"}, args...)...)
}

// probed is what ffprobe prints of a file, one value a line.
func probed(t testing.TB, file string, args ...string) []string {
	t.Helper()
	out, err := exec.Command("ffprobe", append(append([]string{"-v", "error", "-of", "csv=p=0"}, args...), file)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// times are those of a file's video frames, in the order in which they are seen.
func times(t testing.TB, file string) (out []float64) {
	t.Helper()
	for _, v := range probed(t, file, "-select_streams", "v:0", "-show_entries", "frame=pts_time") {
		var s float64
		if _, err := fmt.Sscanf(v, "%f", &s); err != nil {
			t.Fatalf("%q: %v", v, err)
		}
		out = append(out, s)
	}
	return out
}

// lasting is how long a file lasts, in seconds.
func lasting(t testing.TB, file string) (s float64) {
	t.Helper()
	if _, err := fmt.Sscanf(probed(t, file, "-show_entries", "format=duration")[0], "%f", &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// alike is how alike the frames of two files are, in dB: the worst of them
// (PSNR, luma).
func alike(t testing.TB, a, b string) (worst float64, n int) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", a, "-i", b, "-lavfi", "[0:v][1:v]psnr=stats_file=-", "-f", "null", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	worst = 1000
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		_, y, _ := strings.Cut(line, "psnr_y:")
		var db float64
		if _, err := fmt.Sscanf(strings.Replace(y, "inf", "999", 1), "%f", &db); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		worst, n = min(worst, db), n+1
	}
	return worst, n
}

// cuesEach is a transcript with a caption each half a second, so that there is
// one at every joint.
func cuesEach(seconds int) (t transcript.Transcript) {
	for i := range int64(2 * seconds) {
		t.Segments = append(t.Segments, transcript.FromText("", i*500+130, i*500+700, fmt.Sprintf("Number %d", i)))
	}
	return t
}

// TestPiecesAreSeamless: what is joined is what is rendered in one go, frame by
// frame, and the sound is the source's.
func TestPiecesAreSeamless(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		seconds    float64
	}{
		{"25 a second", moving(t, "25", "23.3"), 23.3},
		{"29.97 a second", moving(t, "30000/1001", "23.3"), 23.3},
		{"23.976 a second, late sound", moving(t, "24000/1001", "23", "-af", "asetpts=PTS+0.4/TB"), 23.4},
		{"varying", made(t, "varying.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=23", "-vf", "select='lt(t\\,7)*(not(mod(floor(n/17)\\,3))+not(mod(n\\,7)))+gt(t\\,20.5)'", "-c:v", "libx264", "-g", "70"), 23},
		{"5 a second", moving(t, "5", "23"), 23},
		{"beginning late", made(t, "late.ts", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=23", "-c:v", "libx264", "-g", "70", "-output_ts_offset", "1000"), 23},
		{"Matroska", made(t, "m.mkv", "-i", moving(t, "25", "23"), "-c:v", "copy", "-c:a", "libvorbis"), 23},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := holding(t, tt.file)
			render := func(piece time.Duration) string {
				body, err := Renderer{Bucket: b, Piece: piece}.BurnIn(t.Context(), "id", recording.Media{Object: tt.file}, cuesEach(24), recording.DefaultBurnIn)
				return saved(t, body, err)
			}
			whole := render(time.Hour)
			if b.streams > 0 {
				t.Error("a short one is kept")
			}
			parts := render(6 * time.Second) // the third begins too late to read all that is before
			if b.streams != 5 {              // a plan and four pieces
				t.Errorf("kept: %v", b.kept())
			}
			for name, file := range map[string]string{"whole": whole, "parts": parts} {
				if s := lasting(t, file); s < tt.seconds-0.1 || s > tt.seconds+0.1 {
					t.Errorf("%s: %v s, want %v", name, s, tt.seconds)
				}
				at := times(t, file)
				step := (at[len(at)-1] - at[0]) / float64(len(at)-1)
				for i := range at[1:] {
					if d := at[i+1] - at[i]; d < step-0.0002 || d > step+0.0002 || at[0] != 0 {
						t.Fatalf("%s: frame %d lasts %.5f s, others %.5f", name, i, d, step)
					}
				}
			}
			if worst, n := alike(t, whole, parts); worst < 33 || n != len(times(t, whole)) {
				t.Errorf("of %d frames one is only %v dB alike", n, worst)
			}
			if a, b := sound(t, whole), sound(t, parts); a != b {
				t.Errorf("the sound differs: %s, %s", a, b)
			}
		})
	}
}

// sound is a sum of all sound of a file.
func sound(t testing.TB, file string) string {
	t.Helper()
	if len(probed(t, file, "-select_streams", "a", "-show_entries", "stream=index")) == 0 {
		return "none"
	}
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", "0:a", "-f", "md5", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestLater: with a deadline, each call does what it has time for, keeps it and
// says that it goes on; the last joins all, whatever is edited meanwhile.
func TestLater(t *testing.T) {
	file := moving(t, "25", "7")
	b := holding(t, file)
	r := Renderer{Bucket: b, Piece: 2 * time.Second, Reserve: time.Hour, Temp: t.TempDir()}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	said, calls, last := cuesEach(8), 0, -1
	for {
		body, err := r.BurnIn(ctx, "id", recording.Media{Object: file}, said, recording.DefaultBurnIn)
		calls++
		empty(t, r.Temp)
		var later job.Later
		if errors.As(err, &later) {
			if later.Progress <= last || later.Progress > 95 || calls > 9 {
				t.Fatalf("call %d: %+v", calls, later)
			}
			last = later.Progress
			said = cuesEach(1) // somebody edits
			continue
		}
		out := saved(t, body, err)
		body, err = Renderer{Bucket: holding(t, file)}.BurnIn(ctx, "id", recording.Media{Object: file}, cuesEach(8), recording.DefaultBurnIn)
		if worst, n := alike(t, saved(t, body, err), out); worst < 33 || n != 175 {
			t.Errorf("of %d frames one is only %v dB alike", n, worst)
		}
		break
	}
	if calls != 5 || len(b.kept()) != 5 { // four pieces and a joining
		t.Errorf("%d calls, kept %v", calls, b.kept())
	}
	if err := r.Forget(t.Context(), "id"); err != nil || len(b.kept()) != 0 {
		t.Errorf("kept %v, %v", b.kept(), err)
	}
}

// TestOnTime: a subtitle is seen from its beginning until its end, to the
// frame, also if the file's clock begins late or its frames are rare.
func TestOnTime(t *testing.T) {
	late := made(t, "late.ts", "-i", plain(t, "640x360", "0x205080", "3"), "-c", "copy", "-output_ts_offset", "1000")
	rare := made(t, "rare.mp4", "-f", "lavfi", "-i", "color=c=0x205080:s=640x360:r=1:d=3", "-c:v", "libx264")
	for _, file := range []string{plain(t, "640x360", "0x205080", "3"), late, rare} {
		b := recording.DefaultBurnIn
		b.FontSize = 42
		out := burnt(t, file, says(1000, 2000, "Hull"), b)
		for at, want := range map[string]bool{"0.1": false, "0.94": false, "1.02": true, "1.94": true, "2.02": false} {
			if got := frameAt(t, out, at).find("#FFFFFF").n > 50; got != want {
				t.Errorf("%s: at %s it is seen: %v", file, at, got)
			}
		}
	}
}

// TestTwoSpeakAtOnce: both are seen, the second below the first.
func TestTwoSpeakAtOnce(t *testing.T) {
	both := transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", 0, 2000, "HHH"), transcript.FromText("", 1000, 3000, "HHHHHH")}}
	b := recording.DefaultBurnIn
	b.FontSize, b.BorderStyle = 24, "none"
	out := burnt(t, plain(t, "640x360", "0x205080", "3"), both, b)
	first, two, second := frameAt(t, out, "0.5").find("#FFFFFF"), frameAt(t, out, "1.5"), frameAt(t, out, "2.5").find("#FFFFFF")
	found := two.find("#FFFFFF")
	upper, lower := two.part(found.top, found.top+first.height()).find("#FFFFFF"), two.part(found.bottom-first.height(), found.bottom+1).find("#FFFFFF")
	if !near(upper.width(), first.width()) || !near(lower.width(), second.width()) || first.width()*3 > second.width()*2 || upper.bottom >= lower.top {
		t.Errorf("first %+v, second %+v, both %+v over %+v", first, second, upper, lower)
	}
}

// TestChangesOnTheWay: a broadcast that changes its size and its channels keeps
// its time.
func TestChangesOnTheWay(t *testing.T) {
	part := func(size, channels, offset string) []byte {
		return cat(t, made(t, "part.ts", "-f", "lavfi", "-i", "testsrc2=s="+size+":r=25:d=4", "-f", "lavfi", "-i", "aevalsrc="+pitch+":d=4:s=48000",
			"-ac", channels, "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "ac3", "-output_ts_offset", offset))
	}
	file := raw(t, "changes.ts", append(part("320x180", "2", "0"), part("640x360", "1", "4")...))
	var said transcript.Transcript
	for i := range int64(16) { // short and long ones by turns
		said.Segments = append(said.Segments, transcript.FromText("", i*500+130, i*500+600, strings.Repeat("H", 2+int(i%2)*12)))
	}
	for _, piece := range []time.Duration{time.Hour, 3 * time.Second} {
		body, err := Renderer{Bucket: holding(t, file), Piece: piece}.BurnIn(t.Context(), "id", recording.Media{Object: file}, said, recording.DefaultBurnIn)
		out := saved(t, body, err)
		if s, n := lasting(t, out), len(times(t, out)); s < 7.9 || s > 8.1 || n < 198 || n > 202 {
			t.Errorf("%v s, %d frames", s, n)
		}
		for at, letters := range map[string]int{"0.4": 2, "0.7": 14, "4.12": 0, "4.2": 2, "7.4": 2, "7.7": 14} { // 4.12 is between two
			if found := frameAt(t, out, at).part(160, 175).find("#000000"); found.n == 0 != (letters == 0) || found.width() > 60 != (letters == 14) {
				t.Errorf("in pieces of %v at %s: %+v", piece, at, found)
			}
		}
		if got := seconds(t, out, 1); fmt.Sprint(got) != "[0 1 2 3 0 1 2 3]" {
			t.Errorf("heard %v", got)
		}
	}
	if got := seconds(t, exported(t, file, recording.WAV, recording.Span{Start: 2000, End: 7000}), 1); fmt.Sprint(got) != "[2 3 0 1 2]" {
		t.Errorf("heard %v", got)
	}
}

// TestSoundIsLonger: after a video's end its last frame stays, with subtitles.
func TestSoundIsLonger(t *testing.T) {
	for _, name := range []string{"long.mp4", "long.mkv", "long.ts"} {
		file := made(t, name, "-i", moving(t, "25", "2"), "-f", "lavfi", "-i", "sine=500:d=40", "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac")
		for _, piece := range []time.Duration{time.Hour, 9 * time.Second} {
			r := Renderer{Bucket: holding(t, file), Piece: piece}
			body, err := r.BurnIn(t.Context(), "id", recording.Media{Object: file}, cuesEach(40), recording.DefaultBurnIn)
			out := saved(t, body, err)
			if s, n := lasting(t, out), len(times(t, out)); math.Abs(s-lasting(t, file)) > 0.1 || s < 39.5 || math.Abs(float64(n)-25*s) > 3 || frameAt(t, out, "38.4").find("#000000").n < 300 {
				t.Errorf("%s in pieces of %v: %v s, %d frames", name, piece, s, n)
			}
		}
		if s := lasting(t, exported(t, file, recording.MP4, recording.Span{Start: 30_000, End: 33_000})); s < 2.9 || s > 3.1 {
			t.Errorf("%s: %v s are exported", name, s)
		}
	}
}

// TestEmptyTrack: a video whose sound is a track without any is no failure.
func TestEmptyTrack(t *testing.T) {
	file := made(t, "empty.mkv", "-i", plain(t, "320x180", "0x205080", "3"), "-f", "lavfi", "-i", "anullsrc=d=3", "-c:v", "copy", "-c:a", "flac", "-af", "atrim=end=0.0001,volume=0")
	if s := lasting(t, burnt(t, file, cuesEach(2), recording.DefaultBurnIn)); s < 2.9 || s > 3.1 {
		t.Errorf("%v s", s)
	}
	out := exported(t, made(t, "short.mp4", "-i", plain(t, "320x180", "0x205080", "3"), "-f", "lavfi", "-i", "sine=d=1", "-c:v", "copy", "-c:a", "aac"), recording.MP4, recording.Span{Start: 2000, End: 3000})
	if s := lasting(t, out); s < 0.9 || s > 1.1 {
		t.Errorf("%v s", s)
	}
}
