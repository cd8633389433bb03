// Package mail sends finished messages through Amazon SES, up to fifty in one
// call, and reports for each what became of it.
//
// It refuses to write messages, to escape what is in them, to retry (SES has
// no idempotency token: a blind retry sends twice) and to know who is on a
// suppression list (SES reports success for its own).
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"latchkey/shared/mail/address"
)

// Limits of SES: destinations of one SendBulkEmail (service quotas), and
// characters of a destination's template data (API reference).
const (
	batchSize = 50
	maxData   = 262_144
)

// Message is one message to one person. HTML may be "", Subject and Text not.
// Template syntax in it has no meaning.
type Message struct {
	To      string // a plain address, see package address
	ReplyTo string // a plain address, or ""
	Subject string // one line
	HTML    string
	Text    string
	Tags    map[string]string // names and values of letters, digits, "-" and "_"; SES repeats them in its events
}

// State says what became of a message.
type State string

const (
	Sent      State = "sent"      // SES took it; it may still bounce
	Rejected  State = "rejected"  // not sent, and never will be as it is
	Throttled State = "throttled" // not sent; may be sent later
	Unknown   State = "unknown"   // may or may not be sent; a retry could send it twice
)

// Result is what became of one message.
type Result struct {
	State     State
	Reason    string // why it was not sent, safe for the sender to read; "" if it was
	MessageID string // SES's, if it was sent
	Cause     error  // for the log, or nil
}

// API is the part of the SDK's client that is used.
type API interface {
	SendBulkEmail(ctx context.Context, in *sesv2.SendBulkEmailInput, o ...func(*sesv2.Options)) (*sesv2.SendBulkEmailOutput, error)
}

// Config says who sends.
type Config struct {
	From             string // an address, or "Name <address>", of a verified identity
	ConfigurationSet string // or ""
}

// Sender sends messages. It is safe for concurrent use.
type Sender struct {
	client API
	config Config
}

// New returns a sender, or an error if From is not an address.
func New(client API, c Config) (*Sender, error) {
	from, err := netmail.ParseAddress(c.From)
	if err != nil || !oneLine(c.From) {
		return nil, fmt.Errorf("mail: from: %q is not an address", c.From)
	}
	if _, err := address.Parse(from.Address); err != nil {
		return nil, fmt.Errorf("mail: from: %w", err)
	}
	c.From = from.String() // encodes a name that is not ASCII
	return &Sender{client, c}, nil
}

// Send sends messages and returns their results in the same order. Every
// failure is a result. When SES throttles a whole call, the rest is not tried.
func (s *Sender) Send(ctx context.Context, messages []Message) []Result {
	results := make([]Result, len(messages))
	var rest *Result // what the messages share that are not tried
	for _, batch := range batches(messages, results) {
		if err := ctx.Err(); err != nil && rest == nil {
			rest = &Result{State: Throttled, Reason: "there was no time left to send it", Cause: err}
		}
		if rest == nil {
			rest = s.send(ctx, messages, batch, results)
			continue
		}
		for _, i := range batch {
			results[i] = *rest
		}
	}
	return results
}

// batches groups the messages that one call can send, as indexes, and fills
// in the results of those that none can.
func batches(messages []Message, results []Result) [][]int {
	type shared struct {
		replyTo string
		html    bool
	}
	var all [][]int
	open := map[shared]int{} // index of the batch that is being filled
	for i, m := range messages {
		if reason := refuse(m); reason != "" {
			results[i] = Result{State: Rejected, Reason: reason}
			continue
		}
		k := shared{m.ReplyTo, m.HTML != ""}
		at, ok := open[k]
		if !ok || len(all[at]) == batchSize {
			at, all = len(all), append(all, nil)
			open[k] = at
		}
		all[at] = append(all[at], i)
	}
	return all
}

// refuse returns why a message cannot be sent, or "".
func refuse(m Message) string {
	to, err := address.Parse(m.To)
	switch {
	case err != nil || to != m.To:
		return "the recipient is not a valid e-mail address"
	case m.ReplyTo != "" && !valid(m.ReplyTo):
		return "the reply address is not a valid e-mail address"
	case m.Subject == "" || m.Text == "":
		return "the message is empty"
	case !oneLine(m.Subject):
		return "the subject has more than one line"
	case len(data(m)) > maxData:
		return "the message is too large"
	}
	for name, value := range m.Tags {
		if !tag(name) || !tag(value) {
			return "the message has an invalid tag"
		}
	}
	return ""
}

func valid(s string) bool { a, err := address.Parse(s); return err == nil && a == s }

func oneLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' })
}

// tag reports whether SES takes s in a message tag.
func tag(s string) bool {
	return s != "" && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
}

// send makes one call and fills in the results of its batch. It returns a
// result that holds for later batches too, if this one was throttled.
func (s *Sender) send(ctx context.Context, messages []Message, batch []int, results []Result) *Result {
	out, err := s.client.SendBulkEmail(ctx, s.input(messages, batch), func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		r := failure(err)
		for _, i := range batch {
			results[i] = r
		}
		if r.State == Throttled {
			return &r
		}
		return nil
	}
	for n, i := range batch {
		if n < len(out.BulkEmailEntryResults) {
			results[i] = entry(out.BulkEmailEntryResults[n])
		} else {
			results[i] = Result{State: Unknown, Reason: reasonUnknown, Cause: errors.New("mail: SES answered for fewer messages than it was given")}
		}
	}
	return nil
}

// input is one call: a template whose parts are one variable each, and what
// the variables stand for in each message.
func (s *Sender) input(messages []Message, batch []int) *sesv2.SendBulkEmailInput {
	first := messages[batch[0]]
	content := &types.EmailTemplateContent{Subject: aws.String("{{subject}}"), Text: aws.String("{{text}}")}
	if first.HTML != "" {
		content.Html = aws.String("{{html}}")
	}
	in := &sesv2.SendBulkEmailInput{
		FromEmailAddress: &s.config.From,
		DefaultContent:   &types.BulkEmailContent{Template: &types.Template{TemplateContent: content, TemplateData: aws.String(data(Message{}))}},
	}
	if s.config.ConfigurationSet != "" {
		in.ConfigurationSetName = &s.config.ConfigurationSet
	}
	if first.ReplyTo != "" {
		in.ReplyToAddresses = []string{first.ReplyTo}
	}
	for _, i := range batch {
		in.BulkEmailEntries = append(in.BulkEmailEntries, types.BulkEmailEntry{
			Destination: &types.Destination{ToAddresses: []string{messages[i].To}},
			ReplacementEmailContent: &types.ReplacementEmailContent{
				ReplacementTemplate: &types.ReplacementTemplate{ReplacementTemplateData: aws.String(data(messages[i]))},
			},
			ReplacementTags: tags(messages[i].Tags),
		})
	}
	return in
}

// data returns the values of the template's variables as JSON.
func data(m Message) string {
	b, err := json.Marshal(map[string]string{"subject": m.Subject, "html": m.HTML, "text": m.Text})
	if err != nil {
		panic(err) // strings always encode
	}
	return string(b)
}

func tags(m map[string]string) []types.MessageTag {
	var all []types.MessageTag
	for name, value := range m {
		all = append(all, types.MessageTag{Name: aws.String(name), Value: aws.String(value)})
	}
	slices.SortFunc(all, func(a, b types.MessageTag) int { return strings.Compare(*a.Name, *b.Name) })
	return all
}
