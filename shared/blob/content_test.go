package blob_test

import (
	"fmt"
	"testing"

	"latchkey/shared/blob"
)

// Contents are read as they were put, and go by their prefix and no further.
func TestContents(t *testing.T) {
	c := blob.Contents{Bucket: serve(t, &fakeS3{})}
	const body = "\x1f\x8b gzip"
	keys := []string{"transcripts/o/r/d/1.json.gz", "transcripts/o/r/d/2.json.gz", "transcripts/o/r/dd/3.json.gz"}
	for _, key := range append(keys, keys[0]) { // the first has two versions
		if err := c.Put(t.Context(), key, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.Get(t.Context(), keys[0]); err != nil || string(got) != body {
		t.Errorf("%q, %v", got, err)
	}
	for range 2 { // repeating it is no error
		if err := c.DeleteAll(t.Context(), "transcripts/o/r/d/"); err != nil {
			t.Fatal(err)
		}
	}
	var left []string
	for _, key := range keys {
		if got, err := c.Get(t.Context(), key); err == nil && string(got) == body { // the fake marks what is deleted
			left = append(left, key)
		}
	}
	if fmt.Sprint(left) != fmt.Sprint(keys[2:]) {
		t.Errorf("left: %v", left)
	}
	if err := c.DeleteAll(t.Context(), ""); err == nil {
		t.Error("the whole bucket can be deleted")
	}
}
