package browser

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const password = "correct horse battery"

// form sends a form as a browser too old to say from where.
func form(t *testing.T, path string, fields url.Values) {
	t.Helper()
	res, err := http.PostForm(stack.base+path, fields)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
}

// TestSignInPage goes from the welcome to the list and the document, by the
// keyboard alone, with scripts and without, and looks at each state.
func TestSignInPage(t *testing.T) {
	for name, as := range map[string][]chromedp.Action{"light": nil, "phone-dark": {phone, dark}, "plain": {noScripts}} {
		t.Run(name, func(t *testing.T) {
			email := "sigrid-" + name + "@example.com"
			path := hand(t, "Operating manual of the filling line with a rather long name, second edition.txt", email, "Hello Sigrid,\n\nhere is the manual.")
			form(t, path+"/register", nil)
			form(t, mailed(t, email, "/register/"), url.Values{"name": {"Sigrid"}, "password": {password}})
			accept(t, email)
			hand(t, "Checklist.txt", email, "")

			b := newTab(t, as...)
			b.expect("403")
			look := func(state string) {
				t.Helper()
				if name != "plain" { // axe-core is a script
					b.violations(state)
				}
				b.fits(state)
				b.shot("sign-in-" + name + "-" + state)
			}
			enter := func(word, then string) {
				t.Helper()
				b.do(chromedp.Focus("#email"))
				b.run(`document.getElementById("email").select()`)
				b.do(chromedp.KeyEvent(email + kb.Tab + word + kb.Enter))
				b.wait(`document.querySelector("main")?.innerText.includes("` + then + `")`)
			}
			b.open(stack.base + mailed(t, email, "/sign-"))
			look("form")
			enter("wrong horse", "do not belong together")
			look("wrong")
			enter(password, "signed in as")
			if got := js[[]string](b, `[...document.querySelectorAll(".listed a")].map((a) => a.innerText.slice(0, 9))`); len(got) != 2 || got[0] != "Checklist" || got[1] != "Operating" {
				t.Errorf("lists %q", got)
			}
			look("list")

			// The second document, as its name is tabbed to.
			b.do(chromedp.Focus(".listed li:last-child a"), chromedp.KeyEvent(kb.Enter))
			b.wait(`document.querySelector("blockquote")?.innerText.includes("here is the manual")`)
			look("document")
			folder := t.TempDir()
			b.do(browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(folder).WithBrowserContextID(b.profile))
			b.do(chromedp.Focus("form button"), chromedp.KeyEvent(kb.Enter))
			err := eventually(b.ctx, func() bool {
				files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
				return err == nil && len(files) == 1 && os.Remove(files[0]) == nil
			})
			if err != nil {
				t.Errorf("nothing was downloaded: %v", err)
			}
			b.do(chromedp.Focus(`a[href="/sign-in"]`), chromedp.KeyEvent(kb.Enter))
			b.wait(`document.querySelectorAll(".listed a").length === 2`)
			b.do(chromedp.Focus(".second"), chromedp.KeyEvent(kb.Enter))
			b.wait(`!!document.getElementById("password")`)
			b.open(stack.base + "/sign-in")
			if b.text("h1") != "Sign in" {
				t.Errorf("signed out, the page says %q", b.text("h1"))
			}
		})
	}
}
