package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/invoke"
	"latchkey/infra/local/runtime"
)

// TestMain is the function too: the tests run their own binary as bootstrap.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	lambda.Start(func(_ context.Context, o order) (string, error) {
		if o.Ask != "" {
			res, err := http.Get(o.Ask)
			if err != nil {
				return "", err
			}
			res.Body.Close()
			o.Fail = res.StatusCode != http.StatusOK
		}
		if o.Fail {
			return "", errors.New("on purpose")
		}
		return "done", nil
	})
}

type order struct {
	Fail bool
	Ask  string // URL that says, with its status, whether to fail
}

func start(t *testing.T) *runtime.Function {
	t.Helper()
	f := runtime.New(runtime.Config{
		Name: "f", ARN: "arn:f", Command: os.Args[0], Timeout: time.Minute, Log: t.Output(), Env: []string{"GOCOVERDIR=" + t.TempDir()},
	})
	t.Cleanup(func() { f.Close() })
	return f
}

func TestHandler(t *testing.T) {
	var later []string
	var keep error
	h := invoke.Handler(map[string]invoke.Function{"f": {Function: start(t), Qualifiers: []string{"live"}, Later: func(_ context.Context, p []byte) error {
		later = append(later, string(p))
		return keep
	}}})
	const invocations, concurrency = "/2015-03-31/functions/f/invocations", "/2017-10-31/functions/f/concurrency"
	tests := []struct {
		name, method, path, body, header string
		status                           int
		want                             string // the answer, or its X-Amzn-Errortype
	}{
		{"answer", "POST", invocations, `{}`, "", 200, `"done"`},
		{"answer of an alias", "POST", invocations + "?Qualifier=live", `{}`, "", 200, `"done"`},
		{"answer of an alias, in the name", "POST", "/2015-03-31/functions/f:live/invocations", `{}`, "", 200, `"done"`},
		{"failure", "POST", invocations, `{"Fail":true}`, "", 200, `{"errorMessage":"on purpose","errorType":"errorString"}`},
		{"later", "POST", invocations, `{"a":1}`, "X-Amz-Invocation-Type: Event", 202, ""},
		{"another type", "POST", invocations, `{}`, "X-Amz-Invocation-Type: DryRun", 400, "InvalidParameterValueException"},
		{"no JSON", "POST", invocations, `{`, "", 400, "InvalidRequestContentException"},
		{"too large", "POST", invocations, `"` + strings.Repeat("x", runtime.MaxPayload) + `"`, "", 413, "RequestTooLargeException"},
		{"too large for later", "POST", invocations, `"` + strings.Repeat("x", 1<<20) + `"`, "X-Amz-Invocation-Type: Event", 413, "RequestTooLargeException"},
		{"unsigned", "POST", invocations, `{}`, "Authorization: Bearer x", 403, "MissingAuthenticationTokenException"},
		{"no function", "POST", "/2015-03-31/functions/g/invocations", `{}`, "", 404, "ResourceNotFoundException"},
		{"no version", "POST", invocations + "?Qualifier=7", `{}`, "", 404, "ResourceNotFoundException"},
		{"some concurrency", "PUT", concurrency, `{"ReservedConcurrentExecutions":3}`, "", 400, "InvalidParameterValueException"},
		{"unsaid concurrency", "PUT", concurrency, `{}`, "", 400, "InvalidParameterValueException"},
		{"hold", "PUT", concurrency, `{"ReservedConcurrentExecutions":0}`, "", 200, `{"ReservedConcurrentExecutions":0}`},
		{"held", "POST", invocations, `{}`, "", 429, "TooManyRequestsException"},
		{"later, while held", "POST", invocations, `{"a":2}`, "X-Amz-Invocation-Type: Event", 202, ""},
		{"release", "DELETE", concurrency, "", "", 204, ""},
		{"released", "POST", invocations, `{}`, "", 200, `"done"`},
		{"another operation", "GET", "/2015-03-31/functions/f", "", "", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got := w.Header().Get("X-Amzn-Errortype")
			if w.Code < 300 {
				got = w.Body.String()
			}
			if w.Code != tt.status || got != tt.want {
				t.Errorf("%d %q, want %d %q", w.Code, got, tt.status, tt.want)
			}
			if failed := w.Header().Get("X-Amz-Function-Error") != ""; failed != (tt.name == "failure") {
				t.Errorf("is a function's error: %t", failed)
			}
		})
	}
	if diff := cmp.Diff([]string{`{"a":1}`, `{"a":2}`}, later); diff != "" {
		t.Errorf("kept for later (-want +got):\n%s", diff)
	}
}

func TestIs(t *testing.T) {
	for path, want := range map[string]bool{
		"/2015-03-31/functions/f/invocations": true, "/2017-10-31/functions/f/concurrency": true, "/api/v1/files": false, "/2015-03-31/": false,
	} {
		if invoke.Is(path) != want {
			t.Errorf("%s: %t", path, !want)
		}
	}
}

// TestAsync: an invocation is repeated as often as is said, and then its
// record goes to the destination.
func TestAsync(t *testing.T) {
	f := start(t)
	tests := []struct {
		name              string
		retries, failures int
		asked             int
		given             bool
	}{
		{"at once", 2, 0, 1, false},
		{"the third time", 2, 2, 3, false},
		{"never", 2, 9, 3, true},
		{"never, and not repeated", 0, 9, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked++; asked <= tt.failures {
					w.WriteHeader(http.StatusTeapot)
				}
			}))
			defer s.Close()
			payload := fmt.Sprintf(`{"Ask":%q}`, s.URL)
			var record []byte
			a := invoke.Async{Function: f, ARN: "arn:f", Retries: tt.retries, Wait: time.Millisecond, Failed: func(_ context.Context, b []byte) error {
				record = b
				return nil
			}}
			if err := a.Deliver(t.Context(), []byte(payload)); err != nil {
				t.Fatal(err)
			}
			if asked != tt.asked || (record != nil) != tt.given {
				t.Errorf("%d invocations, record %s", asked, record)
			}
			if tt.given {
				mustRecord(t, record, payload, tt.asked)
			}
		})
	}
}

func mustRecord(t *testing.T, record []byte, payload string, count int) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(record, &got); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.RFC3339, got["timestamp"].(string)); err != nil {
		t.Error(err)
	}
	delete(got, "timestamp")
	want := map[string]any{
		"version":         "1.0",
		"requestContext":  map[string]any{"functionArn": "arn:f", "condition": "RetriesExhausted", "approximateInvokeCount": float64(count)},
		"responseContext": map[string]any{"statusCode": 200., "functionError": "Unhandled"},
		"responsePayload": map[string]any{"errorType": "errorString", "errorMessage": "on purpose"},
	}
	var request any
	if err := json.Unmarshal([]byte(payload), &request); err != nil {
		t.Fatal(err)
	}
	want["requestPayload"] = request
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

// TestAsyncHeld: a function that is held back fails nothing, and what waits
// ends with its context.
func TestAsyncHeld(t *testing.T) {
	f := start(t)
	f.Hold(true)
	a := invoke.Async{Function: f, Wait: time.Millisecond, Failed: func(_ context.Context, b []byte) error {
		t.Errorf("given up: %s", b)
		return nil
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := a.Deliver(ctx, []byte(`{}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	f.Hold(false)
	if err := a.Deliver(t.Context(), []byte(`{}`)); err != nil {
		t.Error(err)
	}
}
