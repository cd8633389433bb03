package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
)

// TestMain is the function too: the tests run their own binary as bootstrap.
func TestMain(m *testing.M) {
	switch os.Getenv("BEHAVIOUR") {
	case "":
		os.Exit(m.Run())
	case "no init":
		fmt.Fprint(os.Stderr, "a variable is missing")
		os.Exit(1)
	case "init error":
		_, _ = http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+version+"/init/error", "application/json",
			strings.NewReader(`{"errorType":"Config","errorMessage":"no table"}`))
		os.Exit(1)
	default:
		lambda.Start(function)
	}
}

type order struct {
	Do   string `json:"do"`
	Size int    `json:"size"`
	Meet string `json:"meet"` // URL to wait at
}

func function(ctx context.Context, o order) (any, error) {
	switch o.Do {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("on purpose")
	case "fail":
		return nil, errors.New("on purpose")
	case "hang":
		select {}
	case "fill":
		return strings.Repeat("x", o.Size), nil
	case "env":
		return os.Environ(), nil
	case "meet":
		_, err := http.Get(o.Meet)
		return os.Getpid(), err
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, ok := ctx.Deadline()
		return []any{lc.AwsRequestID != "", lc.InvokedFunctionArn, ok && time.Until(deadline) > 50*time.Second}, nil
	case "say":
		fmt.Println("one line")
		fmt.Fprintln(os.Stderr, "another")
	}
	return os.Getpid(), nil
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func start(t *testing.T, behaviour string, change func(*Config)) (*Function, *buffer) {
	t.Helper()
	log := new(buffer)
	c := Config{
		Name: "test", ARN: "arn:test", Command: os.Args[0], Timeout: time.Minute, Log: log,
		Env: []string{"BEHAVIOUR=" + behaviour, "GOCOVERDIR=" + t.TempDir()},
	}
	if change != nil {
		change(&c)
	}
	f := New(c)
	t.Cleanup(func() { f.Close() })
	return f, log
}

func do(t *testing.T, f *Function, o order) (string, error) {
	t.Helper()
	payload, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := f.Invoke(t.Context(), payload)
	return string(answer), err
}

func must(t *testing.T, f *Function, o order) string {
	t.Helper()
	answer, err := do(t, f, o)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestProcessesAreReused(t *testing.T) {
	f, _ := start(t, "serve", nil)
	first := must(t, f, order{})
	if second := must(t, f, order{}); second != first {
		t.Errorf("process %s, then %s", first, second)
	}
}

// TestProcessesEnd: whatever ends one invocation, the next has a process.
func TestProcessesEnd(t *testing.T) {
	tests := []struct {
		name     string
		order    order
		timeout  time.Duration
		want     Error
		survives bool
	}{
		{"error", order{Do: "fail"}, time.Minute, Error{"errorString", "on purpose"}, true},
		{"panic", order{Do: "panic"}, time.Minute, Error{"string", "on purpose"}, false},
		{"exit", order{Do: "exit"}, time.Minute, Error{"Runtime.ExitError", "Runtime exited with error: exit status 3"}, false},
		{"time-out", order{Do: "hang"}, 2 * time.Second, Error{"Sandbox.Timedout", "Task timed out after 2.00 seconds"}, false},
		{"answer too large", order{Do: "fill", Size: MaxAnswer - len(`""`) + 1}, time.Minute,
			Error{"Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := start(t, "serve", func(c *Config) { c.Timeout = tt.timeout })
			before := must(t, f, order{})
			_, err := do(t, f, tt.order)
			got := new(Error)
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if tt.name == "time-out" { // the rest is the request's id
				_, got.Message, _ = strings.Cut(got.Message, "Error: ")
				mustBeGone(t, before)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if after := must(t, f, order{}); (after == before) != tt.survives {
				t.Errorf("process %s, then %s; should be the same: %t", before, after, tt.survives)
			}
		})
	}
}

func mustBeGone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", n, err)
	}
}

func TestInit(t *testing.T) {
	tests := []struct {
		behaviour string
		want      Error
		log       string
	}{
		{"no init", Error{"Runtime.ExitError", "Runtime exited with error: exit status 1"}, "a variable is missing\n"},
		{"init error", Error{"Config", "no table"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			f, log := start(t, tt.behaviour, nil)
			for range 2 { // each invocation tries again
				_, err := do(t, f, order{})
				got := new(Error)
				errors.As(err, &got)
				if diff := cmp.Diff(&tt.want, got); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(tt.log+tt.log, log.b.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoBinary(t *testing.T) {
	f, _ := start(t, "serve", func(c *Config) { c.Command = t.TempDir() + "/bootstrap" })
	if _, err := do(t, f, order{}); err == nil || !strings.Contains(err.Error(), "Runtime.InvalidEntrypoint") {
		t.Errorf("error %v", err)
	}
}

func TestPayloadTooLarge(t *testing.T) {
	f, _ := start(t, "serve", nil)
	if _, err := f.Invoke(t.Context(), make([]byte, MaxPayload+1)); err == nil || !strings.Contains(err.Error(), "RequestTooLarge") {
		t.Errorf("error %v", err)
	}
	full := fmt.Sprintf(`{"pad":%q}`, strings.Repeat("x", MaxPayload-len(`{"pad":""}`)))
	if _, err := f.Invoke(t.Context(), []byte(full)); err != nil {
		t.Errorf("a payload at the limit: %v", err)
	}
	if answer := must(t, f, order{Do: "fill", Size: MaxAnswer - len(`""`)}); len(answer) != MaxAnswer {
		t.Errorf("an answer at the limit has %d bytes", len(answer))
	}
}

func TestHold(t *testing.T) {
	f, _ := start(t, "serve", nil)
	f.Hold(true)
	if _, err := do(t, f, order{}); err == nil || err.Error() != "TooManyRequestsException: Rate Exceeded." {
		t.Errorf("error %v", err)
	}
	f.Hold(false)
	must(t, f, order{})
}

func TestStarted(t *testing.T) {
	starts := 0
	f, _ := start(t, "serve", func(c *Config) {
		c.Started = func(took time.Duration) {
			if starts++; took <= 0 {
				t.Errorf("took %v", took)
			}
		}
	})
	must(t, f, order{})
	must(t, f, order{})
	_, _ = do(t, f, order{Do: "exit"})
	must(t, f, order{})
	if starts != 2 {
		t.Errorf("%d cold starts, want 2", starts)
	}
}

// TestMoreAtOnce: invocations that all wait for each other need a process
// each, and no more than are allowed.
func TestMoreAtOnce(t *testing.T) {
	const n = 3
	f, _ := start(t, "serve", func(c *Config) { c.Processes = n })
	here, all := make(chan bool), make(chan struct{})
	l := meeting(t, func() { here <- true; <-all })
	pids := make(chan string, n)
	for range n {
		go func() {
			answer, _ := do(t, f, order{Do: "meet", Meet: l})
			pids <- answer
		}()
	}
	for range n {
		<-here
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Invoke(full, []byte(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("one more gives %v", err)
	}
	close(all)
	seen := map[string]bool{}
	for range n {
		seen[<-pids] = true
	}
	if len(seen) != n || seen[""] {
		t.Errorf("processes %v", seen)
	}
}

func TestWhatAFunctionSees(t *testing.T) {
	f, log := start(t, "serve", func(c *Config) { c.Env = []string{"BEHAVIOUR=serve", "A=1"} })
	if diff := cmp.Diff(`[true,"arn:test",true]`, must(t, f, order{Do: "context"})); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
	var env []string
	if err := json.Unmarshal([]byte(must(t, f, order{Do: "env"})), &env); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	if diff := cmp.Diff([]string{"BEHAVIOUR", "A", "AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID"}, names); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	must(t, f, order{Do: "say"})
	f.Close()
	for _, line := range []string{"one line\n", "another\n"} {
		if !strings.Contains(log.b.String(), line) {
			t.Errorf("the log has no %q: %q", line, log.b.String())
		}
	}
	if _, err := do(t, f, order{}); err == nil {
		t.Error("a closed function answers")
	}
}
