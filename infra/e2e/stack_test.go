package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// stack is what is driven.
type stack struct {
	base     string // URL without a final slash
	inbox    string // URL
	key      string // of an admin
	other    string // of an admin of another organization
	client   *http.Client
	receiver *receiver
	secrets  *secrets
	without  []string // what the stack is said to lack

	mu   sync.Mutex
	left []string // what was left out for that
}

// TestStack drives one stack with everything: first the stories, all at once,
// then what wants the stack for itself.
func TestStack(t *testing.T) {
	s := newStack(t)
	t.Cleanup(s.tellLeftOut)
	t.Run("scripts", s.testScripts)
	if ok, _ := s.has("exact", "the race"); ok {
		t.Run("race", s.testRace)
	}
	if asProcesses() {
		t.Run("processes", s.testProcesses)
	}
}

func newStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{
		base: strings.TrimSuffix(os.Getenv("BASE_URL"), "/"), inbox: os.Getenv("LATCHKEY_INBOX"),
		key: os.Getenv("LATCHKEY_KEY"), other: os.Getenv("LATCHKEY_OTHER_KEY"),
		client: newClient(), secrets: newSecrets(), receiver: newReceiver(t),
		without: strings.FieldsFunc(os.Getenv("LATCHKEY_E2E_WITHOUT"), func(r rune) bool { return r == ',' }),
	}
	if s.base == "" {
		s.startLocal(t)
	} else {
		s.without = append(s.without, "receiver")
	}
	s.check(t)
	s.secrets.notice("Bearer " + s.key + " " + s.other)
	return s
}

// check fails for what is not said of a stack that is not ours, so that a
// variable forgotten leaves out nothing in silence.
func (s *stack) check(t *testing.T) {
	t.Helper()
	for _, what := range s.without {
		if !slices.Contains(lackable[:], what) {
			t.Errorf("LATCHKEY_E2E_WITHOUT: nothing is called %q", what)
		}
	}
	if s.key == "" {
		t.Fatal("LATCHKEY_KEY is not set")
	}
	if s.inbox == "" && !slices.Contains(s.without, "inbox") {
		t.Fatal("LATCHKEY_INBOX is not set, and inbox is not in LATCHKEY_E2E_WITHOUT")
	}
	if s.other == "" && !slices.Contains(s.without, "other") {
		t.Fatal("LATCHKEY_OTHER_KEY is not set, and other is not in LATCHKEY_E2E_WITHOUT")
	}
}

// startLocal starts a stack of our own. A second organization comes of a
// second start without the file that keeps the first one's key: the runner
// then founds one, as after a crash.
func (s *stack) startLocal(t *testing.T) {
	t.Helper()
	r := newRunner(t)
	r.trusted = s.receiver.URL
	s.other = r.start(t).Keys.Admin
	r.stop(t)
	if err := os.Remove(filepath.Join(r.data, "admin.key")); err != nil {
		t.Fatal(err)
	}
	d := r.start(t)
	s.base, s.inbox, s.key = d.BaseURL, d.InboxURL, d.Keys.Admin
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		r.stop(t)
		r.mustKeepSecrets(t, s.secrets)
		r.mustGrantExactly(t)
		r.mustCount(t)
		r.tellErrors(t)
	})
}

// lackable is what a stack may lack.
var lackable = [...]string{"async", "binary", "exact", "gateway", "inbox", "other", "receiver"}

// has reports whether the stack has something, and notes that who went
// without if not.
func (s *stack) has(what, who string) (bool, error) {
	if !slices.Contains(lackable[:], what) {
		return false, fmt.Errorf("nothing is called %q", what)
	}
	if !slices.Contains(s.without, what) {
		return true, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := who + ", which needs " + what; !slices.Contains(s.left, left) {
		s.left = append(s.left, left)
	}
	return false, nil
}

func (s *stack) tellLeftOut() {
	for _, what := range s.left {
		// Straight out: a log would be shown only with -v, or on failure.
		fmt.Println("left out:", what)
	}
}

// newClient returns a client that follows no redirect, decompresses nothing
// and, as browsers do, takes every *.localhost for this machine.
func newClient() *http.Client {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = net.JoinHostPort("127.0.0.1", port)
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	return &http.Client{
		Timeout:       time.Minute,
		Transport:     &http.Transport{DialContext: dial, DisableCompression: true, MaxIdleConnsPerHost: 100},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// eventually asks again and again until f says true, and reports whether it
// did in time.
func eventually(f func() bool) bool {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(75 * time.Second) // functions remember a key for 60
	for !f() {
		select {
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
	return true
}
