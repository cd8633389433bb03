package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/blob/presign"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
)

// TestRecordedEvent follows a link that allows one download, twice. TOKEN
// stands for its token.
func TestRecordedEvent(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "minutes “final”.pdf", "application/pdf", []byte("%PDF-1.7"))
	_, token := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 1})
	signer, err := presign.New(presign.Config{
		Bucket: "files", Region: "eu-central-1", Now: s.Clock.Now,
		Credentials: credentials.StaticCredentialsProvider{Value: aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := lambdahttp.Handler(handler("", s.Table, presign.Downloads{Presigner: signer}, journal.New(&log, "latchkey"), s.Clock.Now))
	in, err := os.ReadFile("testdata/follow.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"download", "exhausted"} {
		// Lambda gives every invocation an id of its own; API Gateway's, which
		// is in the event, is the same each time under "sam local".
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: name})
		out, err := h.Invoke(ctx, []byte(strings.ReplaceAll(string(in), "TOKEN", token)))
		if err != nil {
			t.Fatal(err)
		}
		fake.Golden(t, name+".golden.json", strings.ReplaceAll(string(out), token, "TOKEN")+"\n")
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the log has the token: %s", log.String())
	}
	want := map[string]float64{"Downloads": 1, "RefusedExhausted": 1}
	if diff := cmp.Diff(want, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
