// Package letter writes the mail in which a recipient gets their links, as
// HTML and as text that say the same. It refuses to load or to track: no
// picture, no font, no counting address, and no link but the recipient's own.
//
// It escapes by itself: a template package beside the mail service's SDK
// would double the binary.
package letter

import (
	"html"
	"strconv"
	"strings"

	"latchkey/shared/page/wording"
	"latchkey/shared/share"
)

// Lengths, in characters, of what others wrote. The subject fits what mail
// programs show of one.
const (
	maxSender      = 60
	maxSubjectName = 50
	maxName        = 120
)

// Compose writes a letter. The subject is one line without control
// characters; text has "\n" line ends.
func Compose(l share.Letter) (subject, htmlBody, text string) {
	w := wordsOf(l)
	return w.subject, w.html(), w.text()
}

// words is what a letter says, in plain text.
type words struct {
	subject string
	from    string
	did     string // what they did: "sent you a file"
	button  string // that opens a link
	message string // or ""
	links   []link
	reason  string
	own     string
	reply   string // or ""
}

type link struct {
	url, name string
	terms     string // until when and how often, or ""
}

func wordsOf(l share.Letter) words {
	sender := wording.Cut(wording.Line(l.Sender), maxSender)
	from, by := sender, sender
	if sender == "" {
		from, by = "Someone", "someone"
	}
	w := words{
		from: from, did: "sent you " + files(len(l.Links)), button: "Open the link",
		message: wording.Text(l.Message),
		reason:  "You got this mail because " + by + " entered your address, " + wording.Line(l.To) + ", to share files with you through Latchkey.",
		own:     "The " + plural(len(l.Links), "link is", "links are") + " meant for you: whoever has " + plural(len(l.Links), "it", "them") + " can download, so please do not pass this mail on.",
	}
	if to := wording.Line(l.ReplyTo); to != "" {
		w.reply = "If you do not expect this, ask before you open it: an answer to this mail goes to " + to + "."
	}
	var kind share.Kind
	if len(l.Links) > 0 {
		kind = l.Links[0].Kind // of all: a letter with links of these two kinds has one
	}
	switch kind {
	case share.Document:
		w.did = "sent you a transcript"
		w.leadTo("transcript", by, l.To)
	case share.Person:
		w.did = "shared a recording with you"
		w.leadTo("recording", by, l.To)
	case share.Handover:
		w.did = "shared a document with you"
		w.leadTo("document", by, l.To)
		w.own = "The link is meant for you: whoever else has it sees what the document is called, but cannot download it. Please do not pass this mail on."
		if l.Links[0].Need == share.Nothing {
			w.own = "The link is meant for you: until you register, whoever has it can download the document, so please do not pass this mail on."
		}
	}
	w.subject = w.heading()
	for _, k := range l.Links {
		w.links = append(w.links, link{url: k.URL, name: wording.CutName(wording.Line(k.Name), maxName), terms: terms(k)})
	}
	if len(w.links) == 1 {
		w.subject = from + " sent you " + wording.CutName(w.links[0].name, maxSubjectName)
		if kind == share.Person || kind == share.Handover {
			w.subject = from + " shared " + wording.CutName(w.links[0].name, maxSubjectName) + " with you"
		}
	}
	return w
}

// leadTo says of the links that they lead to what is read.
func (w *words) leadTo(what, by, to string) {
	w.button = "Open the " + what
	w.reason = "You got this mail because " + by + " entered your address, " + wording.Line(to) + ", to share a " + what + " with you through Latchkey."
	w.own = "The link is meant for you: whoever has it can open the " + what + ", so please do not pass this mail on."
}

func (w words) heading() string { return w.from + " " + w.did }

func files(n int) string {
	if n == 1 {
		return "a file"
	}
	return strconv.Itoa(n) + " files"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func terms(k share.LetterLink) string {
	until := ends(k)
	switch {
	case k.Kind == share.Handover:
		return needs[k.Need]
	case k.Kind != share.Person:
		return until
	case k.Edit:
		return strings.TrimSpace("You may read, edit, comment on and save it. " + until)
	}
	return strings.TrimSpace("You may read and save it, but not edit it. " + until)
}

// needs are what a document asks for that was handed over.
var needs = map[share.Need]string{
	share.Nothing:  "Open the page and press Download: you need no account for that. You can register there for one.",
	share.SignIn:   "Sign in on the page to download it, with the address that this mail came to and your password. If you have no password yet, the page mails you a link to set one.",
	share.Decision: "You have registered, and an administrator has yet to decide about your account. A mail tells you when it is decided: then open the page, and sign in there.",
}

func ends(k share.LetterLink) string {
	var said []string
	if !k.ExpiresAt.IsZero() {
		said = append(said, "Available until "+wording.Moment(wording.Last(k.ExpiresAt)))
	}
	if k.Limit > 0 {
		said = append(said, "at most "+wording.Downloads(k.Limit)+" by all recipients together")
	}
	if len(said) == 0 {
		return ""
	}
	s := strings.Join(said, ", ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// text is the letter for programs that show no HTML. Every address is on a
// line of its own, where they find its end.
func (w words) text() string {
	var b strings.Builder
	b.WriteString(w.heading() + "\n\n")
	if w.message != "" {
		b.WriteString("> " + strings.ReplaceAll(w.message, "\n", "\n> ") + "\n\n")
	}
	for _, k := range w.links {
		b.WriteString(k.name + "\n" + k.url + "\n")
		if k.terms != "" {
			b.WriteString(k.terms + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(w.reason + " " + w.own + "\n")
	if w.reply != "" {
		b.WriteString(w.reply + "\n")
	}
	return b.String()
}

func escaped(s string) string { return html.EscapeString(s) }

// lines is escaped text whose line breaks are kept.
func lines(s string) string { return strings.ReplaceAll(escaped(s), "\n", "<br>\n") }
