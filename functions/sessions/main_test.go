package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestShared makes a document's link, opens it and deletes the document.
func TestShared(t *testing.T) {
	s := fake.NewStack(t, nil)
	var log bytes.Buffer
	c := fake.Client{Handler: outside{
		table: s.Table, objects: s.Objects, presign: fake.Presign{Now: s.Clock.Now}, contents: s.Contents, sealer: fake.Seal{}, post: s.Post,
		log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler("https://share.example.com")}
	ctx := context.Background()
	rec, err := s.Recordings.Create(ctx, s.Admin, recording.NewRecording{Name: "Board", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Recordings.Own(ctx, s.Admin, account.WriteRecordings, rec.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	said := &transcript.Transcript{Segments: []transcript.Segment{{End: 900, Words: []transcript.Word{{Text: "Hello", End: 900}}}}}
	doc, err := s.Recordings.AddDocument(ctx, a, recording.NewDocument{Filename: "Minutes", Transcript: said})
	if err != nil {
		t.Fatal(err)
	}
	session := "/api/v3/speech-to-text/session/sess_" + rec.ID
	document := "/document/doc_" + doc.ID
	made := c.Do(t, "POST "+session+document+"/share", "", "Authorization", "Bearer "+s.Key)
	_, token, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(made.Body), `"}}`), "?token=")
	if !ok || !strings.Contains(made.Body, `"link":"https://share.example.com/shared/transcript/`) {
		t.Fatalf("%d %s %s", made.Status, made.Body, log.String())
	}
	if got := c.Do(t, "GET "+session+"/shared"+document+"?token="+token, ""); got.Status != 200 || !strings.Contains(got.Body, "Hello") {
		t.Errorf("%d %s %s", got.Status, got.Body, log.String())
	}
	mailed := c.Do(t, "POST "+session+document+"/share/email", `{"emails":["a@b.test"]}`, "Authorization", "Bearer "+s.Key)
	if mailed.Status != 200 || len(s.Post.Letters()) != 1 {
		t.Errorf("%d %s", mailed.Status, mailed.Body)
	}
	if gone := c.Do(t, "DELETE "+session, "", "Authorization", "Bearer "+s.Key); gone.Status != 204 {
		t.Errorf("%d %s", gone.Status, gone.Body)
	}
	if strings.Contains(log.String(), token) || strings.Contains(log.String(), s.Key) {
		t.Errorf("the log has a secret: %s", log.String())
	}
}
