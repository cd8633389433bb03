//go:build engines

package ffmpeg

import (
	"io"
	"testing"
	"time"

	"latchkey/shared/recording"
)

// rendering reports how many seconds of media are worked on in a second.
func rendering(b *testing.B, file string, do func(r Renderer) (io.Closer, error)) {
	b.Helper()
	media := lasting(b, file)
	r := Renderer{Bucket: holding(b, file), Temp: b.TempDir(), Piece: time.Minute}
	b.ResetTimer()
	for b.Loop() {
		body, err := do(r)
		if err != nil {
			b.Fatal(err)
		}
		body.Close()
	}
	b.ReportMetric(media*float64(b.N)/b.Elapsed().Seconds(), "×realtime")
}

// film is a video that is about as hard to compress as a talk in front of a
// camera that is held in the hand: a picture that moves, and noise.
func film(b *testing.B, size, seconds string) string {
	b.Helper()
	return made(b, "film.mp4", "-f", "lavfi", "-i", "testsrc2=s="+size+":r=30:d="+seconds, "-f", "lavfi", "-i", "sine=500:d="+seconds,
		"-vf", "noise=alls=6:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", "-c:a", "aac")
}

func BenchmarkBurnIn(b *testing.B) {
	for _, size := range []string{"1280x720", "1920x1080"} {
		b.Run(size, func(b *testing.B) {
			file := film(b, size, "20")
			rendering(b, file, func(r Renderer) (io.Closer, error) {
				return r.BurnIn(b.Context(), "id", recording.Media{Object: file}, cuesEach(20), recording.DefaultBurnIn)
			})
		})
	}
}

func BenchmarkExport(b *testing.B) {
	var parts []recording.Span
	for i := range int64(300) {
		parts = append(parts, recording.Span{Start: i * 12_000, End: i*12_000 + 6000})
	}
	hour := made(b, "hour.mp3", "-f", "lavfi", "-i", "sine=500:d=3600:r=44100", "-ac", "2", "-b:a", "128k")
	for _, format := range []string{recording.MP3, recording.WAV} {
		b.Run("half of an hour in 300 parts as "+format, func(b *testing.B) {
			rendering(b, hour, func(r Renderer) (io.Closer, error) {
				return r.Export(b.Context(), "id", recording.Media{Object: hour}, parts, format)
			})
		})
	}
	b.Run("all of a video 720p", func(b *testing.B) {
		file := film(b, "1280x720", "20")
		rendering(b, file, func(r Renderer) (io.Closer, error) {
			return r.Export(b.Context(), "id", recording.Media{Object: file}, []recording.Span{{Start: 0, End: last}}, recording.MP4)
		})
	})
}

func BenchmarkInspect(b *testing.B) {
	hour := made(b, "hour.mp3", "-f", "lavfi", "-i", "sine=500:d=3600:r=44100", "-ac", "2", "-b:a", "128k")
	rendering(b, hour, func(r Renderer) (io.Closer, error) {
		_, err := Inspector{Objects: r.Bucket, Temp: r.Temp}.Inspect(b.Context(), recording.Media{Object: hour})
		return io.NopCloser(nil), err
	})
}
