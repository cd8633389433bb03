package ses_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/inbox"
	"latchkey/infra/local/ses"
)

// mailbox is what arrived.
type mailbox struct {
	mu       sync.Mutex
	messages []inbox.Message
	err      error
}

func (b *mailbox) deliver(m inbox.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.messages = append(b.messages, m)
	}
	return b.err
}

func start(t *testing.T) (*sesv2.Client, *mailbox) {
	t.Helper()
	box := &mailbox{}
	srv := httptest.NewServer(ses.Handler(ses.Config{
		Deliver: box.deliver,
		Now:     func() time.Time { return time.Date(2023, 11, 27, 9, 30, 0, 0, time.UTC) },
		Log:     slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(srv.Close)
	return sesv2.New(sesv2.Options{
		BaseEndpoint:     &srv.URL,
		Region:           "eu-central-1",
		Credentials:      credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 1,
	}), box
}

func bulk(to ...string) *sesv2.SendBulkEmailInput {
	in := &sesv2.SendBulkEmailInput{
		FromEmailAddress: aws.String("Latchkey <links@example.com>"),
		ReplyToAddresses: []string{"ann@example.com"},
		DefaultEmailTags: []types.MessageTag{{Name: aws.String("mailing"), Value: aws.String("m1")}},
		DefaultContent: &types.BulkEmailContent{Template: &types.Template{
			TemplateContent: &types.EmailTemplateContent{
				Subject: aws.String("{{sender}} shared {{count}} files"),
				Text:    aws.String("Open {{ url }}"),
				Html:    aws.String(`<a href="{{url}}">{{{name}}}</a>`),
			},
			TemplateData: aws.String(`{"sender":"Ann","count":2,"name":"you"}`),
			Headers:      []types.MessageHeader{{Name: aws.String("X-Kind"), Value: aws.String("share")}},
		}},
	}
	for i, address := range to {
		in.BulkEmailEntries = append(in.BulkEmailEntries, types.BulkEmailEntry{
			Destination:     &types.Destination{ToAddresses: []string{address}},
			ReplacementTags: []types.MessageTag{{Name: aws.String("recipient"), Value: aws.String(fmt.Sprint(i))}},
			ReplacementEmailContent: &types.ReplacementEmailContent{ReplacementTemplate: &types.ReplacementTemplate{
				ReplacementTemplateData: aws.String(fmt.Sprintf(`{"url":"https://l.example/%d","name":"<b>%s</b>"}`, i, address)),
			}},
		})
	}
	return in
}

func mail(id, state string, n int, to string) inbox.Message {
	return inbox.Message{
		ID: id, At: time.Date(2023, 11, 27, 9, 30, 0, 0, time.UTC), State: state,
		From: "Latchkey <links@example.com>", To: []string{to}, ReplyTo: []string{"ann@example.com"},
		Subject: "Ann shared 2 files", Text: fmt.Sprintf("Open https://l.example/%d", n),
		HTML:    fmt.Sprintf(`<a href="https://l.example/%d"><b>%s</b></a>`, n, to),
		Tags:    map[string]string{"mailing": "m1", "recipient": fmt.Sprint(n)},
		Headers: map[string]string{"X-Kind": "share"},
	}
}

type result struct{ Status, Error, ID string }

func results(out *sesv2.SendBulkEmailOutput) []result {
	var list []result
	for _, r := range out.BulkEmailEntryResults {
		list = append(list, result{string(r.Status), aws.ToString(r.Error), aws.ToString(r.MessageId)})
	}
	return list
}

func TestBulkPerDestination(t *testing.T) {
	client, box := start(t)
	const first, second, third, fourth, fifth = "179b70e1f271f000-local-000000", "179b70e1f271f001-local-000000", "179b70e1f271f002-local-000000", "179b70e1f271f003-local-000000", "179b70e1f271f004-local-000000"
	out, err := client.SendBulkEmail(t.Context(), bulk(
		"bob@example.com", "nobody", "x@reject.localhost", "x@throttle.localhost", "bounce+1@simulator.amazonses.com",
		"complaint@simulator.amazonses.com", "suppressionlist@simulator.amazonses.com", "bücher@example.com", "a@bücher.example", "success@simulator.amazonses.com",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []result{
		{"SUCCESS", "", first},
		{"INVALID_PARAMETER", "Missing final '@domain'", ""},
		{"MESSAGE_REJECTED", "Email address is rejected by this endpoint", ""},
		{"ACCOUNT_THROTTLED", "Maximum sending rate exceeded.", ""},
		{"SUCCESS", "", second},
		{"SUCCESS", "", third},
		{"SUCCESS", "", fourth},
		{"INVALID_PARAMETER", "Local address contains control or whitespace", ""},
		{"INVALID_PARAMETER", "Domain contains illegal character", ""},
		{"SUCCESS", "", fifth},
	}
	if diff := cmp.Diff(want, results(out)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	mails := []inbox.Message{
		mail(first, inbox.Delivered, 0, "bob@example.com"),
		mail(second, inbox.Bounced, 4, "bounce+1@simulator.amazonses.com"),
		mail(third, inbox.Complained, 5, "complaint@simulator.amazonses.com"),
		mail(fourth, inbox.Suppressed, 6, "suppressionlist@simulator.amazonses.com"),
		mail(fifth, inbox.Delivered, 9, "success@simulator.amazonses.com"),
	}
	if diff := cmp.Diff(mails, box.messages); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestBulkRefused(t *testing.T) {
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf("a%d@example.com", i)
	}
	tests := []struct {
		name   string
		to     []string
		change func(*sesv2.SendBulkEmailInput)
		want   string
	}{
		{"51 destinations", many, nil, "Bulk email entries must be 1 to 50, not 51"},
		{"51 recipients in 2 entries", many[:2], func(in *sesv2.SendBulkEmailInput) { in.BulkEmailEntries[0].Destination.CcAddresses = many[2:] }, "Recipient count exceeds 50."},
		{"no destination", nil, func(in *sesv2.SendBulkEmailInput) { in.BulkEmailEntries = []types.BulkEmailEntry{} }, "Bulk email entries must be 1 to 50, not 0"},
		{"no sender", many[:1], func(in *sesv2.SendBulkEmailInput) { in.FromEmailAddress = nil }, "Missing required field FromEmailAddress"},
		{"bad sender", many[:1], func(in *sesv2.SendBulkEmailInput) { in.FromEmailAddress = aws.String("Ann") }, "Missing final '@domain'"},
		{"header injection", many[:1], func(in *sesv2.SendBulkEmailInput) { in.ReplyToAddresses = []string{"a@b.c\r\nBcc: x@y.z"} }, "Illegal address"},
		{"bad tag", many[:1], func(in *sesv2.SendBulkEmailInput) { in.DefaultEmailTags[0].Value = aws.String("two words") }, "Invalid tag <mailing>: only alphanumeric ASCII characters, '_', '-', '.' and '@' are allowed."},
		{"bad default data", many[:1], func(in *sesv2.SendBulkEmailInput) { in.DefaultContent.Template.TemplateData = aws.String(`{"a":1`) }, "Invalid template data: not a JSON object"},
		{"no body", many[:1], func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.TemplateContent = &types.EmailTemplateContent{Subject: aws.String("x")}
		}, "Template has neither text nor HTML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, box := start(t)
			in := bulk(tt.to...)
			if tt.change != nil {
				tt.change(in)
			}
			_, err := client.SendBulkEmail(t.Context(), in)
			bad, ok := errors.AsType[*types.BadRequestException](err)
			if !ok || bad.ErrorMessage() != tt.want {
				t.Errorf("err = %v, want BadRequestException: %s", err, tt.want)
			}
			if len(box.messages) != 0 {
				t.Errorf("%d mails were sent", len(box.messages))
			}
		})
	}
}

func TestBulkEntryFailures(t *testing.T) {
	tests := []struct {
		name   string
		change func(*sesv2.SendBulkEmailInput, *mailbox)
		want   result
		state  string // of the mail kept, "" for none
	}{
		{"stored template", func(in *sesv2.SendBulkEmailInput, _ *mailbox) {
			in.DefaultContent.Template.TemplateContent, in.DefaultContent.Template.TemplateName = nil, aws.String("share")
		}, result{Status: "TEMPLATE_NOT_FOUND", Error: "Template does not exist"}, ""},
		{"bad replacement data", func(in *sesv2.SendBulkEmailInput, _ *mailbox) {
			in.BulkEmailEntries[0].ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData = aws.String(`[]`)
		}, result{Status: "INVALID_PARAMETER", Error: "Invalid template data: not a JSON object"}, ""},
		{"missing value", func(in *sesv2.SendBulkEmailInput, _ *mailbox) {
			in.BulkEmailEntries[0].ReplacementEmailContent = nil
		}, result{Status: "SUCCESS", ID: "179b70e1f271f000-local-000000"}, inbox.RenderingFailure},
		{"block", func(in *sesv2.SendBulkEmailInput, _ *mailbox) {
			in.DefaultContent.Template.TemplateContent.Text = aws.String("{{#if name}}x{{/if}}")
		}, result{Status: "SUCCESS", ID: "179b70e1f271f000-local-000000"}, inbox.RenderingFailure},
		{"disk full", func(_ *sesv2.SendBulkEmailInput, b *mailbox) {
			b.err = errors.New("no space")
		}, result{Status: "TRANSIENT_FAILURE", Error: "The mail could not be kept"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, box := start(t)
			in := bulk("bob@example.com")
			tt.change(in, box)
			out, err := client.SendBulkEmail(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]result{tt.want}, results(out)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			state := ""
			if len(box.messages) == 1 {
				state = box.messages[0].State
			}
			if state != tt.state {
				t.Errorf("mail's state = %q, want %q", state, tt.state)
			}
		})
	}
}

func data(s string) *types.Content { return &types.Content{Data: &s} }

func TestSendEmail(t *testing.T) {
	to := &types.Destination{ToAddresses: []string{"bob@example.com"}}
	raw := strings.ReplaceAll(`From: Ann <ann@example.com>
To: bob@example.com, Eve <eve@example.com>
Subject: =?UTF-8?B?w6RwZmVs?=
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

=C3=A4=
pfel
--i
Content-Type: text/html
Content-Transfer-Encoding: base64

PGI+w6Q8
L2I+
--i--
--o
Content-Type: text/plain
Content-Disposition: attachment; filename=a.txt

not the text
--o--
`, "\n", "\r\n")
	tests := []struct {
		name string
		in   *sesv2.SendEmailInput
		want inbox.Message
	}{
		{"simple", &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("ann@example.com"), Destination: to,
			EmailTags: []types.MessageTag{{Name: aws.String("a"), Value: aws.String("1")}},
			Content:   &types.EmailContent{Simple: &types.Message{Subject: data("ä {{x}}"), Body: &types.Body{Text: data("t"), Html: data("<p>")}}},
		}, inbox.Message{From: "ann@example.com", To: to.ToAddresses, Subject: "ä {{x}}", Text: "t", HTML: "<p>", Tags: map[string]string{"a": "1"}, Headers: map[string]string{}}},
		{"template", &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("ann@example.com"), Destination: to, ReplyToAddresses: []string{"r@example.com"},
			Content: &types.EmailContent{Template: &types.Template{
				TemplateContent: &types.EmailTemplateContent{Subject: aws.String("{{a.b}}"), Text: aws.String("{{ok}} {{n}}")},
				TemplateData:    aws.String(`{"a":{"b":"<deep>"},"ok":true,"n":12345678901234567890}`),
			}},
		}, inbox.Message{From: "ann@example.com", To: to.ToAddresses, ReplyTo: []string{"r@example.com"}, Subject: "<deep>", Text: "true 12345678901234567890", Tags: map[string]string{}, Headers: map[string]string{}}},
		{"raw", &sesv2.SendEmailInput{Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte(raw)}}},
			inbox.Message{From: "Ann <ann@example.com>", To: []string{"bob@example.com", "eve@example.com"}, Subject: "äpfel", Text: "äpfel", HTML: "<b>ä</b>", Tags: map[string]string{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, box := start(t)
			out, err := client.SendEmail(t.Context(), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.ID, tt.want.State, tt.want.At = aws.ToString(out.MessageId), inbox.Delivered, time.Date(2023, 11, 27, 9, 30, 0, 0, time.UTC)
			if diff := cmp.Diff([]inbox.Message{tt.want}, box.messages); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThrottledOnce(t *testing.T) {
	client, box := start(t)
	for _, want := range []string{"ACCOUNT_THROTTLED ACCOUNT_THROTTLED", "SUCCESS ACCOUNT_THROTTLED"} {
		out, err := client.SendBulkEmail(t.Context(), bulk("once+a@throttle.localhost", "a@throttle.localhost"))
		if err != nil {
			t.Fatal(err)
		}
		r := results(out)
		if got := r[0].Status + " " + r[1].Status; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if len(box.messages) != 1 || box.messages[0].To[0] != "once+a@throttle.localhost" {
		t.Errorf("mails %+v", box.messages)
	}
}

func TestSendEmailRefused(t *testing.T) {
	many := strings.Split(strings.Repeat("a@example.com ", 50), " ")[:50]
	text := &types.EmailContent{Simple: &types.Message{Subject: data("s"), Body: &types.Body{Text: data("t")}}}
	tests := []struct {
		name    string
		to      []string
		content *types.EmailContent
		want    string
	}{
		{"51 recipients", append(many, "b@example.com"), text, "BadRequestException: Recipient count exceeds 50."},
		{"nobody", nil, text, "BadRequestException: Missing destination"},
		{"rejected", []string{"a@reject.localhost"}, text, "MessageRejected: Email address is rejected by this endpoint"},
		{"throttled", []string{"a@example.com", "a@throttle.localhost"}, text, "TooManyRequestsException: Maximum sending rate exceeded."},
		{"stored template", many[:1], &types.EmailContent{Template: &types.Template{TemplateName: aws.String("t")}}, "NotFoundException: Template t does not exist"},
		{"no content", many[:1], &types.EmailContent{}, "BadRequestException: Content has neither Simple, Raw nor Template"},
		{"no body", many[:1], &types.EmailContent{Simple: &types.Message{Subject: data("s"), Body: &types.Body{}}}, "BadRequestException: Body has neither text nor HTML"},
		{"raw without header", many[:1], &types.EmailContent{Raw: &types.RawMessage{Data: []byte("x")}}, "BadRequestException: Message could not be read: malformed header line: x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, box := start(t)
			_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{
				FromEmailAddress: aws.String("ann@example.com"), Destination: &types.Destination{ToAddresses: tt.to}, Content: tt.content,
			})
			api, ok := errors.AsType[smithy.APIError](err)
			if !ok || api.ErrorCode()+": "+api.ErrorMessage() != tt.want {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
			if len(box.messages) != 0 {
				t.Errorf("%d mails were sent", len(box.messages))
			}
		})
	}
}

func TestOtherOperations(t *testing.T) {
	client, _ := start(t)
	_, err := client.GetAccount(t.Context(), &sesv2.GetAccountInput{})
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "UnknownOperationException" {
		t.Errorf("err = %v, want UnknownOperationException", err)
	}
}
