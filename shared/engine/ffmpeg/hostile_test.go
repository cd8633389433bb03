//go:build engines

package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// raw is a file with these bytes.
func raw(t testing.TB, name string, body []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func cat(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// everything that can be done with a file; the errors by what it was.
func everything(t *testing.T, file string) map[string]error {
	t.Helper()
	temp := t.TempDir()
	r := Renderer{Bucket: holding(t, file), Temp: temp}
	m := recording.Media{Object: file}
	out := map[string]error{}
	_, out["probe"] = Probe(t.Context(), file)
	out["pcm"] = PCM(t.Context(), file, Mix, filepath.Join(t.TempDir(), "a.wav"))
	for _, format := range []string{recording.MP3, recording.WAV, recording.MP4} {
		body, err := r.Export(t.Context(), "id", m, []recording.Span{{Start: 0, End: last}}, format)
		if out[format] = err; err == nil {
			body.Close()
		}
	}
	body, err := r.BurnIn(t.Context(), "id", m, says(0, 1000, "Hull"), recording.DefaultBurnIn)
	if out["burn-in"] = err; err == nil {
		body.Close()
	}
	empty(t, temp)
	return out
}

// TestWhatIsNoMedia is refused with a reason for a person, in which nothing is
// said of files and programs.
func TestWhatIsNoMedia(t *testing.T) {
	video := cat(t, moving(t, "25", "2"))
	for name, file := range map[string]string{
		"nothing":                raw(t, "a.mp4", nil),
		"a text":                 raw(t, "a.mp4", []byte(strings.Repeat("Once upon a time.\n", 999))),
		"zeros":                  raw(t, "a.mp4", make([]byte, 1<<20)),
		"half a video":           raw(t, "a.mp4", video[:len(video)/2]), // its index is at the end
		"a picture":              made(t, "a.jpg", "-f", "lavfi", "-i", "testsrc=d=0.04", "-frames:v", "1"),
		"a picture as a video":   raw(t, "a.mp4", cat(t, made(t, "a.png", "-f", "lavfi", "-i", "testsrc=d=0.04", "-frames:v", "1"))),
		"a GIF":                  made(t, "a.gif", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1"),
		"subtitles":              raw(t, "a.srt", []byte("1\n00:00:00,000 --> 00:00:01,000\nHull\n")),
		"a wall":                 wall(t),
		"a bomb":                 bomb(t),
		"sound without channels": mute(t),
	} {
		t.Run(name, func(t *testing.T) {
			for what, err := range everything(t, file) {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: %v", what, err)
					continue
				}
				if said := fault.As(err).Message; len(said) < 20 || strings.Contains(said, "/") || strings.Contains(said, "ff") || strings.Contains(said, "exit") {
					t.Errorf("%s: %q", what, said)
				}
			}
		})
	}
}

// wall is a video whose frames are said to be larger than any.
func wall(t testing.TB) string {
	t.Helper()
	body := cat(t, made(t, "wall.avi", "-f", "lavfi", "-i", "testsrc=s=64x48:d=0.2", "-c:v", "rawvideo"))
	at := bytes.Index(body, []byte("strf")) + 8 + 4             // BITMAPINFOHEADER's width and height
	copy(body[at:], []byte{0x00, 0x70, 0, 0, 0x00, 0x70, 0, 0}) // 28,672 each
	return raw(t, "wall.avi", body)
}

// bomb is a small file that says its frames are small, too, until they are
// decoded.
func bomb(t testing.TB) string {
	t.Helper()
	body := cat(t, made(t, "bomb.mp4", "-f", "lavfi", "-i", "color=s=8192x8192:r=1:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"))
	if len(body) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(body))
	}
	size := []byte{0x20, 0, 0x20, 0}
	for at := bytes.Index(body, size); at >= 0; at = bytes.Index(body, size) {
		copy(body[at:], []byte{0, 64, 0, 48})
	}
	return raw(t, "bomb.mp4", body)
}

// mute is a WAV whose header says that there are no channels.
func mute(t testing.TB) string {
	t.Helper()
	body := cat(t, tones(t, "1", "400"))
	at := bytes.Index(body, []byte("fmt ")) + 10
	copy(body[at:], []byte{0, 0})
	return raw(t, "mute.wav", body)
}

