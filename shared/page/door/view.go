package door

import (
	_ "embed"
	"strings"

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

// sheets are the templates "share" and "register".
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
	SignsIn bool
	Waits   bool

	Problem string // what went wrong, or ""
	Wrong   bool   // with what was entered
	Email   string // as it was entered
}

func shareOf(v handover.View, token string) document {
	full := wording.Line(v.Handover.Title)
	d := document{
		Title: wording.CutName(full, maxHeading), Sender: wording.Cut(wording.Line(v.Handover.SenderName), maxSender),
		Message: wording.Text(v.Handover.Message), Name: wording.CutName(full, maxName),
		Kind: wording.Kind(v.Handover.Target.ContentType, wording.Line(v.Handover.Target.Name)), Path: handover.PagePath(token),
		SignsIn: v.Needs == share.SignIn, Waits: v.Needs == share.Decision,
	}
	if d.Name != full {
		d.Full = full
	}
	return d
}

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

// ours reports whether a path is one of these pages'.
func ours(path string) bool {
	return strings.HasPrefix(path, sharePath) || strings.HasPrefix(path, registerPath)
}
