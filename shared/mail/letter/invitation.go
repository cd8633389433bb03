package letter

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/mail"
	"latchkey/shared/page/wording"
)

// Invitations tells people that they were invited to an organization, mails
// them the link with which they register, and what was decided of them. It
// implements account.Post and handover.Verdicts.
type Invitations struct {
	Mail Mailer
	Log  *slog.Logger // of what was not sent, and why
	// Suppressed returns those of addresses that an organization does not mail
	// any more: it is share.Store's.
	Suppressed func(ctx context.Context, organization string, addresses []string) ([]string, error)
}

var _ account.Post = Invitations{}

// Invite implements account.Post.
func (p Invitations) Invite(ctx context.Context, i account.Invitation) error {
	m := mail.Message{To: i.To, ReplyTo: i.ReplyTo}
	m.Subject, m.HTML, m.Text = ComposeInvitation(i)
	if r := p.deliver(ctx, i.Organization.ID, m); r.State != mail.Sent {
		return fault.New(fault.Unavailable, "the user is invited, but the mail was not sent: %s", r.Reason) // the log has the cause
	}
	return nil
}

// Register mails a one-time link. It tries once, and writes down what was not
// sent and why: whoever asked for it asks again.
func (p Invitations) Register(ctx context.Context, r account.Registration) {
	m := mail.Message{To: r.User.Email}
	m.Subject, m.HTML, m.Text = ComposeRegistration(r)
	p.deliver(ctx, r.User.Organization, m)
}

// deliver tries once, and writes down what was not sent and why.
func (p Invitations) deliver(ctx context.Context, organization string, m mail.Message) mail.Result {
	m.Tags = map[string]string{"organization": organization}
	r := p.send(ctx, organization, m)
	if r.State != mail.Sent {
		notSent(ctx, p.Log, r, m.Tags)
	}
	return r
}

func (p Invitations) send(ctx context.Context, organization string, m mail.Message) mail.Result {
	suppressed, err := p.Suppressed(ctx, organization, []string{m.To})
	if err != nil {
		return mail.Result{State: mail.Rejected, Reason: "it could not be looked up whether this address may be mailed", Cause: err}
	}
	if slices.Contains(suppressed, m.To) {
		return mail.Result{State: mail.Rejected, Reason: "this address bounced or complained before and is not mailed"}
	}
	results := p.Mail.Send(ctx, []mail.Message{m})
	if len(results) == 0 {
		return mail.Result{State: mail.Unknown, Reason: "it is not known whether the message was sent"}
	}
	return results[0]
}

// ComposeInvitation writes an invitation, as Compose writes a letter. It has
// no link at all: nothing is to be opened.
func ComposeInvitation(i account.Invitation) (subject, htmlBody, text string) {
	w := invitationOf(i)
	return w.heading(), w.html(), w.text()
}

// invitation is what an invitation says, in plain text.
type invitation struct {
	from, organization string
	role, base         string
	next, reason       string
}

func invitationOf(i account.Invitation) invitation {
	w := invitation{
		from: wording.Cut(wording.Line(i.Sender), maxSender), organization: wording.Cut(wording.Line(i.Organization.Name), maxSender),
		next: "To use it you need an API key, which an admin of the organization gives you. There is nothing to confirm.",
	}
	by := w.from
	if w.from == "" {
		w.from, by = "Someone", "someone"
	}
	w.role = "Your role there is " + strings.ReplaceAll(string(i.Role), "_", " ") + ". Its Latchkey is at"
	w.base = wording.Line(i.Base)
	w.reason = "You got this mail because " + by + " entered your address, " + wording.Line(i.To) + ", to work with you in Latchkey."
	if to := wording.Line(i.ReplyTo); to != "" {
		w.reason += " If you do not expect this, an answer to this mail goes to " + to + "."
	}
	return w
}

func (w invitation) heading() string { return w.from + " invited you to " + w.organization }

func (w invitation) text() string {
	return w.heading() + "\n\n" + w.role + "\n" + w.base + "\n" + w.next + "\n\n" + w.reason + "\n"
}

func (w invitation) html() string {
	return head + escaped(w.heading()) + body +
		row("0 0 16px", title(`<bdi>`+escaped(w.from)+`</bdi> invited you to <bdi>`+escaped(w.organization)+`</bdi>`)) +
		row("0 0 12px", `<p class="ink" style="margin:0;`+normal+`word-break:break-word;">`+escaped(w.role)+"<br>\n"+escaped(w.base)+"<br>\n"+escaped(w.next)+`</p>`) +
		row("12px 0 0", `<p class="soft" style="margin:0;`+small+`word-break:break-word;">`+escaped(w.reason)+`</p>`) + foot
}
