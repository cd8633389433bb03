package file_test

import (
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

// shelf has five documents a to e of two assets, made in this order.
func shelf(t *testing.T) *fake.Stack {
	s := fake.NewStack(t, nil)
	about := func(title, category, supplier string, languages ...string) file.About {
		return file.About{DisplayName: title, Category: category, SupplierName: supplier, SupplierDocument: supplier != "", Languages: languages}
	}
	for _, n := range []file.New{
		{Name: "a.zip", ContentType: "application/zip", Assets: []string{uuid(1)}, About: about("Operating manual", uuid(8), "", "en", "de")},
		{Name: "b.pdf", ContentType: "application/pdf", Assets: []string{uuid(1), uuid(2)}, About: about("assembly", uuid(7), "ACME, Inc.", "en-GB")},
		{Name: "c.PDF", ContentType: "application/pdf; v=1", Assets: []string{uuid(2)}, About: about("Spare parts", "", "Bolt", "fr")},
		{Name: "d", Assets: []string{uuid(1)}},
		{Name: "e.txt", ContentType: "text/plain", Assets: []string{uuid(2)}, About: about("Äquator", uuid(7), "")},
	} {
		document(t, s, n)
	}
	return s
}

// names are those of files, without their endings, in order.
func names(files []file.File) string {
	var out []string
	for _, f := range files {
		name, _, _ := strings.Cut(f.Name, ".")
		out = append(out, name)
	}
	return strings.Join(out, "")
}

// contract: FF-28
func TestDocuments(t *testing.T) {
	s := shelf(t)
	yes, no := true, false
	up := func(by ...file.Sorting) (orders []file.Order) {
		for _, b := range by {
			orders = append(orders, file.Order{By: b})
		}
		return orders
	}
	for _, tt := range []struct {
		name, want string
		q          file.DocumentQuery
	}{
		{"newest first", "edcba", file.DocumentQuery{}},
		{"one asset", "dba", file.DocumentQuery{Assets: []string{uuid(1)}}},
		{"the other, twice", "ecb", file.DocumentQuery{Assets: []string{uuid(2), strings.ToUpper(uuid(2))}}},
		{"unknown", "", file.DocumentQuery{Assets: []string{uuid(3)}}},
		{"title", "b", file.DocumentQuery{Search: "SEMB"}},
		{"title beyond ASCII", "e", file.DocumentQuery{Search: "äqu"}},
		{"name", "cb", file.DocumentQuery{Search: ".pdf"}},
		{"nothing like it", "", file.DocumentQuery{Search: "%"}},
		{"category", "eb", file.DocumentQuery{Categories: []string{strings.ToUpper(uuid(7))}}},
		{"categories", "eba", file.DocumentQuery{Categories: []string{uuid(7), uuid(8)}}},
		{"no category", "dc", file.DocumentQuery{Categories: []string{"none"}}},
		{"no category, or one", "dca", file.DocumentQuery{Categories: []string{"NONE", uuid(8)}}},
		{"media type", "cb", file.DocumentQuery{Types: []string{"application/PDF"}}},
		{"ending", "cb", file.DocumentQuery{Types: []string{"pdf"}}},
		{"endings", "ea", file.DocumentQuery{Types: []string{".txt", "zip"}}},
		{"no type", "d", file.DocumentQuery{Types: []string{"none"}}},
		{"language, and its regions", "ba", file.DocumentQuery{Languages: []string{"en"}}},
		{"region", "b", file.DocumentQuery{Languages: []string{"en-gb"}}},
		{"languages", "ca", file.DocumentQuery{Languages: []string{"de", "fr"}}},
		{"no language", "ed", file.DocumentQuery{Languages: []string{"none"}}},
		{"supplier's", "cb", file.DocumentQuery{Supplier: &yes}},
		{"not a supplier's", "eda", file.DocumentQuery{Supplier: &no}},
		{"of a supplier", "b", file.DocumentQuery{Suppliers: []string{"acme, inc."}}},
		{"of no supplier", "eda", file.DocumentQuery{Suppliers: []string{"none"}}},
		{"filters together", "b", file.DocumentQuery{Categories: []string{uuid(7)}, Languages: []string{"en"}, Supplier: &yes}},
		{"by title", "bdace", file.DocumentQuery{Sort: up(file.ByTitle)}},
		{"by title, down", "ecadb", file.DocumentQuery{Sort: []file.Order{{By: file.ByTitle, Descending: true}}}},
		{"by category, then the newest", "dceba", file.DocumentQuery{Sort: up(file.ByCategory)}},
		{"by category, then the title", "dcbea", file.DocumentQuery{Sort: up(file.ByCategory, file.ByTitle)}},
		{"by change", "abcde", file.DocumentQuery{Sort: up(file.ByUpdated)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := tt.q
			if q.Assets == nil {
				q.Assets = []string{uuid(1), uuid(2)}
			}
			// Every size of page shows all of it, each once.
			for q.Limit = 1; q.Limit <= 6; q.Limit++ {
				var got []file.File
				for q.Page = 1; q.Page <= 7; q.Page++ {
					files, total, err := s.Files.Documents(ctx, s.Admin, q)
					if err != nil || total != len(tt.want) || len(files) > q.Limit {
						t.Fatalf("page %d of %d: %d files of %d, %v", q.Page, q.Limit, len(files), total, err)
					}
					got = append(got, files...)
				}
				if diff := cmp.Diff(tt.want, names(got)); diff != "" {
					t.Fatalf("limit %d (-want +got):\n%s", q.Limit, diff)
				}
			}
		})
	}
}

func TestDocumentsRefuses(t *testing.T) {
	s := shelf(t)
	_, other := s.Organization(t, "Other", "admin@other.test")
	nobody := s.Admin
	nobody.Role = account.SalesAgent
	q := file.DocumentQuery{Assets: []string{uuid(1)}, Page: 1, Limit: 1 << 40}
	if files, total, err := s.Files.Documents(ctx, other, q); len(files) != 0 || total != 0 || err != nil {
		t.Errorf("another organization: %v, %d, %v", files, total, err)
	}
	_, _, err := s.Files.Documents(ctx, nobody, q)
	wantFault(t, err, fault.Forbidden, "")
	_, err = s.Files.OfMaintenance(ctx, nobody, uuid(1))
	wantFault(t, err, fault.Forbidden, "")
	_, err = s.Files.OfMaintenance(ctx, s.Admin, "x")
	wantFault(t, err, fault.Invalid, "entity_id")
	for field, q := range map[string]file.DocumentQuery{
		"assets": {Page: 1, Limit: 1},
		"page":   {Assets: q.Assets, Limit: 1},
	} {
		_, _, err := s.Files.Documents(ctx, s.Admin, q)
		wantFault(t, err, fault.Invalid, field)
	}
	q.Assets = slices.Repeat(q.Assets, file.MaxAssets+1)
	_, _, err = s.Files.Documents(ctx, s.Admin, q)
	wantFault(t, err, fault.Invalid, "assets")
	q.Assets = []string{"x"}
	_, _, err = s.Files.Documents(ctx, s.Admin, q)
	wantFault(t, err, fault.Invalid, "assets")
	q = file.DocumentQuery{Assets: []string{uuid(1)}, Page: 1 << 62, Limit: 50} // their product is no number any more
	if files, total, err := s.Files.Documents(ctx, s.Admin, q); len(files) != 0 || total != 3 || err != nil {
		t.Errorf("far away: %v, %d, %v", files, total, err)
	}
}

// contract: FF-28
func TestCreateDocument(t *testing.T) {
	s := shelf(t)
	create := func(content string, assets ...string) (file.File, bool) {
		t.Helper()
		s.Clock.Advance(time.Second)
		f, twin, err := s.Files.CreateDocument(ctx, s.Admin, file.New{Name: "x.zip", Assets: assets}, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		return f, twin
	}
	if f, twin := create("b.pdf", uuid(1)); !twin || f.Name != "b.pdf" {
		t.Errorf("%s, %v", f.Name, twin)
	}
	f, twin := create("b.pdf", uuid(3))
	if twin || f.Name != "x.zip" || f.Kind != file.AssetDocument || !f.BelongsTo(file.AssetDocument, uuid(3)) {
		t.Errorf("the same of another asset: %+v", f)
	}
	if got, twin := create("b.pdf", uuid(1), uuid(3)); !twin || got.ID != f.ID {
		t.Errorf("%s is not the newest", got.Name)
	}
	if f, twin := create("b.pdf"); twin || f.Name != "x.zip" {
		t.Errorf("of no asset: %+v", f)
	}
	if err := s.Files.Delete(ctx, s.Admin, f.ID); err != nil {
		t.Fatal(err)
	}
	if _, twin := create("b.pdf", uuid(3)); twin {
		t.Error("what was deleted is found")
	}
	viewer := s.Admin
	viewer.Role = account.Producer // who may write files, and not list an asset's documents
	if _, twin, err := s.Files.CreateDocument(ctx, viewer, file.New{Name: "x", Assets: []string{uuid(1)}}, []byte("b.pdf")); !twin || err != nil {
		t.Errorf("%v, %v", twin, err)
	}
	viewer.Role = account.ViewOnly
	_, _, err := s.Files.CreateDocument(ctx, viewer, file.New{Name: "x", Assets: []string{uuid(1)}}, []byte("b.pdf"))
	wantFault(t, err, fault.Forbidden, "")
	_, _, err = s.Files.CreateDocument(ctx, s.Admin, file.New{Name: "x", Assets: []string{"x"}}, nil)
	wantFault(t, err, fault.Invalid, "assets")
}
