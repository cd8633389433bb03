package browser

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wav is a tone of so many seconds.
func wav(seconds int) []byte {
	const rate = 8000
	n := uint32(rate * seconds)
	var b bytes.Buffer
	write := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // to memory
	b.WriteString("RIFF")
	write(36 + 2*n)
	b.WriteString("WAVEfmt ")
	write(uint32(16))
	write([]uint16{1, 1})
	write([]uint32{rate, 2 * rate})
	write([]uint16{2, 16})
	b.WriteString("data")
	write(2 * n)
	for i := range n {
		write(int16(3000 * math.Sin(float64(i)/5)))
	}
	return b.Bytes()
}

// upload gives a document's recording its media.
func (d document) upload(t *testing.T, contentType string, body []byte) {
	t.Helper()
	to := call(t, "POST", sessions+"/"+d.session+"/upload-url", nil)
	r, err := http.NewRequestWithContext(t.Context(), "PUT", to["upload_url"].(string), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Fatalf("upload: %d", res.StatusCode)
	}
}

// sound is an upload that waits until the document's page has a player.
func (d document) sound(t *testing.T, body []byte) {
	t.Helper()
	d.upload(t, "audio/wav", body)
	player := func() bool {
		res, err := http.Get(d.url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var page bytes.Buffer
		_, err = page.ReadFrom(res.Body)
		return err == nil && strings.Contains(page.String(), `id="media"`)
	}
	if err := eventually(t.Context(), player); err != nil {
		t.Fatalf("the page has no player: %v", err)
	}
}

// clickWord clicks into the middle of a word of a segment.
func (b *tab) clickWord(segment int, word string) {
	b.t.Helper()
	at := js[[]float64](b, fmt.Sprintf(`(() => {
		const node = document.querySelectorAll(".words")[%d].firstChild, range = document.createRange();
		const from = node.data.indexOf(%q);
		range.setStart(node, from);
		range.setEnd(node, from + %d);
		range.startContainer.parentElement.scrollIntoView({block: "center", behavior: "instant"});
		const box = range.getBoundingClientRect();
		return [box.left + box.width / 2, box.top + box.height / 2];
	})()`, segment, word, len(word)))
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

const spoken = `[...CSS.highlights.get("word") ?? []][0]?.toString()`

func TestPlaying(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	d.sound(t, wav(30))
	b := newTab(t)
	b.ready(d)
	b.wait(`media.readyState >= 1 && Math.abs(media.duration - 30) < 0.1`)
	b.clickWord(1, "expected") // 7th of 14 words from 10 s
	b.wait(`!media.paused && media.currentTime >= 14 && ` + spoken + ` !== undefined`)
	b.wait(spoken + ` === "expected" || media.currentTime > 15`)
	b.shot("playing")
	if at := js[float64](b, `media.currentTime`); at < 14 || at > 18 {
		t.Errorf("plays at %v s", at)
	}
	b.do(chromedp.KeyEvent("k"))
	b.wait(`media.paused`)
	b.run(`media.currentTime = 5`)
	b.wait(`!media.seeking && ` + spoken + ` === "for"`)
	for _, step := range []struct {
		key string
		at  float64
	}{{"l", 15}, {"j", 5}, {kb.ArrowRight, 10}, {kb.ArrowLeft, 5}} {
		b.do(chromedp.KeyEvent(step.key))
		b.wait(fmt.Sprintf(`media.currentTime === %v`, step.at))
	}
	b.do(chromedp.SetValue("#speed", "1.5"))
	b.wait(`media.playbackRate === 1.5`)

	b.do(chromedp.KeyEvent(" "))
	b.wait(`!media.paused && follow.getAttribute("aria-pressed") === "true"`)
	b.run(`dispatchEvent(new WheelEvent("wheel", {deltaY: 100}))`)
	b.wait(`follow.getAttribute("aria-pressed") === "false"`)
	b.do(chromedp.KeyEvent(" "))
	b.wait(`media.paused`)

	b.do(chromedp.Click(`a.time[href="#t=20"]`))
	b.wait(`location.hash === "#t=20" && media.currentTime >= 20 && media.currentTime < 28`)
	// The link to a time opens the page there.
	b.open("about:blank")
	b.open(d.url + "#t=20")
	b.wait(`document.getElementById("media")?.currentTime === 20`)
	b.wait(spoken + ` === "It"`)
}

// TestMediaRenewed plays on after the address of the media was over.
func TestMediaRenewed(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	d.sound(t, wav(30))
	b := newTab(t)
	b.expect("404", "403")
	b.ready(d)
	b.wait(`media.readyState >= 1`)
	// The player looks at the clock: six seconds have gone by.
	b.run(`
		media.currentTime = 12;
		const now = Date.now;
		Date.now = () => now() + 6000;
		media.dispatchEvent(new Event("error"))`)
	b.wait(`media.readyState >= 1 && media.currentTime === 12`)
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := 0
	for _, url := range b.requests {
		if strings.Contains(url, "/media?token=") {
			asked++
		}
	}
	if asked < 2 {
		t.Errorf("the media's address was asked for %d times", asked)
	}
}

// TestFollowingWaits: what is played does not take the page away from whoever
// writes or looks at a match, and can be the passage that is being written.
func TestFollowingWaits(t *testing.T) {
	var all []segment
	for i := range 60 {
		all = append(all, says("Ann", float64(2*i), 2, fmt.Sprintf("number %d is said here and now", i)))
	}
	d := share(t, "Long", "en", all...)
	d.sound(t, wav(120))
	b := newTab(t)
	b.ready(d)
	b.wait(`media.readyState >= 1`)
	inSight := func(box string) {
		t.Helper()
		b.run(`window.from = media.currentTime`)
		b.wait(`media.currentTime > from + 1.5`)
		if at := js[float64](b, box+`.getBoundingClientRect().top`); at < 0 || at > 800 {
			t.Errorf("%s is at %v", box, at)
		}
	}
	b.run(`media.play(); query.focus()`)
	b.do(chromedp.KeyEvent("number 50"))
	b.wait(`document.getElementById("count").textContent === "1 of 1"`)
	b.do(chromedp.Click("#next"))
	inSight(`[...CSS.highlights.get("here")][0]`)
	b.run(`follow.click()`)
	b.wait(`scrollY < 100 && follow.getAttribute("aria-pressed") === "true"`)
	b.run(`document.querySelectorAll("button.edit")[40].click()`)
	b.wait(`document.activeElement.tagName === "TEXTAREA"`)
	inSight(`document.querySelector(".rewrite textarea")`)
	b.run(`media.currentTime = 79; follow.click()`)
	b.wait(`media.currentTime > 81`) // through what is being written
}

// TestScrollBar: whoever takes the scroll bar, or scrolls by the middle button,
// is not taken back to what is played; and the page's own scrolls stop nothing.
func TestScrollBar(t *testing.T) {
	d := hour(t)
	d.sound(t, wav(1200))
	b := newTab(t)
	b.ready(d)
	b.wait(`media.readyState >= 1 && document.documentElement.clientWidth < innerWidth`)
	const isFollowing = `follow.getAttribute("aria-pressed") === "true"`
	play := func() {
		t.Helper()
		b.run(`media.pause(); media.currentTime = 0; if (!(` + isFollowing + `)) follow.click(); await media.play()`)
		b.wait(`!media.seeking && scrollY < 200`)
		b.run(`media.currentTime = 990`)
		b.wait(`scrollY > 1000 && ` + isFollowing)
		b.run(`window.from = media.currentTime`)
		b.wait(`media.currentTime > from + 1 && ` + isFollowing)
	}
	play()
	b.do(chromedp.MouseEvent(input.MousePressed, 1095, 400, chromedp.ButtonLeft), chromedp.MouseEvent(input.MouseReleased, 1095, 400, chromedp.ButtonLeft))
	b.wait(`!(` + isFollowing + `)`)
	b.wait(`scrollY > 500`)
	play()
	b.do(chromedp.MouseEvent(input.MousePressed, 300, 400, chromedp.ButtonMiddle), chromedp.MouseEvent(input.MouseReleased, 300, 400, chromedp.ButtonMiddle))
	b.wait(`!(` + isFollowing + `)`)
}

// TestMediaReturns: media that could not be had for a while plays on where it
// was once it can be.
func TestMediaReturns(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	d.sound(t, wav(30))
	b := newTab(t)
	b.expect("net::ERR")
	b.ready(d)
	b.wait(`media.readyState >= 1`)
	b.do(network.SetBlockedURLs([]string{"*/media*"}))
	b.run(`
		media.currentTime = 12;
		const now = Date.now;
		Date.now = () => now() + 15 * 60 * 1000;
		media.dispatchEvent(new Event("waiting"))`)
	b.wait(`media.error`)
	b.do(network.SetBlockedURLs([]string{}))
	b.wait(`!media.error && media.readyState >= 1 && media.currentTime === 12`)
}
