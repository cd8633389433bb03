package main

import (
	"bytes"
	"strings"
	"testing"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
)

// TestFileshares shares a document, lists it, and is asked where its recipient
// stands.
func TestFileshares(t *testing.T) {
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	s := fake.NewStack(t, nil)
	var log bytes.Buffer
	c := fake.Client{Handler: outside{
		table: s.Table, objects: s.Objects, sealer: fake.Seal{}, post: s.Post, verdicts: s.Post,
		log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler("https://share.example.com")}
	f, err := s.Files.CreateWithBody(t.Context(), s.Admin, file.New{Name: "d.pdf", Kind: file.AssetDocument, Assets: []string{asset}}, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	key := []string{"Authorization", "Bearer " + s.Key}
	shared := c.Do(t, "POST /api/storage/v1/shares/"+f.ID, `{"recipientEmail":"r@new.test","assetId":"`+asset+`"}`, key...)
	if shared.Status != 201 || strings.TrimSpace(shared.Body) != `{"data":{}}` {
		t.Fatalf("%d %s %s", shared.Status, shared.Body, log.String())
	}
	if sent := c.Do(t, "GET /v1/shares", "", key...); sent.Status != 200 || !strings.Contains(sent.Body, f.ID) {
		t.Errorf("%d %s", sent.Status, sent.Body)
	}
	form := "grant_type=password&username=nobody%40new.test&password=none+of+theirs"
	if a := c.Do(t, "POST /realms/any/protocol/openid-connect/token", form, "Content-Type", "application/x-www-form-urlencoded"); a.Status != 400 || !strings.Contains(a.Body, "invalid_grant") {
		t.Errorf("sign-in: %d %s", a.Status, a.Body)
	}
	letters := s.Post.Letters()
	if len(letters) != 1 || !strings.HasPrefix(letters[0].Links[0].URL, "https://share.example.com/s/h") {
		t.Fatalf("%+v", letters)
	}
	if strings.Contains(log.String(), strings.TrimPrefix(letters[0].Links[0].URL, "https://share.example.com/s/")) || strings.Contains(log.String(), s.Key) {
		t.Errorf("the log has a secret: %s", log.String())
	}
}
