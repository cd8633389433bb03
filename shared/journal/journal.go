// Package journal is the structured log: one JSON line per request, one per
// audit fact that has no commit of its own, and failures with their cause.
// Lines carry the metrics of what they tell: CloudWatch reads them there.
// It refuses to write a path, a token or a key: requests are named by their
// route, shares by their id.
package journal

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strconv"
	"time"

	"latchkey/shared/metric"
	"latchkey/shared/share"
)

// AuditField is the field of an audit line that the log subscription filters
// on, see template.yaml.
const AuditField = "audit"

// New returns a logger that writes JSON lines with UTC times. What its lines
// count is in CloudWatch's namespace of that name: the stack's, so that
// stacks of one account are told apart.
func New(w io.Writer, namespace string) *slog.Logger {
	quoted := strconv.AppendQuote(nil, namespace) // JSON too: stacks are named in ASCII letters, digits and hyphens
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) > 0 {
			return a
		}
		switch a.Key {
		case slog.TimeKey:
			a.Value = slog.TimeValue(a.Value.Time().UTC())
		case metadataField:
			if m, ok := a.Value.Any().(*metadata); ok {
				m.namespace = quoted
			}
		}
		return a
	}}))
}

// Request is what one request's line says. Handlers fill it in through From.
type Request struct {
	Route        string // the pattern, e.g. "GET /l/{key}"
	Organization string
	Share        string // id
	Cause        error  // of a 5xx

	Counts metric.Tally // what the request did, see metric.Add
}

type contextKey struct{}

// With returns a context that carries r and counts in it.
func With(ctx context.Context, r *Request) context.Context {
	return metric.With(context.WithValue(ctx, contextKey{}, r), &r.Counts)
}

// From returns the request's record, or a throw-away one.
func From(ctx context.Context) *Request {
	if r, ok := ctx.Value(contextKey{}).(*Request); ok {
		return r
	}
	return new(Request)
}

// Write writes the line of a request that has been answered at a moment, and
// with it what the request counts.
//
// Opens, uses and refusals are counted here and nowhere else. A request has
// one line, written once by whom it was answered. The audit trail would count
// falsely: some of its events come as lines of their own beside this one,
// those of limited uses by the table's stream, both at least once, and what
// opens nothing has no trail.
func Write(log *slog.Logger, r *Request, requestID string, status int, at time.Time, took time.Duration) {
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs,
		slog.String("route", r.Route), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", requestID))
	if r.Organization != "" {
		attrs = append(attrs, slog.String("organization", r.Organization))
	}
	if r.Share != "" {
		attrs = append(attrs, slog.String("share", r.Share))
	}
	level := slog.LevelInfo
	if r.Cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", r.Cause.Error()))
	}
	log.LogAttrs(context.Background(), level, "request", counted(attrs, &r.Counts, at)...)
}

// WriteWork writes the line of work that no request asked for and that ended
// at a moment, and with it what the work counts.
func WriteWork(log *slog.Logger, msg string, t *metric.Tally, at time.Time, attrs ...slog.Attr) {
	log.LogAttrs(context.Background(), slog.LevelInfo, msg, counted(attrs, t, at)...)
}

// Auditor writes audit events as lines that a subscription filter brings to
// the events function.
type Auditor struct{ Log *slog.Logger }

var _ share.Auditor = Auditor{}

// Record implements share.Auditor.
func (a Auditor) Record(ctx context.Context, e share.Event) {
	a.Log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.Any(AuditField, e))
}

// ParseAudit returns the event of an audit line; false if it is none.
func ParseAudit(line []byte) (share.Event, bool) {
	var l struct {
		Audit *share.Event `json:"audit"`
	}
	if json.Unmarshal(line, &l) != nil || l.Audit == nil || l.Audit.ID == "" || l.Audit.Share == "" {
		return share.Event{}, false
	}
	return *l.Audit, true
}
