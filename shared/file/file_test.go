package file_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

var ctx = context.Background()

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func wantFault(t *testing.T, err error, kind fault.Kind, field string) {
	t.Helper()
	if e := fault.As(err); e == nil || e.Kind != kind || e.Field != field {
		t.Errorf("got %v, want %s of %q", err, kind, field)
	}
}

func TestCreateValidates(t *testing.T) {
	s := fake.NewStack(t, nil)
	tests := []struct {
		name  string
		n     file.New
		kind  fault.Kind
		field string
	}{
		{"no name", file.New{Name: " "}, fault.Missing, "name"},
		{"long name", file.New{Name: strings.Repeat("é", 600)}, fault.Invalid, "name"},
		{"NUL", file.New{Name: "a\x00b"}, fault.Invalid, "name"},
		{"bad UTF-8", file.New{Name: "a\xff"}, fault.Invalid, "name"},
		{"no media type", file.New{Name: "a", ContentType: "pdf"}, fault.Invalid, "content_type"},
		{"header injection", file.New{Name: "a", ContentType: "text/plain\r\nX: y"}, fault.Invalid, "content_type"},
		{"negative size", file.New{Name: "a", Size: -1}, fault.Invalid, "size"},
		{"beyond S3", file.New{Name: "a", Size: file.MaxBytes + 1}, fault.Invalid, "size"},
		{"checksum in hex", file.New{Name: "a", SHA256: strings.Repeat("ab", 32)}, fault.Invalid, "sha256"},
		{"checksum of parts", file.New{Name: "a", Parts: true, SHA256: digest(nil)}, fault.Invalid, "sha256"},
		{"kind", file.New{Name: "a", Kind: "virus"}, fault.Invalid, "kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Files.Create(ctx, s.Admin, tt.n)
			wantFault(t, err, tt.kind, tt.field)
		})
	}
}

