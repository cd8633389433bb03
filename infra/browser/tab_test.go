package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// chromium is the browser that all tests share, each with a profile of its own.
var chromium context.Context

func startBrowser(data string) (end func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(filepath.Join(data, "profile")),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true), chromedp.Flag("hide-scrollbars", false), chromedp.WSURLReadTimeout(time.Minute),
		// A page that a test answers in the server's place is taken to be from far away.
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,LocalNetworkAccessChecks"))
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endBrowser := chromedp.NewContext(allocator)
	if err := chromedp.Run(ctx); err != nil {
		endAllocator()
		return nil, fmt.Errorf("chromium does not start: %w", err)
	}
	chromium = ctx
	return func() { endBrowser(); endAllocator() }, nil
}

// tab is a page in the browser. What goes wrong in it fails the test.
type tab struct {
	t       *testing.T
	ctx     context.Context
	profile cdp.BrowserContextID

	mu       sync.Mutex
	troubles []string
	requests []string // URLs
	expects  []string // troubles that are meant to be
}

// newTab opens a tab in a profile of its own, 1100 by 800 pixels.
func newTab(t *testing.T, actions ...chromedp.Action) *tab {
	t.Helper()
	whole := cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser)
	profile, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(whole)
	if err != nil {
		t.Fatal(err)
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(whole)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := chromedp.NewContext(chromium, chromedp.WithTargetID(id))
	b := &tab{t: t, ctx: ctx, profile: profile}
	chromedp.ListenTarget(ctx, b.hear)
	if err := chromedp.Run(ctx); err != nil { // whoever runs it first decides how long it lives
		t.Fatal(err)
	}
	b.do(log.Enable(), network.Enable(), chromedp.EmulateViewport(1100, 800))
	b.do(actions...)
	t.Cleanup(func() {
		end()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, trouble := range b.troubles {
			if !b.expected(trouble) {
				t.Errorf("the browser says: %s", trouble)
			}
		}
	})
	return b
}

func (b *tab) expected(trouble string) bool {
	for _, e := range b.expects {
		if strings.Contains(trouble, e) {
			return true
		}
	}
	return false
}

// hear notes exceptions, violations of the policy and what else is logged as
// an error, and which URLs were asked for.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			b.troubles = append(b.troubles, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			b.troubles = append(b.troubles, fmt.Sprint(e.Args))
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *page.EventJavascriptDialogOpening:
		// "Leave the page?" is answered with yes; a dialog that a page opened by
		// itself is code that ran.
		if e.Type != page.DialogTypeBeforeunload {
			b.troubles = append(b.troubles, "dialog: "+e.Message)
		}
		go func() { _ = chromedp.Run(b.ctx, page.HandleJavaScriptDialog(true)) }()
	}
}

// expect says what trouble is meant to be.
func (b *tab) expect(words ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expects = append(b.expects, words...)
}

// patience is how long one step may take.
const patience = 20 * time.Second

func (b *tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a URL and waits until it is read.
func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// ready is open, and waits until the scripts of the page have run.
func (b *tab) ready(d document) {
	b.t.Helper()
	b.open(d.url)
	b.wait(`document.documentElement.classList.contains("js") && !document.querySelector("#editing[hidden], #editing[aria-busy]")`)
}

// js evaluates an expression, a promise included.
func js[T any](b *tab, expression string) (out T) {
	b.t.Helper()
	wait := func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true).WithUserGesture(true)
	}
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	var raw []byte
	if err := chromedp.Run(ctx, chromedp.Evaluate(expression, &raw, wait)); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		b.t.Fatalf("%s: %s: %v", expression, raw, err)
	}
	return out
}

// run evaluates statements for what they do.
func (b *tab) run(statements string) {
	b.t.Helper()
	js[bool](b, "(async () => {"+statements+"; return true; })()")
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	// While a page is being left nothing can be evaluated.
	err := eventually(b.ctx, func() bool {
		var ok bool
		return chromedp.Run(b.ctx, chromedp.Evaluate("!!("+expression+")", &ok)) == nil && ok
	})
	if err != nil {
		b.t.Fatalf("%s: %v. The page says: %s", expression, err, js[string](b, `document.body.innerText.slice(0, 2000)`))
	}
}

// text is what an element says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return js[string](b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "(nothing)"`, selector))
}

// shot saves a screenshot if somebody wants to look.
func (b *tab) shot(name string) {
	b.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	var picture []byte
	b.do(chromedp.CaptureScreenshot(&picture))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		b.t.Error(err)
	}
}

// Ways to look at a page.
var (
	phone     = chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch)
	noScripts = emulation.SetScriptExecutionDisabled(true)
	dark      = emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}})
)
