package browser

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// mailed is the path, which begins so, in the newest mail to an address.
func mailed(t *testing.T, address, begins string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stack.inbox, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var in struct { // newest first
		Messages []struct {
			To   []string
			Text string
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&in); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`https?://\S+(` + begins + `[0-9A-Za-z]+)`)
	for _, m := range in.Messages {
		if found := link.FindStringSubmatch(m.Text); found != nil && slices.Contains(m.To, address) {
			return found[1]
		}
	}
	t.Fatalf("no mail to %s has %s", address, begins)
	return ""
}

// hand shares a document with an address, and returns the link's path.
func hand(t *testing.T, name, email, message string) string {
	t.Helper()
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	made := ask(t, "POST", "/api/v1/files", "multipart/form-data; boundary=b", []byte(strings.ReplaceAll(
		"--b\nContent-Disposition: form-data; name=\"file\"; filename=\""+name+"\"\nContent-Type: text/plain\n\nThe manual.\n--b--\n", "\n", "\r\n")))
	id := made["file"].(map[string]any)["id"].(string)
	organization := ask(t, "GET", "/api/v1/organization", "", nil)["id"].(string)
	ask(t, "POST", "/v1/documents/assets/"+id+"/"+asset+"/"+organization, "application/json", nil)
	body, err := json.Marshal(map[string]string{"recipientEmail": email, "assetId": asset, "message": message})
	if err != nil {
		t.Fatal(err)
	}
	ask(t, "POST", "/v1/shares/"+id, "application/json", body)
	return mailed(t, email, "/s/h")
}

// accept accepts whoever waits with an address.
func accept(t *testing.T, email string) {
	t.Helper()
	organization := ask(t, "GET", "/api/v1/organization", "", nil)["id"].(string)
	for _, p := range ask(t, "GET", "/v1/shares/"+organization+"/pending-requests", "", nil)["data"].([]any) {
		p := p.(map[string]any)
		if strings.Contains(p["shares"].([]any)[0].(map[string]any)["recipientEmail"].(string), email) {
			ask(t, "POST", "/v1/shares/"+p["recipientId"].(string)+"/accept", "application/json", []byte(`{"marketplaceRole":"technician"}`))
			return
		}
	}
	t.Fatalf("%s does not wait", email)
}

// TestDoors goes the whole way of somebody new, as a person does it, and looks
// at each state in light and dark, wide and on a phone.
func TestDoors(t *testing.T) {
	for name, as := range map[string][]chromedp.Action{"light": nil, "phone-dark": {phone, dark}} {
		t.Run(name, func(t *testing.T) {
			email := "rita-" + name + "@example.com"
			path := hand(t, "Operating manual of the filling line with a rather long name.txt", email, "Hello Rita,\n\nhere is the manual.")
			b := newTab(t, as...)
			b.expect("403", "404", "410", "422")
			look := func(state string) {
				t.Helper()
				b.violations(state)
				b.fits(state)
				b.shot("door-" + name + "-" + state)
			}
			press := func(form, then string) {
				t.Helper()
				b.do(chromedp.Click(`form[action$="` + form + `"] button`))
				b.wait(`document.querySelector("main")?.innerText.includes("` + then + `")`)
			}
			folder := t.TempDir()
			b.do(browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(folder).WithBrowserContextID(b.profile))
			download := func(state string) {
				t.Helper()
				// Not by the mouse, which waits for the page that a form leads to.
				b.run(`setTimeout(() => document.querySelector("form button").click())`)
				err := eventually(b.ctx, func() bool {
					files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
					return err == nil && len(files) == 1 && os.Remove(files[0]) == nil
				})
				if err != nil {
					t.Errorf("%s: nothing was downloaded: %v", state, err)
				}
			}
			b.open(stack.base + path)
			look("link")
			download("link")
			press("/register", "Look into your mailbox")
			look("mailed")

			register := mailed(t, email, "/register/")
			b.open(stack.base + register)
			look("register")
			b.do(chromedp.SendKeys("#name", "Rita"), chromedp.SendKeys("#password", "short one"), chromedp.RemoveAttribute("#password", "minlength"))
			press(register, "shorter than 10")
			// Told of the field, which has the focus once the page has settled.
			b.wait(`document.activeElement.id === "password" && document.activeElement.ariaDescribedByElements?.length === 2`)
			look("register-wrong")
			b.do(chromedp.SendKeys("#password", password))
			press(register, "You have registered")
			look("registered")
			b.open(stack.base + register)
			look("register-used")
			b.open(stack.base + path)
			look("waits")

			accept(t, email)
			b.open(stack.base + path)
			look("sign-in")
			b.do(chromedp.SendKeys("#email", email), chromedp.SendKeys("#password", "wrong horse"))
			press(path, "do not belong together")
			look("sign-in-wrong")
			b.do(chromedp.SendKeys("#password", password))
			download("signed in")
		})
	}
}
