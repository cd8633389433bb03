package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"latchkey/infra/local/gateway"
	"latchkey/infra/local/grant"
	"latchkey/infra/local/invoke"
	"latchkey/infra/local/runtime"
	"latchkey/infra/local/template"
	"latchkey/shared/journal"
)

// eventsFunction and the others that no HTTP request calls, by logical id.
const (
	eventsFunction   = "EventsFunction"
	feedbackFunction = "FeedbackFunction"
	sweepFunction    = "SweepFunction"
	controlFunction  = "ControlFunction"
	jobsFunction     = "JobsFunction"
	hooksFunction    = "HooksFunction"
)

// audited are the functions whose logs template.yaml subscribes to.
var audited = []string{"OpenFunction", "PagesFunction", "SessionsFunction"}

// A function's only version here, and the alias that every event calls.
const (
	onlyVersion = "1"
	liveAlias   = "live"
)

// processes are the functions as what sam build made, each behind AWS
// endpoints of its own that note what it asks for.
type processes struct {
	parts
	cloud     cloud
	recorder  grant.Recorder
	turn      sync.Mutex // of requests to DynamoDB
	template  map[string]template.Function
	functions map[string]*runtime.Function
	endpoints map[string]string
	servers   []*http.Server
	lambda    http.Handler
	lines     *lines

	mu     sync.Mutex
	starts map[string]int // cold, by logical id
}

// wireProcesses runs the functions' own binaries on the Runtime API.
func wireProcesses(ctx context.Context, p parts) (_ wired, err error) {
	s := &processes{
		parts: p, functions: map[string]*runtime.Function{}, endpoints: map[string]string{},
		lines: newLines(p.Log, p.Events, p.Queue), starts: map[string]int{},
	}
	if s.cloud, err = openCloud(ctx, p); err != nil {
		return wired{}, err
	}
	if s.template, err = template.Functions(p.Template, s.cloud.values()); err != nil {
		return wired{}, err
	}
	w := wired{functions: map[string]gateway.Function{}, close: s.close}
	for id := range s.template {
		if s.endpoints[id], err = s.serve(id); err != nil {
			return wired{}, errors.Join(err, s.close())
		}
	}
	for id := range s.template {
		if err := s.start(id); err != nil {
			return wired{}, errors.Join(err, s.close())
		}
		w.functions[id] = s.functions[id].Invoke
	}
	for _, id := range []string{eventsFunction, feedbackFunction, sweepFunction, controlFunction, jobsFunction, hooksFunction} {
		if s.functions[id] == nil {
			return wired{}, errors.Join(fmt.Errorf("template.yaml has no %s", id), s.close())
		}
	}
	s.lambda = invoke.Handler(s.callable())
	w.lambda, w.consumers = s.lambda, s.asynchronous()
	w.consumers[jobsTopic], w.consumers[hooksTopic] = s.told(jobsFunction, jobsTopic), s.told(hooksFunction, hooksTopic)
	in, err := s.openSource()
	if err != nil {
		return wired{}, errors.Join(err, s.close())
	}
	w.background = []func(context.Context){func(ctx context.Context) { s.feed(ctx, in) }, s.sweep, s.lines.forward, s.kill}
	if w.adminKey, err = s.found(ctx); err != nil {
		return wired{}, errors.Join(err, s.close())
	}
	return w, nil
}

// start makes one function ready to be invoked.
func (s *processes) start(id string) error {
	dir := filepath.Join(s.Functions, id)
	command := filepath.Join(dir, "bootstrap")
	if _, err := os.Stat(command); err != nil {
		return fmt.Errorf("LATCHKEY_FUNCTIONS: %w", err)
	}
	f := s.template[id]
	c := runtime.Config{
		Name: id, ARN: s.arn(id) + ":" + liveAlias, Command: command, Dir: dir, Env: s.environment(id, f), Timeout: f.Timeout, Log: s.Log,
		Started: func(took time.Duration) { s.started(id, took) },
	}
	if slices.Contains(audited, id) {
		c.Log = s.lines
	}
	s.functions[id] = runtime.New(c)
	return nil
}

