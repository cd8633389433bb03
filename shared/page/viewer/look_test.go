package viewer_test

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

const picture = "\xff\xd8\xff a picture"

// filmed gives a recording media that was looked into.
func (s *site) filmed(t testing.TB, r recording.Recording, f recording.Facts) {
	t.Helper()
	file, err := s.Files.Receive(ctx, s.Admin, "board.mp4", r.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := r
	now.FileID, now.MediaType = file.ID, "video/mp4"
	if err := s.Recordings.Store.ChangeMedia(ctx, s.find(t, r.ID), now, s.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.Inspect(f)
	if err := s.Jobs.Workers[job.Inspect].Work(ctx, job.New(job.Inspect, s.Admin, r.ID+"-"+file.ID)); err != nil {
		t.Fatal(err)
	}
}

func (s *site) find(t testing.TB, id string) recording.Recording {
	t.Helper()
	f, err := s.Recordings.Store.Find(ctx, s.Admin.Organization, id, "")
	if err != nil {
		t.Fatal(err)
	}
	return f.Recording
}

// peaks rise from silence to a level.
func peaks(most byte) []byte {
	out := make([]byte, recording.Peaks)
	for i := range out {
		out[i] = byte(int(most) * i / (len(out) - 1))
	}
	return out
}

// TestLooks: the page has the levels of its media, a digit for each, and a
// video its picture, also where anybody may read it.
func TestLooks(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "Good morning"))
	open, public := s.published(t)
	s.transcribed(t, open, "for everybody")
	for _, tt := range []struct {
		rec  recording.Recording
		path string
	}{{s.rec, s.path()}, {open.Recording, public}} {
		if body := s.get(tt.path).Body.String(); strings.Contains(body, "poster") || strings.Contains(body, `id="wave"`) {
			t.Errorf("without media: %s", body)
		}
		s.filmed(t, tt.rec, recording.Facts{Duration: 4500, Video: true, Peaks: peaks(128), Thumbnail: []byte(picture)})
		body := s.get(tt.path).Body.String()
		wave := regexp.MustCompile(`<div id="wave" aria-hidden="true" data-length="4.5" data-peaks="([?-~]*)" hidden></div>`).FindStringSubmatch(body)
		if wave == nil {
			t.Fatalf("no waveform: %s", body)
		}
		if got := wave[1]; len(got) != 500 || got[0] != '?' || got[250] != '^' || got[499] != '~' {
			t.Errorf("levels %s", got)
		}
		poster := regexp.MustCompile(`<video [^>]*poster="([^"]*)"`).FindStringSubmatch(body)
		if poster == nil {
			t.Fatalf("no picture: %s", body)
		}
		w := s.get(poster[1])
		h := w.Header()
		if w.Code != 200 || w.Body.String() != picture || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%d %q, %v", w.Code, w.Body, h)
		}
	}
}

// TestAQuietRecording is shown as quiet: its noise is not blown up.
func TestAQuietRecording(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "Good morning"))
	s.filmed(t, s.rec, recording.Facts{Duration: 1000, Peaks: peaks(4)})
	body := s.get(s.path()).Body.String()
	if !regexp.MustCompile(`data-peaks="\?+B+F+J+N+"`).MatchString(body) || strings.Contains(body, "poster") || !strings.Contains(body, "<audio") {
		t.Errorf("%s", body)
	}
}

// TestAPictureIsForReaders: what opens no document opens no picture, and to
// look at one is no reading.
func TestAPictureIsForReaders(t *testing.T) {
	path := func(s *site, token string) string {
		return "/shared/transcript/" + s.doc.ID + "/thumbnail?token=" + token
	}
	for name, tt := range map[string]struct {
		do     func(*testing.T, *site) error
		token  string // of the link, unless told
		status int
	}{
		"unknown":     {nil, "r123", 404},
		"no token":    {nil, "-", 401},
		"revoked":     {func(_ *testing.T, s *site) error { _, err := s.Shares.Revoke(ctx, s.Admin, s.share.ID); return err }, "", 410},
		"sharing off": {func(t *testing.T, s *site) error { s.set(t, recording.Change{Share: off()}); return nil }, "", 403},
		"deleted": {func(_ *testing.T, s *site) error {
			return s.Recordings.DeleteDocument(ctx, s.Admin, s.rec.ID, s.doc.ID)
		}, "", 404},
		"good": {nil, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, transcript.FromText("Ann", 0, 1000, "Good morning"))
			s.filmed(t, s.rec, recording.Facts{Video: true, Thumbnail: []byte(picture)})
			if tt.do != nil {
				if err := tt.do(t, s); err != nil {
					t.Fatal(err)
				}
			}
			token := s.token
			if tt.token != "" {
				token = strings.TrimPrefix(tt.token, "-")
			}
			before := len(s.events())
			w := s.get(path(s, token))
			if w.Code != tt.status || (w.Body.String() == picture) != (tt.status == 200) {
				t.Errorf("%d: %q", w.Code, w.Body)
			}
			if got := s.events()[before:]; tt.status == 200 && len(got) > 0 {
				t.Errorf("the trail has %v", got)
			}
		})
	}
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "Good morning"))
	if w := s.get(path(s, s.token)); w.Code != 404 {
		t.Errorf("without media: %d", w.Code)
	}
}

// TestAPageWithoutItsLook is read all the same.
func TestAPageWithoutItsLook(t *testing.T) {
	s := newSite(t, transcript.FromText("Ann", 0, 1000, "Good morning"))
	s.filmed(t, s.rec, recording.Facts{Duration: 1000, Peaks: peaks(9)})
	if err := s.Contents.Put(ctx, s.find(t, s.rec.ID).Peaks, []byte("no gzip")); err != nil {
		t.Fatal(err)
	}
	if w := s.get(share.DocumentPath(s.doc.ID, s.token)); w.Code != 200 || !strings.Contains(w.Body.String(), "Good morning") || strings.Contains(w.Body.String(), `id="wave"`) {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
