package effect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"latchkey/shared/journal"
	"latchkey/shared/metric"
	"latchkey/shared/share"
)

// Letters takes what the mail service says of letters; saying it again
// changes nothing.
type Letters interface {
	Feedback(ctx context.Context, f share.Feedback) error
}

// Feedback handles the events that SES sends through EventBridge.
type Feedback struct {
	Letters   Letters
	Handovers Letters      // those of handovers
	Log       *slog.Logger // of what was heard
	Now       func() time.Time
}

// mailEvent is what is read of an SES event (SES Developer Guide, "Contents of
// event data"). The tags are those that the letter was sent with.
type mailEvent struct {
	Detail struct {
		EventType string `json:"eventType"`
		Mail      struct {
			MessageID string              `json:"messageId"`
			Tags      map[string][]string `json:"tags"`
		} `json:"mail"`
		Bounce struct {
			Type       string      `json:"bounceType"`
			SubType    string      `json:"bounceSubType"`
			Recipients []recipient `json:"bouncedRecipients"`
			At         time.Time   `json:"timestamp"`
		} `json:"bounce"`
		Complaint struct {
			Type       string      `json:"complaintFeedbackType"`
			Recipients []recipient `json:"complainedRecipients"`
			At         time.Time   `json:"timestamp"`
		} `json:"complaint"`
		Delivery struct {
			Recipients []string  `json:"recipients"`
			At         time.Time `json:"timestamp"`
		} `json:"delivery"`
	} `json:"detail"`
}

type recipient struct {
	Address string `json:"emailAddress"`
}

// Handle takes one event. Of a kind that says nothing of a letter's fate it
// is an error: the rule should not have let it through.
func (h Feedback) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var e mailEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("feedback: %w", err)
	}
	f, to := e.read()
	if f.State == "" {
		return nil, fmt.Errorf("feedback: an event of type %q", e.Detail.EventType)
	}
	var counts metric.Tally
	ctx = metric.With(ctx, &counts)
	var errs []error
	for _, address := range to {
		f.Recipient = address
		letters := h.Letters
		if f.Handover != "" {
			letters = h.Handovers
		}
		errs = append(errs, letters.Feedback(ctx, f))
	}
	of := slog.String("mailing", f.Mailing)
	if f.Handover != "" {
		of = slog.String("handover", f.Handover)
	}
	journal.WriteWork(h.Log, "feedback", &counts, h.Now(), slog.String("state", string(f.State)),
		slog.String("reason", f.Reason), slog.String("organization", f.Organization), of)
	return nil, errors.Join(errs...)
}

// read returns what the event says, and of whom.
func (e mailEvent) read() (share.Feedback, []string) {
	d := e.Detail
	f := share.Feedback{ID: d.Mail.MessageID, Organization: first(d.Mail.Tags["organization"]), Mailing: first(d.Mail.Tags["mailing"]), Handover: first(d.Mail.Tags["handover"])}
	switch d.EventType {
	case "Bounce":
		f.State, f.Permanent, f.At = share.MailBounced, d.Bounce.Type == "Permanent", d.Bounce.At
		f.Reason = d.Bounce.Type + " " + d.Bounce.SubType
		return f, addresses(d.Bounce.Recipients)
	case "Complaint":
		f.State, f.Reason, f.At = share.MailComplained, d.Complaint.Type, d.Complaint.At
		return f, addresses(d.Complaint.Recipients)
	case "Delivery":
		f.State, f.At = share.MailDelivered, d.Delivery.At
		return f, d.Delivery.Recipients
	}
	return f, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func addresses(to []recipient) []string {
	out := make([]string, len(to))
	for i, r := range to {
		out[i] = r.Address
	}
	return out
}