func (s *processes) arn(id string) string {
	return s.cloud.arn("lambda") + "function:" + s.template[id].Name
}

// started counts a cold start. With it Lambda begins to write the function's
// log, in its name.
func (s *processes) started(id string, took time.Duration) {
	s.mu.Lock()
	s.starts[id]++
	s.mu.Unlock()
	s.recorder.Note(id, s.template[id].LogARN, "logs:CreateLogStream", "logs:PutLogEvents")
	s.log().Info("cold start", "function", id, "ms", took.Milliseconds())
}

// serve opens the AWS endpoints of one function.
func (s *processes) serve(id string) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	proxy := grant.Proxy{
		Function: id, Recorder: &s.recorder, Names: s.cloud.names(),
		DynamoDB: s.DynamoDB, S3: mustURL(s.S3URL), SES: mustURL(s.BaseURL), Secrets: s.cloud.secrets(), Queues: s.cloud.queues(),
		CodeDeploy: s.deployments(), Lambda: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.lambda.ServeHTTP(w, r) }),
		Turn: &s.turn,
	}
	server := &http.Server{Handler: proxy.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(l) }() // until it is closed
	return "http://" + l.Addr().String(), nil
}

// mustURL reads a URL that this program has made.
func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// environment is what Lambda gives a function (Developer Guide, "Defined
// runtime environment variables"): the template's variables, with endpoints
// only where it declares them, and Lambda's own. Nothing of ours leaks in.
func (s *processes) environment(id string, f template.Function) []string {
	env := map[string]string{
		"AWS_REGION": s.Region, "AWS_DEFAULT_REGION": s.Region,
		"AWS_ACCESS_KEY_ID": s.AccessKey, "AWS_SECRET_ACCESS_KEY": s.SecretKey,
		"AWS_LAMBDA_FUNCTION_NAME": f.Name, "AWS_LAMBDA_FUNCTION_VERSION": onlyVersion,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.Memory), "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": f.LogGroup, "AWS_LAMBDA_LOG_STREAM_NAME": "local",
		"LAMBDA_TASK_ROOT": filepath.Join(s.Functions, id), "_HANDLER": "bootstrap", "TZ": ":UTC", "LANG": "en_US.UTF-8",
		"PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	}
	for name, value := range f.Variables {
		if strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			value = s.endpoints[id]
		}
		if name == "LATCHKEY_TRUSTED_ORIGINS" { // of this stack, whose links lead to any function's bucket
			value = strings.Join(slices.Concat(slices.Collect(maps.Values(s.endpoints)), s.Trusted, []string{s.BaseURL}), ",")
		}
		env[name] = value
	}
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

func (s *processes) log() *slog.Logger { return journal.New(s.Log, stackName) }

// found returns the demo organization's key; the first is made as on AWS, by
// invoking the control function.
func (s *processes) found(ctx context.Context) (string, error) {
	path := filepath.Join(s.Data, "admin.key")
	if key, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(key)), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("demo: %w", err)
	}
	// Another name than a run's that was killed, or whose key was taken away.
	name := strconv.FormatInt(time.Now().UnixNano(), 36)
	answer, err := s.functions[controlFunction].Invoke(ctx, fmt.Appendf(nil,
		`{"bootstrap":{"organization":"Demo %s","email":"demo-%s@latchkey.example","name":"Dana Demo"}}`, name, name))
	if err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	var made struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.Key == "" {
		return "", errors.New("demo: the control function made no key")
	}
	return made.Key, os.WriteFile(path, []byte(made.Key+"\n"), 0o600)
}

// kill ends the processes with ctx, so that nothing behind the answers is
// waited for: what they were at is delivered again.
func (s *processes) kill(ctx context.Context) {
	<-ctx.Done()
	for _, f := range s.functions {
		_ = f.Close() // it has no error
	}
}

// close ends every process and says in privileges.json what was used of what
// is granted.
func (s *processes) close() error {
	for _, f := range s.functions {
		_ = f.Close() // it has no error
	}
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(append(errs, s.report())...)
}
