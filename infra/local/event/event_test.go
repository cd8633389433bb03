package event_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"latchkey/infra/local/event"
	"latchkey/shared/table"
)

var update = flag.Bool("update", false, "write the golden files")

func maker() event.Maker {
	n := 0
	return event.Maker{
		Region: "eu-central-1",
		Now:    func() time.Time { return time.Date(2023, 11, 27, 9, 30, 0, 5e6, time.UTC) },
		NewID:  func() string { n++; return "id-" + strconv.Itoa(n) },
	}
}

func changes() []table.Change {
	at := time.Date(2023, 11, 27, 9, 30, 0, 5e6, time.UTC)
	old := table.Item{"pk": "share#1", "sk": "share", "limit": int64(5)}
	all := table.Item{"pk": "share#1", "sk": "share", "limit": int64(5), "claims": table.Set{"a", "b"}, "revoked": true, "token": []byte{0, 255}}
	return []table.Change{
		{ID: "1", At: at, New: old},
		{ID: "2", At: at, Old: old, New: all},
		{ID: "3", At: at, Old: all, Expired: true},
	}
}

func feedback(outcome string) func(event.Maker) ([]byte, error) {
	return func(m event.Maker) ([]byte, error) {
		return m.Feedback(outcome, event.Mail{
			ID: "m1", From: "links@example.com", To: "bob@example.org", SentAt: m.Now().Add(-time.Second),
			Tags: map[string]string{"organization": "o", "mailing": "g"},
		})
	}
}

func TestShapes(t *testing.T) {
	tests := []struct {
		name string
		make func(event.Maker) ([]byte, error)
		as   any // aws-lambda-go's type, which must know every field
	}{
		{"object_created", func(m event.Maker) ([]byte, error) {
			return m.ObjectCreated(event.Object{Bucket: "media", Key: "media/a b.mp4", Size: 5, ETag: "827c", Reason: "POST Object"})
		}, new(events.EventBridgeEvent)},
		{"bounce", feedback(event.Bounce), new(events.EventBridgeEvent)},
		{"complaint", feedback(event.Complaint), new(events.EventBridgeEvent)},
		{"delivery", feedback(event.Delivery), new(events.EventBridgeEvent)},
		{"tick", func(m event.Maker) ([]byte, error) { return m.Tick("sweep") }, new(events.EventBridgeEvent)},
		{"changes", func(m event.Maker) ([]byte, error) { return m.Changes("latchkey", changes()) }, new(events.DynamoDBEvent)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.make(maker())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".json", got)
			dec := json.NewDecoder(bytes.NewReader(got))
			dec.DisallowUnknownFields()
			if err := dec.Decode(tt.as); err != nil {
				t.Errorf("as %T: %v", tt.as, err)
			}
		})
	}
}

func TestChangesAsLambdaReadsThem(t *testing.T) {
	raw, err := maker().Changes("latchkey", changes())
	if err != nil {
		t.Fatal(err)
	}
	var e events.DynamoDBEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	im := e.Records[1].Change.NewImage
	got := []any{im["pk"].String(), im["limit"].Number(), im["claims"].StringSet(), im["revoked"].Boolean(), im["token"].Binary()}
	want := []any{"share#1", "5", []string{"a", "b"}, true, []byte{0, 255}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("new image (-want +got):\n%s", diff)
	}
	if u := e.Records[2].UserIdentity; u == nil || u.PrincipalID != "dynamodb.amazonaws.com" {
		t.Errorf("identity of an expiry = %v", u)
	}
	if !e.Records[0].Change.ApproximateCreationDateTime.Equal(changes()[0].At.Truncate(time.Second)) {
		t.Errorf("time = %v", e.Records[0].Change.ApproximateCreationDateTime)
	}
}

func TestChangesRefusesOtherTypes(t *testing.T) {
	_, err := maker().Changes("latchkey", []table.Change{{ID: "7", New: table.Item{"pk": "a", "sk": "b", "n": 1.5}}})
	if err == nil || !strings.Contains(err.Error(), "change 7: attribute n: type float64") {
		t.Errorf("err = %v", err)
	}
}

func TestLogs(t *testing.T) {
	lines := []string{`{"audit":"opened","share":"1"}`, "ünd"}
	raw, err := maker().Logs("/aws/lambda/open", "2023/11/27/[1]a", "audit", lines)
	if err != nil {
		t.Fatal(err)
	}
	var e events.CloudwatchLogsEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	got, err := e.AWSLogs.Parse()
	if err != nil {
		t.Fatal(err)
	}
	want := events.CloudwatchLogsData{
		Owner: "000000000000", LogGroup: "/aws/lambda/open", LogStream: "2023/11/27/[1]a", MessageType: "DATA_MESSAGE",
		SubscriptionFilters: []string{"audit"},
		LogEvents: []events.CloudwatchLogsLogEvent{
			{ID: "id-1", Timestamp: 1701077400005, Message: lines[0]},
			{ID: "id-2", Timestamp: 1701077400005, Message: lines[1]},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
}

func TestFailed(t *testing.T) {
	tests := []struct {
		name, answer string
		want         []string
		bad          bool
	}{
		{"nothing", "", nil, false},
		{"null", "null", nil, false},
		{"none", `{"batchItemFailures":[]}`, nil, false},
		{"two", `{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"3"}]}`, []string{"2", "3"}, false},
		{"not JSON", `oops`, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := event.Failed([]byte(tt.answer))
			if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != tt.bad {
				t.Errorf("err = %v, ids (-want +got):\n%s", err, diff)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
