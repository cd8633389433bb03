package file_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// uuid is one of version 4 that ends with n.
func uuid(n int) string { return fmt.Sprintf("a1b2c3d4-e5f6-4789-a012-%012d", n) }

func document(t *testing.T, s *fake.Stack, n file.New) file.File {
	t.Helper()
	n.Kind = file.AssetDocument
	s.Clock.Advance(time.Second)
	f, err := s.Files.CreateWithBody(ctx, s.Admin, n, []byte(n.Name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// contract: SC-11, SC-12, FF-28
func TestLink(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "manual.pdf", "application/pdf", []byte("x"))
	asset, maintenance := "018C10A1-5C30-7B1F-9D3E-2F6A54C0B7AA", uuid(2)
	s.Clock.Advance(time.Hour)
	for range 2 {
		got, err := s.Files.Link(ctx, s.Admin, strings.ToUpper(f.ID), file.AssetDocument, asset)
		if err != nil || got.Kind != file.AssetDocument || !got.BelongsTo(file.AssetDocument, asset) || got.BelongsTo(file.MaintenanceFile, asset) ||
			!got.UpdatedAt.Equal(fake.Start.Add(time.Hour)) || got.UpdatedBy != s.Admin.User {
			t.Errorf("%+v, %v", got, err)
		}
		s.Clock.Advance(time.Hour) // the second time nothing changes
	}
	got, err := s.Files.Link(ctx, s.Admin, f.ID, file.MaintenanceFile, maintenance)
	if err != nil || got.Kind != file.AssetDocument || !got.BelongsTo(file.MaintenanceFile, maintenance) || !got.BelongsTo(file.AssetDocument, asset) {
		t.Errorf("%+v, %v", got, err)
	}
	list, err := s.Files.OfMaintenance(ctx, s.Admin, strings.ToUpper(maintenance))
	if diff := cmp.Diff([]file.File{got}, list); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestLinkRefuses(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a", "", []byte("x"))
	_, other := s.Organization(t, "Other", "admin@other.test")
	media, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "m", Kind: file.Media}, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := s.Files.Create(ctx, s.Admin, file.New{Name: "p"})
	if err != nil {
		t.Fatal(err)
	}
	viewer := s.Admin
	viewer.Role = account.ViewOnly
	for _, tt := range []struct {
		name, id string
		who      account.Principal
		kind     file.Kind
		entity   string
		want     fault.Kind
		field    string
	}{
		{"another role", f.ID, viewer, file.AssetDocument, uuid(1), fault.Forbidden, ""},
		{"another organization's", f.ID, other, file.AssetDocument, uuid(1), fault.NotFound, ""},
		{"no file", uuid(9), s.Admin, file.AssetDocument, uuid(1), fault.NotFound, ""},
		{"no id", "x", s.Admin, file.AssetDocument, uuid(1), fault.NotFound, ""},
		{"no entity", f.ID, s.Admin, file.AssetDocument, "x", fault.Invalid, "entity_id"},
		{"no kind of entity", f.ID, s.Admin, file.Media, uuid(1), fault.Invalid, "entity_id"},
		{"media", media.ID, s.Admin, file.AssetDocument, uuid(1), fault.Invalid, ""},
		{"pending", waiting.File.ID, s.Admin, file.MaintenanceFile, uuid(1), fault.Conflict, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Files.Link(ctx, tt.who, tt.id, tt.kind, tt.entity)
			wantFault(t, err, tt.want, tt.field)
			if got := errors.Is(err, file.ErrKind); got != (tt.name == "media") {
				t.Errorf("ErrKind: %v", got)
			}
		})
	}
	if list, total, err := s.Files.Documents(ctx, s.Admin, file.DocumentQuery{Assets: []string{uuid(1)}, Page: 1, Limit: 10}); total != 0 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
}

// What a folder hides is not there either to link.
func TestLinkOfWhatIsHidden(t *testing.T) {
	s := fake.NewStack(t, nil)
	f, err := s.Files.Receive(ctx, s.Admin, "a", "recording")
	if err != nil {
		t.Fatal(err)
	}
	link := func() error {
		_, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, uuid(1))
		return err
	}
	s.Files.Hidden = nil
	wantFault(t, link(), fault.Invalid, "")
	s.Files.Hidden = func(context.Context, account.Principal) (func(string) bool, error) {
		return func(id string) bool { return id == "recording" }, nil
	}
	wantFault(t, link(), fault.NotFound, "")
}

