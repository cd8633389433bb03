package journal_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/metric"
	"latchkey/shared/share"
)

var lineTime = regexp.MustCompile(`"time":"[^"]*Z",`)

// lines is a log without the time of each line.
func lines(log *bytes.Buffer) string { return lineTime.ReplaceAllString(log.String(), "") }

func TestRequestLines(t *testing.T) {
	took := 12345 * time.Microsecond
	tests := []struct {
		name string
		do   func(ctx context.Context, r *journal.Request)
		want string
	}{
		{"counts nothing", func(_ context.Context, r *journal.Request) { r.Organization, r.Share = "o", "s" },
			`{"level":"INFO","msg":"request","route":"GET /l/{key}","status":200,"ms":12.345,"request_id":"id","organization":"o","share":"s"}`},
		{"counts one thing", func(ctx context.Context, _ *journal.Request) { metric.Add(ctx, metric.Opens, 1) },
			`{"level":"INFO","msg":"request","route":"GET /l/{key}","status":200,"ms":12.345,"request_id":"id",` +
				`"_aws":{"Timestamp":1701078219000,"CloudWatchMetrics":[{"Namespace":"latchkey","Dimensions":[[]],"Metrics":[{"Name":"Opens","Unit":"Count"}]}]},"Opens":1}`},
		{"fails and counts two", func(ctx context.Context, r *journal.Request) {
			r.Cause = errors.New("x")
			for range 48 {
				metric.Add(ctx, metric.MailsSent, 1)
			}
			metric.Add(ctx, metric.MailsQueued, 2)
		}, `{"level":"ERROR","msg":"request","route":"GET /l/{key}","status":200,"ms":12.345,"request_id":"id","cause":"x",` +
			`"_aws":{"Timestamp":1701078219000,"CloudWatchMetrics":[{"Namespace":"latchkey","Dimensions":[[]],` +
			`"Metrics":[{"Name":"MailsSent","Unit":"Count"},{"Name":"MailsQueued","Unit":"Count"}]}]},"MailsSent":48,"MailsQueued":2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			r := &journal.Request{Route: "GET /l/{key}"}
			tt.do(journal.With(t.Context(), r), r)
			journal.Write(journal.New(&log, "latchkey"), r, "id", 200, fake.Start, took)
			if diff := cmp.Diff(tt.want+"\n", lines(&log)); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			fake.Counts(t, log.String())
		})
	}
}

// TestEveryMetricIsRead: a line that counts everything at once is one that
// CloudWatch takes, and no metric has the name of another member.
func TestEveryMetricIsRead(t *testing.T) {
	var log bytes.Buffer
	logger := journal.New(&log, "latchkey")
	r := &journal.Request{Route: "none", Organization: "o", Share: "s", Cause: errors.New("x")}
	ctx := journal.With(t.Context(), r)
	want := map[string]float64{}
	for m := range metric.All() {
		want[m.Name()] = float64(m) + 0.5
		metric.Add(ctx, m, want[m.Name()])
	}
	journal.Write(logger, r, "id", 200, fake.Start, 0)
	if diff := cmp.Diff(want, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestWorkLines(t *testing.T) {
	var log bytes.Buffer
	logger := journal.New(&log, "latchkey")
	var counts metric.Tally
	journal.WriteWork(logger, "sweep", &counts, fake.Start, slog.Int("mails", 3))
	metric.Add(metric.With(t.Context(), &counts), metric.MailsSent, 3)
	journal.WriteWork(logger, "sweep", &counts, fake.Start, slog.Int("mails", 3))
	if strings.Count(lines(&log), `{"level":"INFO","msg":"sweep","mails":3`) != 2 {
		t.Errorf("%s", log.String())
	}
	if diff := cmp.Diff(map[string]float64{"MailsSent": 3}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestAuditLinesCountNothing: the request beside it does.
func TestAuditLinesCountNothing(t *testing.T) {
	var log bytes.Buffer
	r := new(journal.Request)
	ctx := journal.With(t.Context(), r)
	metric.Add(ctx, metric.Opens, 1)
	journal.Auditor{Log: journal.New(&log, "latchkey")}.Record(ctx, share.Event{ID: "e", Share: "s", Type: share.Opened})
	if diff := cmp.Diff(map[string]float64{}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
