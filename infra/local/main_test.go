package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/gateway"
	"latchkey/infra/local/queue"
)

const testTemplate = `
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties: { Events: { All: { Type: HttpApi, Properties: { Method: ANY, Path: '/api/{proxy+}' } } } }
`

// env is a folder to run in and free ports.
func env(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("template.yaml", []byte(testTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"PORT": freePort(t), "S3_PORT": freePort(t), "LATCHKEY_DATA": filepath.Join(dir, "data")}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// running is a stack in a goroutine.
type running struct {
	parts   parts
	out     string
	uploads chan string // keys
	stop    func() error
}

// said is a writer that hands over what it is told.
type said chan string

func (s said) Write(b []byte) (int, error) {
	s <- string(b)
	return len(b), nil
}

func launch(t *testing.T, vars map[string]string) *running {
	t.Helper()
	r := &running{uploads: make(chan string, 10)}
	wire := func(_ context.Context, p parts) (wired, error) {
		r.parts = p
		if p.Endpoint != "" {
			return wired{endpoints: http.HandlerFunc(answers), adminKey: "lk_demo_secret"}, nil
		}
		return wired{
			functions: map[string]gateway.Function{"Echo": func(_ context.Context, b []byte) ([]byte, error) { return b, nil }},
			consumers: map[string]queue.Function{UploadTopic: func(_ context.Context, b []byte) error {
				var e events.EventBridgeEvent
				var d struct{ Object struct{ Key string } }
				err := errors.Join(json.Unmarshal(b, &e), json.Unmarshal(e.Detail, &d))
				r.uploads <- d.Object.Key
				return err
			}},
			adminKey: "lk_demo_secret",
			examples: []string{"curl one", "curl two"},
		}, nil
	}
	w := launchWith(t, vars, wire)
	r.out, r.stop = w.out, w.stop
	return r
}

// launchWith launches a stack with functions of whatever kind.
func launchWith(t *testing.T, vars map[string]string, wire wiring) *running {
	t.Helper()
	r := new(running)
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := make(said, 4), make(chan error, 1)
	go func() { ended <- run(ctx, func(k string) string { return vars[k] }, out, wire) }()
	select {
	case r.out = <-out:
	case err := <-ended:
		cancel()
		t.Fatal(err)
	}
	r.stop = func() error { cancel(); return <-ended }
	t.Cleanup(cancel)
	return r
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestRun(t *testing.T) {
	vars := env(t)
	r := launch(t, vars)

	t.Run("says how to use it", func(t *testing.T) {
		for _, want := range []string{r.parts.BaseURL, "lk_demo_secret", r.parts.BaseURL + "/_local/inbox"} {
			if !strings.Contains(r.out, want) {
				t.Errorf("printed %q, want %q in it", r.out, want)
			}
		}
		b, err := os.ReadFile(filepath.Join(vars["LATCHKEY_DATA"], "demo.json"))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"base_url": r.parts.BaseURL, "inbox_url": r.parts.BaseURL + "/_local/inbox", "s3_url": r.parts.S3URL,
			"keys": map[string]any{"admin": "lk_demo_secret"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("demo.json (-want +got):\n%s", diff)
		}
	})
	t.Run("routes by the template", func(t *testing.T) {
		if status, body := get(t, r.parts.BaseURL+"/api/x"); status != 200 || !strings.Contains(body, `"routeKey":"ANY /api/{proxy+}"`) {
			t.Errorf("answer = %d %s", status, body)
		}
		if status, body := get(t, r.parts.BaseURL+"/other"); status != 404 || body != `{"message":"Not Found"}` {
			t.Errorf("answer = %d %s", status, body)
		}
	})
	t.Run("tells of uploads", func(t *testing.T) {
		upload(t, r.parts, "media/1")
		if key := <-r.uploads; key != "media/1" {
			t.Errorf("key = %q", key)
		}
	})
	t.Run("mails to the inbox", func(t *testing.T) {
		send(t, r.parts, "Hello")
		if status, body := get(t, r.parts.BaseURL+"/_local/inbox"); status != 200 || !strings.Contains(body, "Hello") {
			t.Errorf("inbox = %d %s", status, body)
		}
	})
	t.Run("takes its folder alone", func(t *testing.T) {
		other := map[string]string{"PORT": freePort(t), "S3_PORT": freePort(t), "LATCHKEY_DATA": vars["LATCHKEY_DATA"]}
		t.Chdir(filepath.Dir(vars["LATCHKEY_DATA"])) // where the template is
		err := run(t.Context(), func(k string) string { return other[k] }, io.Discard, nil)
		if err == nil || !strings.Contains(err.Error(), "another run is using "+vars["LATCHKEY_DATA"]) {
			t.Errorf("second run = %v", err)
		}
	})

	began := time.Now()
	if err := r.stop(); err != nil || time.Since(began) > stopTimeout {
		t.Fatalf("end after %v = %v", time.Since(began), err)
	}
	t.Chdir(filepath.Dir(vars["LATCHKEY_DATA"]))
	again := launch(t, vars)
	if _, body := get(t, again.parts.BaseURL+"/_local/inbox"); !strings.Contains(body, "Hello") {
		t.Errorf("the mail is gone after a restart: %s", body)
	}
	if again.parts.SecretKey != r.parts.SecretKey {
		t.Error("the S3 key changed: presigned URLs died")
	}
	if err := again.stop(); err != nil {
		t.Error(err)
	}
}

func upload(t *testing.T, p parts, key string) {
	t.Helper()
	client := awss3.New(awss3.Options{
		BaseEndpoint: &p.S3URL, UsePathStyle: true, Region: p.Region,
		Credentials: credentials.NewStaticCredentialsProvider(p.AccessKey, p.SecretKey, ""),
	})
	_, err := client.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &p.Bucket, Key: &key, Body: strings.NewReader("12345")})
	if err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, p parts, subject string) {
	t.Helper()
	client := sesv2.New(sesv2.Options{BaseEndpoint: &p.BaseURL, Region: p.Region, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("a@example.com"),
		Destination:      &types.Destination{ToAddresses: []string{"b@example.com"}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: &subject}, Body: &types.Body{Text: &types.Content{Data: aws.String("text")}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	tests := []struct {
		name   string
		change map[string]string
		want   []string
	}{
		{"port in use", map[string]string{"PORT": port}, []string{"port " + port + " is in use: set PORT to another one"}},
		{"S3 port in use", map[string]string{"S3_PORT": port}, []string{"port " + port + " is in use: set S3_PORT to another one"}},
		{"no numbers", map[string]string{"PORT": "http", "S3_PORT": "70000"}, []string{`PORT is not a port: "http"`, `S3_PORT is not a port: "70000"`}},
		{"one port for both", map[string]string{"PORT": "3000", "S3_PORT": "3000"}, []string{"PORT and S3_PORT are both 3000"}},
		{"no network", map[string]string{"LATCHKEY_SERVE": "docker0"}, []string{`LATCHKEY_SERVE is not a network such as 172.17.0.0/16: "docker0"`}},
		{"no table for functions elsewhere", map[string]string{"LATCHKEY_SERVE": "203.0.113.0/24"}, []string{"LATCHKEY_SERVE needs AWS_ENDPOINT_URL_DYNAMODB"}},
		{"a table that is nowhere", map[string]string{"LATCHKEY_SERVE": "203.0.113.0/24", "AWS_ENDPOINT_URL_DYNAMODB": "localhost:8000"},
			[]string{`AWS_ENDPOINT_URL_DYNAMODB is not a URL such as http://127.0.0.1:8000: "localhost:8000"`}},
		{"functions here and elsewhere", map[string]string{"LATCHKEY_SERVE": "203.0.113.0/24", "LATCHKEY_FUNCTIONS": ".", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"},
			[]string{"who is to run the functions?"}},
		{"functions missing", nil, []string{"no function Echo for ANY /api/{proxy+}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vars := env(t)
			for k, v := range tt.change {
				vars[k] = v
			}
			var out bytes.Buffer
			empty := func(context.Context, parts) (wired, error) { return wired{}, nil }
			err := run(t.Context(), func(k string) string { return vars[k] }, &out, empty)
			if err == nil || out.Len() > 0 {
				t.Fatalf("err = %v, printed %q", err, &out)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("err = %v, want %q", err, want)
				}
			}
		})
	}
}

func TestNoTemplate(t *testing.T) {
	t.Chdir(t.TempDir())
	err := run(t.Context(), func(string) string { return "" }, io.Discard, nil)
	if err == nil || !strings.Contains(err.Error(), "run it in the repository's folder") {
		t.Errorf("err = %v", err)
	}
}
