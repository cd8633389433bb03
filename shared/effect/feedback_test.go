package effect

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// letters notes feedback, and fails for one address.
type letters struct{ got []share.Feedback }

func (l *letters) Feedback(_ context.Context, f share.Feedback) error {
	if f.Recipient == "bad@x.test" {
		return errors.New("throttled")
	}
	l.got = append(l.got, f)
	return nil
}

// heard is the handler over letters that notes in a log.
func heard(l Letters, log io.Writer) Feedback {
	return Feedback{Letters: l, Handovers: l, Log: journal.New(log, "latchkey"), Now: func() time.Time { return time.Date(2023, 11, 27, 9, 45, 0, 0, time.UTC) }}
}

const mailed = `"mail":{"messageId":"m1","tags":{"organization":["o"],"mailing":["g"],"ses:caller-identity":["x"]}}`

func TestFeedbackIsRead(t *testing.T) {
	at := time.Date(2023, 11, 27, 9, 44, 39, 0, time.UTC)
	base := share.Feedback{ID: "m1", Organization: "o", Mailing: "g", Recipient: "a@x.test", At: at}
	tests := []struct {
		name, detail string
		want         func(*share.Feedback)
	}{
		{"bounce", `"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"a@x.test"}],"timestamp":"2023-11-27T09:44:39Z"}`,
			func(f *share.Feedback) { f.State, f.Permanent, f.Reason = share.MailBounced, true, "Permanent General" }},
		{"soft bounce", `"eventType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","bouncedRecipients":[{"emailAddress":"a@x.test"}],"timestamp":"2023-11-27T09:44:39Z"}`,
			func(f *share.Feedback) { f.State, f.Reason = share.MailBounced, "Transient MailboxFull" }},
		{"complaint", `"eventType":"Complaint","complaint":{"complaintFeedbackType":"abuse","complainedRecipients":[{"emailAddress":"a@x.test"}],"timestamp":"2023-11-27T09:44:39Z"}`,
			func(f *share.Feedback) { f.State, f.Reason = share.MailComplained, "abuse" }},
		{"delivery", `"eventType":"Delivery","delivery":{"recipients":["a@x.test"],"timestamp":"2023-11-27T09:44:39Z"}`,
			func(f *share.Feedback) { f.State = share.MailDelivered }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := new(letters)
			_, err := heard(l, io.Discard).Handle(ctx, json.RawMessage(`{"source":"aws.ses","detail":{`+tt.detail+`,`+mailed+`}}`))
			want := base
			tt.want(&want)
			if diff := cmp.Diff([]share.Feedback{want}, l.got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestFeedbackFailures(t *testing.T) {
	l := new(letters)
	_, err := heard(l, io.Discard).Handle(ctx, json.RawMessage(`{"detail":{"eventType":"Delivery","delivery":{"recipients":["a@x.test","bad@x.test","b@x.test"]},`+mailed+`}}`))
	if err == nil || len(l.got) != 2 {
		t.Errorf("%v, %d of the others: one failure must be told and stop no other", err, len(l.got))
	}
	for _, payload := range []string{`{`, `{}`, `[]`, `{"detail":{"eventType":"Send"}}`, `{"detail":{"eventType":"Bounce","bounce":{"timestamp":"x"}}}`} {
		if _, err := heard(new(letters), io.Discard).Handle(ctx, json.RawMessage(payload)); err == nil {
			t.Errorf("%s: no error", payload)
		}
	}
}

func FuzzFeedback(f *testing.F) {
	f.Add([]byte(`{"detail":{"eventType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@x.test"}]},` + mailed + `}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = heard(new(letters), io.Discard).Handle(ctx, payload) // must not panic
	})
}
