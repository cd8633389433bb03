package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hour is a transcript that does not fit into a window: 60 passages of 20
// seconds, the last of which are long.
func hour(t *testing.T) document {
	var all []segment
	for i := range 60 {
		all = append(all, says("Ann", float64(20*i), 20, strings.TrimSpace(strings.Repeat(fmt.Sprintf("number %d is said here and now ", i), 1+i/4))))
	}
	return share(t, "An hour", "en", all...)
}

// isAt waits until a passage is marked and a word of it well in sight.
func (b *tab) isAt(passage int, word string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelectorAll(".segment")[%d]?.matches("[aria-current=location]")`, passage))
	b.wait(spoken + fmt.Sprintf(` === %q`, word))
	b.wait(`(() => {
		const box = [...CSS.highlights.get("word")][0].getBoundingClientRect();
		return box.height > 0 && box.top >= player.getBoundingClientRect().bottom && box.bottom <= innerHeight;
	})()`)
	if n := js[int](b, `document.querySelectorAll("[aria-current]").length`); n != 1 {
		b.t.Errorf("%d passages are marked", n)
	}
}

// copied is what the button at a passage copies, pressed by the keyboard.
func (b *tab) copied(passage int) string {
	b.t.Helper()
	whole := cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser)
	err := browser.GrantPermissions([]browser.PermissionType{browser.PermissionTypeClipboardReadWrite, browser.PermissionTypeClipboardSanitizedWrite}).
		WithBrowserContextID(b.profile).Do(whole)
	if err != nil {
		b.t.Fatal(err)
	}
	b.run(fmt.Sprintf(`document.querySelectorAll(".copy")[%d].focus()`, passage))
	b.do(chromedp.KeyEvent(kb.Enter))
	b.wait(`document.querySelector("#copied[role=status]").textContent.includes("is copied")`)
	return js[string](b, `navigator.clipboard.readText()`)
}

// TestLinkToATime: the link that is copied beside a time opens the page there
// for somebody else, with media and without, wide and on a phone.
func TestLinkToATime(t *testing.T) {
	d := hour(t)
	open := func(t *testing.T, name string, as ...chromedp.Action) {
		b := newTab(t, as...)
		b.ready(d)
		link := b.copied(49)
		b.shot(name + "-copied")
		b.violations("copied")
		b.fits("copied")
		b.noToken()
		if got := b.text("#copied"); got != "The link to 16:20 is copied. Whoever has it can do here what you can." {
			t.Errorf("says %q", got)
		}
		if link != d.url+"#t=980" {
			t.Fatalf("%q is copied", link)
		}
		other := newTab(t, as...)
		other.open(link)
		other.isAt(49, "number")
		other.wait(`document.readyState === "complete"`)
		other.run(`await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))`)
		if !js[bool](other, `document.querySelector("[aria-current] .time").getBoundingClientRect().top >= player.getBoundingClientRect().bottom`) {
			t.Error("the passage begins behind the player")
		}
		other.shot(name + "-opened")
		other.violations("opened")
		other.noToken()
		other.open("about:blank")
		other.open(d.url + "#t=990.2")
		other.isAt(49, "here") // the 47th of 91 words
		other.shot(name + "-within")
		if js[bool](other, `!!document.getElementById("media")`) {
			other.wait(`media.readyState >= 1 && media.currentTime === 990.2 && media.paused`)
		}
		other.run(`location.hash = "t=20"`)
		other.isAt(1, "number")
	}
	t.Run("text", func(t *testing.T) { open(t, "time") })
	t.Run("text on a phone", func(t *testing.T) { open(t, "time-phone", phone) })
	d.sound(t, wav(1200))
	t.Run("media", func(t *testing.T) { open(t, "time-media") })
	t.Run("media on a phone", func(t *testing.T) { open(t, "time-media-phone", phone) })
}

// TestLinkToATimeByHand: where the page may not copy, the link is shown to be
// copied.
func TestLinkToATimeByHand(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t, phone)
	b.ready(d)
	// In this order: what is missing can be refused no more.
	for _, c := range []struct{ how, refuse string }{
		{"refused", `navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"))`},
		{"missing", `Object.defineProperty(navigator, "clipboard", {value: undefined})`},
	} {
		b.run(c.refuse)
		b.do(chromedp.Click(".segment:nth-of-type(2) .copy"))
		b.wait(`link.open && document.activeElement === address`)
		if got := js[string](b, `getSelection().toString()`); got != d.url+"#t=10" {
			t.Errorf("%s: %q is to be copied", c.how, got)
		}
		b.shot("time-by-hand")
		b.violations("by hand")
		b.fits("by hand")
		b.do(chromedp.KeyEvent(kb.Enter), chromedp.Click("#link button"))
		b.wait(`!link.open`)
	}
}

// opened is a tab that this one has opened.
func (b *tab) opened() *tab {
	b.t.Helper()
	whole := cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser)
	var id target.ID
	err := eventually(b.ctx, func() bool {
		all, err := target.GetTargets().Do(whole)
		for _, i := range all {
			if i.Type == "page" && i.BrowserContextID == b.profile && i.TargetID != chromedp.FromContext(b.ctx).Target.TargetID {
				id = i.TargetID
			}
		}
		return err == nil && id != ""
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, end := chromedp.NewContext(chromium, chromedp.WithTargetID(id))
	b.t.Cleanup(end)
	return &tab{t: b.t, ctx: ctx, profile: b.profile}
}

// noToken fails if the history of a tab has the token.
func (b *tab) noToken() {
	b.t.Helper()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, entries, err := page.GetNavigationHistory().Do(ctx)
		for _, e := range entries {
			if strings.Contains(e.URL, "token") {
				b.t.Errorf("the history has %s", e.URL)
			}
		}
		return err
	}))
}

