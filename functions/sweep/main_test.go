package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/effect"
	"latchkey/shared/fake"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// TestTheMinute sends what was put off, once; an event of long ago sends
// nothing.
func TestTheMinute(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
	sh, _ := s.Link(t, s.Admin, share.New{FileID: f.ID})
	s.Post.Throttle = true
	if _, err := s.Shares.Mail(t.Context(), s.Admin, share.MailRequest{Numbers: []int64{sh.Number}, Recipients: []string{"a@x.test"}}); err != nil {
		t.Fatal(err)
	}
	s.Post.Throttle = false
	event, err := os.ReadFile("testdata/minute.json")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := lambda.NewHandler(effect.Sweep{Mails: s.Shares, Jobs: s.Jobs, Log: journal.New(&log, "latchkey"), Now: s.Clock.Now}.Handle)
	for minute, want := range []int{0, 1, 1} {
		for _, try := range []struct {
			at   string
			want int
		}{{"1970-01-01T00:00:00Z", len(s.Post.Letters())}, {s.Clock.Now().Format(time.RFC3339), want}} {
			if _, err := h.Invoke(t.Context(), bytes.ReplaceAll(event, []byte("2023-11-27T09:43:39Z"), []byte(try.at))); err != nil {
				t.Fatal(err)
			}
			if n := len(s.Post.Letters()); n != try.want {
				t.Errorf("minute %d, event of %s: %d letters, want %d", minute, try.at, n, try.want)
			}
		}
		s.Clock.Advance(time.Minute)
	}
	if diff := cmp.Diff(map[string]float64{"MailsSent": 1}, fake.Counts(t, log.String())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
