// Package journal is the structured log: one JSON line per request, one per
// audit fact that has no commit of its own, and failures with their cause.
// It refuses to write a path, a token or a key: requests are named by their
// route, shares by their id.
package journal

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"latchkey/shared/share"
)

// AuditField is the field of an audit line that the log subscription filters
// on, see template.yaml.
const AuditField = "audit"

// New returns a logger that writes JSON lines with UTC times.
func New(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			a.Value = slog.TimeValue(a.Value.Time().UTC())
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
}

type contextKey struct{}

// With returns a context that carries r.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// From returns the request's record, or a throw-away one.
func From(ctx context.Context) *Request {
	if r, ok := ctx.Value(contextKey{}).(*Request); ok {
		return r
	}
	return new(Request)
}

// Write writes the line of a request that has been answered.
func Write(log *slog.Logger, r *Request, requestID string, status int, took time.Duration) {
	attrs := make([]slog.Attr, 0, 7)
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
	log.LogAttrs(context.Background(), level, "request", attrs...)
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