func TestAnUploadIsNoticedByItself(t *testing.T) {
	body := []byte("hello")
	tests := []struct {
		name   string
		n      file.New
		body   []byte
		typ    string
		state  file.State
		reason string
	}{
		{"as announced", file.New{Name: "a", ContentType: "text/plain", Size: 5, SHA256: digest(body)}, body, "text/plain", file.Ready, ""},
		{"nothing announced", file.New{Name: "a", ContentType: "text/plain"}, body, "text/plain", file.Ready, ""},
		{"empty", file.New{Name: "a", ContentType: "text/plain"}, nil, "text/plain", file.Ready, ""},
		{"another size", file.New{Name: "a", ContentType: "text/plain", Size: 6}, body, "text/plain", file.Rejected, "its size is not the one announced"},
		{"another content", file.New{Name: "a", ContentType: "text/plain", SHA256: digest([]byte("x"))}, body, "text/plain", file.Rejected, "its SHA-256 is not the one announced"},
		{"another type", file.New{Name: "a", ContentType: "text/plain"}, body, "text/html", file.Rejected, "its type is not the one announced"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fake.NewStack(t, nil)
			u, err := s.Files.Create(ctx, s.Admin, tt.n)
			if err != nil || u.Method != "POST" || !strings.HasPrefix(u.Fields["key"], "uploads/") {
				t.Fatalf("%+v, %v", u, err)
			}
			if f, err := s.Files.Get(ctx, s.Admin, u.File.ID); err != nil || f.State != file.Pending {
				t.Fatalf("before the upload: %s, %v", f.State, err)
			}
			if err := s.Objects.Put(ctx, u.Fields["key"], tt.body, tt.typ, ""); err != nil {
				t.Fatal(err)
			}
			for range 2 { // S3's events come at least once
				if _, err := s.Files.Uploaded(ctx, u.Fields["key"]); err != nil {
					t.Fatal(err)
				}
			}
			f, err := s.Files.Store.File(ctx, s.Admin.Organization, u.File.ID)
			if err != nil || f.State != tt.state || f.Reason != tt.reason || f.Size != int64(len(tt.body)) || f.ReadyAt.IsZero() {
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

func TestAnUploadIsNoticedBeforeItsEvent(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Objects.Put(ctx, u.Fields["key"], []byte("x"), "application/octet-stream", ""); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Files.ByMediaID(ctx, s.Admin, u.File.MediaID); err != nil || f.State != file.Ready {
		t.Errorf("%s, %v", f.State, err)
	}
}

func TestUploadedOfWhatIsNoFile(t *testing.T) {
	s := fake.NewStack(t, nil)
	for _, key := range []string{"", "other/x", "media/", "media/a", "media/a/b/c", "media/nobody/nothing", "uploads/nobody/nothing", "uploads/"} {
		if _, err := s.Files.Uploaded(ctx, key); err != nil {
			t.Errorf("%q: %v: an event that is repeated for ever", key, err)
		}
	}
}

func TestUploadInParts(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "film.mp4", Size: 6 << 30})
	if err != nil || u.Method != "PUT" || u.PartCount != 96 || len(u.Parts) != 96 || u.PartSize != 64<<20 {
		t.Fatalf("%d of %d parts of %d bytes by %s, %v", len(u.Parts), u.PartCount, u.PartSize, u.Method, err)
	}
	u, err = s.Files.Create(ctx, s.Admin, file.New{Name: "film.mp4", Parts: true})
	if err != nil || u.PartCount != 0 || len(u.Parts) != file.PageParts {
		t.Fatalf("of unknown size: %d parts, %v", len(u.Parts), err)
	}
	more, err := s.Files.Parts(ctx, s.Admin, u.File.ID, 100)
	if err != nil || more.Parts[0].Number != 101 {
		t.Fatalf("more parts: %+v, %v", more.Parts, err)
	}
	parts := []file.Part{
		{Number: 1, ETag: s.Objects.PutPart(u.File.Object(), u.File.UploadID, 1, []byte("one "))},
		{Number: 2, ETag: s.Objects.PutPart(u.File.Object(), u.File.UploadID, 2, []byte("two"))},
	}
	for name, bad := range map[string][]file.Part{
		"none": nil, "descending": {parts[1], parts[0]}, "twice": {parts[0], parts[0]}, "never uploaded": {{Number: 3, ETag: "x"}},
		"number 0": {{Number: 0, ETag: "x"}}, "number 10001": {{Number: 10001, ETag: "x"}}, "without an etag": {{Number: 1}},
	} {
		if _, err := s.Files.Complete(ctx, s.Admin, u.File.ID, bad); fault.As(err) == nil || fault.As(err).Field != "parts" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // a lost answer is repaired by asking again
		f, err := s.Files.Complete(ctx, s.Admin, u.File.ID, parts)
		if err != nil || f.State != file.Ready || f.Size != 7 {
			t.Fatalf("%+v, %v", f, err)
		}
	}
	if got := string(s.Objects.Body(u.File.Object())); got != "one two" {
		t.Errorf("the object is %q", got)
	}
	_, err = s.Files.Parts(ctx, s.Admin, u.File.ID, 0)
	wantFault(t, err, fault.Conflict, "")
}

// The largest object S3 takes fits into the parts it allows.
func TestPartsCoverTheLargestFile(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a", Size: file.MaxBytes})
	if err != nil || u.PartCount > file.MaxParts || u.PartSize > 5<<30 || int64(u.PartCount)*u.PartSize < file.MaxBytes {
		t.Errorf("%d parts of %d, %v", u.PartCount, u.PartSize, err)
	}
}

func TestCreateWithBody(t *testing.T) {
	s := fake.NewStack(t, nil)
	body := []byte("hello")
	f := s.Upload(t, s.Admin, "a.txt", "text/plain", body)
	if f.State != file.Ready || f.Size != 5 || f.SHA256 != digest(body) || string(s.Objects.Body(f.Object())) != "hello" {
		t.Errorf("%+v", f)
	}
	_, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "a"}, make([]byte, file.MaxBodyBytes+1))
	wantFault(t, err, fault.TooLarge, "")
	_, err = s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "a", SHA256: digest(nil)}, body)
	wantFault(t, err, fault.Invalid, "sha256")
	_, err = s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "a", Size: 4}, body)
	wantFault(t, err, fault.Invalid, "size")
}

func TestCreateOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	n := file.New{Name: "a", Parts: true, Once: account.Once{Key: "k", Digest: "d"}}
	first, err := s.Files.Create(ctx, s.Admin, n)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Files.Create(ctx, s.Admin, n)
	if err != nil || again.File.ID != first.File.ID || again.File.UploadID != first.File.UploadID {
		t.Errorf("a replay made %+v, %v", again.File, err)
	}
	if s.Objects.Uploads() != 1 {
		t.Errorf("%d uploads are open, want 1", s.Objects.Uploads())
	}
	withBody := file.New{Name: "b", Once: account.Once{Key: "k2", Digest: "d"}}
	one, err := s.Files.CreateWithBody(ctx, s.Admin, withBody, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Files.CreateWithBody(ctx, s.Admin, withBody, []byte("x"))
	if err != nil || one.ID != two.ID || s.Objects.Body(one.Object()) == nil {
		t.Errorf("%s then %s, %v", one.ID, two.ID, err)
	}
}

func TestListIsNewestFirstAndLosesNothing(t *testing.T) {
	s := fake.NewStack(t, nil)
	var want []string
	for range 25 {
		s.Clock.Advance(time.Millisecond)
		want = append([]string{s.Upload(t, s.Admin, "a", "text/plain", []byte("x")).ID}, want...)
	}
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	s.Upload(t, rival, "theirs", "text/plain", []byte("x"))
	if err := s.Files.Store.BeginDelete(ctx, file.File{Organization: s.Admin.Organization, ID: want[3]}); err != nil {
		t.Fatal(err)
	}
	want = append(want[:3:3], want[4:]...)
	var got []string
	for p := (file.Page{Limit: 7}); ; {
		files, next, err := s.Files.List(ctx, s.Admin, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			got = append(got, f.ID)
		}
		if p.Cursor = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a", Parts: true})
	if err != nil {
		t.Fatal(err)
	}
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	wantFault(t, s.Files.Delete(ctx, rival, u.File.ID), fault.NotFound, "")
	viewer := s.Admin
	viewer.Role = account.ViewOnly
	wantFault(t, s.Files.Delete(ctx, viewer, u.File.ID), fault.Forbidden, "")
	if err := s.Files.Delete(ctx, s.Admin, u.File.ID); err != nil {
		t.Fatal(err)
	}
	if s.Objects.Uploads() != 0 {
		t.Error("its upload is still open")
	}
	wantFault(t, s.Files.Delete(ctx, s.Admin, u.File.ID), fault.NotFound, "")
	wantFault(t, s.Files.Delete(ctx, s.Admin, "../../etc"), fault.NotFound, "")
	_, err = s.Files.ByMediaID(ctx, s.Admin, u.File.MediaID)
	wantFault(t, err, fault.NotFound, "")
}

// failing fails the n-th call that deletes.
type failing struct {
	file.Objects
	left int
}

func (f *failing) Delete(ctx context.Context, key string) error {
	if f.left > 0 {
		f.left--
		return fault.New(fault.Unavailable, "S3 is away")
	}
	return f.Objects.Delete(ctx, key)
}

func TestDeleteGoesOnAfterAFailure(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
	s.Files.Objects = &failing{s.Objects, 1}
	if err := s.Files.Delete(ctx, s.Admin, f.ID); err == nil {
		t.Fatal("the failure was hidden")
	}
	if _, err := s.Files.Get(ctx, s.Admin, f.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("half deleted, it is shown: %v", err)
	}
	if err := s.Files.Delete(ctx, s.Admin, f.ID); err != nil || s.Objects.Body(f.Object()) != nil {
		t.Errorf("the second try: %v", err)
	}
}
