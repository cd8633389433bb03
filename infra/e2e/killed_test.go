//go:build engines && linux

package e2e

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEnginesKilled pulls the plug while a recording is transcribed, and again
// while a video is rendered. Started again, the stack does both, once: on the
// second attempt, when the lease of the first has ended.
func TestEnginesKilled(t *testing.T) {
	t.Parallel()
	s := &stack{client: newClient(), secrets: newSecrets()}
	r := newRunner(t)
	r.engines = true
	d := r.start(t)
	s.base, s.key = d.BaseURL, d.Keys.Admin
	t.Cleanup(s.client.CloseIdleConnections)

	film := s.record(t, "film.mp4", "-f", "lavfi", "-i", "testsrc=size=1280x720:rate=25:duration=30", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
	s.mustBecome(t, "film", "/v1/media/"+film, ".status", "failed", "completed") // nobody speaks in it
	const cue = "1\n00:00:01,000 --> 00:00:20,000\nHello there.\n"
	if err := s.api(http.MethodPost, "/api/v3/speech-to-text/session/sess_"+film+"/document", map[string]any{"format": "srt", "content": cue}, http.StatusCreated, nil); err != nil {
		t.Fatal(err)
	}
	talk := s.record(t, "talk.mp3", "-stream_loop", "7", "-i", "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0920.wav", "-b:a", "64k")
	r.mustRun(t, "pocketsphinx_continuous")
	var burnIn struct {
		ID string `json:"video_export_id"`
	}
	if err := s.api(http.MethodPost, "/v1/media/"+film+"/video_burn_ins", map[string]any{"bold": true}, http.StatusOK, &burnIn); err != nil {
		t.Fatal(err)
	}
	r.killAll(t)

	// What waited behind the transcription begins at once.
	r.start(t)
	s.mustBecome(t, "burn-in's job", "/api/v1/jobs/burn_in-"+burnIn.ID, ".state", "running")
	r.mustRun(t, "ffmpeg")
	r.killAll(t)

	r.start(t)
	defer func() { r.stop(t); r.tellErrors(t) }()
	s.mustBecome(t, "burn-in", "/v1/video_burn_ins/"+burnIn.ID, ".status", "completed")
	s.mustBecome(t, "talk", "/v1/media/"+talk, ".status", "completed")
	for kind, recording := range map[string]string{"transcribe": talk, "burn_in": film} {
		s.must(t, "/api/v1/jobs?kind="+kind, ".jobs[recording_id="+recording+"].attempts", "2")
		s.must(t, "/api/v1/jobs?kind="+kind, ".jobs[recording_id="+recording+"].state", "completed")
		s.must(t, "/api/v3/speech-to-text/session/sess_"+recording+"/document", ".result[count]", "1")
	}
	if left, err := os.ReadDir(filepath.Join(r.data, "work")); err != nil || len(left) > 0 {
		t.Errorf("left to be worked on: %v, %v", left, err)
	}
}

// record uploads what ffmpeg makes, and returns its recording's id.
func (s *stack) record(t *testing.T, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("ffmpeg", append(append([]string{"-nostdin", "-v", "error"}, args...), file)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		Result struct {
			ID  string `json:"session_id"`
			URL string `json:"upload_url"`
		}
	}
	const sessions = "/api/v3/speech-to-text/session"
	if err = s.api(http.MethodPost, sessions, map[string]any{"language": "en", "name": name}, http.StatusCreated, &made); err == nil {
		err = s.api(http.MethodPost, sessions+"/"+made.Result.ID+"/upload-url", nil, http.StatusOK, &made)
	}
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.do(http.MethodPut, made.Result.URL, http.Header{}, content)
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %.500s, %v", a.status, a.body, err)
	}
	return strings.TrimPrefix(made.Result.ID, "sess_")
}

// at is what is at a path of an answer.
func (s *stack) at(t *testing.T, url, path string) (string, answer) {
	t.Helper()
	a, err := s.do(http.MethodGet, url, http.Header{"Authorization": {"Bearer " + s.key}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := a.json(path)
	if err != nil {
		t.Fatal(err)
	}
	return text(v), a
}

func (s *stack) must(t *testing.T, url, path, want string) {
	t.Helper()
	if got, a := s.at(t, url, path); got != want {
		t.Errorf("%s of %s is %s, want %s: %.2000s", path, url, got, want, a.body)
	}
}

// mustBecome waits for one of some values, for as long as a lease, a look for
// jobs that are due, and the work itself take.
func (s *stack) mustBecome(t *testing.T, what, url, path string, want ...string) {
	t.Helper()
	var a answer
	for range 3 {
		if eventually(func() bool {
			var got string
			got, a = s.at(t, url, path)
			return slices.Contains(want, got)
		}) {
			return
		}
	}
	t.Fatalf("%s of the %s never becomes one of %v: %.2000s", path, what, want, a.body)
}

// mustRun waits until a program works for a stack.
func (r *runner) mustRun(t *testing.T, program string) {
	t.Helper()
	if !eventually(func() bool { return slices.Contains(programs(t, r.data), program) }) {
		t.Fatalf("%s is never at work", program)
	}
}

// killAll kills a stack. The programs that work for it must not outlive it.
func (r *runner) killAll(t *testing.T) {
	t.Helper()
	r.kill(t)
	if !eventually(func() bool { return len(programs(t, r.data)) == 0 }) {
		t.Fatalf("%v outlive who started them", programs(t, r.data))
	}
}

// programs are those that run now and have something of a folder as an
// argument.
func programs(t *testing.T, folder string) (names []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(all) == 0 {
		t.Fatal("there is no /proc", err)
	}
	for _, file := range all {
		args, err := os.ReadFile(file)
		if err == nil && bytes.Contains(args, []byte(folder)) { // it may have ended
			name, _, _ := strings.Cut(string(args), "\x00")
			names = append(names, filepath.Base(name))
		}
	}
	return names
}
