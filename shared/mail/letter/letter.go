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
	what    string
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
		from: from, what: files(len(l.Links)), button: "Open the link",
		message: wording.Text(l.Message),
		reason:  "You got this mail because " + by + " entered your address, " + wording.Line(l.To) + ", to share files with you through Latchkey.",
		own:     "The " + plural(len(l.Links), "link is", "links are") + " meant for you: whoever has " + plural(len(l.Links), "it", "them") + " can download, so please do not pass this mail on.",
	}
	if to := wording.Line(l.ReplyTo); to != "" {
		w.reply = "If you do not expect this, ask before you open it: an answer to this mail goes to " + to + "."
	}
	if len(l.Links) > 0 && l.Links[0].Document { // such a letter has one link
		w.what, w.button = "a transcript", "Open the transcript"
		w.reason = "You got this mail because " + by + " entered your address, " + wording.Line(l.To) + ", to share a transcript with you through Latchkey."
		w.own = "The link is meant for you: whoever has it can open the transcript, so please do not pass this mail on."
	}
	w.subject = w.heading()
	for _, k := range l.Links {
		w.links = append(w.links, link{url: k.URL, name: wording.CutName(wording.Line(k.Name), maxName), terms: terms(k)})
	}
	if len(w.links) == 1 {
		w.subject = from + " sent you " + wording.CutName(w.links[0].name, maxSubjectName)
	}
	return w
}

func (w words) heading() string { return w.from + " sent you " + w.what }

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
