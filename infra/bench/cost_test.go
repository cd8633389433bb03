package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/effect"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

// List prices in US dollars, us-east-1, of AWS's pricing pages.
const (
	apiCall     = 1.00 / 1e6   // HTTP API, a request of up to 512 KB
	invocation  = 0.20 / 1e6   // Lambda
	gbSecond    = 0.0000133334 // Lambda on arm64
	writeUnit   = 0.625 / 1e6  // DynamoDB on demand
	readUnit    = 0.125 / 1e6  // DynamoDB on demand
	logGB       = 0.50         // CloudWatch Logs, taken in
	mailed      = 0.10 / 1e3   // SES, each recipient
	s3Write     = 0.005 / 1e3  // S3 PUT, COPY, POST, LIST
	s3Read      = 0.0004 / 1e3 // S3 GET, HEAD
	functionGB  = 512.0 / 1024 // memory of every function, see template.yaml
	callSeconds = 0.010        // of a function that makes one or two calls to the table: assumed
	mailSeconds = 0.400        // of one that mails 50 recipients: assumed
	platformLog = 330 + 280    // bytes: the access log's line, and Lambda's START, END and REPORT
	recordsEach = 20           // changes of the stream that events gets at once: assumed, up to 100
)

// flow is what one thing that users do takes.
type flow struct {
	name          string
	calls         float64 // of the API, each one an invocation
	seconds       float64 // of functions
	behind        float64 // invocations besides
	mails         float64
	s3Writes      float64
	s3Reads       float64
	reads, writes float64 // measured
	logBytes      float64 // measured
}

func (f flow) columns() []float64 {
	lambda := (f.calls+f.behind)*invocation + f.seconds*functionGB*gbSecond
	return []float64{
		f.calls * apiCall, lambda, f.writes * writeUnit, f.reads * readUnit,
		(f.logBytes + (f.calls+f.behind)*platformLog) / 1e9 * logGB,
		f.mails*mailed + f.s3Writes*s3Write + f.s3Reads*s3Read,
	}
}

// costRig is the domain over a meter, with its log in a buffer.
type costRig struct {
	*fake.Stack
	meter *meter
	log   bytes.Buffer
	file  file.File
}

func newCostRig(t *testing.T) *costRig {
	t.Helper()
	r := &costRig{}
	r.Stack = fake.NewStack(t, func(e table.Engine) table.Engine {
		r.meter = &meter{Engine: e, schema: store.Schema()}
		return r.meter
	})
	r.Shares.Audit = journal.Auditor{Log: journal.New(&r.log, "latchkey")}
	r.file = r.Upload(t, r.Admin, "minutes of the meeting.pdf", "application/pdf", []byte("%PDF-1.7"))
	return r
}

// measure fills in what do takes, its events and request line included.
func (r *costRig) measure(f flow, do func(ctx context.Context)) flow {
	r.meter.reads, r.meter.writes = 0, 0
	r.log.Reset()
	note := &journal.Request{Route: "GET /api/v2/shareable_links/{key}", Share: r.file.ID, Organization: r.Admin.Organization}
	do(journal.With(context.Background(), note))
	if f.calls > 0 {
		journal.Write(journal.New(&r.log, "latchkey"), note, "JKJaXmPLvHcESHA=", 302, fake.Start, 0)
	}
	f.reads, f.writes = r.meter.reads, r.meter.writes
	f.logBytes = float64(len(lineTime.ReplaceAll(r.log.Bytes(), []byte(`"time":"2023-11-27T09:43:39.123456789Z"`))))
	return f
}

// lineTime is a line's own time, which is as long as its zeros at the end allow.
var lineTime = regexp.MustCompile(`"time":"[^"]*"`)

