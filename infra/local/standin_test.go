package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// TestMain is the functions too, and a process that is killed: the tests run
// their own binary.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DIE_AT_WORK"); dir != "" {
		dieAtWork(dir)
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	if os.Getenv("CRASHES") != "" {
		os.Exit(4)
	}
	lambda.Start(standIn)
}

// standIn is all functions: it does what the end of a request's path says, and fails as
// an event says, after telling a URL in it.
func standIn(_ context.Context, in struct {
	events.APIGatewayV2HTTPRequest
	Bootstrap any    `json:"bootstrap"`
	Tell      string `json:"tell"`
	Fail      bool   `json:"fail"`
}) (any, error) {
	if in.Bootstrap != nil {
		return map[string]string{"key": "lk_processes"}, nil
	}
	if in.Tell != "" {
		res, err := http.Get(in.Tell)
		if err != nil {
			return nil, err
		}
		res.Body.Close()
	}
	if in.Fail {
		return nil, errors.New("on purpose")
	}
	switch path.Base(in.RawPath) {
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "large":
		return strings.Repeat("x", 7<<20), nil
	case "environment":
		return os.Environ(), nil
	}
	return os.Getpid(), nil
}

const processTemplate = `
Globals:
  Function:
    Timeout: 20
    Environment:
      Variables: {GIVEN: !Ref Table, AWS_ENDPOINT_URL_S3: ""}
Resources:
  Dead: {Type: "AWS::SQS::Queue"}
  Log: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: "/aws/lambda/x"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - Effect: Allow
                Action: logs:PutLogEvents
                Resource: !GetAtt Log.Arn
`

// function is a function of that template, with more properties.
func function(id, more string) string {
	return fmt.Sprintf("  %sFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      FunctionName: x-%s\n      Role: !GetAtt Role.Arn\n"+
		"      LoggingConfig: {LogGroup: !Ref Log}\n%s", id, strings.ToLower(id), more)
}

func route(path string) string {
	return fmt.Sprintf("      Events: {All: {Type: HttpApi, Properties: {Method: ANY, Path: '%s'}}}\n", path)
}

// dynamoDB is a table without items and changes.
func dynamoDB(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		fmt.Fprint(w, map[string]string{
			"DescribeTable":  `{"Table":{"TableArn":"arn:aws:dynamodb:r:1:table/t","LatestStreamArn":"arn:aws:dynamodb:r:1:table/t/stream/s"}}`,
			"DescribeStream": `{"StreamDescription":{"Shards":[]}}`, "ListStreams": `{}`,
		}[operation])
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// binaries are the bootstraps of functions.
func binaries(t *testing.T, ids ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, id := range ids {
		folder := filepath.Join(dir, id+"Function")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.Symlink(os.Args[0], filepath.Join(folder, "bootstrap"))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// asProcesses is the environment of a runner for the functions of a template.
func asProcesses(t *testing.T, template string) map[string]string {
	t.Helper()
	vars := env(t)
	if err := os.WriteFile("template.yaml", []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	vars["LATCHKEY_FUNCTIONS"] = binaries(t, "Echo", "Hasty", "Broken", "Events", "Feedback", "Sweep", "Control", "Jobs", "Hooks")
	vars["AWS_ENDPOINT_URL_DYNAMODB"] = dynamoDB(t)
	return vars
}

// allFunctions are what a template must have, and some that fail.
var allFunctions = processTemplate + function("Echo", route("/api/{proxy+}")) +
	function("Hasty", "      Timeout: 1\n"+route("/hasty/{proxy+}")) +
	function("Broken", "      Environment: {Variables: {CRASHES: yes}}\n"+route("/broken")) +
	function("Events", "      EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Dead.Arn}}}\n") +
	function("Feedback", "") + function("Sweep", "") + function("Control", "") + function("Jobs", "") + function("Hooks", "")
