package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// TestEveryFunctionHasACheck: those of template.yaml but this one.
func TestEveryFunctionHasACheck(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^  (\w+)Function:\n    Type: AWS::Serverless::Function$`).FindAllSubmatch(text, -1) {
		names = append(names, strings.ToLower(string(m[1])))
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "check" })
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(checks))); diff != "" {
		t.Errorf("functions and checks (-template +checks):\n%s", diff)
	}
}

func TestGoodVersionsPass(t *testing.T) {
	calls := map[string]int{"open": 2, "pages": 3, "links": 2, "sessions": 3, "media": 3, "fileshares": 3, "control": 2, "events": 1, "jobs": 1, "hooks": 1, "feedback": 1, "sweep": 1}
	for name := range checks {
		t.Run(name, func(t *testing.T) {
			s := deploy(t, name)
			if got := s.run(t); got != "Succeeded" {
				t.Errorf("%s: %s", got, s.log.String())
			}
			want := []string{
				`CodeDeploy_20141006.GetDeployment {"deploymentId":"d-1"}`,
				`CodeDeploy_20141006.GetApplicationRevision {"applicationName":"app","revision":{"string":{"sha256":"abc"}}}`,
			}
			for range calls[name] {
				want = append(want, "POST latchkey-staging-"+name+"/invocations?Qualifier=7")
			}
			want = append(want, `CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus {"deploymentId":"d-1","lifecycleEventHookExecutionId":"e-1","status":"Succeeded"}`)
			if diff := cmp.Diff(want, s.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			mustBeClean(t, s)
		})
	}
}

// mustBeClean fails if something of the trial is still there, or a secret of
// it is in the log.
func mustBeClean(t *testing.T, s *stand) {
	t.Helper()
	if left := s.left(t); len(left) > 0 {
		t.Errorf("left in the table: %v", left)
	}
	if left := s.Objects.Keys(); len(left) > 0 {
		t.Errorf("left in the bucket: %v", left)
	}
	for _, secret := range append(s.secrets, "X-Amz-Expires") {
		if len(secret) > 10 && secret != "shareable_links" && strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has the secret %q: %s", secret, s.log.String())
		}
	}
}

// TestBrokenVersionsFail: each in one way that a check is for.
func TestBrokenVersionsFail(t *testing.T) {
	tests := []struct {
		function, name string
		version        breakage
		want           string // in the log
	}{
		{"open", "500", status(1, 500), "follow the link: it answers 500, want 302"},
		{"open", "404", status(1, 404), "follow the link: it answers 404, want 302"},
		{"open", "crash", crash, "follow the link: it failed: Error out of order"},
		{"open", "no answer", text("{"), "follow the link: its answer is none to a request"},
		{"open", "no HTTP", text(`"ok"`), "its answer is none to a request"},
		{"open", "elsewhere", location(1, "https://nowhere.test/"), "download: nowhere.test answers 403"},
		{"open", "to another file", location(1, "https://other.test/"), "download: other.test has not the file"},
		{"open", "to nobody", location(1, "https://down.test/?X-Amz-Expires=1"), "download: connection refused"},
		{"open", "nowhere", location(1, "\x7f"), "it redirects to what is no URL"},
		{"open", "shown", unnamed, "the file is shown"},
		{"open", "again and again", repeat, "follow it again: it answers 302, want 404"},
		{"pages", "500", status(1, 500), "look at the page: it answers 500, want 200"},
		{"pages", "no button", body(1, "<button>", "<b>"), "it has no button"},
		{"pages", "no form", body(1, "attempt", "other"), "it has no button"},
		{"pages", "dead button", status(2, 403), "press the button: it answers 403, want 303"},
		{"pages", "elsewhere", location(2, "https://nowhere.test/"), "download: nowhere.test answers 403"},
		{"pages", "again and again", status(3, 200), "look again: it answers 200, want 410"},
		{"links", "anybody", anybody, "make a link without a key: it answers 400, want 401"},
		{"links", "nobody", nobody, "make a link to a file that there is not: it answers 401, want 400"},
		{"links", "misunderstood", body(2, "media not found", "bad request"), "it does not say so"},
		{"sessions", "anybody", anybody, "list sessions without a key: it answers 200, want 401"},
		{"sessions", "nobody", nobody, "list sessions: it answers 401, want 200"},
		{"sessions", "not its own", body(2, `"total_results":0`, `"total_results":1`), "a new organization has some"},
		{"sessions", "all there is", status(3, 200), "read a session that there is not: it answers 200, want 404"},
		{"media", "anybody", anybody, "list media without a key: it answers 200, want 401"},
		{"media", "nobody", nobody, "list media: it answers 401, want 200"},
		{"media", "not its own", body(2, `"media":[]`, `"media":[{}]`), "a new organization has some"},
		{"media", "all there is", status(3, 200), "read media that there is not: it answers 200, want 404"},
		{"fileshares", "anybody", anybody, "list shares without a key: it answers 200, want 401"},
		{"fileshares", "nobody", nobody, "list shares: it answers 401, want 200"},
		{"fileshares", "not its own", body(2, `"items":[]`, `"items":[{}]`), "a new organization has some"},
		{"fileshares", "all there is", status(3, 200), "read the state of nobody: it answers 200, want 404"},
		{"control", "anybody", anybody, "list files without a key: it answers 200, want 401"},
		{"control", "nobody", nobody, "list files: it answers 401, want 200"},
		{"control", "500", status(2, 500), "list files: it answers 500, want 200"},
		{"control", "empty", changed(2, func(res *events.APIGatewayV2HTTPResponse) { res.Body = `{"files":[]}` }), "the file is not among them"},
		{"events", "crash", crash, "it failed: Error out of order"},
		{"events", "forgetful", text("null"), "a line of the log is not in the trail"},
		{"jobs", "crash", crash, "it failed: Error out of order"},
		{"jobs", "failure", text(`{"batchItemFailures":[{"itemIdentifier":"check"}]}`), "a message of no job: it answers"},
		{"feedback", "crash", crash, "it failed: Error out of order"},
		{"sweep", "crash", crash, "it failed: Error out of order"},
	}
	for _, tt := range tests {
		t.Run(tt.function+" "+tt.name, func(t *testing.T) {
			s := deploy(t, tt.function)
			s.version = tt.version
			if got := s.run(t); got != "Failed" || !strings.Contains(s.log.String(), tt.want) {
				t.Errorf("%s, want Failed, and %q in the log: %s", got, tt.want, s.log.String())
			}
			mustBeClean(t, s)
		})
	}
}

type invoked = func([]byte) ([]byte, error)

func crash(int, []byte, invoked) ([]byte, error) { return nil, errors.New("out of order") }

func text(answer string) breakage {
	return func(int, []byte, invoked) ([]byte, error) { return []byte(answer), nil }
}

// changed spoils the nth answer.
func changed(nth int, spoil func(*events.APIGatewayV2HTTPResponse)) breakage {
	return func(n int, payload []byte, really invoked) ([]byte, error) {
		out, err := really(payload)
		if n != nth || err != nil {
			return out, err
		}
		var res events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(out, &res); err != nil {
			return nil, err
		}
		spoil(&res)
		return json.Marshal(res)
	}
}

func status(nth, code int) breakage {
	return changed(nth, func(res *events.APIGatewayV2HTTPResponse) { res.StatusCode = code })
}

func body(nth int, old, new string) breakage {
	return changed(nth, func(res *events.APIGatewayV2HTTPResponse) { res.Body = strings.ReplaceAll(res.Body, old, new) })
}

func location(nth int, to string) breakage {
	return changed(nth, func(res *events.APIGatewayV2HTTPResponse) { res.Headers["Location"] = to })
}

// unnamed loses what makes a browser download.
var unnamed = changed(1, func(res *events.APIGatewayV2HTTPResponse) {
	res.Headers["Location"], _, _ = strings.Cut(res.Headers["Location"], "?")
})

// repeat answers every request like the first.
var repeat = func() breakage {
	var first []byte
	return func(n int, payload []byte, really invoked) (_ []byte, err error) {
		if n == 1 {
			first, err = really(payload)
		}
		return first, err
	}
}()

// anybody takes a request without a key for a customer's.
func anybody(_ int, payload []byte, really invoked) ([]byte, error) {
	return really(bytes.Replace(payload, []byte(`"headers":{`), []byte(`"headers":{"authorization":"Bearer `+customersKey+`",`), 1))
}

// nobody loses the key.
func nobody(_ int, payload []byte, really invoked) ([]byte, error) {
	return really(bytes.Replace(payload, []byte(`"x-api-key"`), []byte(`"x-other"`), 1))
}