func TestNewDocuments(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := document(t, s, file.New{Name: "a", Assets: []string{strings.ToUpper(uuid(2)), uuid(1), uuid(2)}, About: file.About{
		DisplayName: " Manual ", Category: strings.ToUpper(uuid(7)), Languages: []string{"PT-br", "en", "EN"}, SupplierDocument: true, SupplierName: "ACME",
	}})
	got, err := s.Files.Get(ctx, s.Admin, f.ID)
	if diff := cmp.Diff(f, got); diff != "" || err != nil {
		t.Errorf("%v (-made +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(file.About{
		DisplayName: "Manual", Category: uuid(7), Languages: []string{"en", "pt-BR"}, SupplierDocument: true, SupplierName: "ACME",
	}, f.About); diff != "" || !slices.Equal(f.Assets, []string{uuid(1), uuid(2)}) || f.Title() != "Manual" {
		t.Errorf("%v (-want +got):\n%s", f.Assets, diff)
	}
	var many []string
	for i := range file.MaxNewLinks + 1 {
		many = append(many, uuid(i))
	}
	for field, n := range map[string]file.New{
		"kind":          {Kind: file.Media, Assets: many[:1]},
		"assets":        {Kind: file.AssetDocument, Assets: many},
		"display_name":  {About: file.About{DisplayName: strings.Repeat("é", file.MaxTitle+1)}},
		"supplier_name": {About: file.About{SupplierName: "a\nb"}},
		"category":      {About: file.About{Category: "manuals"}},
		"languages":     {About: file.About{Languages: []string{"en", "klingon"}}},
	} {
		n.Name = "a"
		_, err := s.Files.Create(ctx, s.Admin, n)
		wantFault(t, err, fault.Invalid, field)
		if errors.Is(err, file.ErrLanguage) != (field == "languages") {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err = s.Files.Create(ctx, s.Admin, file.New{Name: "a", Kind: file.AssetDocument, Assets: []string{"x"}})
	wantFault(t, err, fault.Invalid, "assets")
}

func TestLanguage(t *testing.T) {
	for code, want := range map[string]string{
		"en": "en", "DE": "de", " fr ": "fr", "pt-br": "pt-BR", "es-419": "es-419", "zu": "zu", "aa": "aa",
		"": "", "e": "", "xx": "", "eng": "", "a ": "", "en-": "", "en-USA": "", "en-4": "", "en_GB": "", "en-GB-x": "", "n a": "",
	} {
		got, err := file.Language(code)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v, want %q", code, got, err, want)
		}
	}
}

// An upload to S3 names its asset before it is there, and is found when it is.
func TestAnUploadOfAnAsset(t *testing.T) {
	s := fake.NewStack(t, nil)
	u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "big.zip", ContentType: "application/zip", Kind: file.AssetDocument, Assets: []string{uuid(1)}})
	if err != nil {
		t.Fatal(err)
	}
	found := func() int {
		t.Helper()
		_, total, err := s.Files.Documents(ctx, s.Admin, file.DocumentQuery{Assets: []string{uuid(1)}, Page: 1, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return total
	}
	if found() != 0 {
		t.Error("it is listed before it is there")
	}
	if err := s.Objects.Put(ctx, u.Fields["key"], []byte("PK"), "application/zip", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Files.Uploaded(ctx, u.Fields["key"]); err != nil || found() != 1 {
		t.Errorf("%d, %v", found(), err)
	}
	if err := s.Files.Delete(ctx, s.Admin, u.File.ID); err != nil || found() != 0 {
		t.Errorf("deleted: %d, %v", found(), err)
	}
}

func TestLimitsOfLinks(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := document(t, s, file.New{Name: "a"})
	for i := range file.MaxLinks {
		if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, uuid(i)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, uuid(file.MaxLinks))
	wantFault(t, err, fault.Conflict, "")
	if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, uuid(5)); err != nil {
		t.Errorf("what it is linked to: %v", err)
	}
	if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.MaintenanceFile, uuid(5)); err != nil {
		t.Errorf("maintenances count by themselves: %v", err)
	}
	full := &counted{Store: s.Files.Store, n: file.MaxDocuments}
	s.Files.Store = full
	other := document(t, s, file.New{Name: "b"})
	_, err = s.Files.Link(ctx, s.Admin, other.ID, file.AssetDocument, uuid(5))
	wantFault(t, err, fault.Conflict, "")
	_, err = s.Files.Create(ctx, s.Admin, file.New{Name: "c", Kind: file.AssetDocument, Assets: []string{uuid(5)}})
	wantFault(t, err, fault.Conflict, "")
}

// counted has entities of n files.
type counted struct {
	file.Store
	n int
}

func (c counted) CountLinked(context.Context, string, file.Kind, string) (int, error) {
	return c.n, nil
}
