package blob_test

import (
	"fmt"
	"io"
	"strings"
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

// Results are texts, for those who look at that.
func TestResults(t *testing.T) {
	b := serve(t, &fakeS3{})
	r := blob.Results{Contents: blob.Contents{Bucket: b}}
	if err := r.Put(t.Context(), "engines/words.txt", []byte("Phrase")); err != nil {
		t.Fatal(err)
	}
	got, err := r.Get(t.Context(), "engines/words.txt")
	if err != nil || string(got) != "Phrase" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := b.Head(t.Context(), "engines/words.txt"); err != nil || info.ContentType != "text/plain; charset=utf-8" {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestMedia: what is there is told from what is not.
func TestMedia(t *testing.T) {
	m := blob.Media{Bucket: serve(t, &fakeS3{})}
	if err := m.Stream(t.Context(), "engines/p/1", strings.NewReader("piece")); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"engines/p/1": true, "engines/p/2": false} {
		if got, err := m.Has(t.Context(), key); err != nil || got != want {
			t.Errorf("%s: %v, %v", key, got, err)
		}
	}
	body, err := m.Open(t.Context(), "engines/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if got, err := io.ReadAll(body); err != nil || string(got) != "piece" {
		t.Errorf("%q, %v", got, err)
	}
}
