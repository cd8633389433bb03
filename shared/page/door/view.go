package door

import (
	_ "embed"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/handover"
	"latchkey/shared/page"
	"latchkey/shared/page/wording"
	"latchkey/shared/password"
	"latchkey/shared/share"
)

//go:embed door.html
var source string

//go:embed style.css
var style string

// sheets are the templates "share", "register", "done", "sign-in" and "received".
var sheets = page.NewSheets(source, style, "")

// Lengths, in characters, of what others wrote.
const (
	maxName    = 120
	maxSender  = 60
	maxHeading = 40 // of a name in the browser's tab
)

// What the paths of all routes begin with.
const registerPath = "/register/"

var sharePath = handover.PagePath("")

// document is the page of a link that works.
type document struct {
	Title   string
	Sender  string // or ""
	Message string // or ""
	Name    string
	Full    string // the name where Name is cut, or ""
	Kind    string
	Path    string // of this page
	Ask     string // path of the form that asks for a link to register with, or ""
	Back    string // path of the page of all documents, or ""
	SignsIn bool
	Waits   bool

	Problem string // what went wrong, or ""
	Wrong   bool   // with what was entered
	Email   string // as it was entered
}

func shareOf(v handover.View, token string) document {
	d := documentOf(v.Handover)
	d.Path, d.SignsIn, d.Waits = handover.PagePath(token), v.Needs == share.SignIn, v.Needs == share.Decision
	if !d.Waits {
		d.Ask = d.Path + "/register"
	}
	if d.SignsIn {
		d.Back = handover.SignInPath
	}
	return d
}

func documentOf(h handover.Handover) document {
	full := wording.Line(h.Title)
	d := document{
		Title: wording.CutName(full, maxHeading), Sender: wording.Cut(wording.Line(h.SenderName), maxSender),
		Message: wording.Text(h.Message), Name: wording.CutName(full, maxName),
		Kind: wording.Kind(h.Target.ContentType, wording.Line(h.Target.Name)),
	}
	if d.Name != full {
		d.Full = full
	}
	return d
}

// mineOf is the page of one document for its recipient, who is signed in.
func mineOf(h handover.Handover) document {
	d := documentOf(h)
	d.Path, d.Back = minePath(h), handover.SignInPath
	return d
}

func minePath(h handover.Handover) string { return handover.SignInPath + "/" + h.ID }

// statePath is where SweetConnect's API says, to whoever has both ids, where a
// recipient stands.
func statePath(h handover.Handover) string { return "/v1/shares/state/" + h.Recipient + "/" + h.ID }

func (s Service) render(status int, d document) (dialect.Response, error) {
	return sheets.Render(status, "share", d, "'self' "+s.Bucket)
}

// newcomer is the page where somebody registers, or sets a password.
type newcomer struct {
	Title, Heading, Button string
	Path                   string
	Email                  string
	Named                  bool // a name is asked for
	Name                   string
	MaxName, MinLength     int
	Next                   string            // what comes after, or ""
	Wrong                  map[string]string // by field
}

func registerOf(u account.User, token string) newcomer {
	n := newcomer{
		Heading: "Set your password", Button: "Set the password",
		Path: registerPath + token, Email: wording.Line(u.Email), MaxName: account.MaxNameLength, MinLength: password.MinLength,
		Wrong: map[string]string{},
	}
	if u.Joining == account.Invited {
		n.Heading, n.Button, n.Named = "Create your account", "Create the account", true
		n.Next = "Then an administrator decides about your account, and a mail tells you."
	}
	n.Title = n.Heading
	return n
}

// done is the page after somebody registered, or set a password.
type done struct {
	Heading, Text string
	SignIn        string // path, or ""
	Waiting       []waiting
}

// waiting is a document that waits with its recipient for a decision.
type waiting struct{ Name, State string }

func waitingOf(all []handover.Handover) []waiting {
	out := make([]waiting, len(all))
	for i, h := range all {
		out[i] = waiting{wording.CutName(wording.Line(h.Title), maxName), statePath(h)}
	}
	return out
}

// signInPage is the page to sign in on.
type signInPage struct {
	Title   string
	Problem string // what went wrong, or ""
	Wrong   bool   // with what was entered
	Email   string // as it was entered
}

func renderSignIn(status int, p signInPage) (dialect.Response, error) {
	return sheets.Render(status, "sign-in", p, "'self'")
}

// maxListed is how many documents the page of all lists.
const maxListed = 500

// received is the page of all that somebody was handed.
type received struct {
	Email  string
	Listed []listed
	More   bool // there are older ones
}

type listed struct {
	Name, Sender  string // Sender may be ""
	Path          string
	Date, ISODate string
}

func receivedOf(who account.Principal, all []handover.Handover) received {
	p := received{Email: wording.Line(who.Email), More: len(all) > maxListed}
	for _, h := range all[:min(len(all), maxListed)] {
		p.Listed = append(p.Listed, listed{
			Name: wording.CutName(wording.Line(h.Title), maxName), Sender: wording.Cut(wording.Line(h.SenderName), maxSender),
			Path: minePath(h), Date: wording.Moment(h.CreatedAt), ISODate: h.CreatedAt.UTC().Format(time.RFC3339),
		})
	}
	return p
}

// ours reports whether a path is one of these pages'.
func ours(path string) bool {
	return strings.HasPrefix(path, sharePath) || strings.HasPrefix(path, registerPath) || signsIn(path)
}

func signsIn(path string) bool {
	return path == handover.SignInPath || strings.HasPrefix(path, handover.SignInPath+"/")
}
