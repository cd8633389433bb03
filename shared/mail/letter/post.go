package letter

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"slices"

	"latchkey/shared/mail"
	"latchkey/shared/share"
)

// Mailer sends messages, each once, and returns their results in order.
type Mailer interface {
	Send(ctx context.Context, messages []mail.Message) []mail.Result
}

// Post composes letters and has them sent. It implements share.Post.
type Post struct {
	Mail Mailer
	Log  *slog.Logger // of what was not sent, and why
}

var (
	_ share.Post = Post{}
	_ Mailer     = (*mail.Sender)(nil)
)

// Send implements share.Post.
func (p Post) Send(ctx context.Context, letters []share.Letter) []share.Delivery {
	messages := make([]mail.Message, len(letters))
	for i, l := range letters {
		m := mail.Message{To: l.To, ReplyTo: l.ReplyTo, Tags: l.Tags}
		m.Subject, m.HTML, m.Text = Compose(l)
		messages[i] = m
	}
	deliveries := make([]share.Delivery, len(letters))
	for i, r := range p.Mail.Send(ctx, messages) {
		deliveries[i] = share.Delivery{State: states[r.State], Reason: r.Reason}
		if r.State != mail.Sent {
			notSent(ctx, p.Log, r, letters[i].Tags)
		}
	}
	for i := range deliveries {
		if deliveries[i].State == "" { // a state that is new, or no result: it may have gone out
			deliveries[i].State = share.MailUnknown
		}
	}
	return deliveries
}

var states = map[mail.State]share.MailState{
	mail.Sent:      share.MailSent,
	mail.Rejected:  share.MailRejected,
	mail.Throttled: share.MailQueued,
	mail.Unknown:   share.MailUnknown,
}

var anAddress = regexp.MustCompile(`[^\s<>"',;:()]+@[^\s<>"',;:()]+`)

// notSent names a message by its tags: the recipient is not written down.
func notSent(ctx context.Context, log *slog.Logger, r mail.Result, tags map[string]string) {
	attrs := []slog.Attr{slog.String("state", string(r.State)), slog.String("reason", r.Reason)}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		attrs = append(attrs, slog.String(tag, tags[tag]))
	}
	if r.Cause != nil {
		// SES names the addresses that its sandbox does not let through.
		attrs = append(attrs, slog.String("cause", anAddress.ReplaceAllString(r.Cause.Error(), "(address)")))
	}
	log.LogAttrs(ctx, slog.LevelWarn, "mail not sent", attrs...)
}
