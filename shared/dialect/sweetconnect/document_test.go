package sweetconnect_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/file"
)

const (
	otherAsset  = "a1b2c3d4-e5f6-7890-a012-3456789abcdf"
	maintenance = "018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa"
	category    = "a1b2c3d4-e5f6-4789-a012-000000000007"
	nobodys     = "a1b2c3d4-e5f6-4789-a012-3456789abcde"
)

// library is a site with another organization.
type library struct {
	*site
	other  string // key of its admin
	theirs account.Principal
}

func newLibrary(t testing.TB) *library {
	l := &library{site: newSite(t)}
	l.other, l.theirs = l.Organization(t, "Other", "admin@other.test")
	return l
}

// ask sends a request and returns the status and the body without its
// envelope: data, or errors.0.
func (l *library) ask(t testing.TB, key, call, body, contentType string) (int, any) {
	t.Helper()
	l.Clock.Advance(time.Second)
	a := l.as(t, key, call, body, "Content-Type", contentType)
	var got struct {
		Data   any
		Errors []any
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
		t.Fatalf("%s: %d %s: %v", call, a.Status, a.Body, err)
	}
	if a.Status >= 400 {
		return a.Status, got.Errors[0]
	}
	return a.Status, got.Data
}

func (l *library) get(t testing.TB, path string) (int, any) {
	t.Helper()
	return l.ask(t, l.Key, "GET "+path, "", "")
}

func (l *library) post(t testing.TB, path string) (int, any) {
	t.Helper()
	return l.ask(t, l.Key, "POST "+path, "", "")
}

