package ses

import (
	"net/http"

	"latchkey/infra/local/inbox"
)

// sendBulkEmail sends one mail per entry; each has its own result, in order.
func (e *endpoint) sendBulkEmail(in sendBulkEmailInput) (sendBulkEmailOutput, error) {
	var out sendBulkEmailOutput
	if err := checkSender(in.FromEmailAddress, in.ReplyToAddresses, in.DefaultEmailTags); err != nil {
		return out, err
	}
	if n := len(in.BulkEmailEntries); n == 0 || n > maxDestinations {
		return out, badRequest("Bulk email entries must be 1 to %d, not %d", maxDestinations, n)
	}
	recipients := 0
	for _, entry := range in.BulkEmailEntries {
		recipients += len(entry.Destination.all())
		if err := checkSender(in.FromEmailAddress, nil, entry.ReplacementTags); err != nil {
			return out, err
		}
	}
	if recipients > maxDestinations {
		return out, badRequest("Recipient count exceeds %d.", maxDestinations)
	}
	t := in.DefaultContent.Template
	if err := t.check(); err != nil {
		return out, err
	}
	defaults, err := templateData(t.TemplateData)
	if err != nil {
		return out, err
	}
	for _, entry := range in.BulkEmailEntries {
		out.BulkEmailEntryResults = append(out.BulkEmailEntryResults, e.sendEntry(in, entry, defaults))
	}
	return out, nil
}

func (e *endpoint) sendEntry(in sendBulkEmailInput, entry bulkEntry, defaults map[string]any) bulkResult {
	v := entry.Destination.judge()
	if v.status == "ACCOUNT_THROTTLED" && e.again(entry.Destination) {
		v = verdict{state: inbox.Delivered}
	}
	if v.status != "" {
		return bulkResult{Status: v.status, Error: v.reason}
	}
	t := in.DefaultContent.Template
	if t.TemplateContent == nil {
		return bulkResult{Status: "TEMPLATE_NOT_FOUND", Error: "Template does not exist"}
	}
	own, err := templateData(entry.ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData)
	if err != nil {
		return bulkResult{Status: "INVALID_PARAMETER", Error: words(err)}
	}
	m := envelope(in.FromEmailAddress, in.ReplyToAddresses, entry.Destination, v)
	m.Tags = toMap(in.DefaultEmailTags, entry.ReplacementTags)
	m.Headers = toMap(t.Headers, entry.ReplacementHeaders)
	fill(&m, t, merged(defaults, own))
	id, err := e.deliver(m)
	if err != nil {
		return bulkResult{Status: "TRANSIENT_FAILURE", Error: "The mail could not be kept"}
	}
	return bulkResult{Status: "SUCCESS", MessageId: id}
}

func envelope(from string, replyTo []string, d destination, v verdict) inbox.Message {
	return inbox.Message{State: v.state, From: from, ReplyTo: replyTo, To: d.ToAddresses, CC: d.CcAddresses, BCC: d.BccAddresses}
}

// fill renders a template. SES accepts a mail whose template lacks data, and
// reports the failure only as an event: the state says it here.
func fill(m *inbox.Message, t *template, data map[string]any) {
	r, err := t.render(data)
	if err != nil {
		m.State, m.Error = inbox.RenderingFailure, words(err)
		return
	}
	m.Subject, m.Text, m.HTML = r.subject, r.text, r.html
}

// sendEmail sends one mail to all of its recipients or to none.
func (e *endpoint) sendEmail(in sendEmailInput) (sendEmailOutput, error) {
	m, err := compose(in)
	if err != nil {
		return sendEmailOutput{}, err
	}
	id, err := e.deliver(m)
	return sendEmailOutput{id}, err
}

func compose(in sendEmailInput) (inbox.Message, error) {
	if in.Content.Raw != nil {
		return composeRaw(in)
	}
	if err := checkSender(in.FromEmailAddress, in.ReplyToAddresses, in.EmailTags); err != nil {
		return inbox.Message{}, err
	}
	v, err := accept(in.Destination)
	if err != nil {
		return inbox.Message{}, err
	}
	m := envelope(in.FromEmailAddress, in.ReplyToAddresses, in.Destination, v)
	m.Tags = toMap(in.EmailTags)
	switch s, t := in.Content.Simple, in.Content.Template; {
	case s != nil:
		m.Subject, m.Text, m.HTML, m.Headers = s.Subject.Data, s.Body.Text.Data, s.Body.Html.Data, toMap(s.Headers)
		return m, checkSimple(s)
	case t != nil:
		err := composeTemplate(&m, t)
		return m, err
	default:
		return m, badRequest("Content has neither Simple, Raw nor Template")
	}
}

func checkSimple(s *simple) error {
	if s.Body.Text.Data == "" && s.Body.Html.Data == "" {
		return badRequest("Body has neither text nor HTML")
	}
	return nil
}

func composeTemplate(m *inbox.Message, t *template) error {
	if err := t.check(); err != nil {
		return err
	}
	if t.TemplateContent == nil {
		return &fault{http.StatusNotFound, "NotFoundException", "Template " + t.TemplateName + " does not exist"}
	}
	data, err := templateData(t.TemplateData)
	if err != nil {
		return err
	}
	m.Headers = toMap(t.Headers)
	fill(m, t, data)
	return nil
}

// accept turns a verdict on a single mail's recipients into SendEmail's
// exceptions.
func accept(d destination) (verdict, error) {
	if n := len(d.all()); n > maxDestinations {
		return verdict{}, badRequest("Recipient count exceeds %d.", maxDestinations)
	}
	v := d.judge()
	switch v.status {
	case "":
		return v, nil
	case "MESSAGE_REJECTED":
		return v, &fault{http.StatusBadRequest, "MessageRejected", v.reason}
	case "ACCOUNT_THROTTLED":
		return v, &fault{http.StatusTooManyRequests, "TooManyRequestsException", v.reason}
	default:
		return v, badRequest("%s", v.reason)
	}
}
