package e2e

import (
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestRestart ends a stack of its own while it is used, by Control-C and by
// pulling the plug, and looks for everything that it had said was done.
func TestRestart(t *testing.T) {
	if os.Getenv("BASE_URL") != "" {
		t.Skip("the stack at BASE_URL is not ours to end")
	}
	r := newRunner(t)
	d := r.start(t)
	s := &stack{base: d.BaseURL, inbox: d.InboxURL, key: d.Keys.Admin, client: newClient(), secrets: newSecrets()}
	file := s.newFile(t)
	s.mailLink(t, file, "restart@example.com")
	for _, end := range []struct {
		name string
		end  func(*testing.T)
	}{{"Control-C", r.stop}, {"kill -9", r.kill}} {
		t.Run(end.name, func(t *testing.T) {
			idle(t, d.BaseURL, d.S3URL)
			did := s.useUntil(t, file, func() { end.end(t) })
			r.start(t)
			s.mustHave(t, did)
			s.mustServe(t, file)
			s.mustHaveMail(t, "restart@example.com")
		})
	}
	r.stop(t)
	r.mustKeepSecrets(t, s.secrets)
}

// idle keeps a connection open to each server that never says anything, as
// browsers do.
func idle(t *testing.T, bases ...string) {
	t.Helper()
	for _, base := range bases {
		c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
}

// done is what a stack said it did.
type done struct {
	links   []link
	follows map[string]int64 // answered with 302, by link
	unsure  map[string]int64 // sent and not answered, by link
}

// useUntil keeps a stack busy with a few clients, ends it in the middle, and
// returns what it did until then.
func (s *stack) useUntil(t *testing.T, file string, end func()) done {
	t.Helper()
	const clients, warm = 8, 40
	all := done{follows: map[string]int64{}, unsure: map[string]int64{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	busy := make(chan struct{})
	ready := sync.OnceFunc(func() { close(busy) })
	for range clients {
		wg.Go(func() {
			for {
				one, ok := s.use(file)
				mu.Lock()
				all.add(one)
				if len(all.links) >= warm || !ok {
					ready()
				}
				mu.Unlock()
				if !ok {
					return
				}
			}
		})
	}
	<-busy
	end()
	wg.Wait()
	return all
}

func (d *done) add(one done) {
	d.links = append(d.links, one.links...)
	for id, n := range one.follows {
		d.follows[id] += n
	}
	for id, n := range one.unsure {
		d.unsure[id] += n
	}
}

// use makes a link and follows it twice, until something is not answered.
func (s *stack) use(file string) (d done, ok bool) {
	d = done{follows: map[string]int64{}, unsure: map[string]int64{}}
	var l link
	if s.api(http.MethodPost, "/api/v1/links", map[string]any{"file_id": file, "limit": 5}, http.StatusCreated, &l) != nil {
		return d, false
	}
	d.links = append(d.links, l)
	for range 2 {
		a, err := s.do(http.MethodGet, l.URL, http.Header{}, nil)
		if err != nil || a.status != http.StatusFound {
			d.unsure[l.ID]++
			return d, false
		}
		d.follows[l.ID]++
	}
	return d, true
}

// mustHave fails for a link that is gone, or whose count is not what was
// answered; a use that was not answered may have been counted.
func (s *stack) mustHave(t *testing.T, d done) {
	t.Helper()
	got := s.links(t)
	for _, l := range d.links {
		now, ok := got[l.ID]
		least := d.follows[l.ID]
		most := least + d.unsure[l.ID]
		if !ok || now.URL != l.URL || now.Used < least || now.Used > most {
			t.Errorf("the link %s is %+v (there: %t), used should be %d to %d", l.ID, now, ok, least, most)
		}
	}
	t.Logf("%d links, %d uses not answered", len(d.links), len(d.unsure))
}

// mustServe fails unless a new link leads to the bytes uploaded before.
func (s *stack) mustServe(t *testing.T, file string) {
	t.Helper()
	a, err := s.do(http.MethodGet, s.newLink(t, file, 1).URL, http.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.do(http.MethodGet, a.header.Get("Location"), http.Header{}, nil)
	if err != nil || got.status != http.StatusOK || string(got.body) != smallFile {
		t.Errorf("the file is %d %.300q, %v", got.status, got.body, err)
	}
}

func (s *stack) mailLink(t *testing.T, file, address string) {
	t.Helper()
	request := map[string]any{"recipients": []string{address}, "shareable_link_ids": []int64{s.newLink(t, file, 1).Number}}
	if err := s.api(http.MethodPost, "/api/v2/shareable_links/share", request, http.StatusOK, nil); err != nil {
		t.Fatal(err)
	}
}

func (s *stack) mustHaveMail(t *testing.T, address string) {
	t.Helper()
	a, err := s.do(http.MethodGet, s.inbox, http.Header{"Accept": {"application/json"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if to, _, err := a.json(".messages[*].to[0]"); err != nil || text(to) != address {
		t.Errorf("the inbox has mail to %v, %v", to, err)
	}
}
