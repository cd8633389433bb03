package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// speech is what the page has of half a minute of speech, with pauses: how loud
// each of 500 parts is, from '?' to '~'.
func speech() string {
	var out strings.Builder
	for i := range 500 {
		x := float64(2 * i)
		level := math.Abs(math.Sin(x/23)) * (0.45 + 0.35*math.Sin(x/5) + 0.2*math.Sin(x*1.7)) * 1.1
		if i%85 < 10 {
			level = 0.02
		}
		out.WriteByte(byte('?' + int(63*min(1, max(0, level)))))
	}
	return out.String()
}

// still is a picture of a video.
func still() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for y := range 360 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{uint8(x / 3), uint8(90 + y/4), 160, 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // to memory
	return b.Bytes()
}

// looked has pages be as they are of media that was looked into: the stack has
// no engine for it. A test of shared/page/viewer holds the server to that. With
// video, the sound is said to be one.
func (b *tab) looked(video bool) {
	b.t.Helper()
	ctx := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Target)
	chromedp.ListenTarget(b.ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			go func() { _ = look(ctx, e, video) }() // without an answer whoever waits for the page fails
		}
	})
	b.do(fetch.Enable().WithPatterns([]*fetch.RequestPattern{
		{URLPattern: "*/shared/transcript/*", ResourceType: network.ResourceTypeDocument, RequestStage: fetch.RequestStageResponse},
		{URLPattern: "*/thumbnail?*"},
	}))
}

func look(ctx context.Context, e *fetch.EventRequestPaused, video bool) error {
	as := func(kind string, body []byte, headers ...*fetch.HeaderEntry) error {
		headers = append(headers, &fetch.HeaderEntry{Name: "Content-Type", Value: kind})
		return fetch.FulfillRequest(e.RequestID, 200).WithResponseHeaders(headers).WithBody(base64.StdEncoding.EncodeToString(body)).Do(ctx)
	}
	if strings.Contains(e.Request.URL, "/thumbnail?") {
		return as("image/jpeg", still())
	}
	body, err := fetch.GetResponseBody(e.RequestID).Do(ctx)
	if err != nil {
		return err
	}
	page := string(body)
	from, to := strings.Index(page, "<audio"), strings.Index(page, "</audio>")
	if from < 0 || to < 0 {
		return fetch.ContinueRequest(e.RequestID).Do(ctx)
	}
	player := page[from : to+len("</audio>")]
	shown := player + "\n" + `<div id="wave" aria-hidden="true" data-length="30" data-peaks="` + speech() + `" hidden></div>`
	if video {
		shown = strings.ReplaceAll(shown, "audio", "video")
		shown = strings.Replace(shown, "<video", `<video poster="`+strings.Split(e.Request.URL, "?")[0]+`/thumbnail?token=t"`, 1)
	}
	var headers []*fetch.HeaderEntry
	for _, h := range e.ResponseHeaders {
		if name := strings.ToLower(h.Name); name != "content-encoding" && name != "content-length" && name != "content-type" {
			headers = append(headers, h)
		}
	}
	return as("text/html; charset=utf-8", []byte(strings.Replace(page, player, shown, 1)), headers...)
}

// playedTo is how much of the waveform is drawn as played, in percent.
const playedTo = `parseFloat(document.querySelector("#wave .played").getAttribute("width"))`

// TestWaveform shows how loud the sound is, plays from where it is pressed or
// pulled to, and is nothing to who does not see it.
func TestWaveform(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	d.sound(t, wav(30))
	forced := emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}})
	for name, as := range map[string][]chromedp.Action{
		"light": nil, "dark": {dark}, "phone": {phone}, "phone-dark": {phone, dark}, "forced": {forced},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t, as...)
			b.looked(false)
			b.ready(d)
			b.wait(`media.readyState >= 1 && wave.checkVisibility() && document.querySelector("#bars path").getAttribute("d").length > 500`)
			b.violations(name)
			b.fits(name)
			box := js[[]float64](b, `(({left, top, width, height}) => [left, top, width, height])(wave.getBoundingClientRect())`)
			at := func(part float64) (x, y float64) { return box[0] + part*box[2], box[1] + box[3]/2 }
			x, y := at(0.5)
			b.do(chromedp.MouseClickXY(x, y))
			b.wait(`Math.abs(media.currentTime - 15) < 0.1 && Math.abs(` + playedTo + ` - 50) < 0.5 && media.paused`)
			b.shot("wave-" + name)
			pull := func(kind input.MouseType, part float64, button chromedp.MouseOption) chromedp.Action {
				x, y := at(part)
				return chromedp.MouseEvent(kind, x, y, button)
			}
			b.do(pull(input.MousePressed, 0.2, chromedp.ButtonLeft), pull(input.MouseMoved, 0.4, chromedp.ButtonLeft))
			b.wait(`Math.abs(media.currentTime - 12) < 0.1`)
			b.do(pull(input.MouseMoved, 1.5, chromedp.ButtonLeft), pull(input.MouseReleased, 1.5, chromedp.ButtonLeft))
			b.wait(`media.currentTime === 30 && ` + playedTo + ` === 100`)
			b.do(pull(input.MouseMoved, 0.1, chromedp.ButtonLeft)) // nobody pulls any more
			b.do(chromedp.KeyEvent("j"))
			b.wait(`media.currentTime === 20 && Math.abs(` + playedTo + ` - 66.7) < 0.1`)
			if js[bool](b, `wave.matches("[tabindex], :not([aria-hidden=true])") || !!wave.querySelector("[tabindex], title")`) {
				t.Error("the waveform is there for who does not see it")
			}
			bars := js[int](b, `document.querySelector("#bars path").getAttribute("d").split("M").length`)
			b.do(chromedp.EmulateViewport(700, 800))
			b.wait(fmt.Sprintf(`document.querySelector("#bars path").getAttribute("d").split("M").length !== %d`, bars))
		})
	}
}

// TestWaveformOfOthers: it runs from left to right beside a text that does not;
// under a video, which has its picture; and without scripts it is not there.
func TestWaveformOfOthers(t *testing.T) {
	d := share(t, "ישיבת ההנהלה", "he", says("דוד", 0, 30, "בוקר טוב לכולם ותודה שבאתם לישיבה היום"))
	d.sound(t, wav(30))
	for name, as := range map[string][]chromedp.Action{"wide": nil, "phone": {phone, dark}} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t, as...)
			b.looked(true)
			b.ready(d)
			b.wait(`media.readyState >= 1 && media.tagName === "VIDEO" && wave.checkVisibility()`)
			b.violations(name)
			b.fits(name)
			x := js[[]float64](b, `(({left, top, width, height}) => [left + width / 4, top + height / 2])(wave.getBoundingClientRect())`)
			b.shot("wave-video-" + name)
			b.mu.Lock()
			asked := strings.Count(strings.Join(b.requests, "\n"), "/thumbnail?token=t")
			b.mu.Unlock()
			if asked != 1 {
				t.Errorf("the picture was asked for %d times", asked)
			}
			b.do(chromedp.MouseClickXY(x[0], x[1]))
			b.wait(`Math.abs(media.currentTime - 7.5) < 0.1 && Math.abs(` + playedTo + ` - 25) < 0.5`)
		})
	}
	b := newTab(t, noScripts)
	b.looked(true)
	b.open(d.url)
	b.wait(`document.getElementById("media")?.poster.includes("/thumbnail?")`)
	if js[bool](b, `document.getElementById("wave").checkVisibility()`) {
		t.Error("without scripts an empty strip is shown")
	}
	b.shot("wave-plain")
}
