package share

import (
	"context"

	"latchkey/shared/fault"
	"latchkey/shared/metric"
)

// refusalMetrics is what a refusal counts, by the state that refused.
var refusalMetrics = map[State]metric.Metric{
	Revoked: metric.RefusedRevoked, Expired: metric.RefusedExpired, Exhausted: metric.RefusedExhausted,
}

// mailMetrics is what a letter counts that comes into a state.
var mailMetrics = map[MailState]metric.Metric{
	MailSent: metric.MailsSent, MailQueued: metric.MailsQueued, MailRejected: metric.MailsRejected, MailUnknown: metric.MailsUnknown,
	MailDelivered: metric.MailsDelivered, MailBounced: metric.MailsBounced, MailComplained: metric.MailsComplained,
}

// CountMail counts a letter that came into a state.
func CountMail(ctx context.Context, state MailState) { metric.Add(ctx, mailMetrics[state], 1) }

// countUse counts how following a link ended. A failure is neither a use nor
// a refusal, and a repeat that a read has shown is no use. The write that
// needs no read does not tell them apart: where it is made, the second press
// of a double click counts too.
func countUse(ctx context.Context, use Use, err error) {
	r := refusedBy(err)
	switch {
	case r != nil:
		metric.Add(ctx, refusalMetrics[r.State], 1)
	case fault.Is(err, fault.NotFound):
		metric.Add(ctx, metric.RefusedUnknown, 1)
	case err == nil && !use.Repeats:
		metric.Add(ctx, metric.Downloads, 1)
	}
}

// unknown counts a token that opens nothing, and is what its holder is told.
func unknown(ctx context.Context) error {
	metric.Add(ctx, metric.RefusedUnknown, 1)
	return errNotFound()
}
