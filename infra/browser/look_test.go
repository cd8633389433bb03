package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// violations are what axe-core says of a page: WCAG 2.2 AA and its own good
// practices.
func (b *tab) violations(state string) {
	b.t.Helper()
	axe, err := os.ReadFile(root + "/bin/axe.min.js")
	if err != nil {
		b.t.Fatalf("%v: make browser fetches it", err)
	}
	// The driver's evaluation is not held to the page's policy.
	b.do(chromedp.Evaluate(string(axe), nil))
	found := js[[]string](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.map((v) =>
		v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 150) + " " + n.failureSummary).join("; ")))`)
	for _, f := range found {
		b.t.Errorf("%s: %s", state, f)
	}
}

// fits fails if the page scrolls sideways.
func (b *tab) fits(state string) {
	b.t.Helper()
	if w := js[[]int](b, `[document.documentElement.scrollWidth, innerWidth]`); w[0] > w[1] {
		wide := js[string](b, `[...document.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80)).join("\n")`)
		b.t.Errorf("%s: %d pixels wide in a window of %d: %s", state, w[0], w[1], wide)
	}
}

// TestLooks opens every state in light and dark, wide and on a phone, asks
// axe-core, and takes a picture.
func TestLooks(t *testing.T) {
	d := share(t, "Board meeting of the third of May with a rather long title", "en", append(meeting(),
		says("A speaker with quite a long name and a title", 30, 10, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"))...)
	for name, as := range map[string][]chromedp.Action{"light": nil, "dark": {dark}, "phone": {phone}, "phone-dark": {phone, dark}} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t, as...)
			b.expect("401", "404", "403", "410", "412") // all write to one document
			look := func(state string) {
				t.Helper()
				b.violations(state)
				b.fits(state)
				b.shot(name + "-" + state)
			}
			b.ready(d)
			look("reading")
			b.do(chromedp.Click("#exports summary"))
			look("export")
			b.do(chromedp.Click("#finish summary"), chromedp.SendKeys("#query", "budget"))
			b.wait(`document.getElementById("count").textContent`)
			look("search")
			b.run(`document.querySelectorAll("button.edit")[3].click()`)
			b.wait(`document.querySelector(".rewrite")`)
			b.run(`const i = document.querySelector(".rewrite input"); i.value += "!"; i.dispatchEvent(new Event("input"))`)
			look("writing")
			b.open(d.url + "&edit=1")
			b.wait(`document.querySelector(".rewrite")`)
			look("writing-plain")
			b.open(strings.Split(d.url, "?")[0] + "?token=r000")
			look("unknown")
			b.run(`sessionStorage.clear()`)
			b.open(strings.Split(d.url, "?")[0])
			look("no-token")
			d.set(t, "allow_magic_link", false)
			b.open(d.url)
			look("sharing-off")
			d.set(t, "allow_magic_link", true)
		})
	}
}

// TestGone shows what became of a link that was good.
func TestGone(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.expect("410", "404")
	d.set(t, "magic_link_expires_in", 1)
	expired := func() bool {
		b.open(d.url)
		return strings.Contains(b.text("h1"), "expired")
	}
	if err := eventually(b.ctx, expired); err != nil {
		t.Fatalf("%v: %s", err, b.text("body"))
	}
	b.violations("expired")
	b.shot("expired")
	call(t, "DELETE", d.path(), nil)
	b.open(d.url)
	if got := b.text("body"); !strings.Contains(got, "was deleted") {
		t.Errorf("a deleted document: %s", got)
	}
}

func TestRightToLeft(t *testing.T) {
	d := share(t, "ישיבת ההנהלה", "he",
		says("דוד", 0, 10, "בוקר טוב לכולם ותודה שבאתם לישיבה היום"),
		says("أحمد", 10, 10, "صباح الخير وشكرا لكم"), says("Ann", 20, 10, "Good morning"))
	b := newTab(t, phone)
	b.ready(d)
	b.violations("right to left")
	b.fits("right to left")
	b.shot("rtl")
	got := js[[]string](b, `[...document.querySelectorAll("h1, .words")].map((e) => getComputedStyle(e).direction)`)
	if fmt.Sprint(got) != "[rtl rtl rtl ltr]" {
		t.Errorf("directions %v", got)
	}
	if lang := js[string](b, `document.getElementById("text").lang`); lang != "he" {
		t.Errorf("language %q", lang)
	}
	b.run(`document.querySelectorAll("button.edit")[0].click()`)
	b.wait(`document.querySelector(".rewrite textarea")`)
	b.shot("rtl-writing")
	if dir := js[string](b, `getComputedStyle(document.querySelector(".rewrite textarea")).direction`); dir != "rtl" {
		t.Errorf("is written %s", dir)
	}
}

// TestLongTranscript: three hours have no element for each word, and what is
// off screen is not laid out.
func TestLongTranscript(t *testing.T) {
	var segments []segment
	for i := range 600 {
		segments = append(segments, says([]string{"Ann", "Bob"}[i%2], float64(i*18), 18, strings.TrimSpace(strings.Repeat("word and more ", 17))[:230]))
	}
	d := share(t, "A long day", "en", segments...)
	b := newTab(t)
	b.ready(d)
	if n := js[int](b, `document.querySelectorAll("*").length`); n > 600*7+200 {
		t.Errorf("%d elements", n)
	}
	if n := js[int](b, `[...document.querySelectorAll(".segment")].filter((s) => getComputedStyle(s).contentVisibility !== "auto").length`); n != 0 {
		t.Errorf("%d passages are always laid out", n)
	}
	skipped := js[int](b, `[...document.querySelectorAll(".words")].filter((w) => !w.checkVisibility({contentVisibilityAuto: true})).length`)
	if skipped < 500 {
		t.Errorf("%d passages off screen are not laid out, of 600", skipped)
	}
	b.shot("long")
	b.write(599, "The end.")
	b.status("Saved")
	want(t, d, 599, "The end.")
	want(t, d, 300, segments[300].text())
}

// TestFirstView adds up what a usual transcript loads before its media: ten
// minutes, 1,500 words.
func TestFirstView(t *testing.T) {
	var segments []segment
	for i := range 30 {
		segments = append(segments, says([]string{"Ann Example", "Bob Example"}[i%2], float64(i*20), 20, strings.Repeat("usual words of some length ", 10)[:260]))
	}
	d := share(t, "Ten minutes", "en", segments...)
	view := func(which string) (size int) {
		b := newTab(t)
		b.ready(d)
		size = js[int](b, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
			.filter((e) => !e.name.includes("/media")).reduce((sum, e) => sum + e.`+which+`, 0)`)
		t.Logf("%s: %d", which, size)
		return size
	}
	// With all that it takes to edit, as it travels.
	if size := view("encodedBodySize"); size > 60_000 || size < 10_000 {
		t.Errorf("the first view of an editor is %d bytes", size)
	}
	// To read alone, as it is.
	d.set(t, "allow_magic_link_edit", false)
	if size := view("decodedBodySize"); size > 60_000 || size < 20_000 {
		t.Errorf("the first view of a reader is %d bytes", size)
	}
}
