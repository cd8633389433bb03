package main

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/journal"
)

// TestMedia makes a media of a file, shares it and deletes it.
func TestMedia(t *testing.T) {
	s := fake.NewStack(t, nil)
	var log bytes.Buffer
	c := fake.Client{Handler: outside{
		table: s.Table, objects: s.Objects, presign: fake.Presign{Now: s.Clock.Now}, contents: s.Contents, sealer: fake.Seal{}, post: s.Post, invite: s.Post,
		log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler("https://share.example.com")}
	key := []string{"Authorization", "Bearer " + s.Key}
	made := c.Do(t, "POST /v1/media", `{"file_url":"https://example.com/a.mp3","language":"en"}`, key...)
	var media struct {
		ID  string
		URL string `json:"public_url"`
	}
	made.JSON(t, &media)
	if made.Status != 200 || !strings.HasPrefix(media.URL, "https://share.example.com/r/") {
		t.Fatalf("%d %s %s", made.Status, made.Body, log.String())
	}
	shared := c.Do(t, "POST /v1/media/"+media.ID+"/shares", `{"email":"a@b.test"}`, key...)
	if shared.Status != 200 || len(s.Post.Letters()) != 1 {
		t.Errorf("%d %s %s", shared.Status, shared.Body, log.String())
	}
	if gone := c.Do(t, "DELETE /v1/media/"+media.ID, "", key...); gone.Status != 200 || strings.TrimSpace(gone.Body) != `{"status":204}` {
		t.Errorf("%d %s", gone.Status, gone.Body)
	}
	if strings.Contains(log.String(), media.URL) || strings.Contains(log.String(), s.Key) {
		t.Errorf("the log has a secret: %s", log.String())
	}
}
