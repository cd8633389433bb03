//go:build engines

package ffmpeg

import (
	"fmt"
	"math"
	"testing"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// exported has parts of a file put together, and leaves no temporary file.
func exported(t testing.TB, file, format string, parts ...recording.Span) string {
	t.Helper()
	temp := t.TempDir()
	body, err := Renderer{Bucket: holding(t, file), Temp: temp, Piece: 2 * time.Second}.Export(t.Context(), "id", recording.Media{Object: file}, parts, format)
	out := saved(t, body, err)
	empty(t, temp)
	return out
}

// The sound's pitch tells the time: 400 Hz in the first second, 500 in the
// second, and so on.
const (
	pitch = "0.5*sin(2*PI*(400+100*floor(t))*(t-floor(t)))"
	last  = transcript.MaxTime
)

// seconds are those of that sound that a file has, one after another.
func seconds(t testing.TB, file string, each float64) (heard []int) {
	t.Helper()
	wav := t.TempDir() + "/mono.wav"
	if err := PCM(t.Context(), file, Mix, wav); err != nil {
		t.Fatal(err)
	}
	s, rate := samples(t, wav)
	step := int(each * float64(rate))
	for at := 0; at+step*9/10 < len(s); at += step {
		best, loudest := -1, 0.05
		for n := range 12 {
			if p := power(s[at+step/10:min(at+step*9/10, len(s))], rate, float64(400+100*n)); p > loudest {
				best, loudest = n, p
			}
		}
		heard = append(heard, best)
	}
	return heard
}

// contract: SX-075, SX-077, SX-078
// TestExports: the parts that are wanted and no others, in each format; as long
// as they are together.
func TestExports(t *testing.T) {
	audio := made(t, "a.mp3", "-f", "lavfi", "-i", "aevalsrc="+pitch+":d=10:s=44100", "-b:a", "128k")
	stereo := made(t, "a.flac", "-f", "lavfi", "-i", "aevalsrc="+pitch+"|0.3*sin(2*PI*90*t):d=10:s=48000")
	call := made(t, "call.wav", "-f", "lavfi", "-i", "aevalsrc="+pitch+":d=10:s=8000")
	video := made(t, "v.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30000/1001:d=10", "-f", "lavfi", "-i", "aevalsrc="+pitch+":d=10:s=48000", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest")
	highlights := []recording.Span{{Start: 1000, End: 2000}, {Start: 4000, End: 5000}, {Start: 7000, End: 8000}}
	removed := []recording.Span{{Start: 0, End: 2000}, {Start: 5000, End: 8000}, {Start: 9000, End: last}}
	for _, from := range []struct {
		name, file string
		formats    []string
		channels   int
	}{
		{"mp3", audio, []string{recording.MP3, recording.WAV}, 1},
		{"flac", stereo, []string{recording.MP3, recording.WAV}, 2},
		{"telephone", call, []string{recording.MP3, recording.WAV}, 1},
		{"mp4", video, []string{recording.MP3, recording.WAV, recording.MP4}, 1},
	} {
		for _, format := range from.formats {
			for _, tt := range []struct {
				name  string
				parts []recording.Span
				want  []int
			}{
				{"highlights", highlights, []int{1, 4, 7}},
				{"without what is struck through", removed, []int{0, 1, 5, 6, 7, 9}},
				{"all", []recording.Span{{Start: 0, End: last}}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
			} {
				t.Run(from.name+" "+format+" "+tt.name, func(t *testing.T) {
					out := exported(t, from.file, format, tt.parts...)
					if got, want := lasting(t, out), float64(len(tt.want)); math.Abs(got-want) > 0.1 {
						t.Errorf("%v s, want %v", got, want)
					}
					if got := seconds(t, out, 1); fmt.Sprint(got) != fmt.Sprint(tt.want) {
						t.Errorf("heard %v, want %v", got, tt.want)
					}
					f, err := Probe(t.Context(), out)
					if err != nil || f.Video != (format == recording.MP4) || f.Channels != from.channels {
						t.Errorf("%+v, %v", f, err)
					}
				})
			}
		}
	}
	// The picture is cut as the sound is.
	out := exported(t, video, recording.MP4, highlights...)
	for at, source := range map[string]string{"0.5": "1.5", "1.5": "4.5", "2.5": "7.5"} {
		if got, want := frameAt(t, out, at), frameAt(t, video, source); differ(got, want) > 12 {
			t.Errorf("at %s it is not the picture of %s: %.1f", at, source, differ(got, want))
		}
	}
	if got, other := frameAt(t, out, "0.5"), frameAt(t, video, "4.5"); differ(got, other) < 12 {
		t.Error("this test cannot tell pictures apart")
	}
}

// differ is by how much the pixels of two pictures differ in the mean.
func differ(p, q picture) float64 {
	if p.w != q.w || p.h != q.h {
		return 255
	}
	sum := 0
	for i := range p.rgb {
		sum += max(int(p.rgb[i])-int(q.rgb[i]), int(q.rgb[i])-int(p.rgb[i]))
	}
	return float64(sum) / float64(len(p.rgb))
}

// TestExportOfLateSound: times are the media's and not those of its sound,
// which may begin later.
func TestExportOfLateSound(t *testing.T) {
	file := made(t, "late.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=5", "-itsoffset", "2", "-f", "lavfi", "-i", "aevalsrc="+pitch+":d=3:s=48000", "-c:v", "libx264", "-c:a", "aac")
	for _, format := range []string{recording.WAV, recording.MP4} {
		out := exported(t, file, format, recording.Span{Start: 1000, End: 4000})
		if got := seconds(t, out, 1); fmt.Sprint(got) != "[-1 0 1]" || math.Abs(lasting(t, out)-3) > 0.1 {
			t.Errorf("%s: heard %v in %v s", format, got, lasting(t, out))
		}
	}
}

// TestManyParts: 300 parts of an hour are cut exactly.
func TestManyParts(t *testing.T) {
	file := made(t, "hour.wav", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*(400+100*mod(floor(t/12)\\,10))*t):d=3600:s=16000", "-c:a", "pcm_s16le")
	var parts []recording.Span
	for i := range int64(300) {
		parts = append(parts, recording.Span{Start: i*12_000 + 3000, End: i*12_000 + 3317})
	}
	out := exported(t, file, recording.WAV, parts...)
	if got := lasting(t, out); math.Abs(got-300*0.317) > 0.01 {
		t.Errorf("%v s, want %v", got, 300*0.317)
	}
	for i, got := range seconds(t, out, 0.317) {
		if got != i%10 {
			t.Errorf("part %d has the sound of %d", i, got)
			break
		}
	}
}

// TestManyPartsOfAVideo, in pieces, some of which are kept from a call before.
func TestManyPartsOfAVideo(t *testing.T) {
	file := moving(t, "25", "20")
	var parts []recording.Span
	for i := range int64(60) {
		parts = append(parts, recording.Span{Start: i * 300, End: i*300 + 137})
	}
	b := holding(t, file)
	r := Renderer{Bucket: b, Piece: 7 * time.Second}
	body, err := r.Export(t.Context(), "id", recording.Media{Object: file}, parts, recording.MP4)
	whole := saved(t, body, err)
	if got, n := lasting(t, whole), len(times(t, whole)); math.Abs(got-60*0.137) > 0.1 || n != 206 {
		t.Errorf("%v s, %d frames", got, n)
	}
	delete(b.objects, kept("id", pieceName(1)))
	body, err = r.Export(t.Context(), "id", recording.Media{Object: file}, parts, recording.MP4)
	again := saved(t, body, err)
	if worst, n := alike(t, whole, again); worst < 900 || n != 206 || b.streams != 5 {
		t.Errorf("of %d frames one is only %v dB alike; %d objects stored", n, worst, b.streams)
	}
}

// TestNothingToExport has a reason that tells why.
func TestNothingToExport(t *testing.T) {
	silent := plain(t, "640x360", "0x205080", "1")
	sound := tones(t, "1", "400")
	for _, tt := range []struct{ name, file, format, want string }{
		{"no sound", silent, recording.MP3, "the media has no sound"},
		{"no video", sound, recording.MP4, "the media has no video"},
		{"after the end", sound, recording.WAV, "the media ends before what is wanted of it begins"},
		{"after the video's end", silent, recording.MP4, "the media ends before what is wanted of it begins"},
	} {
		body, err := Renderer{Bucket: holding(t, tt.file), Temp: t.TempDir()}.Export(t.Context(), "id", recording.Media{Object: tt.file}, []recording.Span{{Start: 5000, End: 6000}}, tt.format)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Message != tt.want || body != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestProgress: it is told, and grows.
func TestProgress(t *testing.T) {
	file := moving(t, "25", "7")
	var told []int
	ctx := job.Reporting(t.Context(), func(percent int) { told = append(told, percent) })
	body, err := Renderer{Bucket: holding(t, file), Piece: 2 * time.Second}.BurnIn(ctx, "id", recording.Media{Object: file}, cuesEach(1), recording.DefaultBurnIn)
	saved(t, body, err)
	for i, p := range told {
		if p < 0 || p > 95 || i > 0 && p < told[i-1] {
			t.Errorf("%v", told)
		}
	}
	if len(told) < 4 || told[len(told)-1] < 90 {
		t.Errorf("%v", told)
	}
}
