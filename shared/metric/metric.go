// Package metric names what is counted for those who operate a stack, and
// counts it for as long as one piece of work lasts: a request, a sweep, a
// letter's feedback. Package journal puts the counts into the log line of
// that work.
//
// It refuses labels. A metric has a name and nothing else, so that no
// organization, link or path can become one, each of which would be billed;
// and so that one line can count mails of several states, which the embedded
// metric format cannot do with a dimension.
package metric

import (
	"context"
	"iter"
)

// Metric is something that is counted. The zero Metric is nothing.
type Metric uint8

// The metrics. To add one takes a line here, its row in the table below, and
// an Add where it happens; tests then ask for its place on the dashboard and
// its row in the README.
const (
	_ Metric = iota

	Opens     // a link's page was looked at
	Downloads // a link was used; having the same use again is none

	// A link was not opened or used, and why.
	RefusedRevoked
	RefusedExpired
	RefusedExhausted
	RefusedUnknown // nothing has such a token

	// A letter came into a state.
	MailsSent
	MailsQueued
	MailsRejected
	MailsUnknown
	MailsDelivered
	MailsBounced
	MailsComplained

	end
)

// table has the name of each metric, which is also the constant's, and its
// unit, one of those of CloudWatch's MetricDatum.
var table = [end]struct{ name, unit string }{
	Opens:            {"Opens", "Count"},
	Downloads:        {"Downloads", "Count"},
	RefusedRevoked:   {"RefusedRevoked", "Count"},
	RefusedExpired:   {"RefusedExpired", "Count"},
	RefusedExhausted: {"RefusedExhausted", "Count"},
	RefusedUnknown:   {"RefusedUnknown", "Count"},
	MailsSent:        {"MailsSent", "Count"},
	MailsQueued:      {"MailsQueued", "Count"},
	MailsRejected:    {"MailsRejected", "Count"},
	MailsUnknown:     {"MailsUnknown", "Count"},
	MailsDelivered:   {"MailsDelivered", "Count"},
	MailsBounced:     {"MailsBounced", "Count"},
	MailsComplained:  {"MailsComplained", "Count"},
}

// Name is what CloudWatch calls the metric.
func (m Metric) Name() string { return table[m].name }

// Unit is CloudWatch's name of the metric's unit.
func (m Metric) Unit() string { return table[m].unit }

// All goes through the metrics there are.
func All() iter.Seq[Metric] {
	return func(yield func(Metric) bool) {
		for m := Metric(1); m < end; m++ {
			if !yield(m) {
				return
			}
		}
	}
}

// Tally is what one piece of work has counted. It is for one goroutine.
type Tally struct {
	sums    [end]float64
	counted [end]bool
	filled  bool
}

// Empty reports whether nothing was counted.
func (t *Tally) Empty() bool { return !t.filled }

// Counts goes through what was counted, in the order of the constants.
func (t *Tally) Counts() iter.Seq2[Metric, float64] {
	return func(yield func(Metric, float64) bool) {
		for m := range All() {
			if t.counted[m] && !yield(m, t.sums[m]) {
				return
			}
		}
	}
}

type contextKey struct{}

// With returns a context in which Add adds to t.
func With(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// Add adds to a metric: 1 for something that happened, or what was measured
// in the metric's unit, once for each piece of work. Without a Tally in ctx
// it does nothing.
func Add(ctx context.Context, m Metric, n float64) {
	t, ok := ctx.Value(contextKey{}).(*Tally)
	if !ok || m == 0 {
		return
	}
	t.sums[m] += n
	t.counted[m], t.filled = true, true
}
