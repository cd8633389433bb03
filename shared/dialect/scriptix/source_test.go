package scriptix

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
func TestHostileSources(t *testing.T) {
	s, inside := newSite(t), fetchtest.Listen(t)
	s.Jobs.Workers[job.Fetch] = recording.Fetcher{Service: s.Recordings, Sources: fetch.New(fetch.Options{})}
	for _, url := range inside.URLs() {
		body, err := json.Marshal(map[string]string{"media_source": url, "language": "en"})
		if err != nil {
			t.Fatal(err)
		}
		a := s.owner(t, "POST "+sessions, string(body))
		if a.Status != 201 || !fetchtest.Named(url) {
			want(t, url, a, 422, `"media_source"`)
			continue
		}
		var made struct {
			Result struct {
				ID string `json:"session_id"`
			}
		}
		a.JSON(t, &made)
		s.Work(t)
		want(t, url, s.owner(t, "GET "+sessions+"/"+made.Result.ID, ""), 200, `"media_type":null`)
	}
	inside.Unreached(t)
}
