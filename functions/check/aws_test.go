package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"latchkey/shared/dialect"
	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/dialect/mediapocket"
	"latchkey/shared/dialect/scriptix"
	"latchkey/shared/dialect/sonix"
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/effect"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/page"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

// stand is a deployment of one version in a stand-in for AWS: CodeDeploy and
// Lambda over HTTP, the bucket behind its presigned URLs, the rest in memory.
type stand struct {
	*fake.Stack
	hook     hook
	log      bytes.Buffer
	version  breakage // unless nil, what the version does instead
	spec     string   // AppSpec
	kind     string   // of the revision: the member that has it
	refuse   string   // error type of the report's answer, or ""
	calls    []string // to CodeDeploy, and the invoked versions
	secrets  []string // that versions were handed
	statuses []string // that were reported
}

// breakage answers an invocation, the nth from 1, with or without what the
// version really does.
type breakage func(n int, payload []byte, really func([]byte) ([]byte, error)) ([]byte, error)

// customersKey stands for a key that is none of the trial's.
const customersKey = "KEY"

const spec = `{"version":"0.0","Resources":[{"F":{"Type":"AWS::Lambda::Function","Properties":` +
	`{"Name":"latchkey-staging-%s","Alias":"live","CurrentVersion":"6","TargetVersion":"7"}}}],"Hooks":[{"BeforeAllowTraffic":"CodeDeployHook_x"}]}`

