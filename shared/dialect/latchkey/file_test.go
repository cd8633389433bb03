package latchkey_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/file"
	"latchkey/shared/share"
)

// part is one part of a form: a field, or a file with a name and a type.
type part struct{ disposition, contentType, value string }

func fieldPart(name, value string) part { return part{`form-data; name="` + name + `"`, "", value} }

func filePart(name, contentType, value string) part {
	return part{`form-data; name="file"; filename="` + name + `"`, contentType, value}
}

// form is a POST /files with these parts and this boundary.
func form(t testing.TB, boundary string, parts ...part) request {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	if err := w.SetBoundary(boundary); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {p.disposition}}
		if p.contentType != "" {
			h.Set("Content-Type", p.contentType)
		}
		pw, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(pw, p.value)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return request{
		method: "POST", target: "/files", body: buf.String(),
		header: map[string]string{"Content-Type": w.FormDataContentType()},
	}
}

func TestUploadByForm(t *testing.T) {
	s := newSite(t)
	sum := sha256.Sum256([]byte("hello"))
	made := s.post(t, "/files", `{"name":"a.txt","content_type":"text/plain","size":5,"sha256":"`+hex.EncodeToString(sum[:])+`"}`)
	id := made.text(t, "file.id")
	if got, want := made.text(t, "file.sha256"), base64.StdEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("sha256 = %s, want the same in base64, %s", got, want)
	}
	if got := made.header("Location"); got != "/api/v1/files/"+id {
		t.Errorf("Location = %q", got)
	}
	if got := made.text(t, "upload.fields.key"); got != "uploads/"+s.Admin.Organization+"/"+id {
		t.Errorf("the form's key is %q", got)
	}
	if got := s.get(t, "/files/"+id).text(t, "status"); got != "pending" {
		t.Errorf("before the upload the file is %s", got)
	}
	if err := s.Objects.Put(t.Context(), made.text(t, "upload.fields.key"), []byte("hello"), "text/plain", ""); err != nil {
		t.Fatal(err)
	}
	if got := s.get(t, "/files/"+id).text(t, "status"); got != "ready" {
		t.Errorf("after the upload the file is %s", got)
	}
}

func TestUploadInParts(t *testing.T) {
	s := newSite(t)
	announced := s.post(t, "/files", `{"name":"big.bin","size":83886080,"parts":true}`)
	if got := announced.field(t, "upload.part_count"); got != 2.0 {
		t.Errorf("80 MiB are %v parts of %v", got, announced.field(t, "upload.part_size"))
	}
	if got := s.get(t, "/files/"+announced.text(t, "file.id")+"/parts?after=2").field(t, "upload.parts"); got != nil {
		t.Errorf("after the last part: %v", got)
	}
	made := s.post(t, "/files", `{"name":"live.bin","parts":true}`)
	id := made.text(t, "file.id")
	if got, want := made.text(t, "upload.complete_url"), "https://share.acme.test/api/v1/files/"+id+"/complete"; got != want {
		t.Errorf("complete_url = %q, want %q", got, want)
	}
	if got := s.get(t, "/files/"+id+"/parts?after=100").field(t, "upload.parts.0.number"); got != 101.0 {
		t.Errorf("the part after 100 is %v", got)
	}
	key := "media/" + s.Admin.Organization + "/" + id
	tag1 := s.Objects.PutPart(key, "upload-2", 1, []byte("first "))
	tag2 := s.Objects.PutPart(key, "upload-2", 2, []byte("second"))
	complete := request{method: "POST", target: "/files/" + id + "/complete",
		body: fmt.Sprintf(`{"parts":[{"number":1,"etag":%q},{"number":2,"etag":%q}]}`, tag1, tag2)}
	for _, turn := range []string{"first", "again"} {
		if got := s.want(t, 200, complete).text(t, "status"); got != "ready" {
			t.Errorf("%s: the file is %s", turn, got)
		}
	}
	if got := string(s.Objects.Body(key)); got != "first second" {
		t.Errorf("stored %q", got)
	}
	s.want(t, 409, request{method: "GET", target: "/files/" + id + "/parts"})
}

func TestSmallFileInAForm(t *testing.T) {
	tests := []struct {
		name  string
		parts []part
		want  map[string]any
	}{
		{"the part says all", []part{filePart("a.txt", "text/plain", "hello")},
			map[string]any{"name": "a.txt", "content_type": "text/plain", "size": 5.0, "kind": "file", "status": "ready"}},
		{"fields go before", []part{fieldPart("name", "b.mp4"), fieldPart("content_type", "video/mp4"), fieldPart("kind", "media"), filePart("a.txt", "text/plain", "")},
			map[string]any{"name": "b.mp4", "content_type": "video/mp4", "size": 0.0, "kind": "media", "status": "ready"}},
		{"no type", []part{filePart("a", "", "x")},
			map[string]any{"name": "a", "content_type": "application/octet-stream", "size": 1.0, "kind": "file", "status": "ready"}},
		{"a path in the name", []part{filePart("../../etc/passwd", "text/plain", "x")},
			map[string]any{"name": "passwd", "content_type": "text/plain", "size": 1.0, "kind": "file", "status": "ready"}},
		{"a name of other scripts", []part{{`form-data; name="file"; filename*=UTF-8''%E2%82%AC%20%F0%9F%8E%AC.mp4`, "video/mp4", "x"}},
			map[string]any{"name": "€ 🎬.mp4", "content_type": "video/mp4", "size": 1.0, "kind": "file", "status": "ready"}},
		{"bytes that are no text", []part{filePart("a.bin", "application/x-thing", "\x00\xff\r\n--x")},
			map[string]any{"name": "a.bin", "content_type": "application/x-thing", "size": 7.0, "kind": "file", "status": "ready"}},
	}
	s := newSite(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.want(t, 201, form(t, "boundary", tt.parts...))
			got := map[string]any{}
			for name := range tt.want {
				got[name] = a.field(t, "file."+name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			content := tt.parts[len(tt.parts)-1].value
			if body := s.Objects.Body("media/" + s.Admin.Organization + "/" + a.text(t, "file.id")); string(body) != content {
				t.Errorf("stored %q, want %q", body, content)
			}
		})
	}
}

