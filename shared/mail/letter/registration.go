package letter

import (
	"latchkey/shared/account"
	"latchkey/shared/page/wording"
)

// ComposeRegistration writes the mail with somebody's one-time link, as
// Compose writes a letter. It says nothing of what was shared with them: they
// have that mail.
func ComposeRegistration(r account.Registration) (subject, htmlBody, text string) {
	w := registrationOf(r)
	return w.subject, w.html(), w.text()
}

// registration is what that mail says, in plain text.
type registration struct {
	subject, next string
	link          link
	reason        string
}

func registrationOf(r account.Registration) registration {
	const rule = "The link works once, and for 24 hours. It ends when another one is used."
	w := registration{
		subject: "Create your Latchkey account",
		next:    "Choose a name and a password. Then an administrator decides about your account, and a mail tells you.",
		link:    link{url: r.URL, name: "Your own link to register", terms: rule},
	}
	if r.User.Joining != account.Invited {
		w.subject = "Set your Latchkey password"
		w.next = "Choose a password. Then open what was shared with you again, and sign in there with this address."
		w.link.name = "Your own link to set a password"
	}
	w.reason = "You got this mail because somebody who opened what was shared with you at " + wording.Line(r.User.Email) +
		" asked for it. If that was not you, do nothing: without the link nothing changes. Please do not pass this mail on."
	return w
}

func (w registration) text() string {
	return w.subject + "\n\n" + w.next + "\n\n" + w.link.url + "\n" + w.link.terms + "\n\n" + w.reason + "\n"
}

func (w registration) html() string {
	return head + escaped(w.subject) + body +
		row("0 0 16px", title(escaped(w.subject))) +
		row("0 0 20px", `<p class="ink" style="margin:0;`+normal+`word-break:break-word;">`+escaped(w.next)+`</p>`) +
		row("0 0 12px", w.link.card("Open the link")) +
		row("12px 0 0", `<p class="soft" style="margin:0;`+small+`word-break:break-word;">`+escaped(w.reason)+`</p>`) + foot
}
