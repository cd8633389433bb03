package browser

import (
	"bytes"
	"context"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// publish makes a media of thirty seconds that anybody may read. It has no
// transcript yet; its url is that of the public page.
func publish(t *testing.T, name string) document {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	// A write to memory does not fail; what is missing is refused by the stack.
	_ = w.WriteField("name", name)
	_ = w.WriteField("language", "en")
	file, _ := w.CreateFormFile("file", "meeting.wav")
	_, _ = file.Write(wav(30))
	_ = w.Close()
	made := ask(t, "POST", "/v1/media", w.FormDataContentType(), body.Bytes())
	d := document{session: "sess_" + made["id"].(string), url: made["public_url"].(string)}
	arrived := func() bool { return call(t, "GET", sessions+"/"+d.session, nil)["media_type"] == "audio" }
	if err := eventually(t.Context(), arrived); err != nil {
		t.Fatal(err)
	}
	return d
}

// transcribed gives a media its transcript.
func (d *document) transcribed(t *testing.T, segments ...segment) {
	t.Helper()
	made := call(t, "POST", sessions+"/"+d.session+"/document", map[string]any{"filename": "Board meeting", "format": "txt", "content": "To be replaced."})
	d.id = made["id"].(string)
	d.put(t, segments...)
}

// hurried makes a page's timers a hundred times as fast.
var hurried = chromedp.ActionFunc(func(ctx context.Context) error {
	_, err := page.AddScriptToEvaluateOnNewDocument(`const slow = setInterval; window.setInterval = (f, ms) => slow(f, ms / 100);`).Do(ctx)
	return err
})

// TestPublicPage waits for a transcript, shows it as soon as it is there, and
// is read and played by anybody, at an address that may be passed on.
func TestPublicPage(t *testing.T) {
	for name, as := range map[string][]chromedp.Action{"wide": {hurried}, "phone": {hurried, phone}, "dark": {hurried, phone, dark}} {
		t.Run(name, func(t *testing.T) {
			d := publish(t, "Board meeting")
			b := newTab(t, as...)
			look := func(state string) {
				t.Helper()
				b.violations(state)
				b.fits(state)
				b.shot("public-" + name + "-" + state)
			}
			b.open(d.url)
			if got := b.text("h1"); got != "The transcript is not there yet" {
				t.Errorf("before there is a transcript: %q", got)
			}
			look("waiting")
			d.transcribed(t, meeting()...)
			b.wait(`document.querySelector("h1").innerText === "Board meeting" && document.documentElement.classList.contains("js")`)
			look("reading")
			if at := js[string](b, "location.href"); at != d.url {
				t.Errorf("the address is %s, which nobody else can open", at)
			}
			if js[bool](b, `!!document.querySelector("form[method=post], #exports, #finish, #comments, button.edit, #editing") || !media.controlsList.contains("nodownload")`) {
				t.Error("the page has what a reader may not do")
			}
			b.wait(`media.readyState >= 1 && Math.abs(media.duration - 30) < 0.1`)
			b.run(`await media.play()`)
			b.wait(`media.currentTime > 0`)
			b.do(chromedp.Reload())
			b.wait(`document.querySelector("h1")?.innerText === "Board meeting" && document.documentElement.classList.contains("js")`)
			b.open(d.url + "#t=20")
			b.wait(`media.currentTime === 20`)
			b.isAt(2, "It")
			if got := b.copied(1); got != d.url+"#t=10" {
				t.Errorf("%s is copied", got)
			}
		})
	}
}

// TestPublicPageWithoutScripts looks again by itself, and reads whole.
func TestPublicPageWithoutScripts(t *testing.T) {
	d := publish(t, "Board meeting")
	b := newTab(t, noScripts)
	b.open(d.url)
	if got := js[string](b, `document.querySelector("head noscript meta[http-equiv=refresh]")?.content ?? ""`); got != "30" {
		t.Errorf("looks again after %q seconds", got)
	}
	b.shot("public-plain-waiting")
	d.transcribed(t, meeting()...)
	b.do(chromedp.Click("#again"))
	b.wait(`document.querySelector("#text")?.innerText.includes("It was confirmed on Tuesday")`)
}

// TestNamedPerson edits by the link that they were mailed, whose token leaves
// the address bar.
func TestNamedPerson(t *testing.T) {
	d := publish(t, "Board meeting")
	d.transcribed(t, meeting()...)
	ask(t, "POST", "/v1/media/"+strings.TrimPrefix(d.session, "sess_")+"/shares", "application/json", []byte(`{"email":"ann@browser.test","can_edit":true}`))
	links := ask(t, "GET", "/api/v1/links?kind=recipient&recipient=ann@browser.test", "", nil)["links"].([]any)
	d.url = links[0].(map[string]any)["page_url"].(string)
	b := newTab(t)
	b.ready(d)
	b.violations("a named person's")
	other := newTab(t)
	other.open(b.copied(1))
	other.isAt(1, "The")
	b.shot("person")
	if at := js[string](b, "location.href"); strings.Contains(at, "/r/") || strings.Contains(at, "token") {
		t.Errorf("the address bar has the token: %s", at)
	}
	b.write(0, "Good morning.")
	b.status("Saved")
	want(t, d, 0, "Good morning.")
	b.do(chromedp.SendKeys("#remark textarea", "Sure?"), chromedp.Click("#remark button.main"))
	b.wait(`document.querySelector(".comment")?.innerText.includes("ann@browser.test")`)
	b.expect("401") // the page that resumes
	b.do(chromedp.Reload())
	b.wait(`document.querySelector(".words")?.innerText === "Good morning." && !location.search && document.documentElement.classList.contains("js")`)
}
