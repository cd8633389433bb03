package event

import "time"

// Mail is what SES's feedback tells of a mail to one recipient.
type Mail struct {
	ID     string // SES's message id
	From   string
	To     string
	SentAt time.Time
	Tags   map[string]string
}

// Outcomes of a mail, as SES calls their events.
const (
	Delivery  = "Delivery"
	Bounce    = "Bounce" // for good
	Complaint = "Complaint"
)

var mailKinds = map[string]string{Delivery: "Email Delivered", Bounce: "Email Bounced", Complaint: "Email Complaint Received"}

type mailDetail struct {
	EventType string         `json:"eventType"`
	Mail      mailFacts      `json:"mail"`
	Bounce    map[string]any `json:"bounce,omitempty"`
	Complaint map[string]any `json:"complaint,omitempty"`
	Delivery  map[string]any `json:"delivery,omitempty"`
}

type mailFacts struct {
	Timestamp   string              `json:"timestamp"`
	Source      string              `json:"source"`
	MessageID   string              `json:"messageId"`
	Destination []string            `json:"destination"`
	Tags        map[string][]string `json:"tags"`
}

// Feedback is SES's event of an outcome through EventBridge (SES Developer
// Guide, "Contents of event data"; EventBridge reference, "Amazon Simple
// Email Service events").
func (m Maker) Feedback(outcome string, mail Mail) ([]byte, error) {
	at := m.Now().UTC().Format(time.RFC3339Nano)
	d := mailDetail{EventType: outcome, Mail: mailFacts{
		Timestamp: mail.SentAt.UTC().Format(time.RFC3339Nano), Source: mail.From, MessageID: mail.ID,
		Destination: []string{mail.To}, Tags: map[string][]string{},
	}}
	for name, value := range mail.Tags {
		d.Mail.Tags[name] = []string{value}
	}
	to := []map[string]string{{"emailAddress": mail.To}}
	switch outcome {
	case Bounce:
		d.Bounce = map[string]any{"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": to, "timestamp": at}
	case Complaint:
		d.Complaint = map[string]any{"complaintFeedbackType": "abuse", "complainedRecipients": to, "timestamp": at}
	default:
		d.Delivery = map[string]any{"recipients": []string{mail.To}, "timestamp": at}
	}
	return m.bridge("aws.ses", mailKinds[outcome], "arn:aws:ses:"+m.Region+":"+account+":configuration-set/local", d)
}
