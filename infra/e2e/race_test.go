package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testRace lets many follow one link at the same moment: a limit is exact.
func (s *stack) testRace(t *testing.T) {
	const followers = 64
	rounds := 50
	if asProcesses() {
		rounds = 10 // of a second or more, over a table in moto
	}
	file := s.newFile(t)
	tests := []struct{ limit, rounds int }{
		{1, rounds},
		{5, 1},
		{65, 1}, // counted in another way than up to 64, and here none is refused
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d of a limit of %d", followers, tt.limit), func(t *testing.T) {
			for range tt.rounds {
				wins := min(tt.limit, followers)
				want := map[int]int{http.StatusFound: wins}
				if wins < followers {
					want[http.StatusNotFound] = followers - wins
				}
				l := s.newLink(t, file, tt.limit)
				if diff := cmp.Diff(want, s.race(t, l.URL, followers)); diff != "" {
					t.Fatalf("answers by status (-want +got):\n%s", diff)
				}
				if got := s.link(t, l.ID); got.Used != int64(wins) {
					t.Fatalf("used = %d, want %d", got.Used, wins)
				}
			}
		})
	}
}

// race follows a link n times at once and counts the answers by status.
func (s *stack) race(t *testing.T, url string, n int) map[int]int {
	t.Helper()
	statuses := make(chan int, n)
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			<-gate
			a, err := s.do(http.MethodGet, url, http.Header{}, nil)
			if err != nil {
				t.Error(err)
			}
			statuses <- a.status
		})
	}
	close(gate)
	wg.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	return counts
}

// link is a link as the API shows it.
type link struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
	URL    string `json:"url"`
	Used   int64  `json:"used"`
}

// api sends a request with the admin's key and reads its answer into out,
// unless that is nil. It fails with another status than want.
func (s *stack) api(method, url string, in any, want int, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	a, err := s.do(method, url, http.Header{"Authorization": {"Bearer " + s.key}, "Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	if a.status != want {
		return fmt.Errorf("%s %s: %d %.500s", method, url, a.status, a.body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.body, out)
}

const smallFile = "Hello.\n"

// newFile uploads a small file and returns its id.
func (s *stack) newFile(t *testing.T) string {
	t.Helper()
	const boundary = "e2e"
	body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"race.txt\"\r\n" +
		"Content-Type: text/plain\r\n\r\n" + smallFile + "\r\n--" + boundary + "--\r\n"
	a, err := s.do(http.MethodPost, "/api/v1/files", http.Header{
		"Authorization": {"Bearer " + s.key}, "Content-Type": {"multipart/form-data; boundary=" + boundary},
	}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ File struct{ ID string } }
	if err := json.Unmarshal(a.body, &made); err != nil || a.status != http.StatusCreated {
		t.Fatalf("file: %d %s", a.status, a.body)
	}
	return made.File.ID
}

func (s *stack) newLink(t *testing.T, file string, limit int) (l link) {
	t.Helper()
	if err := s.api(http.MethodPost, "/api/v1/links", map[string]any{"file_id": file, "limit": limit}, http.StatusCreated, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func (s *stack) link(t *testing.T, id string) (l link) {
	t.Helper()
	if err := s.api(http.MethodGet, "/api/v1/links/"+id, nil, http.StatusOK, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// links returns all links, by id.
func (s *stack) links(t *testing.T) map[string]link {
	t.Helper()
	all := map[string]link{}
	for cursor := ""; ; {
		var page struct {
			Links []link
			Next  string `json:"next_cursor"`
		}
		if err := s.api(http.MethodGet, "/api/v1/links?limit=100"+cursor, nil, http.StatusOK, &page); err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Links {
			all[l.ID] = l
		}
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}
