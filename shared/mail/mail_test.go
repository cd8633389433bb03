package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/shared/mail"
)

// call is what SES gets, as the API reference names it.
type call struct {
	FromEmailAddress     string
	ReplyToAddresses     []string `json:",omitempty"`
	ConfigurationSetName string   `json:",omitempty"`
	DefaultContent       struct {
		Template struct {
			TemplateContent map[string]string
			TemplateData    string
		}
	}
	BulkEmailEntries []struct {
		Destination             struct{ ToAddresses []string }
		ReplacementEmailContent struct {
			ReplacementTemplate struct{ ReplacementTemplateData string }
		}
		ReplacementTags []struct{ Name, Value string }
	}
}

// fakeSES is an SES v2 endpoint that keeps the calls it got and answers the
// nth with the nth answer, or else with SUCCESS for all.
type fakeSES struct {
	mu      sync.Mutex
	calls   []call
	answers []func(w http.ResponseWriter)
}

func (f *fakeSES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var c call
	if err := json.Unmarshal(body, &c); err != nil || r.URL.Path != "/v2/email/outbound-bulk-emails" {
		http.Error(w, "not SendBulkEmail", http.StatusNotImplemented)
		return
	}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	n := len(f.calls) - 1
	f.mu.Unlock()
	if n < len(f.answers) && f.answers[n] != nil {
		f.answers[n](w)
		return
	}
	statuses(make([]string, len(c.BulkEmailEntries))...)(w)
}

func (f *fakeSES) got() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// statuses answers with one status per message; "" is SUCCESS.
func statuses(all ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		results := []map[string]string{}
		for i, s := range all {
			r := map[string]string{"Status": s, "Error": "details of account 123456789012"}
			if s == "" {
				r = map[string]string{"Status": "SUCCESS", "MessageId": fmt.Sprintf("m%d", i)}
			}
			results = append(results, r)
		}
		json.NewEncoder(w).Encode(map[string]any{"BulkEmailEntryResults": results})
	}
}

// refused answers with an error of SES.
func refused(status int, code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("X-Amzn-ErrorType", code)
		w.WriteHeader(status)
		io.WriteString(w, `{"message":"details of account 123456789012"}`)
	}
}

// sender returns a sender of the real SDK, with its retries on, that talks to f.
func sender(t *testing.T, f http.Handler) *mail.Sender {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return at(t, server.URL)
}

