package blob_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/blob"
	"latchkey/shared/fault"
)

func checksum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func put(t *testing.T, b *blob.Bucket, key, body string) {
	t.Helper()
	o := blob.PutOptions{ContentType: "text/plain", ContentEncoding: "identity", SHA256: checksum(body)}
	if err := b.Put(t.Context(), key, strings.NewReader(body), o); err != nil {
		t.Fatal(err)
	}
}

func TestPutHeadOpen(t *testing.T) {
	b := serve(t, &fakeS3{})
	const key = "org 1/träck+50%.txt"
	put(t, b, key, "hello")
	want := blob.Info{Size: 5, ContentType: "text/plain", ETag: `"0"`, SHA256: checksum("hello")}
	info, err := b.Head(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, info); d != "" {
		t.Error("head (-want +got)\n" + d)
	}
	r, info, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
		t.Errorf("read %q, %v", got, err)
	}
	if d := cmp.Diff(want, info); d != "" {
		t.Error("open (-want +got)\n" + d)
	}
}

func TestPeek(t *testing.T) {
	b := serve(t, &fakeS3{})
	put(t, b, "a", "hello")
	put(t, b, "empty", "")
	for _, tt := range []struct {
		key    string
		offset int64
		n      int
		want   string
	}{
		{"a", 0, 2, "he"}, {"a", 1, 3, "ell"}, {"a", 3, 9, "lo"}, {"a", 0, 99, "hello"}, {"a", 5, 1, ""}, {"a", 99, 1, ""}, {"empty", 0, 9, ""},
	} {
		info, err := b.Head(t.Context(), tt.key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Peek(t.Context(), tt.key, info.ETag, tt.offset, tt.n); err != nil || string(got) != tt.want {
			t.Errorf("%s: %d at %d is %q, %v, want %q", tt.key, tt.n, tt.offset, got, err, tt.want)
		}
	}
	if _, err := b.Peek(t.Context(), "a", `"other"`, 0, 9); !fault.Is(err, fault.Conflict) {
		t.Errorf("of another content: %v", err)
	}
	if _, err := b.Peek(t.Context(), "none", `"other"`, 0, 9); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

func TestErrors(t *testing.T) {
	f := &fakeS3{}
	b := serve(t, f)
	head := func() error { _, err := b.Head(t.Context(), "none"); return err }
	open := func() error { _, _, err := b.Open(t.Context(), "none"); return err }
	for _, tt := range []struct {
		name, fails string
		do          func() error
		want        fault.Kind
	}{
		{"head of nothing", "", head, fault.NotFound},
		{"open of nothing", "", open, fault.NotFound},
		{"head refused", "AccessDenied", head, fault.Internal},
		{"open refused", "AccessDenied", open, fault.Internal},
		{"no bucket", "NoSuchBucket", open, fault.Internal},
		{"put refused", "AccessDenied", func() error { return b.Put(t.Context(), "k", strings.NewReader("x"), blob.PutOptions{}) }, fault.Internal},
		{"wrong checksum", "", func() error {
			return b.Put(t.Context(), "k", strings.NewReader("x"), blob.PutOptions{SHA256: checksum("y")})
		}, fault.Invalid},
		{"delete refused", "AccessDenied", func() error { return b.Delete(t.Context(), "k") }, fault.Internal},
		{"create refused", "AccessDenied", func() error { _, err := b.CreateUpload(t.Context(), "k", ""); return err }, fault.Internal},
		{"abort refused", "AccessDenied", func() error { return b.AbortUpload(t.Context(), "k", "u") }, fault.Internal},
		{"complete nothing", "", func() error { return b.CompleteUpload(t.Context(), "k", "u", []blob.Part{{Number: 1, ETag: "e1"}}) }, fault.NotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.fails = tt.fails
			err := tt.do()
			if err == nil || fault.As(err).Kind != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// living returns the keys of versions that were not deleted.
func (f *fakeS3) living() []string {
	var keys []string
	for _, v := range f.versions {
		if v.body != "deleted" {
			keys = append(keys, v.key)
		}
	}
	return keys
}

func TestDelete(t *testing.T) {
	stored := []string{"a/1", "a/1", "a/1", "a/1", "a/1", "a/10", "a/11", "a/12", "b"}
	for _, tt := range []struct {
		name string
		do   func(b *blob.Bucket) error
		want []string
		asks int
	}{
		{"all versions of one object", func(b *blob.Bucket) error { return b.Delete(t.Context(), "a/1") }, []string{"a/10", "a/11", "a/12", "b"}, 6},
		{"one object", func(b *blob.Bucket) error { return b.Delete(t.Context(), "b") }, stored[:8], 2},
		{"nothing", func(b *blob.Bucket) error { return b.Delete(t.Context(), "c") }, stored, 1},
		{"only a longer name", func(b *blob.Bucket) error { return b.Delete(t.Context(), "a") }, stored, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeS3{}
			b := serve(t, f)
			for _, key := range stored {
				put(t, b, key, "x")
			}
			f.asked = nil
			if err := tt.do(b); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, f.living()); d != "" {
				t.Error("(-want +got)\n" + d)
			}
			if len(f.asked) != tt.asks {
				t.Errorf("%d requests, want %d: %q", len(f.asked), tt.asks, f.asked)
			}
		})
	}
}

func TestDeleteReportsWhatStays(t *testing.T) {
	f := &fakeS3{stuck: "a"}
	b := serve(t, f)
	put(t, b, "a", "x")
	if err := b.Delete(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("error %v", err)
	}
}

func TestUpload(t *testing.T) {
	f := &fakeS3{}
	b := serve(t, f)
	id, err := b.CreateUpload(t.Context(), "film.mp4", "video/mp4")
	if err != nil {
		t.Fatal(err)
	}
	for n, body := range map[int]string{1: "one", 2: "two", 3: "three", 4: "4", 5: "5"} {
		f.uploads[id][n] = body
	}
	parts := []blob.Part{{1, "e1"}, {2, "e2"}, {3, "e3"}, {4, "e4"}, {5, "e5"}}
	err = b.CompleteUpload(t.Context(), "film.mp4", id, []blob.Part{{Number: 1, ETag: "e9"}})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong part: %v", err)
	}
	parts[0], parts[4] = parts[4], parts[0]
	if err := b.CompleteUpload(t.Context(), "film.mp4", id, parts); err != nil {
		t.Fatal(err)
	}
	r, _, err := b.Open(t.Context(), "film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(r); string(got) != "onetwothree45" {
		t.Errorf("stored %q", got)
	}
}

func TestAbortUpload(t *testing.T) {
	f := &fakeS3{}
	b := serve(t, f)
	id, err := b.CreateUpload(t.Context(), "film.mp4", "video/mp4")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time is no error
		if err := b.AbortUpload(t.Context(), "film.mp4", id); err != nil {
			t.Error(err)
		}
	}
	if len(f.uploads) != 0 {
		t.Errorf("uploads %v", f.uploads)
	}
}

func TestCopy(t *testing.T) {
	f := &fakeS3{}
	b := serve(t, f)
	put(t, b, "uploads/o/a b+%41&é", "hello")
	if err := b.Copy(t.Context(), "uploads/o/a b+%41&é", `"0"`, "media/o/f/1"); err != nil {
		t.Fatal(err)
	}
	r, info, err := b.Open(t.Context(), "media/o/f/1")
	if err != nil || info.ContentType != "text/plain" {
		t.Fatalf("%+v, %v", info, err)
	}
	if got, _ := io.ReadAll(r); string(got) != "hello" {
		t.Errorf("the copy is %q", got)
	}
	if err := b.Copy(t.Context(), "uploads/o/a b+%41&é", `"9"`, "x"); !fault.Is(err, fault.Conflict) {
		t.Errorf("with another ETag: %v", err)
	}
	if err := b.Copy(t.Context(), "nothing", `"0"`, "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}
