package sonix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"latchkey/shared/dialect/sonix"
	"latchkey/shared/fetch/fetchtest"
)

// arrive does all that is asked for, and what S3 tells of what was uploaded.
func (s *site) arrive(t *testing.T) {
	t.Helper()
	for range 4 {
		s.Work(t)
		for _, key := range s.Objects.Keys() {
			f, err := s.Files.Uploaded(ctx, key)
			if err == nil {
				err = s.Recordings.Arrived(ctx, f)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestNulls: what JSON says is nothing is not refused, as from clients that
// write every field of theirs.
func TestNulls(t *testing.T) {
	s := newSite(t)
	nothing := `"name":null,"folder_id":null,"custom_data":null,"multitrack":null,"speaker_labels":null,"transcript_text":null,"callback_url":null`
	a := s.owner(t, "POST /v1/media", `{"file_url":"https://example.com/a.wav","language":"en",`+nothing+`}`, "Content-Type", "application/json")
	want(t, "made", a, 200, `"name":"a.wav"`)
	id := s.made(t, "file_url=https://example.com/a.wav&language=en")
	want(t, "anew", s.owner(t, "POST /v1/media/"+id, `{`+nothing+`}`, "Content-Type", "application/json"), 409)
}

// TestAnewFromAnotherFile: by file or by URL, of which one is given at most.
//
// contract: SX-062
func TestAnewFromAnotherFile(t *testing.T) {
	s := newSite(t)
	s.Equip()
	s.Sources.Contents = map[string]string{"https://example.com/b.wav": wav, "https://example.com/page": "<html>"}
	id := s.filmed(t, "Film", film, talk)
	want(t, "before", s.owner(t, "GET /v1/media/"+id, ""), 200, `"video":true`)
	body, contentType := multipart([3]string{"file", "b.wav", wav}, [3]string{"language", "", "de"})
	want(t, "sent", s.owner(t, "POST /v1/media/"+id, body, "Content-Type", contentType), 200, `"status":"preparing"`, `"video":true`, `"name":"Film"`, `"language":"de"`)
	want(t, "read meanwhile", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 409, "Media file is being transcribed")
	s.arrive(t)
	want(t, "there", s.owner(t, "GET /v1/media/"+id, ""), 200, `"status":"completed"`, `"duration":1.5`, `"video":false`)
	want(t, "read", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 200, "Spoken in de")
	want(t, "of what", s.owner(t, "POST /v1/media/"+id, "file_url=https://example.com/page&language=fr"), 200, `"status":"preparing"`)
	want(t, "while it is fetched", s.owner(t, "POST /v1/media/"+id, body, "Content-Type", contentType), 409, "is being worked on")
	s.arrive(t)
	want(t, "of no media", s.owner(t, "GET /v1/media/"+id, ""), 200, `"status":"completed"`, `"language":"de"`, `"duration":1.5`, "neither sound nor video")
	want(t, "from a URL", s.owner(t, "POST /v1/media/"+id, "file_url=https://example.com/b.wav&language=fr"), 200, `"failure_reason":null`)
	s.arrive(t)
	want(t, "read", s.owner(t, "GET /v1/media/"+id+"/transcript", ""), 200, "Spoken in fr")

	body, contentType = multipart([3]string{"file", "b.wav", wav}, [3]string{"file_url", "", "https://example.com/b.wav"})
	want(t, "both", s.owner(t, "POST /v1/media/"+id, body, "Content-Type", contentType), 400, `"message":"Invalid request: file_url is given beside file`)
	body, contentType = multipart([3]string{"file", "b.wav", strings.Repeat("x", sonix.MaxFile+1)})
	want(t, "too large", s.owner(t, "POST /v1/media/"+id, body, "Content-Type", contentType), 413, "file_url", "/upload-url")
	inside := fetchtest.Listen(t)
	for _, url := range inside.URLs() {
		if fetchtest.Named(url) {
			continue
		}
		body, err := json.Marshal(map[string]string{"file_url": url})
		if err != nil {
			t.Fatal(err)
		}
		want(t, url, s.owner(t, "POST /v1/media/"+id, string(body)), 400, `"message":"Invalid request: file_url `)
	}
	inside.Unreached(t)
	want(t, "as it was", s.owner(t, "GET /v1/media/"+id, ""), 200, `"status":"completed"`, `"failure_reason":null`)
}