func TestFormOfTheLargestFile(t *testing.T) {
	s := newSite(t)
	s.want(t, 201, form(t, "b", filePart("a", "", strings.Repeat("x", file.MaxBodyBytes))))
	for _, over := range []int{1, 1 << 20} {
		a := s.want(t, 413, form(t, "b", filePart("a", "", strings.Repeat("x", file.MaxBodyBytes+over))))
		if got := a.text(t, "detail"); !strings.Contains(got, "JSON") {
			t.Errorf("%d bytes over: %q does not name the other way", over, got)
		}
		if diff := cmp.Diff([]string{"file"}, a.fields(t)); diff != "" {
			t.Errorf("%d bytes over, fields (-want +got):\n%s", over, diff)
		}
	}
}

func TestDeleteFile(t *testing.T) {
	s := newSite(t)
	f := s.ready(t)
	link := s.post(t, "/links", `{"file_id":"`+f.ID+`"}`).text(t, "id")
	s.want(t, 204, request{method: "DELETE", target: "/files/" + f.ID})
	s.want(t, 404, request{method: "GET", target: "/files/" + f.ID})
	s.want(t, 404, request{method: "GET", target: "/links/" + link})
	if got := s.get(t, "/links/"+link+"/events").text(t, "events.0.type"); got != "deleted" {
		t.Errorf("the last event is %s, want deleted", got)
	}
	if s.Objects.Body(f.Object()) != nil {
		t.Error("the object is still there")
	}
}

// pages follows next_cursor to the end, and holds the Link header against it.
func (s *site) pages(t *testing.T, target, list string) (ids []string) {
	t.Helper()
	next := target
	for range 50 {
		a := s.get(t, next)
		for i := range a.field(t, list).([]any) {
			ids = append(ids, a.text(t, fmt.Sprintf("%s.%d.id", list, i)))
		}
		link := a.header("Link")
		if a.field(t, "next_cursor") == nil {
			if link != "" {
				t.Errorf("the last page has a Link: %s", link)
			}
			return ids
		}
		path, ok := strings.CutSuffix(strings.TrimPrefix(link, "</api/v1"), `>; rel="next"`)
		if !ok || !strings.Contains(path, "cursor=") {
			t.Fatalf("Link = %q", link)
		}
		next = path
	}
	t.Fatal("the list does not end")
	return nil
}

func TestPages(t *testing.T) {
	s := newSite(t)
	var files, links []string
	for range 7 {
		f := s.ready(t)
		s.Clock.Advance(1e9)
		sh, _ := s.linked(t, share.New{})
		s.Clock.Advance(1e9)
		files = append([]string{sh.Target.FileID, f.ID}, files...)
		links = append([]string{sh.ID}, links...)
	}
	if diff := cmp.Diff(files, s.pages(t, "/files?limit=3", "files")); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(links, s.pages(t, "/links?limit=3&state=active", "links")); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if got := len(s.pages(t, "/events?limit=2", "events")); got != 7 {
		t.Errorf("%d events, want 7", got)
	}
	if got := len(s.pages(t, "/files", "files")); got != 14 {
		t.Errorf("%d files on a page of the usual size, want 14", got)
	}
}

// contract: SC-12
func TestUploadOfAnAsset(t *testing.T) {
	s := newSite(t)
	const asset = "a1b2c3d4-e5f6-7890-a012-3456789abcde"
	made := s.post(t, "/files", `{"name":"manual.zip","content_type":"application/zip","kind":"asset_document","assets":["`+strings.ToUpper(asset)+`"]}`)
	if err := s.Objects.Put(t.Context(), made.text(t, "upload.fields.key"), []byte("PK"), "application/zip", ""); err != nil {
		t.Fatal(err)
	}
	id := made.text(t, "file.id")
	if _, err := s.Files.Link(t.Context(), s.Admin, id, file.MaintenanceFile, asset); err != nil {
		t.Fatal(err)
	}
	got := s.get(t, "/files/"+id)
	for path, want := range map[string]string{"status": "ready", "kind": "asset_document", "assets.0": asset, "maintenances.0": asset} {
		if got.text(t, path) != want {
			t.Errorf("%s = %q, want %q", path, got.text(t, path), want)
		}
	}
}