// TestPlaylists: a file that names others has none of them read, from the disk
// or from the network.
func TestPlaylists(t *testing.T) {
	var asked atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer web.Close()
	video := moving(t, "25", "1")
	for name, body := range map[string]string{
		"m3u8 of a URL":      "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + web.URL + "/a.ts\n#EXT-X-ENDLIST\n",
		"m3u8 of a file":     "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + video + "\n#EXT-X-ENDLIST\n",
		"m3u8 of passwords":  "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
		"m3u8 with a key":    "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"" + web.URL + "/key\"\n#EXTINF:1,\n" + video + "\n#EXT-X-ENDLIST\n",
		"ffconcat":           "ffconcat version 1.0\nfile " + video + "\n",
		"ffconcat of a URL":  "ffconcat version 1.0\nfile " + web.URL + "/a.mp4\n",
		"DASH":               `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet><Representation id="1" bandwidth="1"><BaseURL>` + web.URL + `/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
		"SDP":                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
		"smooth streaming":   "<SmoothStreamingMedia><StreamIndex Url=\"" + web.URL + "/a\"/></SmoothStreamingMedia>",
		"m3u8 within an ID3": "ID3\x03\x00\x00\x00\x00\x00\x00#EXTM3U\n#EXTINF:1,\n" + web.URL + "/a.ts\n#EXT-X-ENDLIST\n",
	} {
		for _, suffix := range []string{".mp4", ".m3u8"} {
			for what, err := range everything(t, raw(t, "a"+suffix, []byte(body))) {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("%s%s: %s: %v", name, suffix, what, err)
				}
			}
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests", n)
	}
	// A QuickTime file whose data lies in another: it has no sound of its own.
	for what, err := range everything(t, elsewhere(t, video)) {
		if err == nil && what == "burn-in" {
			t.Errorf("%s reads another file", what)
		}
	}
}

// elsewhere is a QuickTime movie that says its samples are in another file
// (QuickTime File Format, data references: an alias with an absolute path).
func elsewhere(t testing.TB, file string) string {
	t.Helper()
	body := cat(t, made(t, "a.mov", "-i", file, "-c", "copy", "-an"))
	at := bytes.Index(body, []byte("url "))
	if at < 0 {
		t.Fatal("no data reference")
	}
	copy(body[at:], "alis")
	body[at+7] = 0 // not in this file
	mdat := bytes.Index(body, []byte("mdat"))
	clear(body[mdat+4 : min(mdat+4+2000, len(body))])
	return raw(t, "elsewhere.mov", body)
}

// TestHalfMedia: what can be read of a file that ends early is worked on, or
// refused; it ends, and leaves nothing.
func TestHalfMedia(t *testing.T) {
	begin := made(t, "a.mp4", "-i", moving(t, "25", "4"), "-c", "copy", "-movflags", "+faststart")
	noise := cat(t, begin)
	for i := len(noise) / 3; i < len(noise); i += 97 {
		noise[i] ^= 0x5a
	}
	for name, body := range map[string][]byte{
		"half":     cat(t, begin)[:len(cat(t, begin))/2],
		"noise":    noise,
		"half mkv": cat(t, made(t, "a.mkv", "-i", begin, "-c", "copy"))[:20_000],
		"half mp3": cat(t, made(t, "a.mp3", "-i", begin, "-vn"))[:9_000],
		"half wav": cat(t, made(t, "a.wav", "-i", begin, "-vn"))[:90_001],
	} {
		for what, err := range everything(t, raw(t, "a.mp4", body)) {
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// TestCovers: sound with a picture of its album is no video.
func TestCovers(t *testing.T) {
	cover := made(t, "c.jpg", "-f", "lavfi", "-i", "testsrc=d=0.04", "-frames:v", "1")
	for _, name := range []string{"a.mp3", "a.m4a", "a.flac"} {
		file := made(t, name, "-i", tones(t, "1", "400"), "-i", cover, "-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic")
		f, err := Probe(t.Context(), file)
		if err != nil || f.Video || f.Channels != 1 {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		got := everything(t, file)
		if got["mp3"] != nil || !fault.Is(got["burn-in"], fault.Invalid) || !fault.Is(got["mp4"], fault.Invalid) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestDurationsThatLie: what is made is as long as what is there.
func TestDurationsThatLie(t *testing.T) {
	body := cat(t, moving(t, "25", "2"))
	for _, box := range []string{"mvhd", "tkhd", "mdhd"} {
		for at := 0; ; {
			i := bytes.Index(body[at:], []byte(box))
			if i < 0 {
				break
			}
			at += i + 4
			field := at + 16 // version, times and the scale or the track
			if box == "tkhd" {
				field += 4
			}
			copy(body[field:], []byte{0x10, 0, 0, 0}) // 75 hours and more
		}
	}
	file := raw(t, "a.mp4", body)
	b := holding(t, file)
	r, err := Renderer{Bucket: b}.BurnIn(t.Context(), "id", recording.Media{Object: file}, says(0, 1000, "Hull"), recording.DefaultBurnIn)
	if s := lasting(t, saved(t, r, err)); s < 1.9 || s > 2.1 {
		t.Errorf("%v s", s)
	}
}

// TestCancelled: at once, with all that was started, and nothing is left.
func TestCancelled(t *testing.T) {
	file := moving(t, "60", "60", "-s", "1280x720")
	temp := t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("it was cancelled")
	done := make(chan error, 1)
	go func() {
		_, err := Renderer{Bucket: holding(t, file), Temp: temp}.BurnIn(ctx, "id", recording.Media{Object: file}, says(0, 1000, "Hull"), recording.DefaultBurnIn)
		done <- err
	}()
	for len(running(t, temp, "-frames:v")) == 0 { // it is at work
		select {
		case err := <-done:
			t.Fatal("it ended before it was cancelled:", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	empty(t, temp)
	if left := running(t, temp, ""); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// running are the processes whose arguments mention a folder and a word.
func running(t testing.TB, folder, word string) (found []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if args, err := os.ReadFile(f); err == nil && bytes.Contains(args, []byte(folder)) && bytes.Contains(args, []byte(word)) {
			found = append(found, string(bytes.ReplaceAll(args, []byte{0}, []byte(" "))))
		}
	}
	return found
}

// TestWithoutFfmpeg says what is to be installed.
func TestWithoutFfmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Probe(t.Context(), "a.mp4")
	if !fault.Is(err, fault.Invalid) || fault.As(err).Message != "no video engine is set up: install ffmpeg" {
		t.Error(err)
	}
}
