package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/lambdahttp"
)

// TestRecordedEvents makes a link and mails it, and turns a stranger away.
// KEY stands for the organization's key, TOKEN for the link's token.
func TestRecordedEvents(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("%PDF-1.7"))
	var log bytes.Buffer
	h := lambdahttp.Handler(outside{
		table: s.Table, objects: s.Objects, sealer: fake.Seal{}, post: s.Post, log: journal.New(&log, "latchkey"), ids: s.IDs, now: s.Clock.Now,
	}.handler("https://share.example.com"))
	token := regexp.MustCompile(`[cr][0-9A-Za-z]{27}`)
	for _, name := range []string{"create", "share", "stranger"} {
		in, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		out, err := h.Invoke(t.Context(), bytes.ReplaceAll(in, []byte("KEY"), []byte(s.Key)))
		if err != nil {
			t.Fatal(err)
		}
		fake.Golden(t, name+".golden.json", token.ReplaceAllString(string(out), "TOKEN")+"\n")
	}
	if n := len(s.Post.Letters()); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
	if token.MatchString(log.String()) || strings.Contains(log.String(), s.Key) {
		t.Errorf("the log has a secret: %s", log.String())
	}
	if diff := cmp.Diff(map[string]float64{"MailsSent": 1, "MailsRejected": 1}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