var visitor = share.Visit{From: "203.0.113.7", Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", RequestID: "JKJaXmPLvHcESHA="}

func (r *costRig) follow(t *testing.T, limit int64, e share.Event) func(context.Context) {
	sh, token := r.Link(t, r.Admin, share.New{FileID: r.file.ID, Limit: limit, ExpiresAt: fake.Start.AddDate(1, 0, 0)})
	e.ID, e.Organization, e.Share, e.File, e.At = "01890000-0000-7000-8000-000000000000", sh.Organization, sh.ID, r.file.ID, fake.Start
	e.From, e.Agent = visitor.From, visitor.Agent
	return func(ctx context.Context) {
		if _, err := r.Shares.Follow(ctx, token, visitor); err != nil {
			t.Fatal(err)
		}
		if err := r.Shares.RecordEvents(ctx, []share.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *costRig) flows(t *testing.T) []flow {
	one := flow{calls: 1, seconds: callSeconds, behind: 1.0 / recordsEach}
	named := func(name string, f flow) flow { f.name = name; return f }
	downloaded := share.Event{Type: share.Downloaded}
	flows := []flow{
		r.measure(named("links followed, limited", one), r.follow(t, 5, downloaded)),
		r.measure(named("links followed, without a limit", one), r.follow(t, 0, downloaded)),
		r.measure(named("links made", flow{calls: 1, seconds: callSeconds}), func(context.Context) {
			r.Link(t, r.Admin, share.New{FileID: r.file.ID, Limit: 5, ExpiresAt: fake.Start.AddDate(1, 0, 0)})
		}),
		r.mail(t),
		r.measure(named("files uploaded by form", flow{
			calls: 1, seconds: 4 * callSeconds, behind: 1, s3Writes: 2, s3Reads: 1, // the form, the copy, the look; deleting is free
		}), func(ctx context.Context) { r.upload(ctx, t) }),
	}
	return flows
}

// mail is one recipient of a mailing to 50, and what SES says of it afterwards.
func (r *costRig) mail(t *testing.T) flow {
	const recipients = 50
	sh, _ := r.Link(t, r.Admin, share.New{FileID: r.file.ID, Limit: 500})
	var to []string
	for i := range recipients {
		to = append(to, fmt.Sprintf("recipient-%02d@example.com", i))
	}
	var mailing string
	f := r.measure(flow{name: "mails, 50 recipients a request", calls: 1, seconds: mailSeconds, mails: recipients}, func(ctx context.Context) {
		sent, err := r.Shares.Mail(ctx, r.Admin, share.MailRequest{
			Numbers: []int64{sh.Number}, Recipients: to, Message: "Have a look.", Base: "https://share.example.com",
		})
		if err != nil {
			t.Fatal(err)
		}
		mailing = sent.Mailing
	})
	for _, n := range []*float64{&f.calls, &f.seconds, &f.mails, &f.reads, &f.writes, &f.logBytes} {
		*n /= recipients
	}
	hears := effect.Feedback{Letters: r.Shares, Handovers: r.Handovers, Log: journal.New(&r.log, "latchkey"), Now: r.Clock.Now}
	said := r.measure(flow{}, func(ctx context.Context) {
		_, err := hears.Handle(ctx, fmt.Appendf(nil, `{"detail":{"eventType":"Delivery","delivery":{"recipients":[%q]},`+
			`"mail":{"messageId":"m1","tags":{"organization":[%q],"mailing":[%q]}}}}`, to[0], r.Admin.Organization, mailing))
		if err != nil {
			t.Fatal(err)
		}
	})
	f.behind, f.seconds = 1, f.seconds+callSeconds
	f.reads, f.writes, f.logBytes = f.reads+said.reads, f.writes+said.writes, f.logBytes+said.logBytes
	return f
}

func (r *costRig) upload(ctx context.Context, t *testing.T) {
	up, err := r.Files.Create(ctx, r.Admin, file.New{Name: "film.mp4", ContentType: "video/mp4"})
	if err != nil {
		t.Fatal(err)
	}
	key := up.Fields["key"]
	if err := r.Objects.Put(ctx, key, []byte("film"), "video/mp4", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Files.Uploaded(ctx, key); err != nil {
		t.Fatal(err)
	}
}

// TestCosts holds the README's table of costs to what the code does.
func TestCosts(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "<!-- costs -->\n")
	got, _, ok := strings.Cut(rest, "<!-- /costs -->\n")
	if !ok {
		t.Fatal("the README has no table of costs")
	}
	if want := costs(newCostRig(t).flows(t)); got != want {
		t.Errorf("costs (-want +got):\n%s\nthe table is:\n%s", cmp.Diff(want, got), want)
	}
}

func costs(flows []flow) string {
	var b strings.Builder
	b.WriteString("| a million | HTTP API | Lambda | table: units written | read | logs | SES, S3 requests | together |\n|---|---|---|---|---|---|---|---|\n")
	for _, f := range flows {
		c := f.columns()
		sum := 0.0
		for i := range c {
			c[i] *= 1e6
			sum += c[i]
		}
		fmt.Fprintf(&b, "| %s | $%.2f | $%.2f | %.1f: $%.2f | %.1f: $%.2f | %.0f B: $%.2f | $%.2f | **$%.2f** |\n",
			f.name, c[0], c[1], f.writes, c[2], f.reads, c[3], f.logBytes+(f.calls+f.behind)*platformLog, c[4], c[5], sum)
	}
	return b.String()
}
