package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/queue"
)

// post sends a body and returns status and answer.
func post(t *testing.T, url string, body []byte, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer.String()
}

// TestProcesses: what goes wrong in a function is API Gateway's answer, and
// the next request is served.
func TestProcesses(t *testing.T) {
	vars := asProcesses(t, allFunctions)
	t.Setenv("OF_THE_RUNNER", "secret")
	r := launchWith(t, vars, wire)
	base := "http://127.0.0.1:" + vars["PORT"]
	const failed, tooLarge = `500 {"message":"Internal Server Error"}`, `413 {"message":"Request Entity Too Large"}`
	tests := []struct {
		name, function, do, want string
		body                     []byte
		ends                     bool // the process
	}{
		{"crash", "/api", "exit", failed, nil, true},
		{"answer above 6 MB", "/api", "large", failed, nil, true},
		{"request above 6 MB", "/api", "pid", tooLarge, make([]byte, 7<<20), false},
		{"time-out", "/hasty", "hang", failed, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url := base + tt.function + "/"
			_, before := get(t, url+"pid")
			status, body := post(t, url+tt.do, tt.body)
			if got := fmt.Sprintf("%d %s", status, body); got != tt.want {
				t.Errorf("%.200s, want %s", got, tt.want)
			}
			if status, after := get(t, url+"pid"); status != http.StatusOK || (after != before) != tt.ends {
				t.Errorf("process %s, then %d %s; should be another: %t", before, status, after, tt.ends)
			}
		})
	}
	t.Run("crash in init", func(t *testing.T) {
		for range 2 {
			if status, body := get(t, base+"/broken"); fmt.Sprintf("%d %s", status, body) != failed {
				t.Errorf("%d %s, want %s", status, body, failed)
			}
		}
	})
	t.Run("environment", func(t *testing.T) { mustSee(t, base+"/api/environment") })
	t.Run("asynchronous", func(t *testing.T) { mustRepeat(t, base) })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	mustKeep(t, vars["LATCHKEY_DATA"])
}

// mustSee fails for a variable too many or too few: there are the template's
// and Lambda's own.
func mustSee(t *testing.T, url string) {
	t.Helper()
	_, body := get(t, url)
	var all []string
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{}
	for _, v := range all {
		name, value, _ := strings.Cut(v, "=")
		vars[name] = value
	}
	if !strings.HasPrefix(vars["GIVEN"], "latchkey-") || vars["AWS_ENDPOINT_URL_S3"] == "" || vars["AWS_LAMBDA_FUNCTION_NAME"] != "x-echo" {
		t.Errorf("the environment is %v", vars)
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(vars)), func(n string) bool { return strings.HasPrefix(n, "GOCOVER") })
	want := []string{
		"AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
		"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
		"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "GIVEN", "LAMBDA_TASK_ROOT", "LANG", "PATH", "TZ", "_HANDLER",
		"_X_AMZN_TRACE_ID",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

// mustRepeat has an event fail, and waits until the one after it has come.
func mustRepeat(t *testing.T, base string) {
	t.Helper()
	told := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.URL.Path }))
	defer s.Close()
	invokeLater(t, base, fmt.Sprintf(`{"tell":%q,"fail":true}`, s.URL+"/fails"))
	invokeLater(t, base, fmt.Sprintf(`{"tell":%q}`, s.URL+"/next"))
	for _, want := range []string{"/fails", "/fails", "/fails", "/next"} {
		select {
		case got := <-told:
			if got != want {
				t.Errorf("told %s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing was told, want %s", want)
		}
	}
}

func invokeLater(t *testing.T, base, event string) {
	t.Helper()
	status, body := post(t, base+"/2015-03-31/functions/x-events/invocations", []byte(event),
		"Authorization: AWS4-HMAC-SHA256 x", "X-Amz-Invocation-Type: Event")
	if status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
}

// mustKeep looks at what is left when the runner has ended: the record of the
// event that failed, and the cold starts.
func mustKeep(t *testing.T, data string) {
	t.Helper()
	q, err := queue.Open(filepath.Join(data, "queue.db"), queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var record string
	if err := q.Consume(ctx, failedTopic, func(_ context.Context, b []byte) error {
		record = string(b)
		cancel()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(record, `"condition":"RetriesExhausted","approximateInvokeCount":3`) || !strings.Contains(record, `"errorMessage":"on purpose"`) {
		t.Errorf("record %s", record)
	}
	b, err := os.ReadFile(filepath.Join(data, "privileges.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Starts map[string]int `json:"cold_starts"`
	}
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"EchoFunction": 3, "HastyFunction": 2, "EventsFunction": 1, "SweepFunction": 1, "ControlFunction": 1}
	if diff := cmp.Diff(want, kept.Starts); diff != "" {
		t.Errorf("cold starts (-want +got):\n%s", diff)
	}
	for _, use := range []string{`"sqs:SendMessage"`, `"\u003cDead.Arn\u003e"`, `"logs:PutLogEvents"`} {
		if !bytes.Contains(b, []byte(use)) {
			t.Errorf("privileges.json has no %s", use)
		}
	}
}

// TestProcessesRefused: what Lambda would not deploy, or could not run, is
// said at once.
func TestProcessesRefused(t *testing.T) {
	tests := []struct {
		name, template, want string
		change               func(t *testing.T, functions string)
	}{
		{"variables above 4 KB", strings.Replace(allFunctions, "CRASHES: yes", "CRASHES: "+strings.Repeat("x", 4<<10), 1),
			"BrokenFunction: the variables have 4171 bytes as JSON, Lambda takes 4096", nil},
		{"a name of Lambda's", strings.Replace(allFunctions, "CRASHES: yes", "AWS_REGION: mars", 1), "BrokenFunction: AWS_REGION: Lambda keeps this name", nil},
		{"no binary", allFunctions, "no such file", func(t *testing.T, functions string) {
			if err := os.Remove(filepath.Join(functions, "SweepFunction", "bootstrap")); err != nil {
				t.Fatal(err)
			}
		}},
		{"no program", allFunctions, "Runtime.InvalidEntrypoint", func(t *testing.T, functions string) {
			name := filepath.Join(functions, "ControlFunction", "bootstrap")
			if err := errors.Join(os.Remove(name), os.WriteFile(name, []byte{0x7f}, 0o700)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a function missing", strings.Replace(allFunctions, "FeedbackFunction:", "OtherFunction:", 1), "OtherFunction", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vars := asProcesses(t, tt.template)
			if tt.change != nil {
				tt.change(t, vars["LATCHKEY_FUNCTIONS"])
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // it is running, wrongly
			defer cancel()
			err := run(ctx, func(k string) string { return vars[k] }, t.Output(), wire)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
