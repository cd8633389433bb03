//go:build engines

package browser

import (
	"image/jpeg"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const talk = "The committee met on Monday, and after a long debate about the new budget she said that it was too early to decide. " +
	"We will see what happens next week, when the numbers are ready."

// TestEngines shows and plays a video that nobody wrote a transcript of: what
// is said in it was written down here, and its picture and waveform were made
// here.
func TestEngines(t *testing.T) {
	others := stack
	end, err := startStack(t.TempDir(), "ENGINES=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { end(); stack = others }()

	d := document{session: call(t, "POST", sessions, map[string]any{"language": "en", "name": "Committee"})["session_id"].(string)}
	d.upload(t, "video/mp4", film(t))
	done := func() bool { return call(t, "GET", sessions+"/"+d.session, nil)["status"] == "done" }
	for i := 0; eventually(t.Context(), done) != nil; i++ {
		if i == 12 {
			t.Fatalf("it is never transcribed: %v", call(t, "GET", sessions+"/"+d.session, nil))
		}
	}
	all := ask(t, "GET", sessions+"/"+d.session+"/document", "", nil)["result"].([]any)
	d.id = all[0].(map[string]any)["id"].(string)
	d.url = call(t, "POST", d.path()+"/share", nil)["link"].(string)

	b := newTab(t)
	b.ready(d)
	b.wait(`media.tagName === "VIDEO" && media.readyState >= 1 && media.videoWidth === 640`)
	b.wait(`wave.checkVisibility() && document.querySelector("#bars path").getAttribute("d").length > 500`)
	res, err := http.Get(js[string](b, `media.poster`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if picture, err := jpeg.Decode(res.Body); err != nil || picture.Bounds().Dx() != 640 {
		t.Errorf("the picture is no picture: %d, %v", res.StatusCode, err)
	}
	b.clickWord(0, "budget")
	b.wait(`!media.paused && media.currentTime > 2 && ` + spoken + ` !== undefined`)
	b.shot("engines")
}

// film is a video in which somebody says talk.
func film(t *testing.T) []byte {
	t.Helper()
	said, file := filepath.Join(t.TempDir(), "talk.wav"), filepath.Join(t.TempDir(), "talk.mp4")
	for _, c := range [][]string{
		{"flite", "-voice", "rms", "-t", talk, "-o", said},
		{"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=640x360", "-i", said, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-shortest", file},
	} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", c, err, out)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
