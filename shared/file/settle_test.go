package file_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/file"
)

// lostAnswer writes a record and then says that it does not know.
type lostAnswer struct{ file.Store }

func (l lostAnswer) AddFile(ctx context.Context, f file.File, once account.Once) error {
	if err := l.Store.AddFile(ctx, f, once); err != nil {
		return err
	}
	return errors.New("connection reset")
}

func TestAReadyFileHasItsObjectAfterALostAnswer(t *testing.T) {
	s := fake.NewStack(t, nil)
	n := file.New{Name: "a", Once: account.Once{Key: "k", Digest: "d"}}
	store := s.Files.Store
	s.Files.Store = lostAnswer{store}
	if _, err := s.Files.CreateWithBody(ctx, s.Admin, n, []byte("x")); err == nil {
		t.Fatal("no error")
	}
	s.Files.Store = store
	f, err := s.Files.CreateWithBody(ctx, s.Admin, n, []byte("x"))
	if err != nil || f.State != file.Ready || s.Objects.Body(f.Object()) == nil {
		t.Errorf("%+v, %v, object %q", f, err, s.Objects.Body(f.Object()))
	}
}

// Media is looked into far from its beginning, and what was found stays.
func TestMediaIsProbed(t *testing.T) {
	s := fake.NewStack(t, nil)
	f, err := s.Files.Receive(ctx, s.Admin, "Talk", "recording")
	if err != nil {
		t.Fatal(err)
	}
	key := file.UploadPrefix + f.Organization + "/" + f.ID
	wav := "RIFF\x00\x00\x00\x00WAVEJUNK\x00\x00\x01\x00" + strings.Repeat("x", 1<<16) +
		"fmt \x10\x00\x00\x00\x01\x00\x01\x00\x08\x00\x00\x00\x10\x00\x00\x00\x02\x00\x10\x00data\x04\x00\x00\x00abcd"
	if err := s.Objects.Put(ctx, key, []byte(wav), "", ""); err != nil {
		t.Fatal(err)
	}
	for range 2 { // told at least once
		if f, err = s.Files.Uploaded(ctx, key); err != nil || f.State != file.Ready || f.Duration != 250 {
			t.Errorf("%+v, %v", f, err)
		}
	}
}

// A form lives for an hour, whatever becomes of its file: what it uploads
// later must not be handed out, nor stay.
func TestAFormThatIsSentAgain(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, put := form(t, s)
	upload := func(body string) {
		t.Helper()
		put(body)
		if _, err := s.Files.Uploaded(ctx, u.Fields["key"]); err != nil {
			t.Fatal(err)
		}
	}
	upload("the contract")
	f, err := s.Files.Get(ctx, s.Admin, u.File.ID)
	if err != nil || f.State != file.Ready || len(s.Objects.Keys()) != 1 {
		t.Fatalf("%+v, %v, objects %v", f, err, s.Objects.Keys())
	}
	upload("another contract")
	if got, _ := s.Files.Get(ctx, s.Admin, u.File.ID); !reflect.DeepEqual(got, f) || string(s.Objects.Body(f.Object())) != "the contract" {
		t.Errorf("the file became %+v with %q", got, s.Objects.Body(f.Object()))
	}
	if err := s.Files.Delete(ctx, s.Admin, u.File.ID); err != nil {
		t.Fatal(err)
	}
	upload("too late")
	for _, key := range s.Objects.Keys() {
		if !strings.HasPrefix(key, file.UploadPrefix) { // which the bucket empties by itself
			t.Errorf("%s stays", key)
		}
	}
}

// form announces a file and returns a way to send its form.
func form(t *testing.T, s *fake.Stack) (file.Upload, func(body string)) {
	t.Helper()
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	return u, func(body string) {
		if err := s.Objects.Put(ctx, u.Fields["key"], []byte(body), "application/octet-stream", ""); err != nil {
			t.Error(err)
		}
	}
}

// replacing lets another upload in between looking and copying.
type replacing struct {
	file.Objects
	with func()
}

func (r *replacing) Copy(ctx context.Context, from, etag, to string) error {
	if do := r.with; do != nil {
		r.with = nil
		do()
	}
	return r.Objects.Copy(ctx, from, etag, to)
}

func TestAnUploadReplacedWhileItIsLookedAt(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, put := form(t, s)
	put("one")
	s.Files.Objects = &replacing{s.Objects, func() { put("another") }}
	if f, err := s.Files.Get(ctx, s.Admin, u.File.ID); err != nil || f.State != file.Pending {
		t.Errorf("%+v, %v", f, err)
	}
	f, err := s.Files.Get(ctx, s.Admin, u.File.ID)
	if err != nil || f.Size != 7 || string(s.Objects.Body(f.Object())) != "another" {
		t.Errorf("%+v, %v", f, err)
	}
}

// Two that settle different uploads of one form at once: one wins, and the
// other's copy does not stay.
func TestTwoThatSettleAtOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, put := form(t, s)
	put("one")
	other := *s.Files
	s.Files.Objects = &replacing{s.Objects, func() {
		// The other one is faster: it settles what is there, and the form is
		// sent again with what we have looked at.
		put("another")
		if _, err := other.Get(ctx, s.Admin, u.File.ID); err != nil {
			t.Error(err)
		}
		put("one")
	}}
	f, err := s.Files.Get(ctx, s.Admin, u.File.ID)
	if err != nil || f.State != file.Ready || string(s.Objects.Body(f.Object())) != "another" {
		t.Errorf("%+v, %v", f, err)
	}
	if keys := s.Objects.Keys(); len(keys) != 2 || keys[0] != f.Object() {
		t.Errorf("objects %v, want the file's and the upload", keys)
	}
}

func TestALargeUploadIsLeftToItsEvent(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, _ := form(t, s)
	s.Files.Objects = large{s.Objects}
	if f, err := s.Files.Get(ctx, s.Admin, u.File.ID); err != nil || f.State != file.Pending {
		t.Errorf("%s, %v: a request must not copy it", f.State, err)
	}
}

// large has objects of a gigabyte.
type large struct{ file.Objects }

func (large) Head(context.Context, string) (file.Object, error) {
	return file.Object{Size: 1 << 30, ContentType: "application/octet-stream", ETag: "e"}, nil
}