// TestTimeIsPressed: a phone's menu of a link that is pressed for long has its
// whole address.
func TestTimeIsPressed(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t, phone)
	b.ready(d)
	at := js[[]float64](b, `(() => { const box = document.querySelectorAll("a.time")[1].getBoundingClientRect(); return [box.left + 5, box.top + 5]; })()`)
	b.do(input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: at[0], Y: at[1]}}))
	b.wait(fmt.Sprintf(`document.querySelectorAll("a.time")[1].href === %q`, d.url+"#t=10"))
	b.do(input.DispatchTouchEvent(input.TouchCancel, []*input.TouchPoint{}))
	b.noToken()
}

// TestTimeInANewTab: a time that is opened in a new tab opens there, and the
// history of neither tab has the token.
func TestTimeInANewTab(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	before := js[int](b, `history.length`)
	b.do(chromedp.QueryAfter(`a.time[href="#t=10"]`, func(ctx context.Context, _ runtime.ExecutionContextID, nodes ...*cdp.Node) error {
		return chromedp.MouseClickNode(nodes[0], chromedp.ButtonModifiers(input.ModifierCtrl)).Do(ctx)
	}))
	two := b.opened()
	two.isAt(1, "The")
	two.noToken()
	// A plain click stays, and so does one by the keyboard.
	b.do(chromedp.Click(`a.time[href$="#t=20"]`))
	b.isAt(2, "It")
	b.run(`document.querySelector("a.time").focus()`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.isAt(0, "Good")
	b.noToken()
	if n := js[int](b, `history.length`); n != before {
		t.Errorf("the history has %d entries, had %d", n, before)
	}
}

// TestCommentsTime leads to the passage that contains it: where a script runs
// or none, with media or without.
func TestCommentsTime(t *testing.T) {
	d := hour(t)
	call(t, "POST", d.path()+"/comments", map[string]any{"text": "Here?", "timecode": 990})
	follow := func(t *testing.T, as ...chromedp.Action) *tab {
		b := newTab(t, as...)
		b.open(d.url)
		b.run(`document.querySelector(".comment a.time").click()`)
		return b
	}
	plain := func(t *testing.T, name string, as ...chromedp.Action) {
		b := follow(t, append(as, noScripts)...)
		b.wait(`location.hash === "#t=990" && scrollY > 1000`)
		b.shot(name)
		if js[bool](b, `document.getElementById("media")?.checkVisibility() === false`) {
			t.Error("there is media and no player")
		}
		// What is marked is in sight, below the player.
		if at := js[[]float64](b, `(() => {
			const rows = [...document.querySelectorAll(".segment")].filter((s) => getComputedStyle(s).borderInlineStartWidth !== "0px");
			return [rows.length, Number(rows[0]?.dataset.start), rows[0]?.getBoundingClientRect().top - player.getBoundingClientRect().bottom];
		})()`); at[0] != 1 || at[1] != 980 || at[2] < 0 || at[2] > 400 {
			t.Errorf("passages marked, the first one's start and place: %v", at)
		}
	}
	scripted := func(t *testing.T, name string, as ...chromedp.Action) {
		b := follow(t, as...)
		b.wait(`document.querySelectorAll(".segment")[49].matches("[aria-current=location]")`)
		b.wait(`(() => { const top = document.querySelector("[aria-current]").getBoundingClientRect().top; return top > -200 && top < innerHeight; })()`)
		b.shot(name)
	}
	t.Run("plain", func(t *testing.T) { plain(t, "comment-plain") })
	t.Run("plain on a phone", func(t *testing.T) { plain(t, "comment-plain-phone", phone) })
	t.Run("scripts", func(t *testing.T) { scripted(t, "comment-time") })
	d.sound(t, wav(1200))
	t.Run("plain with media", func(t *testing.T) { plain(t, "comment-plain-media") })
	t.Run("media", func(t *testing.T) { scripted(t, "comment-media") })
	t.Run("media on a phone", func(t *testing.T) { scripted(t, "comment-media-phone", phone) })
}

// TestPassages: scripts and the server mean the same passage by a time.
func TestPassages(t *testing.T) {
	d := share(t, "Overlap", "en", says("Ann", 10, 50, "one"), says("Ann", 60, 60, "two"),
		says("Bob", 70, 2, "three"), says("Cid", 70, 10, "four"), says("Ann", 130, 10, "five"))
	times := []int{5, 10, 60, 65, 70, 71, 75, 90, 125, 131, 3675}
	for _, at := range times {
		call(t, "POST", d.path()+"/comments", map[string]any{"text": "Here?", "timecode": at})
	}
	b := newTab(t)
	b.ready(d)
	for i, at := range times {
		b.run(fmt.Sprintf(`document.querySelectorAll(".comment a.time")[%d].click()`, i))
		if !js[bool](b, fmt.Sprintf(`document.querySelector("[aria-current]") === document.getElementById("t=%d").closest(".segment")`, at)) {
			t.Errorf("%d s is in another passage where scripts run: %s", at, b.text("[aria-current]"))
		}
	}
}
