package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const root = "../.."

// stopTime is how long the local stack may take to end.
const stopTime = 5 * time.Second

// runner is the local stack on a data folder and ports of its own. It can be
// started and ended again and again, and keeps what it logged.
type runner struct {
	bin, data    string
	port, s3Port string
	trusted      string // origin, or ""
	engines      bool   // has those that are installed here

	cmd   *exec.Cmd
	out   *announcement
	log   bytes.Buffer // of all runs; complete when none runs
	ended chan error
}

// demo is what the runner says of itself in demo.json.
type demo struct {
	BaseURL  string `json:"base_url"`
	InboxURL string `json:"inbox_url"`
	S3URL    string `json:"s3_url"`
	Keys     struct {
		Admin string `json:"admin"`
	} `json:"keys"`
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	bin, err := filepath.Abs(root + "/bin/latchkey-local")
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-C", root+"/infra/local", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ports := freePorts(t, 2)
	r := &runner{bin: bin, data: t.TempDir(), port: ports[0], s3Port: ports[1]}
	t.Cleanup(func() { r.kill(t) })
	return r
}

func freePorts(t *testing.T, n int) []string {
	t.Helper()
	ports := make([]string, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // after all are taken, so that no two are the same
		_, ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
	return ports
}

// announcement is what a runner prints. Ready is closed when it has said that
// it is running, which it does after it has written demo.json.
type announcement struct {
	mu    sync.Mutex
	text  strings.Builder
	ready chan struct{}
}

func (a *announcement) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := strings.Contains(a.text.String(), "is running")
	a.text.Write(b)
	if !was && strings.Contains(a.text.String(), "is running") {
		close(a.ready)
	}
	return len(b), nil
}

func (r *runner) start(t *testing.T) demo {
	t.Helper()
	r.out = &announcement{ready: make(chan struct{})}
	r.cmd = exec.Command(r.bin)
	r.cmd.Dir = root // for template.yaml
	r.cmd.Env = append(os.Environ(), "PORT="+r.port, "S3_PORT="+r.s3Port, "LATCHKEY_DATA="+r.data, "LATCHKEY_TRUSTED_ORIGINS="+r.trusted)
	if !r.engines {
		r.cmd.Env = append(r.cmd.Env, "ENGINES=0")
	}
	r.cmd.Stdout, r.cmd.Stderr = r.out, &r.log
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan error) { ended <- cmd.Wait() }(r.cmd, r.ended)
	select {
	case <-r.out.ready:
	case err := <-r.ended:
		r.cmd = nil
		t.Fatalf("the local stack ended at once: %v\n%s", err, r.tail())
	case <-time.After(time.Minute):
		r.kill(t)
		t.Fatalf("the local stack did not start\n%s", r.tail())
	}
	return r.demo(t)
}

func (r *runner) demo(t *testing.T) (d demo) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.data, "demo.json"))
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stop ends the stack as Control-C does: cleanly and in time.
func (r *runner) stop(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("the local stack ended with %v\n%s", err, r.tail())
		}
		r.cmd = nil
	case <-time.After(stopTime):
		r.kill(t)
		t.Fatalf("the local stack did not end within %v\n%s", stopTime, r.tail())
	}
}

// kill ends the stack, if it runs, as a power failure would.
func (r *runner) kill(t *testing.T) {
	t.Helper()
	if r.cmd == nil {
		return
	}
	if err := r.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-r.ended
	r.cmd = nil
}

// tail is the end of the log of a stack that has ended.
func (r *runner) tail() []byte {
	log := r.log.Bytes()
	return log[max(0, len(log)-5000):]
}

// asProcesses reports whether the local stack runs the functions as processes.
func asProcesses() bool { return os.Getenv("LATCHKEY_FUNCTIONS") != "" }

// tellErrors shows what the stack says of failures that a test only saw the
// outside of.
func (r *runner) tellErrors(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for line := range bytes.Lines(r.log.Bytes()) {
		if !bytes.Contains(line, []byte(`"level":"INFO"`)) {
			t.Logf("%s", line)
		}
	}
}

// mustKeepSecrets fails for secrets in the log, or in the table and queues as
// they lie on disk. What the runner announces has the demo key, and the inbox
// has links: that is what they are for.
func (r *runner) mustKeepSecrets(t *testing.T, s *secrets) {
	t.Helper()
	files := map[string][]byte{"the log": r.log.Bytes()}
	kept := []string{"table.db", "queue.db"}
	if asProcesses() {
		kept = kept[1:] // the table is elsewhere
	}
	for _, name := range kept {
		b, err := os.ReadFile(filepath.Join(r.data, name))
		if err != nil {
			t.Error(err)
		}
		files[name] = b
	}
	for name, b := range files {
		for _, line := range s.in(b) {
			t.Errorf("%s has a secret: %q", name, line)
		}
	}
	if !bytes.Contains(r.log.Bytes(), []byte(`"route"`)) {
		t.Errorf("the log has no request in it: %s", r.tail())
	}
}