// deploy makes the deployment of a function's version 7.
func deploy(t *testing.T, function string) *stand {
	t.Helper()
	s := &stand{Stack: fake.NewStack(t, nil), spec: fmt.Sprintf(spec, function), kind: "string"}
	s.Memory.Record(s.Clock.Now)
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
	s.hook = hook{
		deployments: codedeploy.NewFromConfig(cfg), functions: awslambda.NewFromConfig(cfg),
		table: s.Table, objects: s.Objects, web: &http.Client{Transport: bucket{s.Objects}},
		log: journal.New(&s.log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}
	return s
}

// run has the hook check the deployment and returns the status it reports.
func (s *stand) run(t *testing.T) string {
	t.Helper()
	told, err := s.hook.Handle(t.Context(), event{DeploymentID: "d-1", ExecutionID: "e-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.statuses, " "); got != string(told) {
		t.Errorf("it says that it told %s, and told %s", told, got)
	}
	return string(told)
}

func (s *stand) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if function, ok := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/"); ok {
		s.calls = append(s.calls, r.Method+" "+function+"?"+r.URL.RawQuery)
		if !strings.HasPrefix(function, "latchkey-staging-") {
			w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		s.invoke(w, strings.TrimSuffix(function, "/invocations"), body)
		return
	}
	s.calls = append(s.calls, r.Header.Get("X-Amz-Target")+" "+string(body))
	switch r.Header.Get("X-Amz-Target") {
	case "CodeDeploy_20141006.GetDeployment":
		fmt.Fprintf(w, `{"deploymentInfo":{"applicationName":"app","revision":{%q:{"sha256":"abc"}}}}`, s.kind)
	case "CodeDeploy_20141006.GetApplicationRevision":
		content, _ := json.Marshal(s.spec)
		fmt.Fprintf(w, `{"applicationName":"app","revision":{%q:{"content":%s,"sha256":"abc"}}}`, s.kind, content)
	case "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus":
		var in struct{ Status string }
		_ = json.Unmarshal(body, &in)
		s.statuses = append(s.statuses, in.Status)
		if s.refuse != "" {
			w.Header().Set("X-Amzn-ErrorType", s.refuse)
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, `{}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// invoke runs a version as Lambda does.
func (s *stand) invoke(w http.ResponseWriter, function string, payload []byte) {
	var in struct {
		Path    string            `json:"rawPath"`
		Headers map[string]string `json:"headers"`
	}
	_ = json.Unmarshal(payload, &in) // what is none has no secrets
	s.secrets = append(s.secrets, in.Headers["x-api-key"], in.Path[strings.LastIndex(in.Path, "/")+1:])
	handler := s.versions()[function[strings.LastIndex(function, "-")+1:]]
	really := func(payload []byte) ([]byte, error) {
		return handler.Invoke(context.Background(), bytes.ReplaceAll(payload, []byte(customersKey), []byte(s.Key)))
	}
	if s.version == nil {
		s.version = func(_ int, payload []byte, really func([]byte) ([]byte, error)) ([]byte, error) {
			return really(payload)
		}
	}
	n := len(slices.DeleteFunc(slices.Clone(s.calls), func(c string) bool { return strings.HasPrefix(c, "CodeDeploy") }))
	out, err := s.version(n, payload, really)
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		out, _ = json.Marshal(map[string]string{"errorType": "Error", "errorMessage": err.Error()})
	}
	_, _ = w.Write(out)
}

// versions are the functions as their main packages make them.
func (s *stand) versions() map[string]lambda.Handler {
	log := slog.New(slog.DiscardHandler)
	pocket := mediapocket.API{Accounts: s.Accounts, Shares: s.Shares, Files: s.Files}
	pages := page.Service{Shares: s.Shares, Files: store.Files{Table: s.Table, Now: s.Clock.Now}, Bucket: "https://bucket.test", IDs: s.IDs}
	scripts := scriptix.API{Accounts: s.Accounts, Recordings: s.Recordings}
	sonic := sonix.API{Accounts: s.Accounts, Recordings: s.Recordings}
	sweet := sweetconnect.API{Accounts: s.Accounts, Handovers: s.Handovers, Sessions: s.Accounts}
	own := latchkey.API{Accounts: s.Accounts, Files: s.Files, Links: s.Shares, Webhooks: s.Webhooks, Jobs: s.Jobs}
	serve := func(face dialect.Face, routes []dialect.Route) lambda.Handler {
		return lambdahttp.Handler(dialect.Service{Face: face, Log: log, Now: s.Clock.Now}.Handler(routes...), lambdahttp.WithLog(log))
	}
	return map[string]lambda.Handler{
		"open": serve(mediapocket.Face, pocket.OpenRoutes()), "links": serve(mediapocket.Face, pocket.OwnerRoutes()),
		"sessions": serve(scriptix.Face, scripts.Routes()), "media": serve(sonix.Face, sonic.Routes()),
		"fileshares": serve(sweetconnect.Face, sweet.Routes()),
		"pages":      serve(page.Face, page.Routes(pages)), "control": serve(latchkey.Face, own.Routes()),
		"events":   lambda.NewHandler(effect.Handler{Files: s.Files, Media: s.Recordings, Trail: s.Shares, Log: log}.Handle),
		"jobs":     lambda.NewHandler(effect.Jobs{Jobs: s.Jobs, Log: log}.Handle),
		"hooks":    lambda.NewHandler(effect.Jobs{Jobs: s.Jobs, Log: log}.Handle),
		"feedback": lambda.NewHandler(effect.Feedback{Letters: s.Shares, Handovers: s.Handovers, Log: log, Now: s.Clock.Now}.Handle),
		"sweep":    lambda.NewHandler(effect.Sweep{Mails: s.Shares, Jobs: s.Jobs, Log: log, Now: s.Clock.Now}.Handle),
	}
}

// left returns the keys of what was made and is still there, and fails for
// what would not pass away by itself.
func (s *stand) left(t *testing.T) (keys []table.Key) {
	t.Helper()
	there := map[table.Key]bool{}
	for _, c := range s.Memory.Changes() {
		if c.New == nil {
			delete(there, c.Old.Key())
			continue
		}
		there[c.New.Key()] = true
		if ttl := c.New.Int(table.TTL); ttl <= s.Clock.Now().Unix() || ttl > s.Clock.Now().AddDate(0, 0, 2).Unix() {
			t.Errorf("%v has the ttl %d", c.New.Key(), ttl)
		}
	}
	for key := range there {
		keys = append(keys, key)
	}
	return keys
}

// bucket answers presigned URLs, which fake.Presign makes.
type bucket struct{ objects *fake.Objects }

func (b bucket) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	body := b.objects.Body(strings.TrimPrefix(r.URL.Path, "/"))
	switch {
	case r.URL.Host == "down.test":
		return nil, fmt.Errorf("connection refused")
	case r.URL.Host == "other.test":
		io.WriteString(w, "something else")
	case r.URL.Host != "bucket.test" || body == nil:
		w.WriteHeader(http.StatusForbidden)
	default:
		if r.URL.Query().Has("name") {
			w.Header().Set("Content-Disposition", "attachment; filename=check.txt")
		}
		_, _ = w.Write(body)
	}
	return w.Result(), nil
}
