//go:build engines

package ffmpeg

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// picture is a frame, three bytes a pixel: red, green, blue.
type picture struct {
	w, h int
	rgb  []byte
}

func (p picture) at(x, y int) (r, g, b int) {
	i := 3 * (y*p.w + x)
	return int(p.rgb[i]), int(p.rgb[i+1]), int(p.rgb[i+2])
}

// like tells whether a pixel has about a colour, "#RRGGBB".
func (p picture) like(x, y int, colour string) bool {
	var r, g, b int
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &r, &g, &b); err != nil {
		panic(err)
	}
	pr, pg, pb := p.at(x, y)
	return near(pr, r) && near(pg, g) && near(pb, b)
}

func near(a, b int) bool { return a-b < 48 && b-a < 48 }

// box is the smallest one around all pixels of a colour, and their number.
type box struct{ left, top, right, bottom, n int }

func (b box) width() int  { return b.right - b.left + 1 }
func (b box) height() int { return b.bottom - b.top + 1 }

func (p picture) find(colour string) box {
	b := box{p.w, p.h, -1, -1, 0}
	for y := range p.h {
		for x := range p.w {
			if p.like(x, y, colour) {
				b.left, b.right, b.top, b.bottom, b.n = min(b.left, x), max(b.right, x), min(b.top, y), max(b.bottom, y), b.n+1
			}
		}
	}
	return b
}

// frameAt decodes the frame of a file that is seen at a moment.
func frameAt(t testing.TB, file, seconds string) picture {
	t.Helper()
	f, err := Probe(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-ss", seconds, "-i", file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil || len(out) != 3*f.Width*f.Height {
		t.Fatalf("%d bytes of %d × %d: %v", len(out), f.Width, f.Height, err)
	}
	return picture{f.Width, f.Height, out}
}

// plain is a video of one colour, without sound. It is made once.
func plain(t testing.TB, size, colour, seconds string) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	file := filepath.Join(shelf, size+colour+seconds+".mp4")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	from := made(t, "plain.mp4", "-f", "lavfi", "-i", "color=c="+colour+":s="+size+":r=25:d="+seconds, "-c:v", "libx264", "-preset", "ultrafast")
	if err := os.Rename(from, file); err != nil {
		t.Fatal(err)
	}
	return file
}

var (
	mu    sync.Mutex
	shelf string // a folder of files that several tests use
)

func TestMain(m *testing.M) {
	var err error
	if shelf, err = os.MkdirTemp("", "latchkey-ffmpeg-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(shelf)
	os.Exit(code)
}

// says is a transcript of one segment.
func says(from, to int64, text string) transcript.Transcript {
	return transcript.Transcript{Segments: []transcript.Segment{transcript.FromText("", from, to, text)}}
}

// saved reads what a renderer returns into a file.
func saved(t testing.TB, body io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	file := filepath.Join(t.TempDir(), "rendered")
	if err := write(file, body); err != nil {
		t.Fatal(err)
	}
	return file
}

// burnt has a transcript burnt into a video, and leaves no temporary file.
func burnt(t testing.TB, file string, said transcript.Transcript, b recording.BurnIn) string {
	t.Helper()
	temp := t.TempDir()
	r := Renderer{Bucket: holding(t, file), Temp: temp}
	body, err := r.BurnIn(context.Background(), "id", recording.Media{Object: file}, said, b)
	out := saved(t, body, err)
	empty(t, temp)
	return out
}

func empty(t testing.TB, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
