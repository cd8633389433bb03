package letter

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"latchkey/shared/handover"
	"latchkey/shared/mail"
	"latchkey/shared/page/wording"
)

// Verdicts tells people who registered what was decided. It implements
// handover.Verdicts.
type Verdicts struct {
	Mail Mailer
	Log  *slog.Logger // of what was not sent, and why
	// Suppressed is as that of Invitations.
	Suppressed func(ctx context.Context, organization string, addresses []string) ([]string, error)
}

var _ handover.Verdicts = Verdicts{}

// Tell implements handover.Verdicts.
func (p Verdicts) Tell(ctx context.Context, v handover.Verdict) {
	if r := p.send(ctx, v); r.State != mail.Sent {
		notSent(ctx, p.Log, r, map[string]string{"organization": v.Organization})
	}
}

func (p Verdicts) send(ctx context.Context, v handover.Verdict) mail.Result {
	to := v.Recipient.Email
	suppressed, err := p.Suppressed(ctx, v.Organization, []string{to})
	if err != nil {
		return mail.Result{State: mail.Rejected, Reason: "it could not be looked up whether this address may be mailed", Cause: err}
	}
	if slices.Contains(suppressed, to) {
		return mail.Result{State: mail.Rejected, Reason: "this address bounced or complained before and is not mailed"}
	}
	m := mail.Message{To: to, ReplyTo: v.By.Email, Tags: map[string]string{"organization": v.Organization}}
	m.Subject, m.HTML, m.Text = ComposeVerdict(v)
	results := p.Mail.Send(ctx, []mail.Message{m})
	if len(results) == 0 {
		return mail.Result{State: mail.Unknown}
	}
	return results[0]
}

// ComposeVerdict writes what was decided, as Compose writes a letter. It has
// no link: nothing in it lets anybody in.
func ComposeVerdict(v handover.Verdict) (subject, htmlBody, text string) {
	w := verdictOf(v)
	return w.heading(), w.html(), w.text()
}

// verdict is what was decided, in plain text.
type verdict struct {
	from, did string
	said      []string
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
			"What was shared with you opens by the links you were mailed: sign in there with your address, " + wording.Line(v.Recipient.Email) + ", and the password that you chose.",
		}
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
	return w.heading() + "\n\n" + strings.Join(w.said, "\n\n") + "\n\n" + w.reason + "\n"
}

func (w verdict) html() string {
	var b strings.Builder
	b.WriteString(head + escaped(w.heading()) + body)
	b.WriteString(row("0 0 16px", title(`<bdi>`+escaped(w.from)+`</bdi> `+escaped(w.did))))
	for _, s := range w.said {
		b.WriteString(row("0 0 12px", `<p class="ink" style="margin:0;`+normal+`word-break:break-word;">`+escaped(s)+`</p>`))
	}
	b.WriteString(row("12px 0 0", `<p class="soft" style="margin:0;`+small+`word-break:break-word;">`+escaped(w.reason)+`</p>`) + foot)
	return b.String()
}
