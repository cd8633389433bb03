package effect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/file"
	"latchkey/shared/journal"
	"latchkey/shared/share"
	"latchkey/shared/table/dynamo/feed"
)

var ctx = context.Background()

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func handle(t *testing.T, h Handler, payload any) (any, error) {
	t.Helper()
	b, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return h.Handle(ctx, b)
}

func TestUsesOfTheStreamBecomeEvents(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
	sh, token := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 5})
	s.Clock.Advance(time.Second)
	s.Memory.Record(s.Clock.Now)
	if _, err := s.Shares.Follow(ctx, token, share.Visit{RequestID: "r", From: "192.0.2.1", Agent: "curl"}); err != nil {
		t.Fatal(err)
	}
	batch := feed.Event(s.Memory.Changes())
	for range 2 {
		answer, err := handle(t, Handler{Files: s.Files, Media: s.Recordings, Trail: s.Shares, Jobs: s.Jobs, Log: quiet()}, batch)
		if diff := cmp.Diff(Answer{}, answer); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	}
	trail, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 10})
	if err != nil || len(trail) != 2 || trail[0].Type != share.Downloaded || trail[0].From != "192.0.2.1" {
		t.Errorf("%+v, %v", trail, err)
	}
}

// trail fails for events of one share.
type trail struct {
	bad  string
	kept []string
}

func (r *trail) RecordEvents(_ context.Context, events []share.Event) error {
	for _, e := range events {
		if e.Share == r.bad {
			return errors.New("throttled")
		}
	}
	for _, e := range events {
		r.kept = append(r.kept, e.Share)
	}
	return nil
}

func claimRecord(id string) events.DynamoDBEventRecord {
	image := map[string]events.DynamoDBAttributeValue{
		"pk": events.NewStringAttribute("share#r1"), "sk": events.NewStringAttribute("claim#c"),
		"id": events.NewStringAttribute(id), "org": events.NewStringAttribute("o"), "file": events.NewStringAttribute("f"),
		"useat": events.NewNumberAttribute("1701078219000"),
	}
	return events.DynamoDBEventRecord{EventID: id, EventName: "INSERT", EventSource: "aws:dynamodb", Change: events.DynamoDBStreamRecord{
		Keys: map[string]events.DynamoDBAttributeValue{"pk": image["pk"], "sk": image["sk"]}, NewImage: image,
		SequenceNumber: "seq-" + id, StreamViewType: "NEW_AND_OLD_IMAGES",
	}}
}

func TestTheFirstFailedChangeIsReported(t *testing.T) {
	for name, tt := range map[string]struct {
		batch []events.DynamoDBEventRecord
		want  string
		kept  []string
	}{
		"the store fails":       {[]events.DynamoDBEventRecord{claimRecord("a"), claimRecord("bad"), claimRecord("c")}, "seq-bad", []string{"a"}},
		"a record of no images": {[]events.DynamoDBEventRecord{claimRecord("a"), {EventName: "MODIFY", Change: events.DynamoDBStreamRecord{SequenceNumber: "seq-x"}}}, "seq-x", []string{"a"}},
		"all well":              {[]events.DynamoDBEventRecord{claimRecord("a"), claimRecord("c")}, "", []string{"a", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &trail{bad: "bad"}
			var log bytes.Buffer
			answer, err := handle(t, Handler{Trail: r, Log: journal.New(&log, "latchkey")}, events.DynamoDBEvent{Records: tt.batch})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if failed := answer.(Answer).BatchItemFailures; len(failed) > 0 {
				got = failed[0].ItemIdentifier
			}
			if (tt.want != "") != strings.Contains(log.String(), `"cause":"`) {
				t.Errorf("the log is %q", log.String())
			}
			if diff := cmp.Diff(tt.kept, r.kept); got != tt.want || diff != "" {
				t.Errorf("reported %q, want %q; kept (-want +got):\n%s", got, tt.want, diff)
			}
		})
	}
}

func TestAnUploadedObjectIsSettled(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a b&c.pdf", ContentType: "application/pdf"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Objects.Put(ctx, u.Fields["key"], []byte("x"), "application/pdf", ""); err != nil {
		t.Fatal(err)
	}
	created := map[string]any{"detail-type": "Object Created", "source": "aws.s3", "detail": map[string]any{
		"bucket": map[string]any{"name": "b"}, "object": map[string]any{"key": u.Fields["key"], "size": 1},
	}}
	if _, err := handle(t, Handler{Files: s.Files, Media: s.Recordings, Trail: s.Shares, Jobs: s.Jobs, Log: quiet()}, created); err != nil {
		t.Fatal(err)
	}
	f, err := s.Files.Store.File(ctx, s.Admin.Organization, u.File.ID)
	if err != nil || f.State != file.Ready {
		t.Errorf("%s, %v", f.State, err)
	}
}

func logBatch(t *testing.T, lines ...string) map[string]any {
	t.Helper()
	var data events.CloudwatchLogsData
	for _, l := range lines {
		data.LogEvents = append(data.LogEvents, events.CloudwatchLogsLogEvent{Message: l})
	}
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if err := json.NewEncoder(z).Encode(data); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return map[string]any{"awslogs": map[string]any{"data": buf.Bytes()}}
}

func TestAuditLinesBecomeEvents(t *testing.T) {
	var buf bytes.Buffer
	want := share.Event{ID: "e1", Organization: "o", Share: "s1", Type: share.Opened, At: fake.Start, From: "192.0.2.1"}
	journal.Auditor{Log: journal.New(&buf, "latchkey")}.Record(ctx, want)
	got, ok := journal.ParseAudit(buf.Bytes())
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Fatalf("the line %s reads as (-want +got):\n%s", buf.Bytes(), diff)
	}
	r := new(trail)
	batch := logBatch(t, buf.String(), `{"msg":"request","status":302}`, "START RequestId: 1", `{"audit":{}}`, `{"audit":7}`, "")
	if _, err := handle(t, Handler{Trail: r, Log: quiet()}, batch); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"s1"}, r.kept); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownPayloadsAreErrors(t *testing.T) {
	for _, payload := range []string{
		`{}`, `[]`, `7`, `{"detail-type":"Object Deleted"}`, `{"detail-type":"Object Created","detail":{}}`,
		`{"awslogs":{"data":"bm90IGd6aXA="}}`, `{"Records":7}`, `{`,
	} {
		if _, err := (Handler{Trail: new(trail)}).Handle(ctx, json.RawMessage(payload)); err == nil {
			t.Errorf("%s: no error", payload)
		}
	}
}

func FuzzHandle(f *testing.F) {
	f.Add([]byte(`{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"share#x"}}}}]}`))
	f.Add([]byte(`{"awslogs":{"data":"H4sIAAAAAAAA"}}`))
	f.Add([]byte(fmt.Sprintf(`{"detail-type":"Object Created","detail":{"object":{"key":%q}}}`, "media/o/f")))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = (Handler{Files: noFiles{}, Trail: new(trail), Log: quiet()}).Handle(ctx, payload) // must not panic
	})
}

type noFiles struct{}

func (noFiles) Uploaded(context.Context, string) (file.File, error) { return file.File{}, nil }
