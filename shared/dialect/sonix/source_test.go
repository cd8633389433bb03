package sonix_test

import (
	"encoding/json"
	"testing"

	"latchkey/shared/fetch"
	"latchkey/shared/fetch/fetchtest"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// TestHostileSources: what says that it leads inside is refused at once, and
// what does so by a name when it is fetched: nobody is connected to.
//
// contract: SX-050
func TestHostileSources(t *testing.T) {
	s, inside := newSite(t), fetchtest.Listen(t)
	s.Jobs.Workers[job.Fetch] = recording.Fetcher{Service: s.Recordings, Sources: fetch.New(fetch.Options{})}
	for _, url := range inside.URLs() {
		body, err := json.Marshal(map[string]string{"file_url": url, "language": "en"})
		if err != nil {
			t.Fatal(err)
		}
		a := s.owner(t, "POST /v1/media", string(body))
		if a.Status != 200 || !fetchtest.Named(url) {
			want(t, url, a, 400, `"message":"Invalid request: file_url `)
			continue
		}
		var m struct{ ID string }
		a.JSON(t, &m)
		s.Work(t)
		want(t, url, s.owner(t, "GET /v1/media/"+m.ID, ""), 200, `"video":null`)
	}
	inside.Unreached(t)
}
