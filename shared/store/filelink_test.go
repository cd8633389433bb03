package store_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

func entity(n int) string { return fmt.Sprintf("a1b2c3d4-e5f6-7890-a012-%012d", n) }

// Every pattern of links, in one life of a document, on every engine.
func TestLinksOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			st := store.Files{Table: s.Table, Now: s.Clock.Now}
			f, err := s.Files.CreateWithBody(ctx, s.Admin, file.New{Name: "a", Kind: file.AssetDocument, Assets: []string{entity(0)}, About: file.About{
				DisplayName: "Manual", Category: entity(7), Languages: []string{"de", "en"}, SupplierDocument: true, SupplierName: "ACME",
			}}, []byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			for i := range file.MaxLinks {
				if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, entity(i)); err != nil {
					t.Fatal(err)
				}
				if f, err = s.Files.Link(ctx, s.Admin, f.ID, file.MaintenanceFile, entity(i)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := st.LinkFile(ctx, f, file.Link{Kind: file.AssetDocument, Entity: entity(file.MaxLinks), At: f.UpdatedAt}); !fault.Is(err, fault.Conflict) {
				t.Errorf("one more: %v", err)
			}
			other := s.Upload(t, s.Admin, "b", "", nil)
			if other, err = s.Files.Link(ctx, s.Admin, other.ID, file.AssetDocument, entity(1)); err != nil {
				t.Fatal(err)
			}
			got, err := st.Linked(ctx, s.Admin.Organization, file.AssetDocument, entity(0), entity(1), entity(200))
			if err != nil || len(got) != 2 {
				t.Fatalf("%+v, %v", got, err)
			}
			if diff := cmp.Diff([]file.File{f, other}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := s.Files.Delete(ctx, s.Admin, f.ID); err != nil {
				t.Fatal(err)
			}
			for i := range file.MaxLinks {
				for kind, want := range map[file.Kind]int{file.AssetDocument: map[bool]int{true: 1}[i == 1], file.MaintenanceFile: 0} {
					if n, err := st.CountLinked(ctx, s.Admin.Organization, kind, entity(i)); n != want || err != nil {
						t.Errorf("%s of %d: %d cards are left, %v", kind, i, n, err)
					}
				}
			}
		})
	}
}

// Links of one file at the same time: all hold, up to the limit and not
// beyond it; and none outlives its file. They come in turn where moto's server
// stands for DynamoDB, see TestOneEditorWins.
func TestLinksInARace(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			st := store.Files{Table: s.Table, Now: s.Clock.Now}
			f := s.Upload(t, s.Admin, "a", "", []byte("x"))
			for i := range file.MaxLinks - 3 {
				if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, entity(i)); err != nil {
					t.Fatal(err)
				}
			}
			var wg sync.WaitGroup
			racers := make(chan bool, 16)
			if name == "dynamo" && os.Getenv("TEST_DYNAMODB_RACES") == "" {
				racers = make(chan bool, 1)
			}
			race := func(do func()) {
				wg.Go(func() {
					racers <- true
					defer func() { <-racers }()
					do()
				})
			}
			made := make([]error, 16)
			for i := range made {
				race(func() {
					// Two ask for the same; half of the rest is too much.
					_, made[i] = s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, entity(1000+i/2))
				})
			}
			wg.Wait()
			linked, busy := map[int]bool{}, 0
			for i, err := range made {
				switch {
				case err == nil:
					linked[i/2] = true
				case fault.Is(err, fault.Unavailable):
					busy++
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			}
			now, err := s.Files.Get(ctx, s.Admin, f.ID)
			if err != nil || len(linked) > 3 || len(linked) < 3 && busy == 0 || len(now.Assets) != file.MaxLinks-3+len(linked) {
				t.Errorf("%d of 3 were linked, and the file has %d, %v", len(linked), len(now.Assets), err)
			}

			g := s.Upload(t, s.Admin, "g", "", []byte("x"))
			for i := range 8 {
				race(func() {
					if _, err := s.Files.Link(ctx, s.Admin, g.ID, file.MaintenanceFile, entity(i)); err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Unavailable) {
						t.Error(err)
					}
				})
			}
			race(func() {
				if err := s.Files.Delete(ctx, s.Admin, g.ID); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			for i := range 8 {
				if n, err := st.CountLinked(ctx, s.Admin.Organization, file.MaintenanceFile, entity(i)); n != 0 || err != nil {
					t.Errorf("%d of %d outlives its file, %v", n, i, err)
				}
			}
		})
	}
}

// A file that is linked between the read and the beginning of its deletion
// leaves nothing behind either.
func TestLinkJustBeforeTheDeletion(t *testing.T) {
	s := stack(t, nil)
	f := s.Upload(t, s.Admin, "a", "", []byte("x"))
	st := store.Files{Table: s.Table, Now: s.Clock.Now}
	linked, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, entity(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.BeginDelete(ctx, f); err != nil {
		t.Fatal(err)
	}
	if _, err := st.LinkFile(ctx, linked, file.Link{Kind: file.AssetDocument, Entity: entity(2), At: f.CreatedAt}); !fault.Is(err, fault.NotFound) {
		t.Errorf("linked while it is deleted: %v", err)
	}
	for range 2 { // it may be repeated
		if err := st.FinishDelete(ctx, f); err != nil { // f knows of no link
			t.Fatal(err)
		}
	}
	if n, err := st.CountLinked(ctx, s.Admin.Organization, file.AssetDocument, entity(1)); n != 0 || err != nil {
		t.Errorf("%d cards are left, %v", n, err)
	}
}

// The first link gives a file its kind, and the one that comes at the same
// time does not take it away.
func TestTwoFirstLinks(t *testing.T) {
	s := stack(t, nil)
	f := s.Upload(t, s.Admin, "a", "", []byte("x"))
	if _, err := s.Files.Link(ctx, s.Admin, f.ID, file.MaintenanceFile, entity(1)); err != nil {
		t.Fatal(err)
	}
	st := store.Files{Table: s.Table, Now: s.Clock.Now}
	if _, err := st.LinkFile(ctx, f, file.Link{Kind: file.AssetDocument, Entity: entity(2), At: f.CreatedAt}); !fault.Is(err, fault.Stale) {
		t.Errorf("with a file that was read before: %v", err)
	}
	if got, err := s.Files.Link(ctx, s.Admin, f.ID, file.AssetDocument, entity(2)); err != nil || got.Kind != file.MaintenanceFile {
		t.Errorf("%+v, %v", got, err)
	}
}

// The card of a file that waits for its upload goes by itself like the file,
// and stays like the file once that is there.
func TestCardOfAnUpload(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			u, err := s.Files.Create(ctx, s.Admin, file.New{Name: "a", Kind: file.AssetDocument, Assets: []string{entity(1)}})
			if err != nil {
				t.Fatal(err)
			}
			ttl := func() int64 {
				t.Helper()
				it, err := s.Table.Get(ctx, table.Key{PK: "asset_document#" + s.Admin.Organization + "#" + entity(1), SK: u.File.ID}, true)
				if err != nil || it == nil {
					t.Fatalf("%v, %v", it, err)
				}
				return it.Int(table.TTL)
			}
			if ttl() == 0 {
				t.Error("the card of what is never uploaded stays")
			}
			if err := s.Objects.Put(ctx, u.Fields["key"], nil, u.File.ContentType, ""); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Files.Uploaded(ctx, u.Fields["key"]); err != nil || ttl() != 0 {
				t.Errorf("it goes at %d, %v", ttl(), err)
			}
		})
	}
}
