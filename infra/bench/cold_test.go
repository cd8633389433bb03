package bench

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const root = "../.."

// BenchmarkColdStart starts every function's binary, and one that does
// nothing, and takes the time from exec to the first request for work: what
// Lambda bills as init, without the sandbox around it. One iteration starts
// each of them once, so that whatever else the machine does falls on all
// alike; medians are reported. The target of open is 2.0 times hello.
func BenchmarkColdStart(b *testing.B) {
	bins := buildAll(b)
	times := make(map[string][]time.Duration)
	b.ResetTimer()
	for b.Loop() {
		for _, bin := range bins {
			times[bin.name] = append(times[bin.name], start(b, bin.path))
		}
	}
	hello := median(times["hello"])
	for _, bin := range bins {
		m := median(times[bin.name])
		b.ReportMetric(float64(m.Microseconds())/1000, bin.name+"-ms")
		if bin.name != "hello" {
			b.ReportMetric(float64(m)/float64(hello), bin.name+"/hello")
		}
	}
	b.ReportMetric(0, "ns/op") // a round is no measure of anything
}

// TestColdStart starts every function once: it must come up and ask for work
// with the environment that template.yaml gives it.
func TestColdStart(t *testing.T) {
	for _, bin := range buildAll(t) {
		t.Run(bin.name, func(t *testing.T) {
			t.Logf("%v", start(t, bin.path).Round(time.Millisecond/10))
		})
	}
}

// binary is a function as it is deployed, but for this machine's processor.
type binary struct{ name, path string }

func buildAll(t testing.TB) []binary {
	t.Helper()
	mains, err := filepath.Glob(root + "/functions/*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("functions: %v, %v", mains, err)
	}
	dir := t.TempDir()
	bins := []binary{build(t, dir, "hello", "./infra/bench/hello")}
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(main))
		bins = append(bins, build(t, dir, name, "./functions/"+name))
	}
	return bins
}

func build(t testing.TB, dir, name, pkg string) binary {
	t.Helper()
	bin := binary{name, filepath.Join(dir, name)}
	cmd := exec.Command("go", append(append([]string{"build"}, buildFlags(t)...), "-o", bin.path, pkg)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return bin
}

// buildFlags are those of the Makefile, so that what is measured is what is
// deployed.
func buildFlags(t testing.TB) []string {
	t.Helper()
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`CGO_ENABLED=0 .* go build (-trimpath .*) -o `).FindSubmatch(makefile)
	if m == nil {
		t.Fatal("the Makefile does not build the functions as expected")
	}
	flags := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(string(m[1]), -1)
	for i := range flags {
		flags[i] = strings.Trim(flags[i], "'")
	}
	return flags
}

// start runs a function until it asks the Runtime API for its first event,
// and returns how long that took.
func start(t testing.TB, path string) time.Duration {
	t.Helper()
	api := newRuntimeAPI()
	defer api.server.Close()
	var out strings.Builder
	cmd := exec.Command(path)
	cmd.Env = environment(api.server.Listener.Addr().String(), t.TempDir())
	cmd.Stdout, cmd.Stderr = &out, &out
	ended := make(chan error, 1)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- cmd.Wait() }()
	var asked time.Time
	select {
	case asked = <-api.asked:
	case err := <-ended:
		t.Fatalf("%s ended before it asked for work: %v\n%s", filepath.Base(path), err, &out)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	return asked.Sub(began)
}

// runtimeAPI is Lambda's, as far as a function that waits for its first event
// can see it. (AWS Lambda Developer Guide, "Using the Lambda runtime API".)
type runtimeAPI struct {
	server *httptest.Server
	asked  chan time.Time
}

func newRuntimeAPI() runtimeAPI {
	api := runtimeAPI{asked: make(chan time.Time, 1)}
	api.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/2018-06-01/runtime/invocation/next" {
			http.Error(w, fmt.Sprintf("%s %s", r.Method, r.URL.Path), http.StatusNotFound)
			return
		}
		api.asked <- time.Now()
		<-r.Context().Done() // there is no work
	}))
	return api
}

// environment is what Lambda and template.yaml give a function, and nothing
// of this machine: a certificate bundle named there would slow every start.
func environment(api, temp string) []string {
	const queues = "https://sqs.eu-central-1.amazonaws.com/123456789012/"
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + api, "TMPDIR=" + temp,
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=session",
		"LATCHKEY_STACK=latchkey", "LATCHKEY_TABLE=latchkey", "LATCHKEY_BUCKET=latchkey-media", "LATCHKEY_DOMAIN=", "LATCHKEY_MAIL_FROM=links@example.com",
		"LATCHKEY_MAIL_CONFIGURATION_SET=latchkey", "LATCHKEY_JOBS_QUEUE=" + queues + "jobs", "LATCHKEY_RENDER_QUEUE=" + queues + "render", "LATCHKEY_HOOKS_QUEUE=" + queues + "hooks", "LATCHKEY_DEAD_LETTER_QUEUE=" + queues + "dead",
		"LATCHKEY_ENGINES=amazon", "LATCHKEY_SUMMARY_MODEL=amazon.nova-lite-v1:0", "LATCHKEY_SEALING_SECRET=arn:aws:secretsmanager:eu-central-1:123456789012:secret:sealing",
		"AWS_ENDPOINT_URL_DYNAMODB=", "AWS_ENDPOINT_URL_S3=", "AWS_ENDPOINT_URL_SESV2=", "AWS_ENDPOINT_URL_SECRETSMANAGER=", "AWS_ENDPOINT_URL_CODEDEPLOY=", "AWS_ENDPOINT_URL_LAMBDA=",
	}
}

func median(times []time.Duration) time.Duration {
	slices.SortFunc(times, cmp.Compare[time.Duration])
	return times[len(times)/2]
}
