package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/blob/presign"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
)

// TestRecordedEvents founds an organization, uploads, links and lists. The
// events are as API Gateway sends them, payload format 2.0, but the first,
// which is an invocation. KEY and FILE stand for what earlier answers said.
func TestRecordedEvents(t *testing.T) {
	var log bytes.Buffer
	h := outsideOf(t, &log).function("https://share.example.com")
	key := part(t, invoke(t, h, "bootstrap"), "key")
	said := []string{"KEY", key}
	for _, event := range []string{"announce", "upload", "link", "list", "stranger"} {
		out := invoke(t, h, event, said...)
		if event == "upload" {
			said = append(said, "FILE", part(t, out, "body", "file", "id"))
		}
		golden(t, event+".golden.json", out)
	}
	if _, secret, _ := strings.Cut(strings.TrimPrefix(key, "lk_"), "_"); secret == "" || strings.Contains(log.String(), secret) {
		t.Errorf("the log has the key %q: %s", key, log.String())
	}
	var lines []string
	for line := range strings.Lines(log.String()) {
		var l struct{ Route string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l.Route)
	}
	want := []string{"POST /api/v1/files", "POST /api/v1/files", "POST /api/v1/links", "GET /api/v1/links", "GET /api/v1/keys"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("routes in the log (-want +got):\n%s", diff)
	}
}

func TestOnlyInvocationFounds(t *testing.T) {
	h := outsideOf(t, new(bytes.Buffer)).function("")
	invoke(t, h, "bootstrap")
	text, err := os.ReadFile("testdata/bootstrap.json")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := h.Invoke(t.Context(), text); err == nil || err.Error() != "organization exists already" {
		t.Errorf("a second time: %s, %v", out, err)
	}
	event, err := os.ReadFile("testdata/stranger.json")
	if err != nil {
		t.Fatal(err)
	}
	both := bytes.Replace(event, []byte(`{`), []byte(`{"bootstrap":{"organization":"B","email":"b@b.test"},`), 1)
	out, err := h.Invoke(t.Context(), both)
	if err != nil || !bytes.Contains(out, []byte(`"statusCode":401`)) {
		t.Errorf("an HTTP event that says bootstrap: %s, %v", out, err)
	}
}

func outsideOf(t *testing.T, log *bytes.Buffer) outside {
	t.Helper()
	s := fake.NewStack(t, nil)
	signer, err := presign.New(presign.Config{
		Bucket: "files", Region: "eu-central-1", Now: s.Clock.Now,
		Credentials: credentials.StaticCredentialsProvider{Value: aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return outside{
		table: s.Table, objects: s.Objects, uploads: presign.Uploads{Presigner: signer}, sealer: fake.Seal{},
		log: journal.New(log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}
}

// invoke returns what a recorded event is answered, with a JSON body as JSON.
func invoke(t *testing.T, h lambda.Handler, event string, said ...string) map[string]any {
	t.Helper()
	in, err := os.ReadFile("testdata/" + event + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Invoke(t.Context(), []byte(strings.NewReplacer(said...).Replace(string(in))))
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	var body any
	if text, ok := v["body"].(string); ok && json.Unmarshal([]byte(text), &body) == nil {
		v["body"] = body
	}
	return v
}

// part returns a text inside of an answer.
func part(t *testing.T, v any, path ...string) string {
	t.Helper()
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, ok := v.(string)
	if !ok || s == "" {
		t.Fatalf("no %v in the answer", path)
	}
	return s
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	fake.Golden(t, name, b.String())
}
