package feed_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
	"latchkey/shared/table/dynamo/feed"
)

func sample(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/event.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, b []byte) events.DynamoDBEvent {
	t.Helper()
	var e events.DynamoDBEvent
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// An event in the shape of the sample in "Using AWS Lambda with Amazon
// DynamoDB": an item is created, changed, deleted,
// and another one deleted by time to live.
func TestStreamEvent(t *testing.T) {
	got, err := feed.Changes(read(t, sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	created := table.Item{"pk": "share#1", "sk": "share", "limit": int64(5), "open": true, "object": []byte{0, 1, 255}}
	claimed := table.Item{"pk": "share#1", "sk": "share", "limit": int64(5), "open": true, "object": []byte{0, 1, 255}, "claims": table.Set{"c1", "c2"}}
	at := time.Date(2023, 11, 27, 12, 0, 0, 0, time.UTC)
	want := []table.Change{
		{ID: "c81e728d9d4c2f636f067f89cc148601", At: at.Add(time.Second), New: created},
		{ID: "c81e728d9d4c2f636f067f89cc148602", At: at.Add(2 * time.Second), Old: created, New: claimed},
		{ID: "c81e728d9d4c2f636f067f89cc148603", At: at.Add(3 * time.Second), Old: claimed},
		{ID: "c81e728d9d4c2f636f067f89cc148604", At: at.Add(4 * time.Second), Expired: true,
			Old: table.Item{"pk": "upload#9", "sk": "upload", "ttl": int64(1701086000)}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Changes come back from the event that is made of them, through JSON, with
// the whole seconds of a stream.
func TestRoundTrip(t *testing.T) {
	it := table.Item{"pk": "p", "sk": "s", "empty": "", "n": int64(-1 << 63), "yes": true, "no": false, "b": []byte("x"), "none": []byte{}, "set": table.Set{"b", "a"}}
	at := time.Date(2023, 11, 27, 12, 0, 0, 0, time.UTC)
	want := []table.Change{{ID: "1", At: at, New: it}, {ID: "2", At: at, Old: it, New: table.Item{"pk": "p", "sk": "s"}},
		{ID: "3", At: at, Old: it}, {ID: "4", At: at, Old: it, Expired: true}}
	given := append([]table.Change{}, want...)
	given[0].At = at.Add(999 * time.Millisecond)
	b, err := json.Marshal(feed.Event(given))
	if err != nil {
		t.Fatal(err)
	}
	got, err := feed.Changes(read(t, b))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBadRecords(t *testing.T) {
	images := func(name, old, new string) string {
		return `{"Records":[{"eventID":"1","eventName":"` + name + `","dynamodb":{"OldImage":` + old + `,"NewImage":` + new + `}}]}`
	}
	const it = `{"pk":{"S":"p"},"sk":{"S":"s"}}`
	tests := map[string]string{
		"a change without the old image":   images("MODIFY", "null", it),
		"a deletion without the old image": images("REMOVE", "null", "null"),
		"a creation with an old image":     images("INSERT", it, it),
		"an unknown name":                  images("RENAME", it, it),
		"no key":                           images("INSERT", "null", `{"pk":{"S":"p"}}`),
		"a key of a number":                images("INSERT", "null", `{"pk":{"S":"p"},"sk":{"N":"1"}}`),
		"a list":                           images("INSERT", "null", `{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"L":[]}}`),
		"a fraction":                       images("INSERT", "null", `{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"1.5"}}`),
		"no id":                            `{"Records":[{"eventName":"INSERT","dynamodb":{"NewImage":` + it + `}}]}`,
		"nothing":                          `{"Records":[{}]}`,
	}
	for name, event := range tests {
		if got, err := feed.Changes(read(t, []byte(event))); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, err := feed.Changes(read(t, []byte(images("INSERT", "null", it)))); err != nil || len(got) != 1 {
		t.Errorf("a good one: %+v, error %v", got, err)
	}
}

func FuzzChanges(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(`{"Records":[{"eventID":"1","eventName":"INSERT","dynamodb":{"NewImage":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{}}}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e events.DynamoDBEvent
		if json.Unmarshal(b, &e) != nil {
			return
		}
		changes, err := feed.Changes(e)
		if err != nil {
			return
		}
		again, err := feed.Changes(feed.Event(changes))
		if err != nil {
			t.Fatal(err)
		}
		for i := range changes {
			changes[i].At = changes[i].At.Truncate(time.Second)
		}
		if d := cmp.Diff(changes, again); d != "" {
			t.Errorf("(-first +again):\n%s", d)
		}
	})
}