func at(t *testing.T, url string) *mail.Sender {
	t.Helper()
	client := sesv2.New(sesv2.Options{Region: "eu-central-1", BaseEndpoint: &url,
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("A", "B", ""))})
	s, err := mail.New(client, mail.Config{From: "Latchkey <no-reply@example.com>", ConfigurationSet: "latchkey"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func messages(n int) []mail.Message {
	all := make([]mail.Message, n)
	for i := range all {
		all[i] = mail.Message{To: fmt.Sprintf("r%d@example.com", i), Subject: "s", HTML: "<p>h</p>", Text: "t"}
	}
	return all
}

var noCause = cmpopts.IgnoreFields(mail.Result{}, "Cause")

func TestContentArrivesAsItIs(t *testing.T) {
	hostile := mail.Message{
		To: "ann@example.com", ReplyTo: "bob@example.com", Subject: `"{{html}}" \ {{#each}} ümläut 😀 </script>`,
		HTML: "<p title=\"{{text}}\">{{{subject}}}\n\t&amp; \u2028 \\u0041</p>", Text: "a\r\nb {{subject}} \x00 end",
		Tags: map[string]string{"share": "s_1", "kind": "link-mail"},
	}
	f := &fakeSES{}
	got := sender(t, f).Send(t.Context(), []mail.Message{hostile})
	if d := cmp.Diff([]mail.Result{{State: mail.Sent, MessageID: "m0"}}, got); d != "" {
		t.Error("(-want +got)\n" + d)
	}
	c := f.got()[0]
	want := map[string]string{"Subject": "{{subject}}", "Html": "{{html}}", "Text": "{{text}}"}
	if d := cmp.Diff(want, c.DefaultContent.Template.TemplateContent); d != "" {
		t.Error("template (-want +got)\n" + d)
	}
	for what, data := range map[string]struct {
		text string
		want map[string]string
	}{
		"defaults": {c.DefaultContent.Template.TemplateData, map[string]string{"subject": "", "html": "", "text": ""}},
		"message": {c.BulkEmailEntries[0].ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData,
			map[string]string{"subject": hostile.Subject, "html": hostile.HTML, "text": hostile.Text}},
	} {
		var got map[string]string
		if err := json.Unmarshal([]byte(data.text), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(data.want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", what, d)
		}
	}
	rest := []any{c.FromEmailAddress, c.ReplyToAddresses, c.ConfigurationSetName, c.BulkEmailEntries[0].Destination.ToAddresses, fmt.Sprint(c.BulkEmailEntries[0].ReplacementTags)}
	wantRest := []any{`"Latchkey" <no-reply@example.com>`, []string{"bob@example.com"}, "latchkey", []string{"ann@example.com"}, "[{kind link-mail} {share s_1}]"}
	if d := cmp.Diff(wantRest, rest); d != "" {
		t.Error("(-want +got)\n" + d)
	}
}

func TestBatches(t *testing.T) {
	f := &fakeSES{}
	all := messages(104)
	all[3].To, all[60].ReplyTo, all[61].HTML, all[62].ReplyTo = "not an address", "bob@example.com", "", "bob@example.com"
	for i, r := range sender(t, f).Send(t.Context(), all) {
		want := mail.Sent
		if i == 3 {
			want = mail.Rejected
		}
		if r.State != want {
			t.Errorf("message %d is %s (%v)", i, r.State, r.Cause)
		}
	}
	var got []string
	for _, c := range f.got() {
		first := c.BulkEmailEntries[0].Destination.ToAddresses[0]
		got = append(got, fmt.Sprintf("%d from %s to %v html %v", len(c.BulkEmailEntries), first, c.ReplyToAddresses, c.DefaultContent.Template.TemplateContent["Html"] != ""))
	}
	want := []string{
		"50 from r0@example.com to [] html true", "50 from r51@example.com to [] html true",
		"2 from r60@example.com to [bob@example.com] html true", "1 from r61@example.com to [] html false",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("(-want +got)\n" + d)
	}
	if got := sender(t, f).Send(t.Context(), nil); len(got) != 0 {
		t.Errorf("results of nothing: %v", got)
	}
}

func TestStatusOfEachMessage(t *testing.T) {
	rejected := []string{"MESSAGE_REJECTED", "MAIL_FROM_DOMAIN_NOT_VERIFIED", "INVALID_PARAMETER", "INVALID_PARAMETER_VALUE", "CONFIGURATION_SET_NOT_FOUND",
		"CONFIGURATION_SET_DOES_NOT_EXIST", "TEMPLATE_NOT_FOUND", "ACCOUNT_SUSPENDED", "ACCOUNT_SENDING_PAUSED", "CONFIGURATION_SET_SENDING_PAUSED", "INVALID_SENDING_POOL_NAME"}
	want := map[string]mail.State{"": mail.Sent, "ACCOUNT_THROTTLED": mail.Throttled, "ACCOUNT_DAILY_QUOTA_EXCEEDED": mail.Throttled,
		"TRANSIENT_FAILURE": mail.Throttled, "FAILED": mail.Unknown, "A_NEW_ONE": mail.Unknown}
	for _, s := range rejected {
		want[s] = mail.Rejected
	}
	var sent []string
	for s := range want {
		sent = append(sent, s)
	}
	f := &fakeSES{answers: []func(http.ResponseWriter){statuses(sent...)}}
	for i, r := range sender(t, f).Send(t.Context(), messages(len(sent)+1)) {
		if i == len(sent) {
			if r.State != mail.Unknown {
				t.Errorf("a message without a status is %s", r.State)
			}
			continue
		}
		if r.State != want[sent[i]] {
			t.Errorf("%q is %s, want %s", sent[i], r.State, want[sent[i]])
		}
		if failed := r.State != mail.Sent; failed != (r.Reason != "") || failed != (r.Cause != nil) || failed == (r.MessageID != "") {
			t.Errorf("%q: %+v", sent[i], r)
		}
		if strings.Contains(r.Reason, "1234") {
			t.Errorf("the reason tells of the account: %s", r.Reason)
		}
	}
}

func TestFailureOfACall(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		want   mail.State
	}{
		{"throttled", refused(429, "TooManyRequestsException"), mail.Throttled},
		{"throttled as a 400", refused(400, "ThrottlingException"), mail.Throttled},
		{"over the limit", refused(400, "LimitExceededException"), mail.Throttled},
		{"bad request", refused(400, "BadRequestException"), mail.Rejected},
		{"rejected", refused(400, "MessageRejected"), mail.Rejected},
		{"paused", refused(400, "SendingPausedException"), mail.Rejected},
		{"no rights", refused(403, "AccessDeniedException"), mail.Rejected},
		{"no configuration set", refused(404, "NotFoundException"), mail.Rejected},
		{"internal error", refused(500, "InternalServiceErrorException"), mail.Unknown},
		{"unavailable", refused(503, "ServiceUnavailable"), mail.Unknown},
		{"time-out", refused(408, "RequestTimeout"), mail.Unknown},
		{"no answer", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, mail.Unknown},
		{"a reset connection", func(w http.ResponseWriter) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			conn.(*net.TCPConn).SetLinger(0) // close with a reset
			conn.Close()
		}, mail.Unknown},
		{"half an answer", func(w http.ResponseWriter) { io.WriteString(w, `{"BulkEmail`) }, mail.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeSES{answers: []func(http.ResponseWriter){tt.answer}}
			got := sender(t, f).Send(t.Context(), messages(60))
			if len(f.got()) == 0 || len(f.got()) > 2 {
				t.Fatalf("%d calls", len(f.got()))
			}
			later := mail.Sent
			if tt.want == mail.Throttled { // the rest is not tried
				later = mail.Throttled
			}
			for i, r := range got {
				want := tt.want
				if i >= 50 {
					want = later
				}
				if r.State != want || (r.State != mail.Sent && (r.Reason == "" || r.Cause == nil)) || strings.Contains(r.Reason, "1234") {
					t.Fatalf("message %d: %+v, want %s", i, r, want)
				}
			}
			if want := map[bool]int{true: 1, false: 2}[tt.want == mail.Throttled]; len(f.got()) != want {
				t.Errorf("%d calls, want %d: a call was repeated", len(f.got()), want)
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	got := at(t, server.URL).Send(t.Context(), messages(1))
	want := []mail.Result{{State: mail.Throttled, Reason: "the mail service could not be reached"}}
	if d := cmp.Diff(want, got, noCause); d != "" {
		t.Error("(-want +got)\n" + d)
	}
}

func TestTimeRunsOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &fakeSES{answers: []func(http.ResponseWriter){func(http.ResponseWriter) {
		cancel()
		<-t.Context().Done() // long after the caller has gone
	}}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close) // runs after the test's context has ended
	for i, r := range at(t, server.URL).Send(ctx, messages(60)) {
		want := mail.Unknown
		if i >= 50 {
			want = mail.Throttled
		}
		if r.State != want || !errors.Is(r.Cause, context.Canceled) {
			t.Fatalf("message %d: %+v, want %s", i, r, want)
		}
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(m *mail.Message)
		reason string
	}{
		{"no address", func(m *mail.Message) { m.To = "" }, "the recipient is not a valid e-mail address"},
		{"display name", func(m *mail.Message) { m.To = "Ann <ann@example.com>" }, "the recipient is not a valid e-mail address"},
		{"second recipient", func(m *mail.Message) { m.To = "ann@example.com\r\nBcc: x@example.com" }, "the recipient is not a valid e-mail address"},
		{"second header by the reply address", func(m *mail.Message) { m.ReplyTo = "ann@example.com\nX: y" }, "the reply address is not a valid e-mail address"},
		{"second header by the subject", func(m *mail.Message) { m.Subject = "hello\r\nBcc: x@example.com" }, "the subject has more than one line"},
		{"line separator", func(m *mail.Message) { m.Subject = "hello\u2028x" }, "the subject has more than one line"},
		{"no subject", func(m *mail.Message) { m.Subject = "" }, "the message is empty"},
		{"no text", func(m *mail.Message) { m.Text = "" }, "the message is empty"},
		{"too large", func(m *mail.Message) { m.HTML = strings.Repeat("x", 262_144) }, "the message is too large"},
		{"tag name", func(m *mail.Message) { m.Tags = map[string]string{"a b": "c"} }, "the message has an invalid tag"},
		{"tag value", func(m *mail.Message) { m.Tags = map[string]string{"a": "ü"} }, "the message has an invalid tag"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeSES{}
			all := messages(1)
			tt.change(&all[0])
			got := sender(t, f).Send(t.Context(), all)
			if d := cmp.Diff([]mail.Result{{State: mail.Rejected, Reason: tt.reason}}, got); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if len(f.got()) != 0 {
				t.Errorf("sent %+v", f.got())
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, from := range []string{"", "nobody", "a@example.com\r\nBcc: b@example.com", "Näme <näme@example.com>", "a@example.com, b@example.com"} {
		if _, err := mail.New(nil, mail.Config{From: from}); err == nil {
			t.Errorf("took %q", from)
		}
	}
}
