package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// meeting is what most tests read: three passages of ten seconds.
func meeting() []segment {
	return []segment{
		says("Ann", 0, 10, "Good morning and thank you all for coming to this budget meeting today"),
		says("Bob", 10, 10, "The budget looks better than I expected but where does the grant come from"),
		says("Ann", 20, 10, "It was confirmed on Tuesday and it is part of the budget now"),
	}
}

func TestReading(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	b := newTab(t)
	b.ready(d)
	if got := b.text("h1"); got != "Board meeting" {
		t.Errorf("title %q", got)
	}
	// The token is not in the address bar, and a reload works all the same.
	if at := js[string](b, "location.href"); strings.Contains(at, "token") {
		t.Errorf("the address bar has the token: %s", at)
	}
	b.shot("reading")
	b.expect("401") // the page that resumes
	b.do(chromedp.Reload())
	b.wait(`document.querySelector("h1")?.innerText === "Board meeting" && !location.search && document.documentElement.classList.contains("js")`)

	b.do(chromedp.KeyEvent("/"))
	b.wait(`document.activeElement.id === "query"`)
	b.run(`document.getElementById("query").value = ""`) // the driver types the / as well
	b.do(chromedp.KeyEvent("budget"))
	b.wait(`document.getElementById("count").textContent === "1 of 3"`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.wait(`document.getElementById("count").textContent === "2 of 3"`)
	if got := js[string](b, `[...CSS.highlights.get("here")][0].toString()`); got != "budget" {
		t.Errorf("the match that is shown is %q", got)
	}
	b.shot("search")
	b.do(chromedp.Click("#previous"))
	b.wait(`document.getElementById("count").textContent === "1 of 3"`)
	b.run(`document.activeElement.blur()`)
	b.do(chromedp.KeyEvent("?"))
	b.wait(`document.getElementById("help").open`)
	b.shot("help")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`!document.getElementById("help").open`)
}

func TestExport(t *testing.T) {
	d := share(t, "Board meeting", "en", meeting()...)
	folder := t.TempDir()
	b := newTab(t)
	b.ready(d)
	b.do(browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(folder).
		WithBrowserContextID(b.profile))
	b.do(chromedp.Click("#exports summary"))
	b.shot("export")
	for _, format := range []string{"srt", "docx", "pdf"} {
		b.do(chromedp.Click(fmt.Sprintf(`#exports button[value=%q]`, format)))
		found := func() bool {
			files, err := filepath.Glob(filepath.Join(folder, "*."+format))
			return err == nil && len(files) == 1
		}
		if err := eventually(b.ctx, found); err != nil {
			t.Errorf("%s was not downloaded: %v", format, err)
		}
	}
	body, err := os.ReadFile(filepath.Join(folder, "Board meeting.srt"))
	if err != nil || !bytes.Contains(body, []byte("Good morning and thank you")) {
		t.Errorf("%v: %s", err, body)
	}
}
