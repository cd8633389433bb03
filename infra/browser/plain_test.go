package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWithoutScripts reads, comments, edits and meets another editor where no
// script runs.
func TestWithoutScripts(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	one, two := newTab(t, noScripts), newTab(t, noScripts)
	two.expect("409")
	one.open(d.url)
	if got := one.text("#text"); !strings.Contains(got, "It was confirmed on Tuesday") || js[bool](one, `document.getElementById("tools").checkVisibility()`) {
		t.Errorf("the page has %q", got)
	}
	one.shot("plain")
	one.do(chromedp.SendKeys("#remark [name=author]", "Bob"), chromedp.SendKeys("#remark textarea", "Which grant?"), chromedp.Click("#remark button"))
	one.wait(`document.querySelector(".comment")?.innerText.includes("Which grant?")`)

	two.open(d.url)
	two.do(chromedp.Click(`button.edit[value="1"]`))
	two.wait(`document.activeElement.name === "text"`)
	two.shot("plain-edit")
	one.do(chromedp.Click(`button.edit[value="1"]`))
	one.wait(`document.querySelector(".rewrite")`)
	one.do(chromedp.SetValue(".rewrite textarea", "From one"), chromedp.Click(".rewrite button"))
	one.wait(`document.querySelectorAll(".words")[1]?.innerText === "From one"`)

	two.do(chromedp.SetValue(".rewrite textarea", "From two"), chromedp.Click(".rewrite button"))
	two.wait(`document.querySelector("h1")?.innerText === "Not saved yet"`)
	two.shot("plain-conflict")
	if theirs, mine := two.text("section .said"), js[string](two, `document.querySelector("textarea").value`); theirs != "From one" || mine != "From two" {
		t.Errorf("shows %q and %q", theirs, mine)
	}
	want(t, d, 1, "From one")
	two.do(chromedp.Click(".rewrite button"))
	two.wait(`document.querySelectorAll(".words")[1]?.innerText === "From two"`)
	want(t, d, 1, "From two")
	want(t, d, 0, meeting()[0].text())
}

// TestHostile: what people write is shown and never run, by the server's
// markup or the scripts'.
func TestHostile(t *testing.T) {
	const evil = `</script></textarea></title><script>document.title="ran"</script><img src=x onerror=document.title="ran"><a href="javascript:document.title='ran'">"'` + "`${document.title='ran'}`{{.}}"
	d := share(t, "x"+evil, "en", says(evil, 0, 10, evil), says(evil, 10, 10, "Quiet words"))
	b := newTab(t)
	b.expect("412")
	check := func(state string) {
		t.Helper()
		if js[string](b, "document.title") != "x"+evil || js[bool](b, `!!document.querySelector("img, [onerror], a[href^=javascript], script:not([src])")`) {
			t.Errorf("%s: what was written has run, or could", state)
		}
	}
	b.ready(d)
	check("reading")
	b.write(0, evil+" more")
	b.status("Saved")
	check("editing")
	b.run(`document.querySelector(".rewrite input").select()`)
	b.do(chromedp.KeyEvent(evil + "!"))
	b.do(chromedp.Click(".rewrite button.main"))
	b.status("Saved")
	check("renamed")
	b.pick(1, "Quiet", "words")
	b.do(chromedp.Click("#mark"))
	b.status("Saved")
	b.do(chromedp.SendKeys("#remark [name=author]", evil[:90]), chromedp.SendKeys("#remark textarea", evil), chromedp.Click("#remark button.main"))
	b.wait(`document.querySelector(".comment .said")`)
	check("commented")
	// A conflict shows both texts.
	b.write(1, evil+" mine")
	d.put(t, says(evil, 0, 10, evil), says(evil, 10, 10, evil+" theirs"))
	b.status("choose one")
	check("conflict")
	if got := b.text(".conflict .said"); !strings.HasPrefix(got, evil) {
		t.Errorf("what was written is shown as %q", got)
	}
	b.do(chromedp.SendKeys("#query", "onerror"))
	b.wait(`document.getElementById("count").textContent.includes("of")`)
	check("search")
}
