package browser

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// write opens a passage, if it is not, and replaces its text as if typed.
func (b *tab) write(segment int, text string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`document.querySelectorAll(".segment")[%d].querySelector("button.edit:not([hidden])")?.click()`, segment))
	b.wait(`document.querySelector(".rewrite textarea")`)
	b.run(`document.querySelector(".rewrite textarea").select()`)
	b.do(chromedp.KeyEvent(text))
}

func (b *tab) status(words string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.getElementById("status").textContent.includes(%q)`, words))
}

// select selects from one word of a segment up to another.
func (b *tab) pick(segment int, from, to string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`
		const node = document.querySelectorAll(".words")[%d].firstChild;
		getSelection().setBaseAndExtent(node, node.data.indexOf(%q), node, node.data.indexOf(%q) + %d)`, segment, from, to, len(to)))
	b.wait(`!document.getElementById("mark").disabled`)
}

func want(t *testing.T, d document, at int, text string) segment {
	t.Helper()
	got := d.segments(t)[at]
	if got.text() != text {
		t.Errorf("passage %d is %q, want %q", at, got.text(), text)
	}
	return got
}

func TestEditing(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	all := d.segments(t)
	before := all[0].Words
	b := newTab(t)
	b.ready(d)
	b.write(0, "Good evening and thank you all for coming to this great budget meeting today")
	b.shot("writing")
	b.status("Saved")
	got := want(t, d, 0, "Good evening and thank you all for coming to this great budget meeting today")
	// Words that stayed kept their times and what was known of them.
	for i, w := range got.Words[:9] {
		if i != 1 && w != before[i] {
			t.Errorf("word %d is %+v, was %+v", i, w, before[i])
		}
	}
	if last, was := got.Words[12], before[12-1]; last.Start != was.Start || last.End != was.End {
		t.Errorf("the last word is %+v, was %+v", last, was)
	}
	if now := d.segments(t); !reflect.DeepEqual(now[1:], all[1:]) {
		t.Errorf("what was not touched is %+v, was %+v", now[1:], all[1:])
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`!document.querySelector(".rewrite")`)

	b.pick(1, "better", "expected")
	b.do(chromedp.Click("#mark"))
	b.pick(2, "was", "confirmed")
	b.do(chromedp.Click("#strike"))
	b.shot("marked")
	b.status("Saved")
	b.wait(`document.querySelector("mark").textContent === "better than I expected" && document.querySelector("s").textContent === "was confirmed"`)
	if w := d.segments(t)[1].Words; w[3].Highlight == "" || w[6].Highlight == "" || w[2].Highlight != "" || w[7].Highlight != "" {
		t.Errorf("highlighted: %+v", w)
	}
	if w := d.segments(t)[2].Words; !w[1].Strike || !w[2].Strike || w[0].Strike || w[3].Strike {
		t.Errorf("struck out: %+v", w)
	}

	// Everything undone, and done again.
	for range 3 {
		b.run(`document.activeElement.blur()`)
		b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(2)))
	}
	b.wait(`!document.querySelector("mark, s") && document.getElementById("undo").disabled`)
	b.status("Saved")
	want(t, d, 0, meeting()[0].text())
	b.do(chromedp.Click("#redo"))
	b.wait(`document.querySelector(".words").textContent.startsWith("Good evening")`)
	b.status("Saved")
	want(t, d, 0, "Good evening and thank you all for coming to this great budget meeting today")

	// The page that is loaded again has it.
	b.expect("401")
	b.do(chromedp.Reload())
	b.wait(`document.querySelector(".words")?.textContent.startsWith("Good evening")`)
}

func TestRenameEverywhere(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	b.run(`document.querySelector("button.edit").click()`)
	b.wait(`document.querySelector(".rewrite input")`)
	b.run(`document.querySelector(".rewrite input").select()`)
	b.do(chromedp.KeyEvent("Anna"))
	b.do(chromedp.Click(".rewrite input[type=checkbox]"))
	b.shot("rename")
	b.do(chromedp.Click(".rewrite button.main"))
	b.wait(`[...document.querySelectorAll(".speaker")].map((s) => s.textContent).join() === "Anna,Bob,Anna"`)
	b.status("Saved")
	if s := d.segments(t); s[0].Speaker != "Anna" || s[1].Speaker != "Bob" || s[2].Speaker != "Anna" {
		t.Errorf("speakers %s, %s, %s", s[0].Speaker, s[1].Speaker, s[2].Speaker)
	}
	b.do(chromedp.Click("#undo"))
	b.wait(`[...document.querySelectorAll(".speaker")].map((s) => s.textContent).join() === "Ann,Bob,Ann" && document.getElementById("undo").disabled`)
}

// TestTwoEditors: what only one changed is merged, what both changed is asked
// about, and nobody's words are lost.
func TestTwoEditors(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	one, two := newTab(t), newTab(t)
	one.expect("412")
	two.expect("412")
	one.ready(d)
	two.ready(d)
	two.write(2, "Mine alone") // has read the document, and not saved yet
	one.write(0, "Theirs alone")
	one.do(chromedp.KeyEvent(kb.Escape))
	one.write(1, "Both, says one")
	one.status("Saved")
	two.do(chromedp.KeyEvent(kb.Escape))
	two.write(1, "Both, says two")
	two.status("choose one")
	two.shot("conflict")
	if got := two.text(".conflict .said"); got != "Both, says two" {
		t.Errorf("what two wrote is shown as %q", got)
	}
	two.wait(`document.querySelectorAll(".words")[0].textContent === "Theirs alone"`)
	two.wait(`document.querySelectorAll(".words")[1].textContent === "Both, says one"`)
	if err := eventually(two.ctx, func() bool { return d.segments(t)[2].text() == "Mine alone" }); err != nil {
		t.Errorf("what two alone wrote was not saved: %v", err)
	}
	want(t, d, 0, "Theirs alone")
	want(t, d, 1, "Both, says one")
	two.do(chromedp.Click(".conflict button.main"))
	two.wait(`!document.querySelector(".conflict")`)
	if err := eventually(two.ctx, func() bool { return d.segments(t)[1].text() == "Both, says two" }); err != nil {
		t.Errorf("what two chose was not saved: %v", err)
	}
}

// TestNoConnection: what is written without one is kept, over a reload too,
// and saved when there is one again.
func TestNoConnection(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.expect("ERR_INTERNET_DISCONNECTED", "401", "net::ERR")
	b.ready(d)
	b.write(0, "First")
	b.status("Saved")
	offline := func(yes bool) { b.do(network.EmulateNetworkConditions(yes, 0, -1, -1)) }
	offline(true)
	b.do(chromedp.KeyEvent(" second"))
	b.status("No connection")
	b.shot("offline")
	want(t, d, 0, "First")
	offline(false)
	b.status("Saved")
	want(t, d, 0, "First second")

	// A server that does not answer is asked again, without a sign that it does.
	b.do(network.SetBlockedURLs([]string{"*/api/*"}), chromedp.KeyEvent("!"))
	b.status("No connection")
	b.do(network.SetBlockedURLs([]string{}))
	b.status("Saved")
	want(t, d, 0, "First second!")

	offline(true)
	b.do(chromedp.KeyEvent(" third"))
	b.status("No connection")
	b.run(`dispatchEvent(new Event("pagehide"))`)
	b.do(network.EmulateNetworkConditions(false, 0, -1, -1), network.SetBlockedURLs([]string{"*/api/*"}))
	b.do(chromedp.Reload())
	b.wait(`document.getElementById("editing") && document.querySelector(".words")`)
	b.do(network.SetBlockedURLs([]string{}))
	b.do(chromedp.Reload())
	if err := eventually(b.ctx, func() bool { return d.segments(t)[0].text() == "First second! third" }); err != nil {
		t.Errorf("it was not saved after a reload: %v: %s", err, d.segments(t)[0].text())
	}
}

func TestFinishing(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	b.write(0, "The last word")
	b.do(chromedp.Click("#finish summary"))
	b.shot("finish")
	b.do(chromedp.Click("#finish button"))
	b.wait(`document.querySelector("header .soft").textContent.includes("finished") && !document.querySelector("button.edit")`)
	want(t, d, 0, "The last word") // was saved before
}

func TestCommenting(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	b.do(chromedp.SendKeys("#remark [name=author]", "Bob"), chromedp.SendKeys("#remark [name=at]", "0:12"), chromedp.SendKeys("#remark textarea", "Which grant?"))
	b.run(`window.stayed = true`)
	b.do(chromedp.Click("#remark button.main"))
	b.wait(`document.activeElement.classList.contains("comment") && document.activeElement.innerText.includes("Which grant?")`)
	if !js[bool](b, `window.stayed && document.querySelector("#remark [name=author]").value === "Bob" && document.querySelector("#remark textarea").value === ""`) {
		t.Error("the page was loaded anew, or the form is not as it should be")
	}
	b.shot("comment")
	b.do(chromedp.SendKeys("#remark textarea", "Half a tho"), chromedp.Click(`.comment button[value="resolve"]`))
	b.wait(`document.activeElement.classList.contains("resolved")`)
	b.shot("resolved")
	b.do(chromedp.Click(`.comment button[value="delete"]`))
	b.wait(`!document.querySelector(".comment") && document.activeElement.id === "comments-title"`)
	if !js[bool](b, `window.stayed && document.querySelector("#remark textarea").value === "Half a tho"`) {
		t.Error("what was being written is gone")
	}
}

// TestUndecided: a passage that both changed is asked about again after a
// reload, until somebody has chosen.
func TestUndecided(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.expect("412", "401")
	b.ready(d)
	b.write(1, "Says one")
	d.put(t, says("Bob", 0, 10, "Shape"), says("Bob", 10, 10, "Says the owner"))
	b.status("choose one")
	b.wait(`document.querySelectorAll(".segment").length === 2 && document.querySelectorAll(".words")[1].textContent === "Says the owner"`)
	b.do(chromedp.Reload())
	b.wait(`document.querySelector(".conflict .said")?.textContent === "Says one"`)
	b.shot("undecided")
	b.do(chromedp.Click(".conflict button:not(.main)"))
	b.run(`document.activeElement.blur()`)
	b.do(chromedp.Reload())
	b.wait(`document.querySelector("#editing:not([hidden], [aria-busy])")`)
	b.wait(`!document.querySelector(".conflict")`)
	want(t, d, 1, "Says the owner")
}

// TestSameTimes: of passages that begin and end together, as those of two who
// speak at once, each keeps its own edits when somebody else changes a third.
func TestSameTimes(t *testing.T) {
	d := share(t, "Overlap", "en", says("Ann", 0, 2, "yes"), says("Ann", 0, 2, "yes"), says("Cat", 2, 2, "five"))
	b := newTab(t)
	b.expect("412")
	b.ready(d)
	b.write(0, "yes, mine")
	d.put(t, says("Ann", 0, 2, "yes"), says("Ann", 0, 2, "yes"), says("Cat", 2, 2, "five by the owner"))
	b.wait(`document.querySelector(".note")`)
	b.status("Saved")
	want(t, d, 0, "yes, mine")
	want(t, d, 1, "yes")
	want(t, d, 2, "five by the owner")
	b.wait(`!document.querySelector(".conflict")`)
}

// TestKeptDraft: what a page could not save is not forgotten when the next
// one cannot read the document at once and something else is written then.
func TestKeptDraft(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.expect("net::ERR", "401")
	b.ready(d)
	s := d.segments(t)[0]
	b.run(fmt.Sprintf(`
		const was = (await (await fetch(document.body.dataset.api + "?token=" + sessionStorage.getItem("latchkey:%[1]s"))).json()).result.document.content.segments[0];
		const is = {...was, words: [{text: "Kept", start: was.start, end: was.stop}]};
		sessionStorage.setItem("latchkey:draft:%[1]s", JSON.stringify([[was, is, was.start + " " + was.stop + " 0"]]))`, d.id[len("doc_"):]))
	b.do(network.SetBlockedURLs([]string{"*/api/*"}), chromedp.Reload())
	b.wait(`document.querySelector("#editing:not([hidden], [aria-busy])")`)
	want(t, d, 0, s.text())
	b.do(network.SetBlockedURLs([]string{}))
	b.write(1, "Another")
	if err := eventually(b.ctx, func() bool { return d.segments(t)[1].text() == "Another" }); err != nil {
		t.Error(err)
	}
	b.status("Saved")
	want(t, d, 0, "Kept")
}

// TestNameSaves: a name that is written saves by itself, like a text.
func TestNameSaves(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	b.run(`document.querySelector("button.edit").click()`)
	b.wait(`document.querySelector(".rewrite input")`)
	b.run(`document.querySelector(".rewrite input").select()`)
	b.do(chromedp.KeyEvent("Anna"))
	b.status("Saved")
	b.run(`document.querySelector(".rewrite textarea").select()`)
	b.do(chromedp.KeyEvent("Hello"))
	b.wait(`document.getElementById("status").textContent === "Not saved yet"`)
	b.status("Saved")
	if s := want(t, d, 0, "Hello"); s.Speaker != "Anna" {
		t.Errorf("the speaker is %q", s.Speaker)
	}
}

// TestMoved: where the passages were moved since the page was loaded, nobody
// is led to edit another than the one that was chosen.
func TestMoved(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	d.put(t, says("Eve", 0, 5, "Put before"), says("Ann", 5, 5, "Good morning"), says("Bob", 40, 10, "The budget"))
	b.run(`document.querySelector("button.edit").click()`)
	b.status("choose again")
	b.wait(`!document.querySelector(".rewrite") && document.activeElement.matches("button.edit")`)
	if got := js[string](b, `[...document.querySelectorAll("#text .time")].map((e) => e.textContent).join()`); got != "0:00,0:05,0:40" {
		t.Errorf("the times are %s", got)
	}
	b.write(1, "Good evening")
	b.status("Saved")
	want(t, d, 1, "Good evening")
}

// TestCommentedOnce: a comment whose answer was lost is there once when it is
// sent again.
func TestCommentedOnce(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	b.run(`const real = fetch; window.fetch = async (...a) => { await real(...a); window.fetch = real; throw new TypeError("lost"); }`)
	b.do(chromedp.SendKeys("#remark textarea", "Once only"), chromedp.Click("#remark button.main"))
	b.wait(`document.querySelector("[role=alert]")`)
	b.do(chromedp.Click("#remark button.main"))
	b.wait(`document.querySelector(".comment")`)
	if n := js[int](b, `document.querySelectorAll(".comment").length`); n != 1 {
		t.Errorf("it is there %d times", n)
	}
	// Meant to be said twice.
	b.do(chromedp.SendKeys("#remark textarea", "Once only"), chromedp.Click("#remark button.main"))
	b.wait(`document.querySelectorAll(".comment").length === 2`)
}
