package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
)

// TestHiddenRecordings: the media of a recording that somebody does not see is
// to them a file that there is not, whatever they want to do with it. To who
// sees it, it is none that can be shared.
//
// contract: SC-11, SC-35
func TestHiddenRecordings(t *testing.T) {
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	s := fake.NewStack(t, nil)
	c := client(s, io.Discard)
	folder, err := s.Recordings.AddFolder(t.Context(), s.Admin, recording.FolderChange{
		Name: ptr("Board"), Visible: ptr(recording.Restricted), Users: []string{"ann@acme.test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Recordings.Create(t.Context(), s.Admin, recording.NewRecording{Language: "en", FolderID: folder.ID})
	if err == nil {
		r, err = s.Recordings.PutMedia(t.Context(), s.Admin, r, []byte("RIFF0000WAVEfmt "))
	}
	if err != nil {
		t.Fatal(err)
	}
	for email, status := range map[string]int{"ann@acme.test": 422, "bob@acme.test": 404} {
		if _, err := s.Accounts.Invite(t.Context(), s.Admin, account.NewUser{Email: email, Role: string(account.ProducerUser)}); err != nil {
			t.Fatal(err)
		}
		_, secret, err := s.Accounts.CreateKey(t.Context(), s.Admin, "k", email, account.Once{})
		if err != nil {
			t.Fatal(err)
		}
		for call, body := range map[string]string{
			"POST /v1/shares/" + r.FileID: `{"recipientEmail":"r@new.test","assetId":"` + asset + `"}`,
			"POST /v1/documents/assets/" + r.FileID + "/" + asset + "/" + s.Admin.Organization:      "",
			"POST /v1/documents/maintenance/" + asset + "/" + r.FileID + "/" + s.Admin.Organization: "",
		} {
			if a := c.Do(t, call, body, "Authorization", "Bearer "+secret); a.Status != status {
				t.Errorf("%s: %s: %d %s, want %d", email, call, a.Status, a.Body, status)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// client calls the function over a stack.
func client(s *fake.Stack, log io.Writer) fake.Client {
	return fake.Client{Handler: outside{
		table: s.Table, objects: s.Objects, sealer: fake.Seal{}, post: s.Post, verdicts: s.Post,
		log: journal.New(log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler("https://share.example.com")}
}

// TestFileshares shares a document, lists it, and is asked where its recipient
// stands.
func TestFileshares(t *testing.T) {
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	s := fake.NewStack(t, nil)
	var log bytes.Buffer
	c := client(s, &log)
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
