package sweetconnect_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/shared/file"
)

// shelf has three documents of two assets, made in the order a, b, c.
func shelf(t *testing.T) *library {
	l := newLibrary(t)
	for _, n := range []file.New{
		{Name: "a.zip", ContentType: "application/zip", Assets: []string{asset}, About: file.About{DisplayName: "Zebra", Category: category, Languages: []string{"en"}}},
		{Name: "b.pdf", ContentType: "application/pdf", Assets: []string{asset, otherAsset}, About: file.About{DisplayName: "Manual", SupplierDocument: true, SupplierName: "ACME, Inc."}},
		{Name: "c.txt", ContentType: "text/plain", Assets: []string{otherAsset}, About: file.About{DisplayName: "Äpfel", Languages: []string{"de"}}},
	} {
		l.Clock.Advance(time.Second)
		n.Kind = file.AssetDocument
		if _, err := l.Files.CreateWithBody(ctx, l.Admin, n, []byte(n.Name)); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// contract: FF-28
func TestListDocuments(t *testing.T) {
	l := shelf(t)
	both := "assetId=" + asset + "," + strings.ToUpper(otherAsset)
	for _, tt := range []struct {
		query, want string
		page, limit int
		pages       int
		total       int
	}{
		{both, "cba", 1, 10, 1, 3},
		{"assetId=" + asset + "&assetId=" + otherAsset, "cba", 1, 10, 1, 3},
		{"assetId=" + asset, "ba", 1, 10, 1, 2},
		{"assetId=" + nobodys, "", 1, 10, 0, 0},
		{both + "&limit=2", "cb", 1, 2, 2, 3},
		{both + "&limit=2&page=2", "a", 2, 2, 2, 3},
		{both + "&limit=50&page=3", "", 3, 50, 1, 3},
		{both + "&searchByName=anu", "b", 1, 10, 1, 1},
		{both + "&searchByName=" + url.QueryEscape("äpf"), "c", 1, 10, 1, 1},
		{both + "&searchByName=.pd", "b", 1, 10, 1, 1},
		{both + "&sortByName=asc", "bac", 1, 10, 1, 3},
		{both + "&sortByName=DESC", "cab", 1, 10, 1, 3},
		{both + "&sortByCategory=desc", "acb", 1, 10, 1, 3},
		{both + "&sortByCategory=asc&sortByName=asc", "bca", 1, 10, 1, 3},
		{both + "&sortByUpdatedAt=asc", "abc", 1, 10, 1, 3},
		{both + "&sortByUpdatedAt=desc", "cba", 1, 10, 1, 3},
		{both + "&filterByCategory=" + category, "a", 1, 10, 1, 1},
		{both + "&filterByCategory=none," + category, "cba", 1, 10, 1, 3},
		{both + "&filterByCategory=none", "cb", 1, 10, 1, 2},
		{both + "&filterByFileType=application/pdf,txt", "cb", 1, 10, 1, 2},
		{both + "&filterByLanguage=en&filterByLanguage=none", "ba", 1, 10, 1, 2},
		{both + "&filterByLanguage=de", "c", 1, 10, 1, 1},
		{both + "&supplier=true", "b", 1, 10, 1, 1},
		{both + "&supplier=false", "ca", 1, 10, 1, 2},
		{both + "&filterBySupplier=" + url.QueryEscape("acme, inc."), "b", 1, 10, 1, 1},
		{both + "&filterBySupplier=none", "ca", 1, 10, 1, 2},
		{both + "&supplier=&filterByCategory=&filterBySupplier=&sortByName=", "cba", 1, 10, 1, 3},
		{both + "&unknown=1", "cba", 1, 10, 1, 3},
	} {
		t.Run(tt.query, func(t *testing.T) {
			status, got := l.get(t, "/v1/documents?"+tt.query)
			if status != 200 {
				t.Fatalf("%d %v", status, got)
			}
			items, isList := at(t, got, "items").([]any)
			if !isList {
				t.Fatalf("items are %v", got)
			}
			names := ""
			for _, item := range items {
				names += at(t, item, "filename").(string)[:1]
			}
			p := fmt.Sprint(at(t, got, "pagination"))
			want := fmt.Sprint(map[string]any{"page": tt.page, "limit": tt.limit, "totalItems": tt.total, "totalPages": tt.pages})
			if names != tt.want || p != want {
				t.Errorf("%q and %s, want %q and %s", names, p, tt.want, want)
			}
		})
	}
}

// contract: FF-28
func TestListDocumentsRefuses(t *testing.T) {
	l := shelf(t)
	for _, tt := range []struct{ query, code, field string }{
		{"", "BadRequest", "assetId"},
		{"assetId=", "BadRequest", "assetId"},
		{"assetId=,", "BadRequest", "assetId"},
		{"assetId=7", "BadRequest", "assetId"},
		{"assetId=" + asset + ",7", "BadRequest", "assetId"},
		{"assetId=" + strings.Repeat(asset+",", file.MaxAssets+1), "BadRequest", "assetId"},
		{"assetId=" + strings.Repeat(asset+",", 51), "BadRequest", "assetId"},
		{"assetId=%zz", "BadRequest", ""},
		{"page=0", "BadRequest", "page"},
		{"page=x", "BadRequest", "page"},
		{"page=1&page=2", "BadRequest", "page"},
		{"limit=0", "BadRequest", "limit"},
		{"limit=51", "BadRequest", "limit"},
		{"limit=-1", "BadRequest", "limit"},
		{"searchByName=ab", "BadRequest", "searchByName"},
		{"searchByName=", "BadRequest", "searchByName"},
		{"searchByName=" + strings.Repeat("a", 256), "BadRequest", "searchByName"},
		{"searchByName=abc%ff", "BadRequest", "searchByName"},
		{"searchByName=abc&searchByName=abd", "BadRequest", "searchByName"},
		{"sortByName=up", "BadRequest", "sortByName"},
		{"sortByCategory=1", "BadRequest", "sortByCategory"},
		{"sortByUpdatedAt=newest", "BadRequest", "sortByUpdatedAt"},
		{"filterByCategory=manuals", "BadRequest", "filterByCategory"},
		{"filterByLanguage=klingon", "InvalidLanguageCode", "filterByLanguage"},
		{"supplier=maybe", "BadRequest", "supplier"},
		{"filterByFileType=" + strings.Repeat("a,", 51), "BadRequest", "filterByFileType"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			query := tt.query
			if query != "" && !strings.HasPrefix(query, "assetId") {
				query += "&assetId=" + asset
			}
			status, got := l.get(t, "/v1/documents?"+query)
			field, _ := at(t, got, "extension").(map[string]any)["field"].(string)
			if status != 400 || at(t, got, "errorCode") != tt.code || field != tt.field {
				t.Errorf("%d %v", status, got)
			}
		})
	}
	for _, path := range []string{"/v1/documents?assetId=" + asset, "/v1/documents/maintenance/" + maintenance} {
		if status, got := l.ask(t, "", "GET "+path, "", ""); status != 401 || at(t, got, "errorCode") != "Unauthorized" {
			t.Errorf("%s: %d %v", path, status, got)
		}
	}
}

// Whatever is asked for, the answer is a page or says what is wrong.
func FuzzListDocuments(f *testing.F) {
	for _, query := range []string{
		"", "page=2&limit=1", "searchByName=%C3%A4pf", "sortByName=asc&sortByCategory=desc", "filterByCategory=none&filterByFileType=.pdf,none",
		"filterByLanguage=en-GB,none&supplier=1&filterBySupplier=a%2Cb", "%zz", "a;b", "searchByName=%ff%00%00", "page=9223372036854775807&limit=50",
	} {
		f.Add(query)
	}
	l := newLibrary(f)
	f.Fuzz(func(t *testing.T, query string) {
		target := (&url.URL{Path: "/v1/documents", RawQuery: "assetId=" + asset + "&" + query}).String()
		if _, err := url.ParseRequestURI(target); err != nil {
			return // no request could have it
		}
		if status, got := l.get(t, target); status != 200 && status != 400 {
			t.Errorf("%d %v", status, got)
		}
	})
}
