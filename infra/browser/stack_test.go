package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const root = "../.."

// stack is the local stack that all tests share.
var stack struct{ base, key, inbox string }

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	data, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(data)
	ended, err := startStack(data, "ENGINES=0")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer ended()
	closed, err := startBrowser(data)
	if err != nil {
		log.Print(err)
		return 1
	}
	defer closed()
	return m.Run()
}

// startStack starts the runner that "make runner" built, and waits until it
// says that it is running. An entry is added to its environment.
func startStack(data, with string) (end func(), err error) {
	bin, err := filepath.Abs(root + "/bin/latchkey-local")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin)
	cmd.Dir = root // for template.yaml
	cmd.Env = append(os.Environ(), "PORT="+ports[0], "S3_PORT="+ports[1], "LATCHKEY_DATA="+data, with)
	journal, err := os.Create(filepath.Join(data, "runner.log"))
	if err != nil {
		return nil, err
	}
	cmd.Stderr = journal
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: make runner builds it", err)
	}
	end = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()
	}
	if err := heard(out, "is running"); err != nil {
		end()
		return nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	var demo struct {
		BaseURL  string `json:"base_url"`
		InboxURL string `json:"inbox_url"`
		Keys     struct {
			Admin string `json:"admin"`
		} `json:"keys"`
	}
	b, err := os.ReadFile(filepath.Join(data, "demo.json"))
	if err == nil {
		err = json.Unmarshal(b, &demo)
	}
	stack.base, stack.key, stack.inbox = demo.BaseURL, demo.Keys.Admin, demo.InboxURL
	return end, err
}

// heard reads until words were printed.
func heard(r io.Reader, words string) error {
	var all []byte
	for buf := make([]byte, 4096); ; {
		n, err := r.Read(buf)
		if all = append(all, buf[:n]...); bytes.Contains(all, []byte(words)) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the local stack did not start: %w: %s", err, all)
		}
	}
}

func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // after all are taken, so that no two are the same
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

const sessions = "/api/v3/speech-to-text/session"

// call makes a request as the owner, and returns the result that it answers.
func call(t *testing.T, method, path string, in any) map[string]any {
	t.Helper()
	var body []byte
	var err error
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			t.Fatal(err)
		}
	}
	result, _ := ask(t, method, path, "application/json", body)["result"].(map[string]any)
	return result
}

// ask makes a request as the owner, and returns all that it answers.
func ask(t *testing.T, method, path, contentType string, body []byte) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, stack.base+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+stack.key)
	r.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, answer, err)
	}
	var out map[string]any
	if len(answer) > 0 && json.Unmarshal(answer, &out) != nil {
		t.Fatalf("%s %s: %s", method, path, answer)
	}
	return out
}

// segment and word are what the API calls so. Times are seconds.
type segment struct {
	Speaker string  `json:"speaker"`
	Start   float64 `json:"start"`
	Stop    float64 `json:"stop"`
	Words   []word  `json:"words"`
}

type word struct {
	Text       string  `json:"text"`
	Start      float64 `json:"start"`
	End        float64 `json:"end"`
	Confidence float64 `json:"confidence,omitempty"`
	Highlight  string  `json:"highlight,omitempty"`
	Strike     bool    `json:"strikethrough,omitempty"`
}

// says is a segment of so many seconds whose words take equally long.
func says(speaker string, start, length float64, text string) segment {
	s := segment{Speaker: speaker, Start: start, Stop: start + length}
	words := strings.SplitAfter(text, " ")
	for i, w := range words {
		at := func(n int) float64 { return start + float64(int(1000*length*float64(n)/float64(len(words))))/1000 }
		text := strings.TrimSuffix(w, " ")
		if i > 0 {
			text = " " + text
		}
		s.Words = append(s.Words, word{Text: text, Start: at(i), End: at(i + 1), Confidence: 0.75})
	}
	return s
}

// document is one on the stack, and a link to it.
type document struct {
	session, id string
	url         string // of the page
}

// share makes a document of segments that may be edited, and a link to it.
func share(t *testing.T, name, language string, segments ...segment) document {
	t.Helper()
	made := call(t, "POST", sessions, map[string]any{"language": language, "session_mode": "align"})
	d := document{session: made["session_id"].(string)}
	d.set(t, "allow_magic_link_edit", true)
	made = call(t, "POST", sessions+"/"+d.session+"/document", map[string]any{
		"filename": name, "document_type": "document", "language": language, "format": "txt", "content": "To be replaced.",
	})
	d.id = made["id"].(string)
	d.put(t, segments...)
	made = call(t, "POST", d.path()+"/share", nil)
	d.url = made["link"].(string)
	return d
}

func (d document) path() string { return sessions + "/" + d.session + "/document/" + d.id }

func (d document) put(t *testing.T, segments ...segment) {
	t.Helper()
	call(t, "PUT", d.path(), map[string]any{"document": map[string]any{"content": map[string]any{"segments": segments}}})
}

func (d document) set(t *testing.T, setting string, value any) {
	t.Helper()
	call(t, "PUT", sessions+"/"+d.session, map[string]any{setting: value})
}

// segments are what the owner reads.
func (d document) segments(t *testing.T) []segment {
	t.Helper()
	b, err := json.Marshal(call(t, "GET", d.path(), nil))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Document struct{ Content struct{ Segments []segment } }
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out.Document.Content.Segments
}

func (s segment) text() string {
	var b strings.Builder
	for _, w := range s.Words {
		b.WriteString(w.Text)
	}
	return strings.TrimSpace(b.String())
}

// eventually asks until f says true, for ten seconds at most.
func eventually(ctx context.Context, f func() bool) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if f() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return errors.New("it did not come true in ten seconds")
}
