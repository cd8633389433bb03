package recording_test

import (
	"strings"
	"sync"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/recording"
)

const wav = "RIFF\x24\x00\x00\x00WAVEfmt "

// short is a WAV of 1.5 s, of 16 bytes a second.
const short = "RIFF\x3c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x08\x00\x00\x00\x10\x00\x00\x00\x02\x00\x10\x00data\x18\x00\x00\x00" +
	"012345678901234567890123"

// put uploads to a URL of UploadURL, and has what S3 tells of it told.
func (w *world) put(t *testing.T, u recording.Upload, body string) {
	t.Helper()
	key := strings.TrimPrefix(strings.SplitN(u.URL, "?", 2)[0], "https://bucket.test/")
	if err := w.Objects.Put(ctx, key, []byte(body), "binary/octet-stream", ""); err != nil {
		t.Fatal(err)
	}
	for range 2 { // told at least once
		f, err := w.Files.Uploaded(ctx, key)
		if err == nil {
			err = w.Recordings.Arrived(ctx, f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// made returns the access to a new recording.
func (w *world) made(t *testing.T, n recording.NewRecording) recording.Access {
	t.Helper()
	n.Language = "en"
	r, err := w.Recordings.Create(ctx, w.Admin, n)
	if err != nil {
		t.Fatal(err)
	}
	return w.find(t, r.ID)
}

func (w *world) find(t *testing.T, id string) recording.Access {
	t.Helper()
	a, err := w.Recordings.Own(ctx, w.Admin, account.WriteRecordings, id, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) uploadURL(t *testing.T, a recording.Access) recording.Upload {
	t.Helper()
	u, err := w.Recordings.UploadURL(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMediaArrives(t *testing.T) {
	w := newWorld(t)
	a := w.made(t, recording.NewRecording{Name: "Talk"})
	first := w.uploadURL(t, a)
	a = w.find(t, a.Recording.ID)
	if second := w.uploadURL(t, a); second.URL != first.URL || !second.ExpiresAt.Equal(w.Clock.Now().Add(file.MediaLife)) {
		t.Errorf("asked again: %v, want the same place as %v", second, first)
	}
	if _, err := w.Recordings.Play(ctx, a, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("before it is there: %v", err)
	}
	w.put(t, first, wav)
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.Transcribing || r.Reason != "" {
		t.Errorf("before an engine looked: %+v", r)
	}
	w.Work(t)
	a = w.find(t, a.Recording.ID)
	r := a.Recording
	if r.MediaType != "audio/wav" || r.Video || r.Status != recording.Failed || !strings.Contains(r.Reason, "no speech engine") {
		t.Errorf("with media and no transcript: %+v", r)
	}
	url, err := w.Recordings.Play(ctx, a, false)
	if err != nil || !strings.HasPrefix(url, "https://bucket.test/media/") || !strings.Contains(url, "type=audio/wav") {
		t.Errorf("%q, %v", url, err)
	}
	if _, err := w.Recordings.UploadURL(ctx, a); !fault.Is(err, fault.Conflict) {
		t.Errorf("another upload: %v", err)
	}
	if _, err := w.Recordings.AddDocument(ctx, a, recording.NewDocument{Transcript: said("Hello")}); err != nil {
		t.Fatal(err)
	}
	if r = w.find(t, r.ID).Recording; r.Status != recording.Completed || r.Reason != "" {
		t.Errorf("with a given transcript: %s %q", r.Status, r.Reason)
	}
	if err := w.Recordings.Delete(ctx, w.Admin, r.ID); err != nil {
		t.Fatal(err)
	}
	if w.Work(t); len(w.Objects.Keys()) != 0 {
		t.Errorf("left: %v", w.Objects.Keys())
	}
}

func TestMediaIsJudged(t *testing.T) {
	w := newWorld(t)
	a := w.made(t, recording.NewRecording{Name: "Talk"})
	u := w.uploadURL(t, a)
	w.put(t, u, "<html>")
	a = w.find(t, a.Recording.ID)
	if r := a.Recording; r.HasMedia() || r.Status != recording.Failed || !strings.Contains(r.Reason, "neither sound nor video") {
		t.Errorf("rejected: %+v", r)
	}
	again := w.uploadURL(t, a)
	if again.URL == u.URL {
		t.Error("a rejected upload's place is used again")
	}
	if r := w.find(t, a.Recording.ID).Recording; r.Status != recording.New || r.Reason != "" {
		t.Errorf("waiting again: %s %q", r.Status, r.Reason)
	}
	w.put(t, u, wav) // somebody still has the first URL
	if r := w.find(t, a.Recording.ID).Recording; r.HasMedia() {
		t.Errorf("media of a place that was given up: %+v", r)
	}
	w.put(t, again, "\x00\x00\x00\x20ftypisom")
	if r := w.find(t, a.Recording.ID).Recording; r.MediaType != "video/mp4" || !r.Video {
		t.Errorf("%+v", r)
	}
}

func TestMediaBesideATranscript(t *testing.T) {
	w := newWorld(t)
	a := w.find(t, w.rec.ID) // has a document
	w.put(t, w.uploadURL(t, a), wav)
	if r := w.find(t, w.rec.ID).Recording; r.Status != recording.Completed || !r.HasMedia() || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	aligned := w.made(t, recording.NewRecording{Align: true})
	w.put(t, w.uploadURL(t, aligned), wav)
	if r := w.find(t, aligned.Recording.ID).Recording; r.Status != recording.Created {
		t.Errorf("to be aligned: %s", r.Status)
	}
	fetched := w.made(t, recording.NewRecording{Source: "https://example.com/a.mp3"})
	if _, err := w.Recordings.UploadURL(ctx, fetched); !fault.Is(err, fault.Conflict) {
		t.Errorf("upload beside a source: %v", err)
	}
	if _, err := w.Recordings.AddDocument(ctx, fetched, recording.NewDocument{Transcript: said("Hello")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recordings.UploadURL(ctx, w.find(t, fetched.Recording.ID)); !fault.Is(err, fault.Conflict) {
		t.Errorf("upload beside a source that is fetched still, and a transcript: %v", err)
	}
}

// contract: SX-019, SX-021
func TestMediaLasts(t *testing.T) {
	w := newWorld(t)
	sound := "\x00\x00\x00\x30moov\x00\x00\x00\x28trak\x00\x00\x00\x20mdia\x00\x00\x00\x18hdlr" + strings.Repeat("\x00", 8) + "soun\x00\x00\x00\x00"
	for _, tt := range []struct {
		body, kind string
		video      bool
		ms         int64
	}{
		{short, "audio/wav", false, 1500},
		{wav, "audio/wav", false, 0},
		{"\x00\x00\x00\x0cftypisom" + sound, "audio/mp4", false, 0},
		{"\x00\x00\x00\x0cftypisom" + strings.Replace(sound, "soun", "vide", 1), "video/mp4", true, 0},
	} {
		a := w.made(t, recording.NewRecording{Name: "Talk"})
		w.put(t, w.uploadURL(t, a), tt.body)
		if r := w.find(t, a.Recording.ID).Recording; r.MediaType != tt.kind || r.Video != tt.video || r.Duration != tt.ms {
			t.Errorf("%q: %s %v %d, want %s %v %d", tt.body, r.MediaType, r.Video, r.Duration, tt.kind, tt.video, tt.ms)
		}
		w.Work(t)
		if r := w.find(t, a.Recording.ID).Recording; r.Duration != tt.ms {
			t.Errorf("once it was worked on: %d", r.Duration)
		}
	}
}

// TestUploadsAtOnce: many ask at the same time, and get the same place.
func TestUploadsAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.made(t, recording.NewRecording{Name: "Talk"})
	urls := make([]string, 5)
	var all sync.WaitGroup
	for i := range urls {
		all.Go(func() {
			u, err := w.Recordings.UploadURL(ctx, a)
			if err != nil {
				t.Error(err)
			}
			urls[i] = u.URL
		})
	}
	all.Wait()
	for _, u := range urls {
		if u != urls[0] {
			t.Errorf("two places: %v", urls)
		}
	}
}

func TestMediaRights(t *testing.T) {
	w := newWorld(t)
	w.put(t, w.uploadURL(t, w.find(t, w.rec.ID)), wav)
	w.set(t, recording.Change{Export: ptr(false)})
	_, token := w.link(t)
	a, err := w.open(token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recordings.Play(ctx, a, false); err != nil {
		t.Errorf("played by link: %v", err)
	}
	if _, err := w.Recordings.Play(ctx, a, true); !fault.Is(err, fault.Forbidden) {
		t.Errorf("saved by a link that must not export: %v", err)
	}
	if _, err := w.Recordings.UploadURL(ctx, a); !fault.Is(err, fault.Forbidden) {
		t.Errorf("uploaded by link: %v", err)
	}
}
