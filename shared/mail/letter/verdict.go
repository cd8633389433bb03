package letter

import (
	"context"
	"strings"

	"latchkey/shared/handover"
	"latchkey/shared/mail"
	"latchkey/shared/page/wording"
)

var _ handover.Verdicts = Invitations{}

// Tell implements handover.Verdicts.
func (p Invitations) Tell(ctx context.Context, v handover.Verdict) {
	m := mail.Message{To: v.Recipient.Email, ReplyTo: v.By.Email}
	m.Subject, m.HTML, m.Text = ComposeVerdict(v)
	p.deliver(ctx, v.Organization, m)
}

// ComposeVerdict writes what was decided, as Compose writes a letter. A welcome
// has a link to the page to sign in on; nothing in it lets anybody in.
func ComposeVerdict(v handover.Verdict) (subject, htmlBody, text string) {
	w := verdictOf(v)
	return w.heading(), w.html(), w.text()
}

// verdict is what was decided, in plain text.
type verdict struct {
	from, did string
	said      []string
	link      link // or without a URL
	reason    string
}

func verdictOf(v handover.Verdict) verdict {
	w := verdict{from: wording.Cut(wording.Line(v.By.Name), maxSender), did: "accepted your registration"}
	if w.from == "" {
		w.from = "An administrator"
	}
	base := wording.Line(v.Base)
	if v.Accepted {
		w.said = []string{
			"Welcome! Your account is active. Your role is " + strings.NewReplacer("_", " ", "-", " ").Replace(string(v.Recipient.Role)) + ".",
			"Sign in with your address, " + wording.Line(v.Recipient.Email) + ", and the password that you chose, to see all that was shared with you. The links that you were mailed ask for the same.",
		}
		w.link = link{url: base + handover.SignInPath, name: "All that was shared with you"}
	} else {
		w.did = "declined your registration"
		w.said = []string{"Your account was deleted, and the links that you were mailed do not open anything any more."}
	}
	w.reason = "You got this mail because you registered with this address at " + base + "."
	if to := wording.Line(v.By.Email); to != "" {
		w.reason += " An answer to this mail goes to " + to + "."
	}
	return w
}

func (w verdict) heading() string { return w.from + " " + w.did }

func (w verdict) text() string {
	said := w.said
	if w.link.url != "" {
		said = append(said, w.link.url)
	}
	return w.heading() + "\n\n" + strings.Join(said, "\n\n") + "\n\n" + w.reason + "\n"
}

func (w verdict) html() string {
	var b strings.Builder
	b.WriteString(head + escaped(w.heading()) + body)
	b.WriteString(row("0 0 16px", title(`<bdi>`+escaped(w.from)+`</bdi> `+escaped(w.did))))
	for _, s := range w.said {
		b.WriteString(row("0 0 12px", `<p class="ink" style="margin:0;`+normal+`word-break:break-word;">`+escaped(s)+`</p>`))
	}
	if w.link.url != "" {
		b.WriteString(row("8px 0 12px", w.link.card("Sign in")))
	}
	b.WriteString(row("12px 0 0", `<p class="soft" style="margin:0;`+small+`word-break:break-word;">`+escaped(w.reason)+`</p>`) + foot)
	return b.String()
}