// zipped is a ZIP archive with one page.
func zipped(t testing.TB, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create("index.html")
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// upload is a form for the upload of a ZIP archive, with fields that replace
// the good ones, or take them away when they are "-".
type upload struct {
	fields      map[string]string
	name        string // of the file; "-": none
	contentType string
	body        []byte
}

func (l *library) send(t testing.TB, key, asset string, u upload) (int, any) {
	t.Helper()
	if u.name == "" {
		u.name = "manual.zip"
	}
	if u.contentType == "" {
		u.contentType = "application/zip"
	}
	fields := map[string]string{"displayname": "Operating manual", "organizationId": l.Admin.Organization, "categoryId": category}
	for name, v := range u.fields {
		fields[name] = v
	}
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, v := range fields {
		if v != "-" {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if u.name != "-" {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + u.name + `"`}}
		h.Set("Content-Type", u.contentType)
		part, err := w.CreatePart(h)
		if err == nil {
			_, err = part.Write(u.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return l.ask(t, key, "POST /v1/documents/assets/zip/"+asset, buf.String(), w.FormDataContentType())
}

// at returns what is at a path such as items.0.id.
func at(t testing.TB, v any, path string) any {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		switch w := v.(type) {
		case map[string]any:
			v = w[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(w) {
				t.Fatalf("no %s in %v", path, v)
			}
			v = w[i]
		default:
			t.Fatalf("no %s in %v", path, v)
		}
	}
	return v
}

// contract: FF-28, FF-29
func TestUploadZip(t *testing.T) {
	l := newLibrary(t)
	body := zipped(t, "hello")
	status, got := l.send(t, l.Key, strings.ToUpper(asset), upload{body: body, fields: map[string]string{
		"languageCodes": "en, pt-br", "supplierDocument": "true", "supplierName": "ACME",
	}})
	id, _ := at(t, got, "id").(string)
	want := map[string]any{
		"id": id, "filename": "manual.zip", "displayname": "Operating manual", "ownerId": l.Admin.User, "organizationId": l.Admin.Organization,
		"manufacturerId": nil, "mimetype": "application/zip", "category": map[string]any{"id": category, "languageCode": "en", "name": category},
		"languages": []any{"en", "pt-BR"}, "updatedAt": "2023-11-27T09:43:40.000Z", "updatedBy": l.Admin.User, "createdBy": l.Admin.User,
		"createdAt": "2023-11-27T09:43:40.000Z", "supplierDocument": true, "supplierName": "ACME", "aiInjected": "uninjected", "aiInjectedUpdatedAt": nil,
	}
	if diff := cmp.Diff(any(want), got); diff != "" || status != 201 {
		t.Errorf("%d (-want +got):\n%s", status, diff)
	}
	_, list := l.get(t, "/api/storage/v1/documents?assetId="+asset)
	if diff := cmp.Diff(any(map[string]any{
		"items": []any{want}, "pagination": map[string]any{"page": 1.0, "limit": 10.0, "totalItems": 1.0, "totalPages": 1.0},
	}), list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f, err := l.Files.Get(t.Context(), l.Admin, id)
	if err != nil || f.State != file.Ready || f.Kind != file.AssetDocument || !bytes.Equal(l.Objects.Body(f.Object()), body) {
		t.Errorf("%+v, %v", f, err)
	}

	// The same content again is a warning, and no second document.
	status, got = l.send(t, l.Key, asset, upload{body: body, name: "again.zip", fields: map[string]string{"displayname": "Another"}})
	if diff := cmp.Diff(any(map[string]any{
		"warningCode": "DuplicateDocument", "message": "The asset has a document with this content already.",
		"extension": map[string]any{"document": want},
	}), got); diff != "" || status != 200 {
		t.Errorf("%d (-want +got):\n%s", status, diff)
	}
	if status, got := l.send(t, l.Key, otherAsset, upload{body: body}); status != 201 {
		t.Errorf("the same for another asset: %d %v", status, got)
	}
	if status, got := l.send(t, l.Key, asset, upload{body: zipped(t, "changed")}); status != 201 {
		t.Errorf("another edition: %d %v", status, got)
	}
	if status, got := l.ask(t, l.other, "GET /v1/documents?assetId="+asset, "", ""); status != 200 || at(t, got, "pagination.totalItems") != 0.0 {
		t.Errorf("another organization sees %v", got)
	}
}

// contract: FF-28
func TestUploadZipRefuses(t *testing.T) {
	l := newLibrary(t)
	good := zipped(t, "hello")
	field := func(name, value string) upload { return upload{body: good, fields: map[string]string{name: value}} }
	for _, tt := range []struct {
		name, asset string
		u           upload
		status      int
		code        string
		extension   map[string]any
	}{
		{"no asset", "7", field("", "-"), 400, "BadRequest", map[string]any{"field": "assetId", "reason": "must be a UUID"}},
		{"no displayname", asset, field("displayname", "-"), 400, "BadRequest", map[string]any{"field": "displayname", "reason": "is missing"}},
		{"blank displayname", asset, field("displayname", " "), 400, "BadRequest", map[string]any{"field": "displayname", "reason": "is missing"}},
		{"long displayname", asset, field("displayname", strings.Repeat("é", 256)), 400, "BadRequest", map[string]any{"field": "displayname", "reason": "is longer than 255 characters"}},
		{"control characters", asset, field("supplierName", "a\nb"), 400, "BadRequest", map[string]any{"field": "supplierName", "reason": "has control characters"}},
		{"fields beyond reason", asset, field("supplierName", strings.Repeat("a", 5<<20)), 400, "BadRequest", map[string]any{}},
		{"no organizationId", asset, field("organizationId", "-"), 400, "BadRequest", map[string]any{"field": "organizationId", "reason": "is missing"}},
		{"no UUID", asset, field("organizationId", "acme"), 400, "BadRequest", map[string]any{"field": "organizationId", "reason": "must be a UUID"}},
		{"another's", asset, field("organizationId", l.theirs.Organization), 403, "NoPermission", map[string]any{}},
		{"nobody's", asset, field("organizationId", nobodys), 403, "NoPermission", map[string]any{}},
		{"no categoryId", asset, field("categoryId", "-"), 400, "BadRequest", map[string]any{"field": "categoryId", "reason": "is missing"}},
		{"a named category", asset, field("categoryId", "Manuals"), 400, "BadRequest", map[string]any{"field": "categoryId", "reason": "must be a UUID"}},
		{"no language", asset, field("languageCodes", "en,klingon"), 400, "InvalidLanguageCode",
			map[string]any{"field": "languageCodes", "reason": "must be codes of ISO 639-1, such as en or pt-BR"}},
		{"no boolean", asset, field("supplierDocument", "perhaps"), 400, "BadRequest", map[string]any{"field": "supplierDocument", "reason": "must be true or false"}},
		{"no file", asset, upload{name: "-"}, 400, "BadRequest", map[string]any{"field": "file", "reason": "is missing"}},
		{"a text", asset, upload{body: []byte("hello")}, 400, "InvalidMimeType", map[string]any{"mimetype": "application/zip", "allowed": []any{"application/zip"}}},
		{"called a PDF", asset, upload{body: good, contentType: "application/pdf"}, 400, "InvalidMimeType",
			map[string]any{"mimetype": "application/pdf", "allowed": []any{"application/zip"}}},
		{"large", asset, upload{body: make([]byte, 4_000_001)}, 400, "FileTooLarge", map[string]any{"maxFileSize": 4.0, "currentFileSize": 4.01}},
		{"a large name", asset, upload{body: good, name: strings.Repeat("a", 1025)}, 400, "BadRequest", map[string]any{"field": "file", "reason": "is longer than 1024 bytes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, got := l.send(t, l.Key, tt.asset, tt.u)
			if status != tt.status || at(t, got, "errorCode") != tt.code {
				t.Errorf("%d %v", status, got)
			}
			if diff := cmp.Diff(any(tt.extension), at(t, got, "extension")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	status, got := l.send(t, l.Key, asset, upload{body: make([]byte, 11<<20)})
	if size, _ := at(t, got, "extension.currentFileSize").(float64); status != 400 || at(t, got, "errorCode") != "FileTooLarge" || size < 11 {
		t.Errorf("what is not read to its end: %d %v", status, got)
	}
	if status, got := l.send(t, "", asset, upload{body: good}); status != 401 {
		t.Errorf("without a key: %d %v", status, got)
	}
	if status, got := l.ask(t, l.Key, "POST /v1/documents/assets/zip/"+asset, "--b", "multipart/form-data; boundary=b"); status != 400 {
		t.Errorf("cut off: %d %v", status, got)
	}
	if _, got := l.get(t, "/v1/documents?assetId="+asset); at(t, got, "pagination.totalItems") != 0.0 || len(l.Objects.Keys()) != 0 {
		t.Errorf("something was made: %v, %v", got, l.Objects.Keys())
	}
}

// contract: FF-28
func TestLinkFiles(t *testing.T) {
	l := newLibrary(t)
	f := l.Upload(t, l.Admin, "report.pdf", "application/pdf", []byte("x"))
	media, err := l.Files.CreateWithBody(ctx, l.Admin, file.New{Name: "m", Kind: file.Media}, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := l.Files.Create(ctx, l.Admin, file.New{Name: "w"})
	if err != nil {
		t.Fatal(err)
	}
	us, them := l.Admin.Organization, l.theirs.Organization
	theirs := l.Upload(t, l.theirs, "a", "", nil)
	toAsset := func(file, asset, organization string) string {
		return "/v1/documents/assets/" + file + "/" + asset + "/" + organization
	}
	toMaintenance := func(file, maintenance, organization string) string {
		return "/v1/documents/maintenance/" + maintenance + "/" + file + "/" + organization
	}
	for name, path := range map[string]func(file, entity, organization string) string{"asset": toAsset, "maintenance": toMaintenance} {
		for _, tt := range []struct {
			name, file, entity, organization string
			status                           int
			code                             string
		}{
			{"no file", "7", asset, us, 400, "BadRequest"},
			{"no entity", f.ID, "7", us, 400, "BadRequest"},
			{"no organization", f.ID, asset, "7", 400, "BadRequest"},
			{"another's organization", f.ID, asset, them, 403, "NoPermission"},
			{"nobody's organization", f.ID, asset, nobodys, 403, "NoPermission"},
			{"another's organization and no file", nobodys, asset, them, 403, "NoPermission"},
			{"unknown", nobodys, asset, us, 404, "NotFound"},
			{"another's file", theirs.ID, asset, us, 404, "NotFound"},
			{"media", media.ID, asset, us, 422, "UnprocessableEntity"},
			{"pending", waiting.File.ID, asset, us, 409, "Conflict"},
		} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				status, got := l.post(t, path(tt.file, tt.entity, tt.organization))
				if status != tt.status || at(t, got, "errorCode") != tt.code || at(t, got, "extension") == nil {
					t.Errorf("%d %v", status, got)
				}
				if tt.status == 422 && at(t, got, "extension.entityType") != "Document" {
					t.Errorf("%v", got)
				}
			})
		}
		if status, got := l.ask(t, "", "POST "+path(f.ID, asset, us), "", ""); status != 401 {
			t.Errorf("%s without a key: %d %v", name, status, got)
		}
	}
	if _, got := l.get(t, "/v1/documents?assetId="+asset); at(t, got, "pagination.totalItems") != 0.0 {
		t.Errorf("something was linked: %v", got)
	}

	for range 2 {
		for _, path := range []string{toAsset(strings.ToUpper(f.ID), asset, us), "/api/storage" + toMaintenance(f.ID, strings.ToUpper(maintenance), us)} {
			status, got := l.post(t, path)
			if diff := cmp.Diff(any(map[string]any{}), got); diff != "" || status != 201 {
				t.Errorf("%s: %d (-want +got):\n%s", path, status, diff)
			}
		}
	}
	_, list := l.get(t, "/v1/documents?assetId="+asset)
	_, files := l.get(t, "/v1/documents/maintenance/"+maintenance)
	if all, _ := files.([]any); len(all) != 1 || at(t, files, "0.id") != f.ID || at(t, files, "0.category") != nil || at(t, files, "0.displayname") != "report.pdf" {
		t.Errorf("%v", files)
	}
	if diff := cmp.Diff(at(t, list, "items"), files); diff != "" {
		t.Errorf("(-asset +maintenance):\n%s", diff)
	}
}

// contract: FF-28
func TestMaintenanceFiles(t *testing.T) {
	l := newLibrary(t)
	if status, got := l.get(t, "/v1/documents/maintenance/"+maintenance); status != 200 || cmp.Diff(any([]any{}), got) != "" {
		t.Errorf("%d %v, want an empty list", status, got)
	}
	if status, got := l.get(t, "/v1/documents/maintenance/7"); status != 400 || at(t, got, "extension.field") != "maintenanceId" {
		t.Errorf("%d %v", status, got)
	}
}

// contract: FF-28
func TestWhoMayWithDocuments(t *testing.T) {
	l := newLibrary(t)
	f := l.Upload(t, l.Admin, "a", "", nil)
	for _, tt := range []struct {
		role        account.Role
		read, write bool
	}{
		{account.ProducerAdmin, true, true}, {account.ProducerUser, true, true}, {account.ManufacturerAdmin, true, true},
		{account.ManufacturerUser, true, true}, {account.SalesAgent, false, false}, {account.Technician, false, false}, {account.ViewOnly, false, false},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			key := l.member(t, tt.role)
			for call, may := range map[string]bool{
				"GET /v1/documents?assetId=" + asset:                                                 tt.read,
				"GET /v1/documents/maintenance/" + maintenance:                                       tt.read,
				"POST /v1/documents/assets/" + f.ID + "/" + asset + "/" + l.Admin.Organization:       tt.write,
				"POST /v1/documents/maintenance/" + asset + "/" + f.ID + "/" + l.Admin.Organization:  tt.write,
				"POST /v1/documents/maintenance/" + asset + "/" + f.ID + "/" + l.theirs.Organization: false,
			} {
				status, got := l.ask(t, key, call, "", "")
				if may != (status < 300) || !may && (status != 403 || at(t, got, "errorCode") != "NoPermission") {
					t.Errorf("%s: %d %v", call, status, got)
				}
			}
			status, got := l.send(t, key, asset, upload{body: zipped(t, string(tt.role))})
			if want := map[bool]int{true: 201, false: 403}[tt.write]; status != want {
				t.Errorf("upload: %d %v", status, got)
			}
		})
	}
}
