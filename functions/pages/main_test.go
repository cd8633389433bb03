package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/blob/presign"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
	"latchkey/shared/page/door"
	"latchkey/shared/share"
)

// TestRecordedEvents answers a browser that opens a mailed link whose one use
// is left, presses the button, and looks again in another. The events are as
// API Gateway sends them, payload format 2.0;
// attempt is the random name of a page's showing.
var attempt = regexp.MustCompile(`(name=\\"attempt\\" value=\\")[0-9A-Za-z]{27}`)

// TOKEN stands for the link's token, in what is answered and logged too.
func TestRecordedEvents(t *testing.T) {
	s := fake.NewStack(t, nil)
	token := mailed(t, s)
	var log bytes.Buffer
	h := function(t, s, &log)
	for _, step := range []struct{ event, golden string }{
		{"get", "page"}, {"post", "download"}, {"get", "exhausted"},
	} {
		got := strings.ReplaceAll(invoke(t, h, step.event, token), token, "TOKEN")
		fake.Golden(t, step.golden+".golden.json", attempt.ReplaceAllString(got, "${1}ATTEMPT"))
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the log has the token: %s", log.String())
	}
	var routes []string
	for line := range strings.Lines(log.String()) {
		var l struct{ Route, Msg string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		routes = append(routes, l.Msg+" "+l.Route)
	}
	want := []string{"audit ", "request GET /l/{key}", "request POST /l/{key}", "audit ", "request GET /l/{key}"}
	if diff := cmp.Diff(want, routes); diff != "" {
		t.Errorf("log lines (-want +got):\n%s", diff)
	}
	counts := map[string]float64{"Opens": 1, "Downloads": 1, "RefusedExhausted": 1}
	if diff := cmp.Diff(counts, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// mailed shares a file once and mails it, and returns the recipient's token.
func mailed(t *testing.T, s *fake.Stack) string {
	t.Helper()
	f := s.Upload(t, s.Admin, "minutes “final”.pdf", "application/pdf", []byte("%PDF-1.7"))
	sh, _ := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 1, ExpiresAt: fake.Start.AddDate(0, 0, 1)})
	_, err := s.Shares.Mail(t.Context(), s.Admin, share.MailRequest{
		Numbers: []int64{sh.Number}, Recipients: []string{"bob@example.org"}, Message: "Here they are.",
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(s.Post.Letters()[0].Links[0].URL, share.PagePath(""))
}

func function(t *testing.T, s *fake.Stack, log *bytes.Buffer) lambda.Handler {
	t.Helper()
	return functionWith(t, s, log, nil)
}

// functionWith is function with somebody who mails.
func functionWith(t *testing.T, s *fake.Stack, log *bytes.Buffer, post door.Post) lambda.Handler {
	t.Helper()
	signer, err := presign.New(presign.Config{
		Bucket: "files", Region: "eu-central-1", Now: s.Clock.Now,
		Credentials: credentials.StaticCredentialsProvider{Value: aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := journal.New(log, "latchkey")
	return lambdahttp.Handler(outside{table: s.Table, contents: s.Contents, signer: signer, post: post, log: logger, now: s.Clock.Now}.handler(""), lambdahttp.WithFailure(page.Fail), lambdahttp.WithLog(logger))
}

func invoke(t *testing.T, h lambda.Handler, event, token string) string {
	t.Helper()
	in, err := os.ReadFile("testdata/" + event + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Invoke(t.Context(), bytes.ReplaceAll(in, []byte("TOKEN"), []byte(token)))
	if err != nil {
		t.Fatal(err)
	}
	return fake.Readable(t, out)
}
